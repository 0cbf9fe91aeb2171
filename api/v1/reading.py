"""What a request carries: one file, a JSON object that fits its published schema, a number in the query."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from flask import request
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match

from api.actions.recording import shown_name
from api.actions.verify_document import Upload
from api.errors import Kind, RequestError
from api.v1.schemas import SCHEMAS

MULTIPART = "multipart/form-data"
JSON = "application/json"

MAX_KEY_CHARS = 200

MAX_JSON_BYTES = 1024 * 1024
"""A dossier takes 1 kB; JSON is parsed in memory, so it is not given a document's limit."""


def expect(media_type: str) -> None:
    """The request must say that its body is of this type.

    Raises:
        RequestError: UNSUPPORTED_MEDIA_TYPE.
    """
    if request.mimetype != media_type:
        raise RequestError(Kind.UNSUPPORTED_MEDIA_TYPE, expected=media_type)


def day_of(body: dict[str, Any], field: str) -> date:
    """A day that a JSON object names.

    Raises:
        RequestError: INVALID_REQUEST; the schema's pattern lets 31 February pass.
    """
    try:
        return date.fromisoformat(body[field])
    except ValueError as error:
        raise RequestError(Kind.INVALID_REQUEST, field=field, reason="date") from error


def maybe_day_of(body: dict[str, Any], field: str) -> date | None:
    """``day_of``, or None where the member is null or absent."""
    return None if body.get(field) is None else day_of(body, field)


def uploaded(field: str = "file") -> Upload:
    """The file in a part of the multipart form; its name is reduced to the last segment and shown, never used.

    Raises:
        RequestError: UNSUPPORTED_MEDIA_TYPE or MISSING_FILE.
    """
    expect(MULTIPART)
    part = request.files.get(field)
    if part is None:
        raise RequestError(Kind.MISSING_FILE, field=field)
    return Upload(part.stream.read(), shown_name(part.filename or ""))


def optional_file(field: str) -> bytes | None:
    """The bytes of an optional part, None where it is absent."""
    part = request.files.get(field)
    return None if part is None else part.stream.read()


def idempotency_key() -> str:
    """The header by which a request is done once, however often it is sent.

    Raises:
        RequestError: IDEMPOTENCY_KEY_MISSING.
    """
    key = request.headers.get("Idempotency-Key", "")
    if not 1 <= len(key) <= MAX_KEY_CHARS or not (key.isascii() and key.isprintable()) or " " in key:
        raise RequestError(Kind.IDEMPOTENCY_KEY_MISSING)
    return key


def form_text(field: str) -> str | None:
    """A text part of the form; None where it is absent or empty."""
    return request.form.get(field) or None


def json_part(field: str, schema: str) -> dict[str, Any]:
    """The JSON object in a text part of the form, proven against a published schema.

    Raises:
        RequestError: MISSING_FILE, MALFORMED_REQUEST (no JSON) or INVALID_REQUEST (which member and why).
    """
    text = form_text(field)
    if text is None:
        raise RequestError(Kind.MISSING_FILE, field=field)
    return proven(_parsed(text), schema)


def json_body(schema: str) -> dict[str, Any]:
    """The request's JSON object, proven against a published schema.

    Raises:
        RequestError: UNSUPPORTED_MEDIA_TYPE, MALFORMED_REQUEST (no JSON) or INVALID_REQUEST (which member and why).
    """
    return proven(json_value(MAX_JSON_BYTES), schema)


def json_value(max_bytes: int) -> Any:
    """The request's JSON, whatever it is.

    Raises:
        RequestError: UNSUPPORTED_MEDIA_TYPE, UPLOAD_TOO_LARGE, MALFORMED_REQUEST.
    """
    expect(JSON)
    request.max_content_length = max_bytes
    if (request.content_length or 0) > max_bytes:
        raise RequestError(Kind.UPLOAD_TOO_LARGE, limit_bytes=str(max_bytes))
    return _parsed(request.get_data(cache=False))


def proven(value: Any, schema: str) -> dict[str, Any]:
    """A value that fits a published schema.

    Raises:
        RequestError: INVALID_REQUEST.
    """
    fault = best_match(Draft202012Validator(_with_definitions(schema)).iter_errors(value))
    if fault is not None:
        raise _refusal(fault)
    assert isinstance(value, dict), "every schema of a body asks for an object"
    return value


def _parsed(data: bytes | str) -> Any:
    try:
        value = json.loads(data, parse_constant=_no_constant)
        json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair is JSON, but no text that can be stored
    except (ValueError, RecursionError) as error:
        raise RequestError(Kind.MALFORMED_REQUEST, reason="json") from error
    return value


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _with_definitions(schema: str) -> Mapping[str, Any]:
    return {"$ref": f"#/components/schemas/{schema}", "components": {"schemas": SCHEMAS}}


_REASONS = {
    "type": "type",
    "required": "required",
    "additionalProperties": "unexpected",
    "enum": "enum",
    "minLength": "length",
    "maxLength": "length",
    "minimum": "range",
    "maximum": "range",
}
"""Keyword of JSON Schema → sentence ``reason.…`` in ``i18n/problems.toml``; any other is simply malformed."""


def _refusal(fault: ValidationError) -> RequestError:
    """Which member is wrong and why, in the reader's language; the value itself is not repeated."""
    path = [str(step) for step in fault.absolute_path]
    match fault.validator:
        case "required":
            path += [name for name in fault.validator_value if name not in fault.instance][:1]
        case "additionalProperties":
            known = fault.schema.get("properties", {}) if isinstance(fault.schema, Mapping) else {}
            path += [str(name)[:100] for name in fault.instance if name not in known][:1]
    expected = ", ".join(map(str, fault.validator_value)) if fault.validator == "enum" else str(fault.validator_value)
    reason = _REASONS.get(str(fault.validator), "malformed")
    return RequestError(Kind.INVALID_REQUEST, field=".".join(path) or "/", reason=reason, expected=expected)


def moment(field: str, text: str) -> datetime:
    """A time with its zone (ISO 8601).

    Raises:
        RequestError: INVALID_REQUEST.
    """
    try:
        time = datetime.fromisoformat(text)
        time.astimezone(UTC)  # a zone can push the first and the last day of the calendar out of it
    except (ValueError, OverflowError) as error:
        raise RequestError(Kind.INVALID_REQUEST, field=field, reason="time") from error
    if time.tzinfo is None:
        raise RequestError(Kind.INVALID_REQUEST, field=field, reason="time")
    return time


def query_number(name: str, default: int, *, least: int, most: int) -> int:
    """A whole number from the query.

    Raises:
        RequestError: INVALID_REQUEST where it is none or out of range.
    """
    text = request.args.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > 18 or not least <= int(text) <= most:
        raise RequestError(Kind.INVALID_REQUEST, field=name, reason="range", expected=f"{least}–{most}")
    return int(text)
