"""The description of the API, for programs and for people: no script, nothing from elsewhere."""

from __future__ import annotations

import json
from pathlib import Path

from flask import Blueprint, Response, jsonify, render_template

from api import current
from api.access import Rule, access
from api.errors import PROBLEMS, Kind, RequestError
from api.problems import TYPE_PREFIX, describe
from api.v1.description import openapi

blueprint = Blueprint("v1-manual", __name__, url_prefix="/v1", template_folder="templates")

_STYLE = Path(__file__).parent / "templates" / "manual.css"


@blueprint.get("/openapi.json")
@access(Rule.PUBLIC)
def description() -> Response:
    """OpenAPI 3.1."""
    return jsonify(openapi())


@blueprint.get("/docs")
@access(Rule.PUBLIC)
def manual() -> str:
    """The description as a page to read."""
    operations = [
        (method.upper(), path, operation)
        for path, methods in openapi()["paths"].items()
        for method, operation in methods.items()
    ]
    return render_template(
        "manual.html",
        description=openapi(),
        operations=operations,
        problems=[(kind, PROBLEMS[kind], describe(kind, {}, current.texts())) for kind in Kind],
        pretty=lambda value: json.dumps(value, ensure_ascii=False, indent=2),
    )


@blueprint.get("/docs/manual.css")
@access(Rule.PUBLIC)
def style() -> Response:
    """The page's style sheet."""
    return Response(_STYLE.read_bytes(), mimetype="text/css")


@blueprint.get("/problems/<kind>")
@access(Rule.PUBLIC)
def problem(kind: str) -> str:
    """What a problem's ``type`` means."""
    if kind not in set(Kind):
        raise RequestError(Kind.NOT_FOUND)
    found = Kind(kind)
    document = describe(found, {}, current.texts())
    return render_template("problem.html", kind=found, type=TYPE_PREFIX + kind, problem=document)
