"""The JSON API under ``/v1`` and the operator's three addresses, described by ``/v1/openapi.json``; and CSC's."""

from __future__ import annotations

from flask import Flask

from api.v1 import (
    batches,
    copies,
    csc,
    dossiers,
    events,
    manual,
    operation,
    public,
    results,
    scans,
    seals,
    verifications,
)


def register_v1(app: Flask) -> None:
    """Add every route of the API."""
    for module in (verifications, dossiers, scans, seals, copies, batches, results, events, public, operation, manual):
        app.register_blueprint(module.blueprint)
    for version in csc.SPECS:
        app.register_blueprint(csc.blueprint, name=f"csc-{version}", url_prefix=f"/csc/{version}")
