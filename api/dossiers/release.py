"""Two people for one seal: where a request for release stands, who may decide it; pure.

::

    waiting ── released by another person ──→ released ── sealed, or over after the same time again
       │ ───── refused with a reason ───────→ refused
       └────── nobody decided in time ──────→ expired (the same order again waits anew)
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum

from api.callers import Caller, CallerKind, Right


class ReleaseState(StrEnum):
    """Where a request stands."""

    WAITING = "waiting"
    RELEASED = "released"
    REFUSED = "refused"
    EXPIRED = "expired"


def state_at(
    state: ReleaseState, requested_at: datetime, decided_at: datetime | None, within: timedelta, at: datetime
) -> ReleaseState:
    """The state now: what nobody decided in time has expired, and so has a release that nobody used in time."""
    since = decided_at if state is ReleaseState.RELEASED and decided_at is not None else requested_at
    if state in (ReleaseState.WAITING, ReleaseState.RELEASED) and at >= since + within:
        return ReleaseState.EXPIRED
    return state


def may_release(caller: Caller, agency: str) -> bool:
    """An officer of the agency to whom the operator gave the right; a program is no second person."""
    return caller.kind is CallerKind.OFFICER and caller.may_seal_for(agency) and Right.RELEASE_SEALS in caller.rights


def is_second_person(caller: Caller, asked_by: Collection[str]) -> bool:
    """Whoever asked for a seal, or started the batch that asks for it, does not release it."""
    return caller.id not in asked_by
