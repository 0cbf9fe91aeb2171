"""Who asks: a program, an officer, the operator at the command line, or the service's own worker. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

ALL_AGENCIES = "*"


class CallerKind(StrEnum):
    """What sort of caller; the access rules in ``api/access.py`` speak of these."""

    PORTAL = "portal"
    OFFICER = "officer"
    OPERATOR = "operator"
    WORKER = "worker"


class Right(StrEnum):
    """What a caller may do beyond ordering seals; given by the operator, to nobody from the start."""

    CORRECT_RESULTS = "results.correct"
    """Correct the register's facts about a result of its agencies."""
    WITHDRAW_RESULTS = "results.withdraw"
    """Withdraw a result of its agencies, or name the one that replaces it."""
    RELEASE_SEALS = "seals.release"
    """Have the agency's keys sign: begin a batch, or release what another person asked to be sealed for an agency that
    asks for two people; officers only."""
    KEEP_NUMBERS = "numbers.keep"
    """Keep the registers of outgoing letters: issue what waits for its number, record paper numbers, void numbers."""


@dataclass(frozen=True)
class Caller:
    """An authenticated caller.

    ``id`` is the stable identifier that acts and events carry (``portal:<key id>``, ``officer:<officer id>``), never a
    person's name. ``name`` is for the screen only. ``agencies`` are the agency keys this caller may seal for;
    ``{"*"}`` means all. ``rights`` are what it may do to their results.
    """

    kind: CallerKind
    id: str
    name: str
    agencies: frozenset[str] = field(default_factory=frozenset)
    rights: frozenset[Right] = field(default_factory=frozenset)

    def may_seal_for(self, agency: str) -> bool:
        """Is this caller allowed to order a seal of that agency."""
        return ALL_AGENCIES in self.agencies or agency in self.agencies

    @property
    def may_begin_batches(self) -> bool:
        """May this caller have a whole batch sealed; a program that records batches may, an officer by his right."""
        return self.kind is not CallerKind.OFFICER or Right.RELEASE_SEALS in self.rights


OPERATOR = Caller(CallerKind.OPERATOR, "operator:command-line", "operator", frozenset({ALL_AGENCIES}), frozenset(Right))
WORKER = Caller(CallerKind.WORKER, "worker", "worker", frozenset({ALL_AGENCIES}))
