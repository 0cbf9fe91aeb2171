"""Letters as items of a batch: each gets the next number of its series; the dry run takes none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from api.actions import batch_control, batch_view, letters, numbers
from api.actions.batch_order import BatchOrder
from api.actions.batch_view import BatchState, CheckState
from api.actions.batch_work import work_on_batches
from api.actions.issue_order import IssueWish
from api.actions.letter_gate import RETRY_AFTER_S
from api.callers import OPERATOR
from api.refused import RefusalKind, Refused
from api.services import Services
from api.validation import Validation
from demo.pki import DemoPki
from demo.responders import Responders
from tests.batch_making import Papers, papers, ready_batch
from tests.letter_making import CLERK, letter, this_year
from tests.sealing_home import AGENCY
from tests.unit.api.actions.conftest import MovableClock
from tests.unit.api.actions.test_issuing import opened


@pytest.fixture
def services(
    tmp_path: Path, pki: DemoPki, responders: Responders, clock: MovableClock, validation: Validation
) -> Iterator[Services]:
    responders.clock = clock
    with opened(tmp_path / "home", pki, clock, validation) as services:
        yield services


def made(count: int, *, by_clerk: bool = False) -> Papers:
    plain = papers(count, documents=[letter(f"{number}.100") for number in range(1, count + 1)])
    wish = IssueWish(series="giay-phep", by_clerk=by_clerk)
    items = tuple(replace(item, number="", issued_on=None, issue=wish) for item in plain.order.items)
    return Papers(replace(plain.order, items=items), plain.documents)


def work(services: Services) -> None:
    while work_on_batches(services, lambda: False):
        pass


def test_each_item_gets_the_next_number_and_the_dry_run_takes_none(services: Services) -> None:
    batch_id = ready_batch(services, made(2))
    batch_control.check(services, OPERATOR, batch_id)
    work(services)
    assert batch_view.get_batch(services, OPERATOR, batch_id).checks[CheckState.PASSED] == 2
    assert numbers.read_register(services, CLERK, AGENCY, "giay-phep", this_year()).entries == ()
    batch_control.start(services, OPERATOR, batch_id)
    work(services)
    assert batch_view.get_batch(services, OPERATOR, batch_id).state is BatchState.FINISHED
    entries = numbers.read_register(services, CLERK, AGENCY, "giay-phep", this_year()).entries
    assert {row.result_code: row.number for row in entries} == {"LO-1-KQ1": 1, "LO-2-KQ1": 2}


def test_an_item_waits_for_the_clerk_and_is_issued_by_the_batch(services: Services, clock: MovableClock) -> None:
    batch_id = ready_batch(services, made(1, by_clerk=True))
    batch_control.start(services, OPERATOR, batch_id)
    work(services)
    (waiting,) = letters.waiting(services, CLERK)
    called = letters.issue(services, CLERK, waiting.id)
    assert (called.refusal, called.letter.result_code) == (None, None)
    clock.ahead += timedelta(seconds=RETRY_AFTER_S + 1)
    work(services)
    assert batch_view.get_batch(services, OPERATOR, batch_id).state is BatchState.FINISHED
    assert letters.get_letter(services, CLERK, waiting.id).number == "01/GP-STNMT"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"number": "1/GP"}, "items.0.number"),
        ({"issue": None}, "items.0.issued_on"),
    ],
)
def test_an_item_says_number_and_date_or_leaves_both_to_the_issue(
    services: Services, change: dict[str, Any], field: str
) -> None:
    plain = made(1)
    order: BatchOrder = replace(plain.order, items=(replace(plain.order.items[0], **change),))
    with pytest.raises(Refused) as refused:
        ready_batch(services, Papers(order, plain.documents))
    assert (refused.value.kind, refused.value.parameters["field"]) == (RefusalKind.INVALID_REQUEST, field)
