"""RFC 9457 problem documents: every failure of a request leaves the service here, in one shape and two languages."""

from __future__ import annotations

import json
import secrets
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import structlog
from flask import Flask, Response, current_app, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from api import current
from api.errors import PROBLEMS, Kind, RequestError
from api.i18n.texts import Language, Texts
from api.refused import Refused
from api.storage.database import DatabaseUnavailable, ValueNotStorable
from verifier.process.workers import WorkersUnavailableError

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "/v1/problems/"
"""A problem's ``type`` is an address of this service that explains it."""

ERROR_PAGE = "antin-error-page"
"""``app.extensions`` key under which the pages register what a browser is shown instead of JSON."""

log = structlog.get_logger("antin")


@dataclass(frozen=True)
class ProblemDocument:
    """One failure in words; ``incident`` only where it is our fault."""

    kind: Kind
    status: int
    title_vi: str
    title_en: str
    detail_vi: str
    detail_en: str
    incident: str | None
    members: Mapping[str, str]

    def title(self, language: str) -> str:
        """The title in one language."""
        return self.title_en if language == Language.EN else self.title_vi

    def detail(self, language: str) -> str:
        """The detail in one language."""
        return self.detail_en if language == Language.EN else self.detail_vi

    def to_json(self, language: str) -> dict[str, object]:
        """The members of the problem document."""
        document: dict[str, object] = {
            "type": TYPE_PREFIX + self.kind.value,
            "status": self.status,
            "title": self.title(language),
            "detail": self.detail(language),
            "text_vi": self.detail_vi,
            "text_en": self.detail_en,
            **self.members,
        }
        if self.incident is not None:
            document["incident"] = self.incident
        return document


ErrorPage = Callable[[ProblemDocument], Response]


def describe(kind: Kind, parameters: Mapping[str, str], texts: Texts, incident: str | None = None) -> ProblemDocument:
    """The problem document of one kind. A refused seal speaks with the refusal's own sentence."""
    values = dict(parameters)
    members: dict[str, str] = {}
    if kind is Kind.SEAL_REFUSED:
        code = values.pop("refusal", "")
        members["code"] = code
        values["explanation_vi"], values["explanation_en"] = texts.both(code, **values)
    elif "field" in values:
        members["field"] = values["field"]
    if kind is Kind.BATCH_STATE:
        values["state_vi"], values["state_en"] = texts.both(f"batch.state.{values.get('state', '')}")
    name = f"problem.{kind.value}"
    title_vi, title_en = texts.both(f"{name}.title")
    detail_vi, detail_en = (
        texts.say(f"{name}.detail", language, **_in_words(values, texts, language), incident=incident or "")
        for language in Language
    )
    return ProblemDocument(kind, PROBLEMS[kind].status, title_vi, title_en, detail_vi, detail_en, incident, members)


def reason_in_words(code: str, parameters: Mapping[str, str], texts: Texts) -> tuple[str, str]:
    """Why something that was done later (an item of a batch) was refused or waits, in (Vietnamese, English).

    ``code`` is a kind of refusal, or a reason of the batch's own (``batch.reason.…``). Where the signer said why, its
    own sentence is the reason.
    """
    refusal = parameters.get("refusal")
    if refusal is not None and refusal in texts:
        return texts.both(refusal, **parameters)
    if f"batch.reason.{code}" in texts:
        return texts.both(f"batch.reason.{code}", **parameters)
    problem = describe(Kind(code), parameters, texts)
    return problem.detail_vi, problem.detail_en


def _in_words(values: Mapping[str, str], texts: Texts, language: Language) -> dict[str, str]:
    """A ``reason`` is a code too (``reason.…``), so that it can be said in both languages."""
    if "reason" not in values:
        return dict(values)
    return {**values, "reason": texts.say(f"reason.{values['reason']}", language, **values)}


def respond(kind: Kind, parameters: Mapping[str, str] | None = None, retry_after_s: int | None = None) -> Response:
    """Answer with a problem: JSON for programs, the pages' own error page for a browser outside ``/v1``."""
    incident = secrets.token_hex(6) if PROBLEMS[kind].incident else None
    if incident is not None:
        log.error("incident", incident=incident, kind=kind.value, request=current.request_id())
    values = dict(parameters or {})
    if retry_after_s is not None:
        values.setdefault("seconds", str(retry_after_s))
    document = describe(kind, values, current.texts(), incident)
    page = _error_page()
    if request.path.startswith("/csc/"):
        response, document = _csc(document)
    else:
        response = page(document) if page is not None else _json(document)
    response.status_code = document.status
    response.headers["Cache-Control"] = "no-store"
    if retry_after_s is not None:
        response.headers["Retry-After"] = str(retry_after_s)
        if kind is Kind.BUSY and page is not None and request.method == "GET":
            response.headers["Refresh"] = str(retry_after_s)  # a browser asks again by itself
    if document.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="antin"'
    return response


