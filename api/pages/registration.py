"""Which pages there are, and how they come into the application."""

from __future__ import annotations

from importlib.util import find_spec

from flask import Flask

from api.pages import batches, citizen, letters, officer, registers, releases, results, scans, site
from api.problems import ERROR_PAGE
from api.services import Services


def register_pages(app: Flask, services: Services) -> None:
    """Add the pages' routes, and what a browser is shown when a request fails."""
    for module in (site, citizen, officer, scans, results, releases, letters, registers, batches):
        app.register_blueprint(module.blueprint)
    app.jinja_env.globals["can_print"] = find_spec("signer") is not None
    if app.jinja_env.globals["can_print"]:  # a verify-only deployment leaves ``signer``, its fonts and canvas, out
        from api.pages import printed, printed_note

        app.register_blueprint(printed.blueprint)
        app.register_blueprint(printed_note.blueprint)
    site.prepare(app, services)
    app.extensions[ERROR_PAGE] = officer.error_page
