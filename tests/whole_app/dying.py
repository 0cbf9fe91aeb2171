"""A process that orders a seal and is killed at a named step of it; run by ``test_sealing_crashes``."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from multiprocessing.connection import Connection

from sqlalchemy import Connection as DatabaseConnection
from sqlalchemy import event

from api.actions import seals, upkeep
from api.callers import Caller, CallerKind
from api.clock import system_clock
from api.services import Services, build_services
from api.settings import Settings

CALLER = Caller(CallerKind.PORTAL, "portal:000000000001", "cổng", frozenset({"*"}))


SQL = "sql:"
"""A step that begins so is a statement: the process is killed in the middle of the transaction, before it."""

Environ = dict[str, str]


def seal_and_die(settings: Settings, key: str, order: seals.SealOrder, last_step: str, environ: Environ) -> None:
    """Seal, and kill this process (SIGKILL: nothing is cleaned up) when ``last_step`` is reached."""

    def die(step: str) -> None:
        if step == last_step:
            os.kill(os.getpid(), signal.SIGKILL)

    with _services(settings, environ) as services:
        if last_step.startswith(SQL):
            _watch_statements(services, die)
        seals.seal(services, CALLER, key, order, checkpoint=die)


def seal_and_tell(settings: Settings, key: str, order: seals.SealOrder, told: Connection, environ: Environ) -> None:
    """Seal; say when work begins (somebody else kills this process at any time), and the seal if it comes to that."""

    def tell(step: str) -> None:
        if step == "accepted":
            told.send(step)

    with _services(settings, environ) as services:
        told.send(seals.seal(services, CALLER, key, order, checkpoint=tell))


def _services(settings: Settings, environ: Environ) -> Services:
    os.environ.update(environ)
    return build_services(settings, system_clock, environ)


def _watch_statements(services: Services, tell: Callable[[str], None]) -> None:
    def before(_connection: DatabaseConnection, _cursor: object, statement: str, *_: object) -> None:
        tell(SQL + " ".join(statement.split()[:3]).lower())

    event.listen(services.database.engine, "before_cursor_execute", before)


def keep_up_and_die(settings: Settings, last_step: str, environ: Environ) -> None:
    """Look after the evidence of results, and kill this process when ``last_step`` is reached."""

    def die(step: str) -> None:
        if step == last_step:
            os.kill(os.getpid(), signal.SIGKILL)

    with _services(settings, environ) as services:
        if last_step.startswith(SQL):
            _watch_statements(services, die)
        upkeep.keep_up(services, checkpoint=die)
