"""The JSON API under ``/v1`` and the operator's three addresses, described by ``/v1/openapi.json``; and CSC's."""

from __future__ import annotations

from flask import Flask

from api.v1 import (
    batches,
    copies,
    csc,
    dossiers,
    events,
    letters,
    manual,
    numbers,
    operation,
    public,
    releases,
    results,
    scans,
    seals,
    sessions,
    upkeep,
    verifications,
)


def register_v1(app: Flask) -> None:
    """Add every route of the API."""
    sealing = (seals, releases, numbers, letters, copies, sessions, batches, results, upkeep)
    for module in (verifications, dossiers, scans, *sealing, events, public, operation, manual):
        app.register_blueprint(module.blueprint)
    for version in csc.SPECS:
        app.register_blueprint(csc.blueprint, name=f"csc-{version}", url_prefix=f"/csc/{version}")
