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


@dataclass(frozen=True)
class Caller:
    """An authenticated caller.

    ``id`` is the stable identifier that acts and events carry (``portal:<key id>``, ``officer:<officer id>``), never a
    person's name. ``name`` is for the screen only. ``agencies`` are the agency keys this caller may seal for;
    ``{"*"}`` means all.
    """

    kind: CallerKind
    id: str
    name: str
    agencies: frozenset[str] = field(default_factory=frozenset)

    def may_seal_for(self, agency: str) -> bool:
        """Is this caller allowed to order a seal of that agency."""
        return ALL_AGENCIES in self.agencies or agency in self.agencies


OPERATOR = Caller(CallerKind.OPERATOR, "operator:command-line", "operator", frozenset({ALL_AGENCIES}))
WORKER = Caller(CallerKind.WORKER, "worker", "worker", frozenset({ALL_AGENCIES}))
