"""The demo's authorities with the parties of e-invoicing; no question of status, for only structure decides here."""

from __future__ import annotations

import pytest

from demo.pki import DemoPki
from tests.einvoices.making import with_parties
from tests.unit.verifier.signing import without_status
from verifier.inputs import Environment


@pytest.fixture(scope="module")
def known(pki: DemoPki) -> DemoPki:
    return with_parties(pki)


@pytest.fixture(scope="module")
def environment(known: DemoPki) -> Environment:
    return without_status(known)
