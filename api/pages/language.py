"""The language of a page: the switch (``?lang=en``, kept in a cookie), else Vietnamese.

``Accept-Language`` is not asked: many computers in Vietnam run in English while their users read Vietnamese.
"""

from __future__ import annotations

from urllib.parse import quote, urlencode

from flask import Response, request

from api.current import LANGUAGE_COOKIE
from api.i18n.texts import Language

QUERY = "lang"
_YEAR_S = 365 * 24 * 3600


def page_language() -> Language:
    """The language to answer this page in."""
    for chosen in (request.args.get(QUERY), request.cookies.get(LANGUAGE_COOKIE)):
        if chosen in (Language.VI, Language.EN):
            return Language(chosen)
    return Language.VI


def language_link(other: str) -> str:
    """This page in the other language; the path and the other arguments stay."""
    kept = [(name, value) for name, value in request.args.items(multi=True) if name != QUERY]
    path = request.path.lstrip("/\\") if request.method == "GET" else ""  # "//…" and "/\\…" would be another site
    return f"/{quote(path)}?{urlencode([*kept, (QUERY, other)])}"


def remember_language(response: Response) -> Response:
    """Keep a choice made with the switch; the answer depends on the cookie."""
    chosen = request.args.get(QUERY)
    if chosen in (Language.VI, Language.EN):
        response.set_cookie(LANGUAGE_COOKIE, chosen, max_age=_YEAR_S, samesite="Lax", httponly=True, path="/")
    response.headers["Content-Language"] = page_language().value
    response.vary.add("Cookie")
    return response
