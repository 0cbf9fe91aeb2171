"""Who sends this request: a portal key in ``Authorization: Bearer``, or an officer's session cookie and form token.

Pages use ``csrf_token``, ``start_session`` and ``end_session``; ``api/app.py`` calls ``identify`` and
``check_same_site`` before any view runs.
"""

from __future__ import annotations

import hashlib
import hmac
from urllib.parse import urlsplit

from flask import Response, g, request

from api.actions import identities
from api.callers import Caller
from api.current import services
from api.errors import Kind, RequestError

CSRF_FIELD = "csrf_token"
CSRF_HEADER = "X-CSRF-Token"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def identify() -> Caller | None:
    """The caller of this request. A presented portal key is never ignored: a wrong one is refused.

    Raises:
        RequestError: AUTHENTICATION_REQUIRED for an ``Authorization`` header that opens nothing.
    """
    header = request.headers.get("Authorization")
    if header is not None:
        scheme, _, credential = header.partition(" ")
        found = identities.authenticate_api_key(services(), credential.strip()) if scheme.lower() == "bearer" else None
        if found is None:
            raise RequestError(Kind.AUTHENTICATION_REQUIRED)
        return found
    token = session_token()
    found = identities.resume_session(services(), token) if token else None
    if found is not None:
        g.by_cookie = True
    return found


def session_token() -> str | None:
    """The session token the browser sent."""
    return request.cookies.get(_cookie_name())


def start_session(response: Response, session: identities.Session) -> Response:
    """Give the browser its session cookie."""
    response.set_cookie(
        _cookie_name(),
        session.token,
        expires=session.expires_at,
        secure=_over_https(),
        httponly=True,
        samesite="Lax",
        path="/",
    )
    return response


def end_session(response: Response) -> Response:
    """Sign out and take the cookie back."""
    token = session_token()
    if token:
        identities.sign_out(services(), token)
    response.delete_cookie(_cookie_name(), secure=_over_https(), httponly=True, samesite="Lax", path="/")
    return response


def csrf_token() -> str:
    """The token that every form of a signed-in officer carries in the field ``csrf_token``; empty without a session."""
    token = session_token()
    if not token:
        return ""
    return hmac.new(services().secret, b"csrf:" + token.encode(), hashlib.sha256).hexdigest()


def check_same_site() -> None:
    """Refuse a state-changing request that another site had the browser send.

    A session's request needs the form token (field or header ``X-CSRF-Token``); one without a session (sign-in) must
    not come from another origin, as far as the browser says.

    Raises:
        RequestError: FORM_EXPIRED.
    """
    if request.method in _SAFE_METHODS or request.headers.get("Authorization") is not None:
        return
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise RequestError(Kind.FORM_EXPIRED)
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc not in (request.host, urlsplit(_public_url()).netloc):
        raise RequestError(Kind.FORM_EXPIRED)
    if g.get("by_cookie"):
        sent = request.headers.get(CSRF_HEADER) or request.form.get(CSRF_FIELD, "")
        if not hmac.compare_digest(sent.encode(), csrf_token().encode()):
            raise RequestError(Kind.FORM_EXPIRED)


def _public_url() -> str:
    return services().settings.public_url


def _over_https() -> bool:
    """Cookies are Secure everywhere but on a plain-http address, which only a trial on one's own machine has."""
    return _public_url().startswith("https://")


def _cookie_name() -> str:
    """``__Host-`` binds the cookie to this host, https and the whole path (RFC 6265bis §4.1.3.2)."""
    return "__Host-antin_session" if _over_https() else "antin_session"
