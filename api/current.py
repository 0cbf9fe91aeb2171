"""What the request at hand works with: the object graph, the sentences, the caller, the language."""

from __future__ import annotations

from typing import cast

from flask import current_app, g, has_request_context, request

from api.callers import Caller
from api.errors import Kind, RequestError
from api.i18n.texts import Language, Texts, load_texts, negotiate_language
from api.services import Services

SERVICES = "antin-services"
LANGUAGE_COOKIE = "antin_lang"
"""Chosen with the page's language switch; outranks the browser's own preference."""


def services() -> Services:
    """The object graph of this process."""
    return cast(Services, current_app.extensions[SERVICES])


def texts() -> Texts:
    """Every sentence of the service."""
    return load_texts()


def language() -> Language:
    """The language to answer in: the page's switch, else ``Accept-Language``, else Vietnamese."""
    if not has_request_context():
        return Language.VI
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    if chosen in (Language.VI, Language.EN):
        return Language(chosen)
    return negotiate_language(request.headers.get("Accept-Language"))


def maybe_caller() -> Caller | None:
    """Who asks, None for nobody in particular."""
    return cast("Caller | None", g.get("caller"))


def caller() -> Caller:
    """Who asks, on a route whose rule asks for an account.

    Raises:
        RequestError: AUTHENTICATION_REQUIRED.
    """
    found = maybe_caller()
    if found is None:
        raise RequestError(Kind.AUTHENTICATION_REQUIRED)
    return found


def request_id() -> str:
    """The id under which this request stands in the log; an incident quotes it."""
    return cast(str, g.get("request_id", ""))
