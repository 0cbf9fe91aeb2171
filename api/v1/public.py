"""The public check: no account, the least that tells a genuine result from a false one."""

from __future__ import annotations

import re

from flask import Blueprint, Response, jsonify

from api import current
from api.access import Rule, access
from api.actions import check_result
from api.errors import Kind, RequestError
from api.v1.living_answers import public_answer_to_json

blueprint = Blueprint("v1-public", __name__, url_prefix="/v1/public")

_SHA256 = re.compile(r"[0-9a-fA-F]{64}")


@blueprint.get("/results/<code>")
@access(Rule.LIMITED)
def by_code(code: str) -> Response:
    """What can be said of a verification code; 200 whatever the answer."""
    return _answer(check_result.public_by_code(current.services(), code), of_file=False)


@blueprint.get("/digests/<sha256>")
@access(Rule.LIMITED)
def by_digest(sha256: str) -> Response:
    """What can be said of a file, by its SHA-256; the file itself stays with whoever asks."""
    if not _SHA256.fullmatch(sha256):
        raise RequestError(Kind.INVALID_REQUEST, field="sha256", reason="sha256")
    return _answer(check_result.public_by_digest(current.services(), sha256.lower()), of_file=True)


def _answer(answer: check_result.PublicAnswer, *, of_file: bool) -> Response:
    response = jsonify(public_answer_to_json(answer, current.texts(), of_file=of_file))
    response.headers["Cache-Control"] = "no-store"
    return response
