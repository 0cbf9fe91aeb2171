"""A letter that the leader has signed and a clerk is to issue: where it stands, and who may issue it. Pure.

::

    waiting ── called by the clerk ──→ called ── number, date and seal are on it ──→ issued
       │                                 │
       └──── returned with a reason ─────┴──→ returned

A letter that was called and could not be issued stays called, keeps its number, and may be called again.
"""

from __future__ import annotations

from enum import StrEnum

from api.callers import Caller, CallerKind, Right


class LetterState(StrEnum):
    """Where a letter stands."""

    WAITING = "waiting"
    CALLED = "called"
    ISSUED = "issued"
    RETURNED = "returned"


OPEN = frozenset({LetterState.WAITING, LetterState.CALLED})


def may_issue(caller: Caller, agency: str) -> bool:
    """The clerk of the agency: a person to whom the operator gave the right, or the operator; no program is a clerk."""
    person = caller.kind in (CallerKind.OFFICER, CallerKind.OPERATOR)
    return person and caller.may_seal_for(agency) and Right.KEEP_NUMBERS in caller.rights
