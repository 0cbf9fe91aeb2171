"""The loop behind ``antin worker``: finish what a crash left behind, ask again where an answer was missing."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Event as Stop

from api.services import Services

PAUSE_S = 5.0


@dataclass(frozen=True)
class Round:
    """What one round of the worker did."""

    intents_resolved: int
    verifications_retried: int


def work_once(services: Services) -> Round:
    """Do everything that is due now."""
    raise NotImplementedError


def work(services: Services, stop: Stop, pause_s: float = PAUSE_S) -> None:
    """Work until ``stop`` is set, pausing between rounds in which nothing was due."""
    raise NotImplementedError
