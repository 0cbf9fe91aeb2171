"""SIGKILL of the worker in the middle of a raising: the result is as it was, and is raised once by the next one."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from datetime import datetime, timedelta
from multiprocessing.context import ForkServerContext

import pytest

from api.actions import dossiers, events, living_results, seals
from api.actions.check_result import ResultState, public_by_code, public_by_digest
from api.actions.upkeep import keep_up
from api.services import Services, build_services
from api.settings import Settings
from api.storage.journal import verify_acts_chain
from demo.pki import DemoPki
from tests.installation import now
from tests.sealing_home import DOSSIER, dossier_data, seal_order, sealing_settings
from tests.whole_app.dying import CALLER, keep_up_and_die

STEPS = ("stamped", "sql:insert into result_versions")
PATIENCE_S = 60


def _a_little_later() -> datetime:
    """An attempt that came to nothing is made again after a minute."""
    return now() + timedelta(minutes=2)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory, pki: DemoPki) -> Settings:
    return sealing_settings(tmp_path_factory.mktemp("home"), pki)


@pytest.fixture(scope="module")
def services(settings: Settings) -> Iterator[Services]:
    """The next worker."""
    with build_services(settings, _a_little_later, {}) as services:
        yield services


@pytest.mark.usefixtures("responders")
@pytest.mark.parametrize("step", STEPS)
def test_killed_at_a_step_it_is_raised_once(
    services: Services, settings: Settings, context: ForkServerContext, step: str
) -> None:
    code = f"{DOSSIER}-{step.replace(' ', '-')}"
    dossiers.put_dossier(services, CALLER, code, dossier_data())
    seal = seals.seal(services, CALLER, step.replace(" ", "-"), seal_order(dossier=code))
    with services.database.writing() as transaction:
        change = "update result_upkeep set wished_level = 'B-T', task = 'raise', next_at = '2026-01-01 00:00:00.000000'"
        transaction.connection.exec_driver_sql(f"{change} where result_code = ?", (seal.result_code,))
    process = context.Process(target=keep_up_and_die, args=(settings, step, {}))
    process.start()
    process.join(PATIENCE_S)
    assert process.exitcode == -signal.SIGKILL
    between = seals.get_seal(services, CALLER, seal.result_code)
    assert between.level == "B-B"
    assert public_by_code(services, seal.verification_code).state is ResultState.IN_FORCE
    assert keep_up(services) == 1
    assert keep_up(services) == 0
    found = living_results.get_result(services, CALLER, seal.result_code)
    assert [version.cause for version in found.versions] == ["sealed", "raised"]
    told = [
        event.data["sha256"]
        for event in events.list_after(services, CALLER, limit=events.MAX_EVENTS).events
        if event.type == "result.raised" and event.data["result"] == seal.result_code
    ]
    assert told == [found.row.document_sha256]
    for version in found.versions:
        assert services.documents.get(version.document_sha256)
        assert public_by_digest(services, version.document_sha256).state is ResultState.IN_FORCE
    with services.database.reading() as transaction:
        assert verify_acts_chain(transaction).first_bad is None
