"""What the operator sees: one structured line for each request, and counters for Prometheus. No personal data.

The route's pattern is recorded, never the path: codes, digests and file names stay out of log and metrics.
"""

from __future__ import annotations

import logging
import re
import secrets
import sys
import time
from typing import cast

import structlog
from flask import Flask, Response, current_app, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from api import current
from verifier.report import Conclusion

METRICS = "antin-metrics"
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
"""A request id from a proxy in front is taken over only in this form: it stands in the log."""

log = structlog.get_logger("antin")


class Metrics:
    """The counters of one process. With several processes each answers ``/metrics`` with its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "antin_requests", "Requests by route and status", ["method", "route", "status"], registry=self.registry
        )
        self.seconds = Histogram("antin_request_seconds", "Duration by route", ["route"], registry=self.registry)
        self.verifications = Counter(
            "antin_verifications", "Documents checked, by conclusion", ["conclusion"], registry=self.registry
        )

    def judged(self, conclusion: Conclusion) -> None:
        """Count one document that was checked."""
        self.verifications.labels(conclusion.value).inc()

    def exposition(self) -> bytes:
        """The numbers in Prometheus' text format."""
        return generate_latest(self.registry)


def metrics() -> Metrics:
    """The counters of this process."""
    return cast(Metrics, current_app.extensions[METRICS])


def configure_logging() -> None:
    """JSON lines on stderr; called once by the process's entry point, never at import."""
    logging.basicConfig(format="%(message)s", stream=sys.stderr, level=logging.INFO)
    structlog.configure(
        processors=log_processors(),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def log_processors() -> list[structlog.typing.Processor]:
    """From an event to its line. Of an exception: its class and where it happened, never what it or a frame holds."""
    places_only = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.ExceptionRenderer(places_only),
        _drop_messages,
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ]


def _drop_messages(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """An exception's message quotes what it met: a row's values, a name, a path."""
    for exception in event.get("exception", ()):
        exception.pop("exc_value", None)
        exception.pop("exc_notes", None)
    return event


def observe(app: Flask) -> Metrics:
    """Number, time, count and log every request."""
    counters = Metrics()
    app.extensions[METRICS] = counters

    @app.before_request
    def begin() -> None:
        given = request.headers.get("X-Request-Id", "")
        g.request_id = given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
        g.started_s = time.monotonic()

    @app.after_request
    def end(response: Response) -> Response:
        seconds = time.monotonic() - g.get("started_s", time.monotonic())
        route = str(request.url_rule) if request.url_rule is not None else "unmatched"
        counters.requests.labels(request.method, route, str(response.status_code)).inc()
        counters.seconds.labels(route).observe(seconds)
        who = current.maybe_caller()
        log.info(
            "request",
            request=current.request_id(),
            method=request.method,
            route=route,
            status=response.status_code,
            duration_ms=round(seconds * 1000, 1),
            caller=None if who is None else who.id,
        )
        response.headers["X-Request-Id"] = current.request_id()
        return response

    return counters
