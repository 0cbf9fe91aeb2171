"""Batches of seals: recorded, filled document by document, started, watched, stopped."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Blueprint, Response, jsonify, request

from api import current
from api.access import Rule, access
from api.actions import batch_control, batch_view, batches
from api.actions.batch_order import BatchItem, BatchOrder, WhenComplete
from api.actions.batch_rehearsal import placement_picture
from api.actions.batch_view import Batch, ItemState
from api.callers import Caller
from api.errors import Kind, RequestError
from api.services import Services
from api.v1.batch_answers import batch_to_json, page_to_json
from api.v1.reading import expect, idempotency_key, json_value, proven, query_number
from api.v1.seals import issue_of

blueprint = Blueprint("v1-batches", __name__, url_prefix="/v1/batches")

DEFAULT_LEVEL = "B-LTA"
MAX_ORDER_BYTES = 16 * 1024 * 1024
"""10,000 items of 1 kB, with room."""
PICTURE_PX = 1000


@blueprint.post("")
@access(Rule.STAFF)
def create() -> tuple[Response, int, dict[str, str]]:
    """Record a batch."""
    key = idempotency_key()
    value = json_value(MAX_ORDER_BYTES)
    _refuse_too_many(value)
    body = proven(value, "BatchOrder")
    order = BatchOrder(
        name=body["name"],
        agency=body["agency"],
        signatory=body["signatory"],
        level=body.get("level", DEFAULT_LEVEL),
        when_complete=WhenComplete(body.get("when_complete", WhenComplete.WAIT)),
        items=tuple(_item(position, item) for position, item in enumerate(body["items"], 1)),
    )
    batch = batches.create_batch(current.services(), current.caller(), key, order)
    return jsonify(batch_to_json(batch, current.texts())), 201, {"Location": f"/v1/batches/{batch.id}"}


@blueprint.get("")
@access(Rule.STAFF)
def show_all() -> Response:
    """The newest batches."""
    limit = query_number("limit", 20, least=1, most=batch_view.MAX_LISTED)
    found = batch_view.list_batches(current.services(), current.caller(), limit)
    return jsonify({"batches": [batch_to_json(batch, current.texts()) for batch in found]})


@blueprint.get("/<batch_id>")
@access(Rule.STAFF)
def show(batch_id: str) -> Response:
    """A batch and a page of its items."""
    after = query_number("after", 0, least=0, most=2**31 - 1)
    limit = query_number("limit", 100, least=1, most=batch_view.MAX_ITEMS_A_PAGE)
    services, caller = current.services(), current.caller()
    batch = batch_view.get_batch(services, caller, batch_id)
    page = batch_view.list_items(services, caller, batch_id, after, limit, _states())
    return jsonify(page_to_json(batch, page, current.texts()))


@blueprint.put("/<batch_id>/documents/<sha256>")
@access(Rule.STAFF)
def put_document(batch_id: str, sha256: str) -> Response:
    """Take in one document."""
    expect("application/pdf")
    taken = batches.put_document(
        current.services(), current.caller(), batch_id, sha256.lower(), request.get_data(cache=False)
    )
    return jsonify({"batch": taken.batch, "document": taken.document, "state": taken.state.value})


@blueprint.get("/<batch_id>/items/<int:position>/picture.png")
@access(Rule.STAFF)
def picture(batch_id: str, position: int) -> Response:
    """How an item would look sealed."""
    services, caller, language = current.services(), current.caller(), current.language()
    drawn = placement_picture(services, caller, batch_id, position, PICTURE_PX, language)
    return Response(drawn, mimetype="image/png")


@blueprint.post("/<batch_id>/check")
@access(Rule.STAFF)
def check(batch_id: str) -> Response:
    """Start a dry run."""
    return _controlled(batch_control.check, batch_id)


@blueprint.post("/<batch_id>/start")
@access(Rule.STAFF)
def start(batch_id: str) -> Response:
    """Begin to seal."""
    return _controlled(batch_control.start, batch_id)


@blueprint.post("/<batch_id>/pause")
@access(Rule.STAFF)
def pause(batch_id: str) -> Response:
    """Take on no further items."""
    return _controlled(batch_control.pause, batch_id)


@blueprint.post("/<batch_id>/resume")
@access(Rule.STAFF)
def resume(batch_id: str) -> Response:
    """Go on."""
    return _controlled(batch_control.resume, batch_id)


@blueprint.post("/<batch_id>/cancel")
@access(Rule.STAFF)
def cancel(batch_id: str) -> Response:
    """Give up what is not sealed."""
    return _controlled(batch_control.cancel, batch_id)


@blueprint.post("/<batch_id>/repeat")
@access(Rule.STAFF)
def repeat(batch_id: str) -> Response:
    """Try the refused items again."""
    return _controlled(batch_control.repeat_failed, batch_id)


def _refuse_too_many(value: Any) -> None:
    """Before anything else is looked at: proving a million items against the schema would take minutes."""
    items = value.get("items") if isinstance(value, dict) else None
    limit = current.services().settings.max_batch_items
    if isinstance(items, list) and len(items) > limit:
        raise RequestError(Kind.BATCH_TOO_LARGE, items=str(len(items)), limit=str(limit))


def _controlled(act: Callable[[Services, Caller, str], Batch], batch_id: str) -> Response:
    return jsonify(batch_to_json(act(current.services(), current.caller(), batch_id), current.texts()))


def _states() -> tuple[ItemState, ...]:
    asked = request.args.get("state")
    if asked is None:
        return ()
    if asked not in set(ItemState):
        raise RequestError(Kind.INVALID_REQUEST, field="state", reason="enum", expected=", ".join(ItemState))
    return (ItemState(asked),)


def _item(position: int, body: dict[str, Any]) -> BatchItem:
    return BatchItem(
        dossier=body["dossier"],
        document=body["document"],
        title=body["title"],
        number=body.get("number", ""),
        holder_name=body["holder_name"],
        issued_on=None if body.get("issued_on") is None else _day(position, body, "issued_on"),
        valid_until=None if body.get("valid_until") is None else _day(position, body, "valid_until"),
        filename=body.get("filename", ""),
        result_number=body.get("result_number"),
        issue=issue_of(body),
    )


def _day(position: int, body: dict[str, Any], field: str) -> date:
    try:
        return date.fromisoformat(body[field])
    except ValueError as error:  # the schema's pattern lets 31 February pass
        raise RequestError(Kind.INVALID_REQUEST, field=f"items.{position - 1}.{field}", reason="date") from error
