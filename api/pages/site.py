"""What all pages share: the files of their look, and the words and links that templates may use."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, request, send_from_directory, url_for

from api import current
from api.access import Rule, access
from api.authentication import csrf_token
from api.pages.language import language_link, page_language, remember_language
from api.services import Services

STATIC = Path(__file__).parent / "static"
VERSIONED_S = 365 * 24 * 3600
"""A static file is asked for under its digest, so a copy may be kept for a year."""
PLAIN_S = 300
OFFICER_BLUEPRINTS = frozenset(
    {"batch-pages", "letter-pages", "officer", "register-pages", "release-pages", "result-pages", "scan-pages"}
)
PAGE_BLUEPRINTS = OFFICER_BLUEPRINTS | {"citizen"}

blueprint = Blueprint("site", __name__, template_folder="templates")


@blueprint.get("/static/<path:name>")
@access(Rule.PUBLIC)
def static_file(name: str) -> Response:
    """A style sheet, script or picture of the pages."""
    response = send_from_directory(STATIC, name, max_age=VERSIONED_S if "v" in request.args else PLAIN_S)
    response.cache_control.public = True
    response.cache_control.immutable = "v" in request.args
    return response


def prepare(app: Flask, services: Services) -> None:
    """Give the templates their words and links."""
    app.jinja_options = {**app.jinja_options, "trim_blocks": True, "lstrip_blocks": True}
    versions = {path.name: hashlib.sha256(path.read_bytes()).hexdigest()[:12] for path in STATIC.iterdir()}

    def asset(name: str) -> str:
        return url_for("site.static_file", name=name, v=versions[name])

    @app.context_processor
    def words() -> dict[str, object]:
        language = page_language()
        say: Callable[..., str] = partial(_say, language.value)
        return {
            "t": say,
            "language": language.value,
            "language_link": language_link,
            "asset": asset,
            "caller": current.maybe_caller(),
            "csrf_token": csrf_token,
            "host": urlsplit(services.settings.public_url).netloc,
            "limit_bytes": services.settings.max_upload_bytes,
            "limit": say_size(services.settings.max_upload_bytes),
        }

    @app.after_request
    def finish(response: Response) -> Response:
        if request.blueprint not in PAGE_BLUEPRINTS:
            return response
        response.headers.setdefault("Cache-Control", "no-store")
        if request.endpoint != "citizen.check":
            response.headers["X-Robots-Tag"] = "noindex"
        if request.blueprint in OFFICER_BLUEPRINTS:
            # Under "no-referrer" browsers send ``Origin: null`` with a form, which is refused as another site's.
            response.headers["Referrer-Policy"] = "same-origin"
        return remember_language(response)


def _say(language: str, code: str, /, **parameters: object) -> str:
    return current.texts().say(code, language, **parameters)


def say_size(size_bytes: int) -> str:
    """``100 MB``, as people read file sizes; never more than the limit allows."""
    return f"{size_bytes // (1024 * 1024)} MB" if size_bytes >= 1024 * 1024 else f"{max(size_bytes // 1024, 1)} kB"