_CSC_ERRORS = {
    Kind.AUTHENTICATION_REQUIRED: "invalid_token",
    Kind.FORBIDDEN: "access_denied",
    Kind.INTERNAL: "server_error",
    Kind.BUSY: "temporarily_unavailable",
    Kind.TEMPORARILY_UNAVAILABLE: "temporarily_unavailable",
    Kind.SEALING_NOT_CONFIGURED: "temporarily_unavailable",
    Kind.SEAL_REFUSED: "access_denied",
    Kind.RATE_LIMITED: "access_denied",
}
"""CSC's error codes (v1.0.4 §10.1, RFC 6749 §5.2); everything else is a request that is not as it should be."""


def _csc(document: ProblemDocument) -> tuple[Response, ProblemDocument]:
    """An error as the CSC API says it; what the request got wrong is 400 there, whatever it is."""
    code = _CSC_ERRORS.get(document.kind, "invalid_request")
    status = 400 if code == "invalid_request" else 403 if code == "access_denied" else document.status
    language = current.language()
    body = {"error": code, "error_description": document.detail(language)}
    response = Response(json.dumps(body, ensure_ascii=False), mimetype="application/json")
    response.headers["Content-Language"] = language.value
    response.headers["Vary"] = "Accept-Language"
    return response, replace(document, status=status)


def _json(document: ProblemDocument) -> Response:
    language = current.language()
    response = Response(json.dumps(document.to_json(language), ensure_ascii=False), mimetype=MEDIA_TYPE)
    response.headers["Content-Language"] = language.value
    response.headers["Vary"] = "Accept-Language"
    return response


def _error_page() -> ErrorPage | None:
    """The pages' own error page, where a browser asks for one of the pages."""
    if request.path.startswith("/v1/") or request.accept_mimetypes.best_match([MEDIA_TYPE, "text/html"]) != "text/html":
        return None
    page: ErrorPage | None = current_app.extensions.get(ERROR_PAGE)
    return page


def register_problems(app: Flask) -> None:
    """Map every exception that leaves a view to a problem document."""
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(RequestError, _request_error)
    app.register_error_handler(DatabaseUnavailable, _database_unavailable)
    app.register_error_handler(ValueNotStorable, _not_storable)
    app.register_error_handler(WorkersUnavailableError, _busy)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def _refused(error: Refused) -> Response:
    return respond(Kind(error.kind.value), error.parameters, error.retry_after_s)


def _request_error(error: RequestError) -> Response:
    return respond(error.kind, error.parameters, error.retry_after_s)


def _not_storable(error: ValueNotStorable) -> Response:
    log.warning("value", request=current.request_id(), error=str(error))
    return respond(Kind.MALFORMED_REQUEST, {"reason": "http"})


def _busy(error: WorkersUnavailableError) -> Response:
    log.warning("busy", request=current.request_id(), reason=str(error))
    return respond(Kind.BUSY, retry_after_s=error.retry_after_s)


def _database_unavailable(error: DatabaseUnavailable) -> Response:
    log.error("database", request=current.request_id(), error=str(error))
    return respond(Kind.TEMPORARILY_UNAVAILABLE, retry_after_s=5)


_BY_STATUS = {
    401: Kind.AUTHENTICATION_REQUIRED,
    403: Kind.FORBIDDEN,
    404: Kind.NOT_FOUND,
    405: Kind.METHOD_NOT_ALLOWED,
    415: Kind.UNSUPPORTED_MEDIA_TYPE,
    429: Kind.RATE_LIMITED,
}


def _http(error: HTTPException) -> Response:
    """What Flask and Werkzeug refuse by themselves: routing, unreadable forms, bodies over the limit."""
    if isinstance(error, RequestEntityTooLarge):
        limit = min(current.services().settings.max_upload_bytes, request.max_content_length or sys.maxsize)
        return respond(Kind.UPLOAD_TOO_LARGE, {"limit_bytes": str(limit)})
    status = error.code or 500
    if 300 <= status < 400:
        return error.get_response()  # type: ignore[return-value]  # a redirect for a missing slash is no failure
    kind = _BY_STATUS.get(status, Kind.MALFORMED_REQUEST if status < 500 else Kind.INTERNAL)
    response = respond(kind, {"method": request.method, "reason": "http"})
    if status == 405:
        response.headers["Allow"] = ", ".join(sorted(getattr(error, "valid_methods", None) or ()))
    return response


def _unexpected(error: Exception) -> Response:
    """Our fault: the class and place go to the log under the incident, nothing of it to the caller."""
    log.error("failure", request=current.request_id(), error=type(error).__name__, exc_info=error)
    return respond(Kind.INTERNAL)
