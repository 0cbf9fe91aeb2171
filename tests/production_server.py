"""An application behind the production server's own HTTP code (gunicorn's threaded worker), in a thread of the test.

What the development server lets pass fails here as it does in front of people: a header that is not Latin-1, a body
of the wrong length. The test shares the object graph with the application.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask import Flask
from gunicorn.config import Config
from gunicorn.glogging import Logger
from gunicorn.workers.gthread import ThreadWorker

from api.commands.serve import KEEP_ALIVE_S, THREADS


@dataclass(frozen=True)
class _Loaded:
    """What the worker asks for the application."""

    app: Flask

    def wsgi(self) -> Flask:
        return self.app


class _WorkerInThread(ThreadWorker):  # type: ignore[misc]  # gunicorn ships no types
    def init_signals(self) -> None:
        """Signals belong to the test's main thread."""


@contextmanager
def production_server(app: Flask) -> Iterator[str]:
    """Serve on a loopback port; its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        worker = _worker(app, listener)
        thread = threading.Thread(target=worker.init_process, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            worker.alive = False
            thread.join()
            worker.tmp.close()
            for end in worker.PIPE:
                os.close(end)


def _worker(app: Flask, listener: socket.socket) -> ThreadWorker:
    config = Config()
    config.set("threads", THREADS)
    config.set("keepalive", KEEP_ALIVE_S)
    config.set("graceful_timeout", 1)
    config.set("loglevel", "critical")
    return _WorkerInThread(1, os.getppid(), [listener], _Loaded(app), 30, config, Logger(config))
