"""A process that orders a seal and is killed at a named step of it; run by ``test_sealing_crashes``."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from multiprocessing.connection import Connection

from api.actions import seals
from api.callers import Caller, CallerKind
from api.clock import system_clock
from api.services import build_services
from api.settings import Settings

CALLER = Caller(CallerKind.PORTAL, "portal:000000000001", "cổng", frozenset({"*"}))


def seal_and_die(settings: Settings, key: str, order: seals.SealOrder, last_step: str, environ: dict[str, str]) -> None:
    """Seal, and kill this process (SIGKILL: nothing is cleaned up) when ``last_step`` is reached."""

    def die(step: str) -> None:
        if step == last_step:
            os.kill(os.getpid(), signal.SIGKILL)

    _seal(settings, key, order, die, environ)


def seal_and_tell(settings: Settings, key: str, order: seals.SealOrder, told: Connection) -> None:
    """Seal, and say when work begins; somebody else kills this process at any time."""

    def tell(step: str) -> None:
        if step == "accepted":
            told.send(step)

    _seal(settings, key, order, tell, {})


def _seal(
    settings: Settings, key: str, order: seals.SealOrder, checkpoint: Callable[[str], None], environ: dict[str, str]
) -> None:
    os.environ.update(environ)
    with build_services(settings, system_clock, environ) as services:
        seals.seal(services, CALLER, key, order, checkpoint=checkpoint)
