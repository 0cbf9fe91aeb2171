"""An officer's pages of batches: how far, which file failed and why, where the seals would stand; the buttons."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from api import current
from api.access import Rule, access
from api.actions import batch_control, batch_view
from api.actions.batch_rehearsal import placement_picture
from api.actions.batch_view import Batch, BatchState, CheckState, Item, ItemState
from api.callers import Caller
from api.errors import Kind, RequestError
from api.pages.agency_names import agency_name, signatory_name
from api.pages.language import page_language
from api.pages.local_time import say_minute
from api.pages.report_view import Speaker
from api.problems import reason_in_words
from api.services import Services

ITEMS_A_PAGE = 50
PICTURE_PX = 1000
PICTURE_KEPT_S = 300

blueprint = Blueprint("batch-pages", __name__)

_TONES = {
    ItemState.PENDING: "idle",
    ItemState.WAITING: "warn",
    ItemState.SEALED: "ok",
    ItemState.REFUSED: "bad",
    ItemState.CANCELLED: "idle",
}

_ACTS: dict[BatchState, tuple[str, ...]] = {
    BatchState.COLLECTING: ("cancel",),
    BatchState.READY: ("start", "check", "cancel"),
    BatchState.CHECKING: ("pause", "cancel"),
    BatchState.RUNNING: ("pause", "cancel"),
    BatchState.PAUSED: ("resume", "cancel"),
    BatchState.FINISHED: (),
    BatchState.CANCELLED: (),
}
"""What can be done in which state; the first one is what is usually wanted."""

_SIGNING = frozenset({"start", "resume", "repeat"})
"""Acts after which the agency's keys sign."""
_ASKED_TWICE = _SIGNING | {"cancel"}

_CONTROLS: dict[str, Callable[[Services, Caller, str], Batch]] = {
    "start": batch_control.start,
    "check": batch_control.check,
    "pause": batch_control.pause,
    "resume": batch_control.resume,
    "cancel": batch_control.cancel,
    "repeat": batch_control.repeat_failed,
}


@dataclass(frozen=True)
class _Line:
    """One item as it is shown."""

    position: int
    name: str
    dossier: str
    holder: str
    tone: str
    word: str
    reason: str
    result_code: str | None
    has_picture: bool


@blueprint.get("/can-bo/lo-ky")
@access(Rule.OFFICER)
def batches() -> ResponseReturnValue:
    """The newest batches of the officer's agencies."""
    speaker = _speaker()
    found = batch_view.list_batches(current.services(), current.caller(), 50)
    lines = [(one, _state(one, speaker), _tone(one), say_minute(one.created_at, speaker.language)) for one in found]
    return render_template("batches.html", lines=lines)


@blueprint.get("/can-bo/lo-ky/<batch_id>")
@access(Rule.OFFICER)
def batch(batch_id: str) -> ResponseReturnValue:
    """One batch: state and progress, then the files that failed, then all."""
    services, caller, speaker = current.services(), current.caller(), _speaker()
    now = batch_view.get_batch(services, caller, batch_id)
    page = batch_view.list_items(services, caller, batch_id, _after(), ITEMS_A_PAGE)
    failed = batch_view.list_items(services, caller, batch_id, 0, ITEMS_A_PAGE, [ItemState.REFUSED]).items
    tried = () if failed else batch_view.items_failed_check(services, caller, batch_id, ITEMS_A_PAGE)
    acts = [*_ACTS[now.state]]
    if now.counts[ItemState.REFUSED] and now.state is not BatchState.CANCELLED:
        acts.append("repeat")
    may = caller.may_begin_batches
    done = sum(now.checks.values()) if now.state is BatchState.CHECKING else now.settled
    values = {
        "batch": now,
        **_names(now),
        "state": _state(now, speaker),
        "tone": _tone(now),
        "told": _told(now, speaker),
        "done": done,
        "counts": {state.value: count for state, count in now.counts.items()},
        "checked": {state.value: count for state, count in now.checks.items()},
        "acts": [act for act in acts if may or act not in _SIGNING],
        "lacks_right": not may and not _SIGNING.isdisjoint(acts),
        "failed": [_line(item, speaker) for item in (*failed, *tried)],
        "failed_count": now.counts[ItemState.REFUSED] or now.checks[CheckState.REFUSED],
        "items": [_line(item, speaker) for item in page.items],
        "more": page.last if page.more else None,
        "active": now.state in (BatchState.RUNNING, BatchState.CHECKING),
        "created": _minute(now.created_at, speaker),
    }
    return render_template("batch.html", **values)


