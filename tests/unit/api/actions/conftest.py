"""One installation with the demo's trust and an agency whose keys are in PKCS#12 files; no Flask."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.callers import Caller, CallerKind
from api.key_ledger import KeyLedger
from api.sealing import build_sealing
from api.services import Services, build_services
from api.storage.stamp_counts import DatabaseLedger
from api.validation import Validation
from demo.pki import DemoPki
from demo.responders import Responders
from tests.sealing_home import sealing_settings


@dataclass
class MovableClock:
    """A clock that runs, and that a test can set forward."""

    ahead: timedelta = field(default_factory=timedelta)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


def silence(responders: Responders) -> None:
    """No authority answers for the status of a certificate any more."""
    responders.down(*(f"{kind}/{slug}" for slug in responders.pki.authorities for kind in ("crl", "ocsp")))


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture(scope="session")
def validation(tmp_path_factory: pytest.TempPathFactory, pki: DemoPki) -> Iterator[Validation]:
    """The worker processes, started once; every test's installation trusts the same authorities."""
    validation = Validation(sealing_settings(tmp_path_factory.mktemp("trusting"), pki))
    yield validation
    validation.close()


@pytest.fixture
def services(
    tmp_path: Path, pki: DemoPki, responders: Responders, clock: MovableClock, validation: Validation
) -> Iterator[Services]:
    responders.clock = clock
    settings = sealing_settings(tmp_path / "home", pki)
    with build_services(settings, clock, {}) as services:
        ledgers = KeyLedger(services.database, clock), DatabaseLedger(services.database, clock)
        yield replace(services, validation=validation, sealing=build_sealing(settings, validation, {}, *ledgers))


@pytest.fixture
def portal() -> Caller:
    return Caller(CallerKind.PORTAL, "portal:000000000001", "cổng", frozenset({"*"}))


@pytest.fixture
def other_portal() -> Caller:
    return Caller(CallerKind.PORTAL, "portal:000000000002", "cổng khác", frozenset({"another"}))


@pytest.fixture
def officer() -> Caller:
    return Caller(CallerKind.OFFICER, "officer:1", "cán bộ", frozenset({"so-tnmt"}))
