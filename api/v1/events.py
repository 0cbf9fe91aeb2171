"""The feed of events: sequential, so that a portal that was away misses nothing."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from api import current
from api.access import Rule, access
from api.actions import events
from api.v1.answers import events_to_json
from api.v1.reading import query_number

blueprint = Blueprint("v1-events", __name__, url_prefix="/v1/events")

MAX_NUMBER = 2**53
"""Numbers stay exact in every JSON reader below this."""


@blueprint.get("")
@access(Rule.STAFF)
def show() -> Response:
    """Events after a number, oldest first."""
    after = query_number("after", 0, least=0, most=MAX_NUMBER)
    limit = query_number("limit", 100, least=1, most=events.MAX_EVENTS)
    return jsonify(events_to_json(events.list_after(current.services(), current.caller(), after, limit)))
