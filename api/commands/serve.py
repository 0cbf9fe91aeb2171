"""``antin serve`` and ``antin worker``: the two processes of a running installation."""

from __future__ import annotations

import signal
import socket
from threading import Event
from types import FrameType
from typing import Any

import click

from api.commands.installation import opened_services, settings_of
from api.commands.line import CommandLine, SpokenCommand, option, pass_line
from api.settings import Settings
from api.storage.migrate import upgrade_database

DEFAULT_BIND = "127.0.0.1:8000"
THREADS = 40
"""Requests that one serving process handles at a time. The work on documents happens in its worker processes: most of
these requests wait for their turn there, and what needs no worker (health, look-ups) is answered meanwhile."""
KEEP_ALIVE_S = 75
"""How long an idle connection is kept: longer than a portal's pool or a proxy keeps one (nginx: 60), so that it is
they who close it, and none is closed while a request is on its way."""
REQUEST_LIMIT_S = 120
"""Longer than the dearest sealing (two signatures, time stamps, evidence over a slow line)."""


@click.command(cls=SpokenCommand)
@option("--bind", default=DEFAULT_BIND, show_default=True, metavar="HOST:PORT", help="cli.option.bind")
@option(
    "--workers", default=2, show_default=True, type=click.IntRange(1, 64), metavar="N", help="cli.option.serve-workers"
)
@pass_line
def serve(line: CommandLine, bind: str, workers: int) -> None:
    """See ``cli.help.serve`` in the catalogue."""
    settings = settings_of(line)
    _probe(line, bind)
    upgrade_database(settings)
    line.err.print(line.say("cli.serve.starting", address=f"http://{bind}", home=settings.home), markup=False)
    _gunicorn(line, settings, {"bind": bind, "workers": workers}).run()


def _probe(line: CommandLine, bind: str) -> None:
    """Can the address be had: said in one line before anything starts (gunicorn would try for five seconds)."""
    host, _, port = bind.rpartition(":")
    if bind.startswith("unix:"):
        return
    if not host or not port.isdecimal():
        raise line.wrong("cli.error.bind-form", bind=bind)
    try:
        with socket.create_server((host.strip("[]"), int(port)), family=_family(host)):
            return
    except (OSError, OverflowError) as error:
        raise line.failure("cli.error.bind", bind=bind, reason=getattr(error, "strerror", None) or error) from error


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if host.startswith("[") else socket.AF_INET


def _gunicorn(line: CommandLine, settings: Settings, options: dict[str, Any]) -> Any:
    """The server as an object; each of its processes builds its own object graph after the fork."""
    from gunicorn.app.base import BaseApplication

    class Server(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
        def load_config(self) -> None:
            self.cfg.set("threads", THREADS)
            self.cfg.set("keepalive", KEEP_ALIVE_S)
            self.cfg.set("timeout", REQUEST_LIMIT_S)
            self.cfg.set("graceful_timeout", 10)
            self.cfg.set("loglevel", "warning")
            self.cfg.set("control_socket_disable", True)
            for name, value in options.items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            from api.wsgi import application

            return application(settings, line.clock, line.environ)

    return Server()


@click.command(cls=SpokenCommand)
@option("--once", is_flag=True, help="cli.option.once")
@option("--interval", type=click.FloatRange(min=0.1), default=5.0, show_default=True, help="cli.option.interval")
@pass_line
def worker(line: CommandLine, once: bool, interval: float) -> None:
    """See ``cli.help.worker`` in the catalogue."""
    from api.worker import work, work_once

    with opened_services(line) as services:
        if once:
            done = work_once(services)
            counts = {"intents": done.intents_resolved, "verifications": done.verifications_retried}
            counts["items"] = done.batch_items
            line.out.print(line.say("cli.worker.done", **counts), markup=False)
            return
        stop = Event()

        def end(number: int, frame: FrameType | None) -> None:
            stop.set()

        signal.signal(signal.SIGTERM, end)
        signal.signal(signal.SIGINT, end)
        line.err.print(line.say("cli.worker.starting", home=services.settings.home), markup=False)
        work(services, stop, interval)
