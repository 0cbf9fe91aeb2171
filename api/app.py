"""The web application: routes put together, and what holds for every one of them.

For each request, before its view runs: 1 a body over the limit is refused unread · 2 the address is not too eager ·
3 who asks · 4 may that caller · 5 did this site's own page send it. After it: security headers and one log line.
"""

from __future__ import annotations

import math
import time

from flask import Flask, Response, g, request
from werkzeug.middleware.proxy_fix import ProxyFix

from api import current
from api.access import Rule, check_access, declared_access
from api.authentication import check_same_site, identify
from api.errors import Kind, RequestError
from api.observability import observe
from api.pages.registration import register_pages
from api.problems import register_problems
from api.rate_limit import Allowance, RateLimiter
from api.services import Services
from api.v1 import register_v1

FORM_OVERHEAD_BYTES = 1024 * 1024
"""What a multipart form may weigh beyond its file: part headers, the order's JSON, a small detached content."""

LOOK_UPS = Allowance(burst=30, per_minute=60)
"""Public look-ups and sign-ins from one address: a person never notices; trying codes (80 bits) is hopeless anyway."""

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)


def create_app(services: Services) -> Flask:
    """Put the application together over one object graph.

    Raises:
        RuntimeError: a route names no access rule.
    """
    app = Flask("antin", static_folder=None)
    app.config.update(
        MAX_CONTENT_LENGTH=services.settings.max_upload_bytes + FORM_OVERHEAD_BYTES,
        PROVIDE_AUTOMATIC_OPTIONS=False,
    )
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # Flask's default provider has both
    app.json.sort_keys = False  # type: ignore[attr-defined]  # the contract's own order is easier to read
    app.extensions[current.SERVICES] = services
    observe(app)
    _guard(app, RateLimiter(LOOK_UPS))
    register_problems(app)
    register_v1(app)
    register_pages(app, services)
    require_rules(app)
    app.after_request(_security_headers)
    _believe_own_proxies(app, services.settings.proxy_hops)
    return app


def _believe_own_proxies(app: Flask, hops: int) -> None:
    """Take address, scheme and host from as many ``X-Forwarded-…`` entries as the operator has proxies; else none."""
    if hops:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # Flask's documented way to add middleware
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops
        )


def require_rules(app: Flask) -> None:
    """Every route names an access rule.

    Raises:
        RuntimeError: one does not.
    """
    for rule in app.url_map.iter_rules():
        if declared_access(app.view_functions[rule.endpoint]) is None:
            raise RuntimeError(f"the route {rule.rule} ({rule.endpoint}) names no access rule")


def _guard(app: Flask, limiter: RateLimiter) -> None:
    @app.before_request
    def guard() -> None:
        if request.endpoint is None:
            return
        rule = declared_access(app.view_functions[request.endpoint])
        assert rule is not None, "require_rules let the application start"
        _refuse_large_body(app)
        if rule is Rule.LIMITED:
            _slow_down(limiter)
        if not rule.open_to_all:
            g.caller = identify()
            check_access(rule, g.caller)
        check_same_site()


def _refuse_large_body(app: Flask) -> None:
    """By the declared length, before a byte of the body is read; a body without one is cut off while it is read."""
    limit: int = app.config["MAX_CONTENT_LENGTH"]
    if request.content_length is not None and request.content_length > limit:
        raise RequestError(Kind.UPLOAD_TOO_LARGE, limit_bytes=str(current.services().settings.max_upload_bytes))


def _slow_down(limiter: RateLimiter) -> None:
    wait_s = limiter.wait_s(request.remote_addr or "unknown", time.monotonic())
    if wait_s > 0:
        raise RequestError(Kind.RATE_LIMITED, retry_after_s=math.ceil(wait_s))


def _security_headers(response: Response) -> Response:
    """OWASP's set. What an account is given is kept by no cache, unless its view says otherwise.

    Inline script and style are forbidden, so a page that needs one fails in its own test.
    """
    headers = response.headers
    if current.maybe_caller() is not None:
        headers.setdefault("Cache-Control", "private, no-store")
    headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "no-referrer")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "geolocation=(), microphone=()")
    if current.services().settings.public_url.startswith("https://"):
        headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    return response
