"""Batches whose workers are killed, whose token is taken away: nothing lost, nothing twice, going on by themselves."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from api.actions import batch_control, batch_view
from api.actions.batch_view import BatchState, ItemState
from api.callers import OPERATOR
from api.services import Services, build_services
from api.settings import Settings
from demo.pki import DemoPki
from demo.province import make_province
from tests.batch_making import papers, ready_batch
from tests.chaos.batch import Plan, running, seal_under_fire
from tests.installation import now

PATIENCE_S = 120


@dataclass(frozen=True)
class Province:
    """A province whose keys are in a token (SoftHSM), and how its processes find it."""

    services: Services
    environment: dict[str, str]
    home: Path


@pytest.fixture
def province(tmp_path: Path, pki: DemoPki, monkeypatch: pytest.MonkeyPatch) -> Iterator[Province]:
    monkeypatch.setenv("SOFTHSM2_CONF", "")  # the province sets it for this process; undone after the test
    made = make_province(tmp_path / "home", pki)
    settings = Settings.from_environment(made.environment)
    with build_services(settings, now, made.environment) as services:
        yield Province(services, made.environment, made.home)


def test_workers_killed_in_the_middle_seal_every_item_once(province: Province, tmp_path: Path) -> None:
    """The short form of ``make chaos``."""
    plan = Plan(items=8, workers=2, kill_every_s=1.0, max_kills=2, limit_s=PATIENCE_S)
    outcome = seal_under_fire(province.services, province.environment, plan, tmp_path / "workers.log")
    assert outcome.wrong == (), (tmp_path / "workers.log").read_text()
    assert (outcome.kills, outcome.deaths >= 1) == (2, True)


def test_a_token_pulled_out_in_the_middle_is_waited_for(province: Province, tmp_path: Path) -> None:
    services = province.services
    batch_id = ready_batch(services, papers(6))
    tokens, away = province.home / "tokens", province.home / "tokens-away"
    batch_control.start(services, OPERATOR, batch_id)
    with running(province.environment, 1, tmp_path / "workers.log"):
        _until(lambda: _batch(services, batch_id).counts[ItemState.SEALED] >= 2)
        tokens.rename(away)
        tokens.mkdir()
        _until(lambda: _batch(services, batch_id).waiting_reason is not None)
        waiting = _batch(services, batch_id)
        assert (waiting.state, waiting.waiting_reason) == (BatchState.RUNNING, "KEY-UNAVAILABLE")
        assert waiting.counts[ItemState.WAITING] >= 1
        assert waiting.counts[ItemState.REFUSED] == 0
        tokens.rmdir()
        away.rename(tokens)
        _until(lambda: _batch(services, batch_id).state is BatchState.FINISHED)
    done = _batch(services, batch_id)
    assert (done.counts[ItemState.SEALED], done.waiting_reason) == (6, None)
    codes = [item.result_code for item in batch_view.list_items(services, OPERATOR, batch_id).items]
    assert codes == [f"LO-{number}-KQ1" for number in range(1, 7)]


def _batch(services: Services, batch_id: str) -> batch_view.Batch:
    return batch_view.get_batch(services, OPERATOR, batch_id)


def _until(came: object) -> None:
    assert callable(came)
    end = time.monotonic() + PATIENCE_S
    while not came():
        assert time.monotonic() < end, "did not come"
        time.sleep(0.05)
