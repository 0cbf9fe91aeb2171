"""Letters issued: number, date and seal in one act, once, under a number of the series."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from api.actions import dossiers, events, letters, numbers, seals
from api.actions.check_result import VIETNAM
from api.actions.issue_order import IssueWish
from api.actions.numbers import PaperNumber
from api.callers import OPERATOR, CallerKind
from api.dossiers.letter import LetterState
from api.dossiers.numbering import NumberOrigin, NumberState
from api.key_ledger import KeyLedger
from api.refused import RefusalKind, Refused
from api.sealing import build_sealing
from api.services import Services, build_services
from api.storage.numbers import NumberRow
from api.storage.stamp_counts import DatabaseLedger
from api.validation import Validation
from demo.pki import DemoPki
from demo.responders import Responders
from tests.letter_making import CLERK, OTHER, SERIES, letter, letter_order
from tests.sealing_home import AGENCY, DOSSIER, dossier_data, result_paper, sealing_settings
from tests.unit.api.actions.conftest import MovableClock
from verifier.report import Conclusion
from verifier.verify import VerificationInput


@pytest.fixture
def services(
    tmp_path: Path, pki: DemoPki, responders: Responders, clock: MovableClock, validation: Validation
) -> Iterator[Services]:
    responders.clock = clock
    with opened(tmp_path / "home", pki, clock, validation) as services:
        yield services


@pytest.fixture(scope="module")
def idle(tmp_path_factory: pytest.TempPathFactory, pki: DemoPki, validation: Validation) -> Iterator[Services]:
    """One for orders that are refused before anything is done."""
    with opened(tmp_path_factory.mktemp("idle"), pki, MovableClock(), validation) as services:
        yield services


@contextmanager
def opened(home: Path, pki: DemoPki, clock: MovableClock, validation: Validation) -> Iterator[Services]:
    settings = sealing_settings(home, pki)
    with settings.agencies_path.open("a", encoding="utf-8") as file:
        file.write(SERIES)
    with build_services(settings, clock, {}) as built:
        ledgers = KeyLedger(built.database, clock), DatabaseLedger(built.database, clock)
        services = replace(built, validation=validation, sealing=build_sealing(settings, validation, {}, *ledgers))
        dossiers.put_dossier(services, OPERATOR, DOSSIER, dossier_data())
        yield services


def register(services: Services, series: str = "giay-phep", year: int | None = None) -> tuple[NumberRow, ...]:
    return numbers.read_register(services, CLERK, AGENCY, series, year or today(services).year).entries


def today(services: Services) -> date:
    return services.clock().astimezone(VIETNAM).date()


def refused(kind: RefusalKind, call: Callable[..., object], *arguments: Any, **more: Any) -> dict[str, str]:
    with pytest.raises(Refused) as caught:
        call(*arguments, **more)
    assert caught.value.kind is kind, caught.value
    return caught.value.parameters


def issued(services: Services, key: str, area: str = "1.200", **issue: Any) -> seals.Seal:
    return seals.seal(services, OPERATOR, key, letter_order(area, **issue))


class TestAtOnce:
    def test_a_letter_gets_the_next_number_and_todays_date(self, services: Services) -> None:
        day = today(services)
        first, second = issued(services, "a"), issued(services, "b", "2.400")
        assert (first.number, second.number) == ("01/GP-STNMT", "02/GP-STNMT")
        assert first.issued_on == second.issued_on == day
        rows = register(services)
        assert [(row.number, row.state, row.result_code) for row in rows] == [
            (1, NumberState.ISSUED, first.result_code),
            (2, NumberState.ISSUED, second.result_code),
        ]
        assert (rows[0].title, rows[0].recipient, rows[0].signatory, rows[0].origin) == (
            "Giấy phép khai thác tận dụng lâm sản",
            "Nguyễn Thị Hoa",
            "Phạm Thị Mẫu",
            NumberOrigin.SERVICE,
        )
        _, data = seals.sealed_document(services, OPERATOR, first.result_code)
        report = services.validation.judge(VerificationInput(data), services.clock())
        assert report.conclusion is Conclusion.TOTAL_PASSED
        wrote = [finding for finding in report.findings if finding.code == "CLERK-WROTE-NUMBER-DAY-MONTH"]
        assert [dict(finding.parameters)["number"] for finding in wrote] == ["01"]

    def test_the_same_order_again_is_the_same_letter_under_the_same_number(self, services: Services) -> None:
        first = issued(services, "a")
        assert replace(issued(services, "a"), replayed=False) == first
        assert len(register(services)) == 1
        refused(RefusalKind.IDEMPOTENCY_KEY_REUSED, issued, services, "a", "2.400")

    def test_a_number_used_on_paper_is_passed_by(self, services: Services) -> None:
        paper = PaperNumber(AGENCY, "giay-phep", 7, None, today(services), "Trên giấy")
        numbers.record_paper_number(services, CLERK, paper)
        assert issued(services, "a").number == "08/GP-STNMT"

    def test_a_common_series_numbers_different_signs_in_one_row(self, services: Services) -> None:
        signs = ("QĐ-STNMT", "STNMT-VP")
        made = [
            seals.seal(services, OPERATOR, f"k{n}", letter_order(paper_sign=sign, series="chung", sign=sign))
            for n, sign in enumerate(signs)
        ]
        assert [seal.number for seal in made] == ["413/QĐ-STNMT", "414/STNMT-VP"]

    def test_a_new_year_begins_a_new_register(self, services: Services, clock: MovableClock) -> None:
        before = issued(services, "a")
        year = before.issued_on.year + 1
        clock.ahead = datetime(year, 1, 1, 0, 30, tzinfo=VIETNAM) - services.clock()
        order = replace(letter_order(), document=letter(year=year))
        made = seals.seal(services, OPERATOR, "b", order)
        assert (made.number, made.issued_on) == ("01/GP-STNMT", date(year, 1, 1))
        assert [len(register(services, year=one)) for one in (year - 1, year)] == [1, 1]

    @pytest.mark.parametrize("count", [8])
    def test_letters_at_the_same_moment_get_each_their_own_number(self, services: Services, count: int) -> None:
        orders = [letter_order(f"{number}.000") for number in range(1, count + 1)]
        with ThreadPoolExecutor(count) as threads:
            made = list(threads.map(lambda n: seals.seal(services, OPERATOR, f"k{n}", orders[n]), range(count)))
        assert sorted(seal.number for seal in made) == [f"{n:02d}/GP-STNMT" for n in range(1, count + 1)]
        assert [row.state for row in register(services)] == [NumberState.ISSUED] * count


class TestWhatCannotBeIssued:
    def test_a_sign_that_is_printed_otherwise(self, idle: Services) -> None:
        order = replace(letter_order(), document=letter(sign="QĐ-STNMT"))
        told = refused(RefusalKind.INVALID_REQUEST, seals.seal, idle, OPERATOR, "a", order)
        assert (told["field"], told["reason"], told["expected"]) == ("issue.sign", "printed-otherwise", "QĐ-STNMT")
        assert register(idle) == ()

    def test_a_letter_without_blanks(self, idle: Services) -> None:
        order = replace(letter_order(), document=result_paper())
        told = refused(RefusalKind.SEAL_REFUSED, seals.seal, idle, OPERATOR, "a", order)
        assert told["refusal"] == "HEAD-WITHOUT-BLANKS"
        assert register(idle) == ()

    @pytest.mark.parametrize(
        ("changes", "field", "reason"),
        [
            ({"number": "1/GP"}, "number", "told-at-issue"),
            ({"issued_on": date(2026, 11, 18)}, "issued_on", "told-at-issue"),
            ({"attachment_of": "X-KQ1"}, "issue", "issue-not-here"),
            ({"issue": None}, "number", "required"),
            ({"issue": IssueWish("giay-phep", number=3)}, "issue.issued_on", "required"),
            ({"issue": IssueWish("giay-phep", issued_on=date(2026, 1, 2))}, "issue.number", "required"),
            (
                {"issue": IssueWish("giay-phep", number=3, issued_on=date(2026, 1, 2))},
                "issue.number",
                "told-by-register",
            ),
            ({"issue": IssueWish("giay-phep", number=3, issued_on=date(2999, 1, 2))}, "issue.issued_on", "future"),
            ({"issue": IssueWish("giay-phep", number=0, issued_on=date(2026, 1, 2))}, "issue.number", "range"),
            ({"issue": IssueWish("giay-phep", sign="TB")}, "issue.sign", "enum"),
            ({"issue": IssueWish("chung")}, "issue.sign", "required"),
            ({"issue": IssueWish("cong")}, "issue.number", "told-by-portal"),
            ({"issue": IssueWish(None, sign="TB")}, "issue.number", "required"),
            ({"issue": IssueWish(None, number=3, issued_on=date(2026, 1, 2))}, "issue.sign", "required"),
            (
                {"issue": IssueWish("cong", number=3, issued_on=date(2026, 1, 2), by_clerk=True)},
                "issue.by_clerk",
                "clerk-and-portal",
            ),
            ({"valid_until": date(2020, 1, 1)}, "valid_until", "malformed"),
        ],
    )
    def test_orders_that_contradict_themselves_or_the_series(
        self, idle: Services, changes: dict[str, Any], field: str, reason: str
    ) -> None:
        order = replace(letter_order(), **changes)
        told = refused(RefusalKind.INVALID_REQUEST, seals.seal, idle, OPERATOR, "a", order)
        assert (told["field"], told["reason"]) == (field, reason)

    def test_a_series_that_the_agency_has_not(self, idle: Services) -> None:
        refused(RefusalKind.UNKNOWN_SERIES, issued, idle, "a", series="khac")


class TestNumbersOfThePortal:
    def order(self, services: Services, number: int, area: str = "1.200") -> seals.SealOrder:
        sign = f"{today(services).year}/TB-STNMT"
        issue = IssueWish("cong", number=number, issued_on=today(services))
        return replace(letter_order(area), document=letter(area, sign), issue=issue)

    def test_they_are_recorded_and_a_double_one_is_refused_with_the_earlier_order(self, services: Services) -> None:
        made = seals.seal(services, OPERATOR, "a", self.order(services, 45))
        assert made.number == f"45/{today(services).year}/TB-STNMT"
        (row,) = register(services, "cong")
        assert (row.origin, row.state, row.number) == (NumberOrigin.PORTAL, NumberState.ISSUED, 45)
        told = refused(RefusalKind.NUMBER_TAKEN, seals.seal, services, OPERATOR, "b", self.order(services, 45, "2.400"))
        assert (told["reason"], told["earlier"]) == ("number-issued", made.result_code)
        assert numbers.read_register(services, CLERK, AGENCY, "cong", row.year).gaps == ((1, 44),)

    def test_a_series_of_the_portals_own_is_not_ours_to_keep(self, services: Services) -> None:
        issue = IssueWish(None, sign="GP-STNMT", number=45, issued_on=today(services))
        made = seals.seal(services, OPERATOR, "a", replace(letter_order(), issue=issue))
        assert made.number == "45/GP-STNMT"
        assert register(services) == ()


class TestFailures:
    def fail(self, services: Services, responders: Responders, key: str = "a") -> seals.SealOrder:
        responders.down("tsa/official")
        order = replace(letter_order(), level="B-T")
        refused(RefusalKind.TEMPORARILY_UNAVAILABLE, seals.seal, services, OPERATOR, key, order)
        responders.reset()
        return order

    def test_a_failed_issue_keeps_number_and_date_for_its_order(
        self, services: Services, responders: Responders, clock: MovableClock
    ) -> None:
        day = today(services)
        order = self.fail(services, responders)
        (kept,) = register(services)
        assert (kept.number, kept.state, kept.dossier) == (1, NumberState.GIVEN, DOSSIER)
        assert issued(services, "b", "2.400").number == "02/GP-STNMT"
        clock.ahead, responders.clock = timedelta(days=1), clock
        made = seals.seal(services, OPERATOR, "a", order)
        assert (made.number, made.issued_on) == ("01/GP-STNMT", day)
        assert [row.state for row in register(services)] == [NumberState.ISSUED] * 2

    def test_a_number_that_was_voided_is_replaced_by_another(self, services: Services, responders: Responders) -> None:
        order = self.fail(services, responders)
        year = today(services).year
        voided = numbers.void_number(services, CLERK, AGENCY, "giay-phep", year, 1, "Không phát hành trong ngày")
        assert voided.state is NumberState.VOID
        assert seals.seal(services, OPERATOR, "a", order).number == "02/GP-STNMT"
        assert [row.state for row in register(services)] == [NumberState.VOID, NumberState.ISSUED]

    def test_the_number_of_a_letter_that_is_out_is_not_voided(self, services: Services) -> None:
        made = issued(services, "a")
        arguments = (services, CLERK, AGENCY, "giay-phep", made.issued_on.year, 1, "Nhầm")
        told = refused(RefusalKind.NUMBER_NOT_VOIDABLE, numbers.void_number, *arguments)
        assert told["earlier"] == made.result_code

    @pytest.mark.parametrize("step", ["intended", "signed-agency", "signed", "kept"])
    def test_a_death_between_number_and_seal_gives_no_second_number(self, services: Services, step: str) -> None:
        def die(reached: str) -> None:
            if reached == step:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            seals.seal(services, OPERATOR, "a", letter_order(), checkpoint=die)
        (row,) = register(services)
        assert row.state is NumberState.GIVEN
        arguments = (services, CLERK, AGENCY, "giay-phep", row.year, 1, "Đang phát hành")
        refused(RefusalKind.NUMBER_NOT_VOIDABLE, numbers.void_number, *arguments)
        assert seals.resolve_intents(services) == 1
        assert [(row.number, row.state) for row in register(services)] == [(1, NumberState.ISSUED)]
        assert issued(services, "a").replayed


class TestByTheClerk:
    @pytest.fixture
    def waiting(self, services: Services) -> str:
        told = refused(RefusalKind.LETTER_AWAITS_ISSUE, issued, services, "a", by_clerk=True)
        return told["letter"]

    def test_the_leader_has_signed_and_nothing_is_numbered(self, services: Services, waiting: str) -> None:
        (shown,) = letters.waiting(services, CLERK)
        assert (shown.id, shown.state, shown.number) == (waiting, LetterState.WAITING, None)
        _, data = letters.letter_document(services, CLERK, waiting)
        report = services.validation.judge(VerificationInput(data), services.clock())
        assert report.conclusion is Conclusion.TOTAL_PASSED
        assert [verdict.facts.field for verdict in report.verdicts] == ["AnTin-NguoiKy"]
        assert register(services) == ()
        assert refused(RefusalKind.LETTER_AWAITS_ISSUE, issued, services, "a", by_clerk=True)["letter"] == waiting
        assert len(letters.waiting(services, CLERK)) == 1

    def test_the_clerk_issues_it_with_one_act(self, services: Services, waiting: str) -> None:
        done = letters.issue(services, CLERK, waiting)
        assert done.refusal is None
        assert (done.letter.state, done.letter.number) == (LetterState.ISSUED, "01/GP-STNMT")
        assert done.letter.result_code is not None
        _, data = seals.sealed_document(services, OPERATOR, done.letter.result_code)
        _, signed = letters.letter_document(services, CLERK, waiting)
        assert data.startswith(signed)
        assert letters.waiting(services, CLERK) == []
        assert letters.issue(services, CLERK, waiting) == done
        assert issued(services, "a", by_clerk=True).result_code == done.letter.result_code
        told = [event.type for event in events.list_after(services, OPERATOR).events]
        assert [kind for kind in told if kind.startswith(("letter.", "number.", "result."))] == [
            "letter.waiting",
            "letter.called",
            "number.given",
            "result.sealed",
        ]

    def test_one_that_could_not_be_issued_keeps_its_number_and_is_issued_later(
        self, services: Services, responders: Responders
    ) -> None:
        order = replace(letter_order(by_clerk=True), level="B-T")
        letter_id = refused(RefusalKind.LETTER_AWAITS_ISSUE, seals.seal, services, OPERATOR, "b", order)["letter"]
        responders.down("tsa/official")
        failed = letters.issue(services, CLERK, letter_id)
        assert failed.refusal is not None and failed.refusal.kind is RefusalKind.TEMPORARILY_UNAVAILABLE
        assert (failed.letter.state, failed.letter.number) == (LetterState.CALLED, "01/GP-STNMT")
        assert failed.letter.refusal == "TIMESTAMP-UNAVAILABLE"
        responders.reset()
        done = letters.issue(services, CLERK, letter_id)
        assert (done.refusal, done.letter.number) == (None, "01/GP-STNMT")

    def test_a_returned_letter_tells_why_and_is_not_issued(self, services: Services, waiting: str) -> None:
        returned = letters.send_back(services, CLERK, waiting, " Thiếu căn cứ ")
        assert (returned.state, returned.reason) == (LetterState.RETURNED, "Thiếu căn cứ")
        assert letters.waiting(services, CLERK) == []
        told = refused(RefusalKind.LETTER_RETURNED, issued, services, "a", by_clerk=True)
        assert told["explanation"] == "Thiếu căn cứ"
        refused(RefusalKind.LETTER_CLOSED, letters.issue, services, CLERK, waiting)
        refused(RefusalKind.LETTER_CLOSED, letters.send_back, services, CLERK, waiting, "Lại")

    def test_only_the_agencys_clerk_issues(self, services: Services, waiting: str) -> None:
        refused(RefusalKind.UNKNOWN_LETTER, letters.issue, services, OTHER, waiting)
        assert letters.waiting(services, OTHER) == []
        for caller in (replace(CLERK, rights=frozenset()), replace(CLERK, kind=CallerKind.PORTAL)):
            refused(RefusalKind.RIGHT_MISSING, letters.issue, services, caller, waiting)
            refused(RefusalKind.RIGHT_MISSING, letters.send_back, services, caller, waiting, "Không")
        refused(RefusalKind.INVALID_REQUEST, letters.send_back, services, CLERK, waiting, " ")

    def test_two_clicks_at_once_are_one_letter(self, services: Services, waiting: str) -> None:
        with ThreadPoolExecutor(4) as threads:
            done = list(threads.map(lambda _: letters.issue(services, CLERK, waiting), range(4)))
        assert {one.refusal.kind for one in done if one.refusal is not None} <= {RefusalKind.SEAL_IN_PROGRESS}
        assert [row.number for row in register(services)] == [1]