@blueprint.post("/can-bo/lo-ky/<batch_id>/<act>")
@access(Rule.OFFICER)
def control(batch_id: str, act: str) -> ResponseReturnValue:
    """Do what a button says and show the batch again; what signs, or gives up, is asked once more before."""
    if act not in _CONTROLS:
        raise RequestError(Kind.NOT_FOUND)
    if act in _ASKED_TWICE and request.form.get("confirmed") != "yes":
        return _confirmation(batch_id, act)
    _CONTROLS[act](current.services(), current.caller(), batch_id)
    return redirect(url_for("batch-pages.batch", batch_id=batch_id), 303)


def _confirmation(batch_id: str, act: str) -> str:
    """What is going to happen, to how many papers, with whose key."""
    services, caller, speaker = current.services(), current.caller(), _speaker()
    now = batch_view.get_batch(services, caller, batch_id)
    if act in _SIGNING:
        batch_control.require_beginning(caller)
    count = now.counts[ItemState.REFUSED] if act == "repeat" else now.total - now.settled
    values = {"count": count, **_names(now)}
    said = speaker(f"page.batch.confirm-{act}", **values)
    return render_template("batch_confirm.html", batch=now, act=act, said=said)


@blueprint.get("/can-bo/lo-ky/<batch_id>/<int:position>.png")
@access(Rule.OFFICER)
def picture(batch_id: str, position: int) -> ResponseReturnValue:
    """How a file would look sealed."""
    services, caller = current.services(), current.caller()
    drawn = placement_picture(services, caller, batch_id, position, PICTURE_PX, page_language())
    response = Response(drawn, mimetype="image/png")
    response.headers["Cache-Control"] = f"private, max-age={PICTURE_KEPT_S}"
    return response


def _names(now: Batch) -> dict[str, str]:
    return {"agency": agency_name(now.agency), "signatory": signatory_name(now.agency, now.signatory)}


def _speaker() -> Speaker:
    return Speaker(current.texts(), page_language())


def _after() -> int:
    asked = request.args.get("sau", "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 8 else 0


def _state(now: Batch, speaker: Speaker) -> str:
    return speaker(f"batch.state.{'waiting' if now.waiting_reason is not None else now.state.value}")


def _tone(now: Batch) -> str:
    if now.waiting_reason is not None or now.paused_reason is not None:
        return "warn"
    if now.counts[ItemState.REFUSED] or (now.state is BatchState.READY and now.checks[CheckState.REFUSED]):
        return "bad"
    return "ok" if now.state is BatchState.FINISHED else "idle"


def _told(now: Batch, speaker: Speaker) -> str:
    """The sentence under the state: what is waited for, what is missing, or how many are done."""
    if now.waiting_reason is not None:
        both = reason_in_words("temporarily-unavailable", now.waiting_data, current.texts())
        return speaker("batch.waiting", reason=both[0] if speaker.language == "vi" else both[1])
    if now.paused_reason is not None:
        return speaker(f"batch.paused.{now.paused_reason}")
    if now.missing_count:
        return speaker("page.batch.missing", count=now.missing_count)
    if now.state in (BatchState.CHECKING, BatchState.READY) and any(now.checks.values()):
        checks = {state.value: count for state, count in now.checks.items()}
        return speaker("page.batch.checked", **checks, total=now.total)
    counts = {state.value: count for state, count in now.counts.items()}
    return speaker("page.batch.counts", **counts, total=now.total)


def _line(item: Item, speaker: Speaker) -> _Line:
    word, tone, code, data = (
        speaker(f"batch.item.{item.state.value}"),
        _TONES[item.state],
        item.reason,
        item.reason_data,
    )
    if item.working:
        word, tone = speaker("batch.item.working"), "idle"
    elif item.state is ItemState.PENDING and item.checked is not None:
        word = speaker(f"batch.check.{item.checked.value}")
        tone = "ok" if item.checked is CheckState.PASSED else "bad"
        code, data = item.check_reason, item.check_data
    both = ("", "") if code is None else reason_in_words(code, data, current.texts())
    return _Line(
        position=item.position,
        name=item.filename or item.number,
        dossier=item.dossier,
        holder=item.holder_name,
        tone=tone,
        word=word,
        reason=both[0] if speaker.language == "vi" else both[1],
        result_code=item.result_code,
        has_picture=item.received and item.state is not ItemState.SEALED and tone != "bad",
    )


def _minute(at: datetime, speaker: Speaker) -> str:
    return say_minute(at, speaker.language)
