"""The web application as one process of a server runs it: ``antin serve``, or ``gunicorn 'api.wsgi:application()'``."""

from __future__ import annotations

import atexit
import os
from collections.abc import Mapping

from flask import Flask

from api.app import create_app
from api.clock import Clock, system_clock
from api.observability import configure_logging
from api.services import build_services
from api.settings import Settings


def application(
    settings: Settings | None = None, clock: Clock = system_clock, environ: Mapping[str, str] = os.environ
) -> Flask:
    """Build the object graph and the application of this process; the graph is closed when the process ends.

    Raises:
        SettingsError: something configured cannot be used; the message says what.
    """
    configure_logging()
    settings = settings or Settings.from_environment(environ)
    services = build_services(settings, clock, environ, serving=True)
    atexit.register(services.close)
    return create_app(services)
