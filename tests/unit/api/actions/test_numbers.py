"""Registers of outgoing letters: paper numbers, voids, gaps, and who may keep them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from api.actions import events, numbers
from api.actions.check_result import VIETNAM
from api.actions.numbers import PaperNumber
from api.callers import OPERATOR, Caller
from api.dossiers.numbering import NumberOrigin, NumberState
from api.refused import RefusalKind, Refused
from api.services import Services, build_services
from api.storage.numbers import NumberRow
from demo.pki import DemoPki
from tests.installation import now
from tests.letter_making import CLERK, OTHER, SERIES
from tests.sealing_home import AGENCY, sealing_settings
from tests.unit.api.actions.conftest import MovableClock

DAY = now().astimezone(VIETNAM).date()


@pytest.fixture
def services(tmp_path: Path, pki: DemoPki, clock: MovableClock) -> Iterator[Services]:
    settings = sealing_settings(tmp_path / "home", pki)
    with settings.agencies_path.open("a", encoding="utf-8") as file:
        file.write(SERIES)
    with build_services(settings, clock, {}) as services:
        yield services


def paper(number: int, **changes: Any) -> PaperNumber:
    return replace(PaperNumber(AGENCY, "giay-phep", number, None, DAY, "Cấp phép khai thác"), **changes)


def record(services: Services, number: int, caller: Caller = CLERK, **changes: Any) -> NumberRow:
    return numbers.record_paper_number(services, caller, paper(number, **changes))


def register(services: Services, series: str = "giay-phep", **page: int) -> numbers.RegisterPage:
    return numbers.read_register(services, CLERK, AGENCY, series, DAY.year, **page)


def refused(kind: RefusalKind, call: Any, *arguments: Any, **more: Any) -> dict[str, str]:
    with pytest.raises(Refused) as caught:
        call(*arguments, **more)
    assert caught.value.kind is kind
    return caught.value.parameters


class TestPaperNumbers:
    def test_what_was_used_on_paper_comes_before_the_next_number(self, services: Services) -> None:
        row = record(services, 7, recipient="Lưu: VT", signatory="Phạm Thị Mẫu")
        assert (row.state, row.origin, row.sign) == (NumberState.PAPER, NumberOrigin.PAPER, "GP-STNMT")
        shown = next(one for one in numbers.list_series(services, CLERK) if one.id == "giay-phep")
        assert (shown.last_number, shown.next_number) == (7, 8)

    def test_the_same_once_more_changes_nothing_and_another_is_refused(self, services: Services) -> None:
        first = record(services, 7)
        before = len(events.list_after(services, OPERATOR).events)
        assert record(services, 7) == first
        assert len(events.list_after(services, OPERATOR).events) == before
        told = refused(RefusalKind.NUMBER_TAKEN, record, services, 7, title="Văn bản khác")
        assert told == {"number": "07/GP-STNMT", "reason": "number-paper", "earlier": f"{DAY:%d/%m/%Y}"}

    def test_a_number_far_above_the_last_one_must_be_meant(self, services: Services) -> None:
        record(services, 101)
        told = refused(RefusalKind.INVALID_REQUEST, record, services, 203)
        assert (told["field"], told["reason"], told["expected"]) == ("number", "far-ahead", "101")
        assert record(services, 203, meant=True).number == 203

    def test_a_year_that_begins_higher_begins_there(self, services: Services) -> None:
        record(services, 413, series="chung", sign="QĐ-STNMT")
        assert register(services, "chung").gaps == ()

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"number": 0}, "number"),
            ({"number": 1_000_000}, "number"),
            ({"title": " "}, "title"),
            ({"dated_on": date(2999, 1, 1)}, "dated_on"),
            ({"dated_on": date(1999, 1, 1)}, "year"),
            ({"sign": "QĐ-STNMT"}, "sign"),
            ({"series": "chung"}, "sign"),
        ],
    )
    def test_what_cannot_be_right_is_refused(self, services: Services, changes: dict[str, Any], field: str) -> None:
        told = refused(
            RefusalKind.INVALID_REQUEST, numbers.record_paper_number, services, CLERK, replace(paper(1), **changes)
        )
        assert told["field"] == field


class TestVoids:
    def void(self, services: Services, number: int, reason: str = "Hỏng", caller: Caller = CLERK) -> NumberRow:
        return numbers.void_number(services, caller, AGENCY, "giay-phep", DAY.year, number, reason)

    def test_a_void_says_why_and_by_whom_and_the_number_is_not_free_again(self, services: Services) -> None:
        record(services, 7)
        row = self.void(services, 7)
        assert (row.state, row.voided_by, row.void_reason) == (NumberState.VOID, CLERK.id, "Hỏng")
        assert self.void(services, 7) == row
        told = refused(RefusalKind.NUMBER_TAKEN, record, services, 7)
        assert told["reason"] == "number-void"
        told = refused(RefusalKind.NUMBER_NOT_VOIDABLE, self.void, services, 7, "Lý do khác")
        assert told["earlier"] == "Hỏng"

    def test_a_gap_is_explained_by_paper_or_by_a_void(self, services: Services) -> None:
        record(services, 5)
        assert register(services).gaps == ((1, 4),)
        record(services, 2)
        for number in (1, 3, 4):
            assert self.void(services, number).origin is NumberOrigin.NOBODY
        page = register(services)
        assert (page.gaps, [row.number for row in page.entries]) == ((), [1, 2, 3, 4, 5])

    def test_what_was_never_given_cannot_be_voided_ahead(self, services: Services) -> None:
        record(services, 5)
        refused(RefusalKind.UNKNOWN_NUMBER, self.void, services, 6)
        refused(RefusalKind.INVALID_REQUEST, self.void, services, 5, "  ")

    def test_the_journal_tells_of_it_without_names(self, services: Services) -> None:
        record(services, 7, title="Cấp phép cho bà Nguyễn Thị Hoa")
        self.void(services, 7, "Bà Hoa rút đơn")
        told = [event for event in events.list_after(services, OPERATOR).events if event.type.startswith("number.")]
        assert [event.type for event in told] == ["number.on-paper", "number.voided"]
        assert {event.subject for event in told} == {f"number:{AGENCY}/giay-phep/{DAY.year}/7"}
        assert "Hoa" not in str(told)
        assert events.list_after(services, OTHER).events == ()


class TestWhoMay:
    def test_another_agencys_officer_sees_and_changes_nothing(self, services: Services) -> None:
        assert numbers.list_series(services, OTHER) == []
        refused(RefusalKind.AGENCY_NOT_ALLOWED, numbers.read_register, services, OTHER, AGENCY, "giay-phep", DAY.year)
        refused(RefusalKind.AGENCY_NOT_ALLOWED, record, services, 1, OTHER)

    def test_without_the_right_the_register_is_for_reading_only(self, services: Services) -> None:
        reader = replace(CLERK, rights=frozenset())
        assert numbers.read_register(services, reader, AGENCY, "giay-phep", DAY.year).entries == ()
        refused(RefusalKind.RIGHT_MISSING, record, services, 1, reader)
        refused(
            RefusalKind.RIGHT_MISSING, numbers.void_number, services, reader, AGENCY, "giay-phep", DAY.year, 1, "Hỏng"
        )

    def test_a_series_that_the_agency_has_not(self, services: Services) -> None:
        refused(RefusalKind.UNKNOWN_SERIES, numbers.read_register, services, CLERK, AGENCY, "khac", DAY.year)


def test_a_register_is_read_in_pages(services: Services) -> None:
    for number in range(1, 6):
        record(services, number)
    first = register(services, limit=3)
    assert ([row.number for row in first.entries], first.next_after) == ([1, 2, 3], 3)
    rest = register(services, after=3, limit=3)
    assert ([row.number for row in rest.entries], rest.next_after) == ([4, 5], None)
