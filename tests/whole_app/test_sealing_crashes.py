"""SIGKILL at every named step of sealing, and at random: the same request again gives exactly one seal."""

from __future__ import annotations

import hashlib
import random
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from api.actions import dossiers, events, seals
from api.actions.check_result import ResultState, public_by_code, public_by_digest
from api.refused import Refused
from api.services import Services, build_services
from api.settings import Settings
from api.storage.journal import verify_acts_chain
from demo.pki import DemoPki
from demo.province import make_province
from tests.installation import now
from tests.sealing_home import DOSSIER, dossier_data, seal_order, sealing_settings
from tests.whole_app.dying import CALLER, seal_and_die, seal_and_tell

STEPS = (
    "accepted",  # before the intent
    "sql:insert into seal_intents",  # in the middle of transaction 1
    "intended",  # after it
    "certificates-checked",
    "marked",  # before the first signature
    "signed-person",
    "signed-agency",  # after the last
    "evidence-added",  # before the self-check
    "self-checked",  # after it
    "signed",  # before the sealed file is stored
    "kept",  # after it, before the record of it
    "sql:insert into results",  # in the middle of transaction 2
    "sql:insert into events",  # the last statement of it
    "recorded",
)
RANDOM_TIMES = 6
SEALING_S = 3.0
"""A seal takes less; a kill later than that finds it done."""

PATIENCE_S = 60


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory, pki: DemoPki) -> Settings:
    return sealing_settings(tmp_path_factory.mktemp("home"), pki)


@pytest.fixture(scope="module")
def services(settings: Settings, pki: DemoPki) -> Iterator[Services]:
    """The process that asks again, after the other one died."""
    with build_services(settings, now, {}) as services:
        yield services


def _order(services: Services, name: str) -> seals.SealOrder:
    """An order for a dossier of its own."""
    code = f"{DOSSIER}-{name}"
    dossiers.put_dossier(services, CALLER, code, dossier_data())
    return seal_order(dossier=code)


def _killed(process: BaseProcess) -> None:
    process.join(PATIENCE_S)
    assert process.exitcode == -signal.SIGKILL


def _one_seal(services: Services, key: str, order: seals.SealOrder) -> seals.Seal:
    """Ask again, twice; there is one seal, one result, one event, one file, and everybody is told of the same."""
    seal = seals.seal(services, CALLER, key, order)
    assert seals.seal(services, CALLER, key, order) == replace(seal, replayed=True)
    assert seal.result_code == f"{order.dossier}-KQ1"
    assert dossiers.get_dossier(services, CALLER, order.dossier).results == (seal.result_code,)
    told = [
        event
        for event in events.list_after(services, CALLER, limit=events.MAX_EVENTS).events
        if event.type == "result.sealed" and event.data["dossier"] == order.dossier
    ]
    assert [event.data["sha256"] for event in told] == [seal.sha256]
    _, data = seals.sealed_document(services, CALLER, seal.result_code)
    assert hashlib.sha256(data).hexdigest() == seal.sha256
    assert public_by_code(services, seal.verification_code).state is ResultState.IN_FORCE
    assert public_by_digest(services, seal.sha256).state is ResultState.IN_FORCE
    with services.database.reading() as transaction:
        count = transaction.connection.exec_driver_sql(
            "select count(*) from results where dossier = ?", (order.dossier,)
        )
        assert count.scalar_one() == 1
        assert verify_acts_chain(transaction).first_bad is None
    return seal


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_a_step_the_same_request_again_gives_one_seal(
    services: Services, settings: Settings, context: ForkServerContext, step: str
) -> None:
    name = step.replace(" ", "-")
    order = _order(services, name)
    process = context.Process(target=seal_and_die, args=(settings, name, order, step, {}))
    process.start()
    _killed(process)
    seal = _one_seal(services, name, order)
    assert seal.replayed is (step == "recorded")


@pytest.mark.parametrize("step", ["intended", "signed-agency", "kept"])
def test_killed_at_a_step_the_worker_finishes_and_the_request_finds_it_done(
    services: Services, settings: Settings, context: ForkServerContext, step: str
) -> None:
    order = _order(services, f"worker-{step}")
    process = context.Process(target=seal_and_die, args=(settings, f"worker-{step}", order, step, {}))
    process.start()
    _killed(process)
    assert seals.resolve_intents(services) == 1
    assert _one_seal(services, f"worker-{step}", order).replayed is True


@pytest.mark.parametrize("number", range(RANDOM_TIMES))
def test_killed_at_random_the_same_request_again_gives_one_seal(
    services: Services, settings: Settings, context: ForkServerContext, number: int
) -> None:
    delay_s = random.Random(number).uniform(0, SEALING_S) * (number + 1) / RANDOM_TIMES
    order = _order(services, f"random-{number}")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=seal_and_tell, args=(settings, f"random-{number}", order, there, {}))
    process.start()
    there.close()
    assert here.poll(PATIENCE_S)
    time.sleep(delay_s)
    process.kill()
    process.join(PATIENCE_S)
    assert process.exitcode in (-signal.SIGKILL, 0)
    _one_seal(services, f"random-{number}", order)


def test_while_a_process_is_at_it_the_same_request_is_told_to_wait(
    services: Services, settings: Settings, context: ForkServerContext
) -> None:
    order = _order(services, "stopped")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=seal_and_tell, args=(settings, "stopped", order, there, {}))
    process.start()
    there.close()
    assert here.poll(PATIENCE_S)
    kinds = set[str]()
    until = time.monotonic() + PATIENCE_S
    made: list[seals.Seal] = []
    while not made and time.monotonic() < until:
        try:
            made.append(seals.seal(services, CALLER, "stopped", order))
        except Refused as refused:
            kinds.add(refused.kind)
            time.sleep(0.05)
    process.join(PATIENCE_S)
    assert kinds <= {"seal-in-progress"}
    assert _one_seal(services, "stopped", order).sha256 == made[0].sha256


def test_killed_while_a_token_signs_the_same_request_again_gives_one_seal(
    tmp_path: Path, pki: DemoPki, context: ForkServerContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The demo's own installation: person and agency sign with keys in a PKCS#11 token (SoftHSM)."""
    monkeypatch.setenv("SOFTHSM2_CONF", "")  # the province sets it for this process; undone after the test
    province = make_province(tmp_path / "home", pki, "https://kiem-tra.example")
    settings = Settings.from_environment(province.environment)
    with build_services(settings, now, province.environment) as services:
        order = _order(services, "token")
        arguments = (settings, "token", order)
        process = context.Process(target=seal_and_die, args=(*arguments, "signed-person", province.environment))
        process.start()
        _killed(process)
        here, there = context.Pipe(duplex=False)
        process = context.Process(target=seal_and_tell, args=(*arguments, there, province.environment))
        process.start()
        there.close()
        assert here.poll(PATIENCE_S)
        assert here.recv() == "accepted"
        assert here.poll(PATIENCE_S)
        seal: seals.Seal = here.recv()
        process.join(PATIENCE_S)
        assert (process.exitcode, seal.replayed) == (0, False)
        assert _one_seal(services, "token", order) == replace(seal, replayed=True)
