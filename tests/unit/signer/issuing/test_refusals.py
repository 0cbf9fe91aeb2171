"""What is not written: heads without blanks or with two, a date that is printed otherwise, a blank that is taken."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from signer.issuing.act import check_entry
from signer.issuing.entry import HeadEntry
from signer.refusal import RefusalCode, SealRefused
from signer.request import plan_digest
from signer.sign import sign_document
from tests.attacks.ink_making import scanned
from tests.unit.signer.issuing.acts import ENTRY, issue_request, issued, led, person, prepared
from tests.unit.signer.issuing.letters import Head, letter
from tests.unit.signer.papers import joined
from tests.unit.signer.sealing import Desk, now

FORM = Head(number="Số: {}/ĐK-UBND", date="{}, ngày {} tháng {} năm", blanks=("......", "....", "...."))
"""A form in an annex: its year is blank as well."""


def refused(desk: Desk, document: bytes) -> SealRefused:
    with pytest.raises(SealRefused) as caught:
        prepared(desk, document)
    return caught.value


def test_a_paper_that_has_its_number_and_date_is_sealed_as_ever(desk: Desk, paper: bytes) -> None:
    assert refused(desk, paper).code is RefusalCode.HEAD_WITHOUT_BLANKS
    assert refused(desk, scanned(letter(Head()))).code is RefusalCode.HEAD_WITHOUT_BLANKS
    assert refused(desk, letter(Head(number="V/v khai thác"))).code is RefusalCode.HEAD_WITHOUT_BLANKS


def test_one_head_and_no_more(desk: Desk) -> None:
    twice = refused(desk, joined(letter(Head()), letter(Head())))
    assert (twice.code, dict(twice.parameters)) == (RefusalCode.HEAD_AMBIGUOUS, {"pages": "1, 2"})
    form = replace(FORM, date=FORM.date.replace("{}", "Lai Châu", 1))
    head = prepared(desk, joined(letter(Head()), letter(form))).head
    assert (head.page, head.symbol, head.year) == (0, "STNMT-KS", "2026")


def test_a_head_on_the_last_page_is_one(desk: Desk, paper: bytes) -> None:
    assert prepared(desk, joined(paper, letter(Head()))).head.page == 1


def test_the_year_is_printed(desk: Desk) -> None:
    for year in ("năm", "năm 20", "năm ......"):
        head = Head(date=f"Lai Châu, ngày {{}} tháng {{}} {year}")
        assert refused(desk, letter(head)).code is RefusalCode.HEAD_YEAR_BLANK


@pytest.mark.parametrize(
    ("head", "entry", "printed"),
    [
        (Head(date="Lai Châu, ngày {} tháng 11 năm 2026"), ENTRY, "11"),
        (Head(), HeadEntry("2118", date(2027, 1, 4)), "2026"),
        (Head(number="Số: 12/STNMT-KS"), ENTRY, "12"),
    ],
)
def test_what_is_printed_is_not_contradicted(head: Head, entry: HeadEntry, printed: str, desk: Desk) -> None:
    with pytest.raises(SealRefused) as caught:
        check_entry(letter(head), entry, desk.environment)
    assert caught.value.code is RefusalCode.HEAD_SAYS_OTHERWISE
    assert dict(caught.value.parameters)["printed"] == printed
    assert check_entry(letter(head), None, desk.environment).symbol == "STNMT-KS"


def test_a_blank_has_room_before_the_leader_signs(desk: Desk) -> None:
    narrow = letter(Head(blanks=("  ", "       ", "       ")))
    assert refused(desk, narrow).code is RefusalCode.HEAD_BLANK_TOO_NARROW
    small = letter(Head(blanks=("        ", "       ", "       ")))
    assert prepared(desk, small).head.number == ""
    with pytest.raises(SealRefused, match="HEAD-BLANK-TOO-NARROW"):
        check_entry(small, HeadEntry("123456", ENTRY.issued_on), desk.environment)


def test_nothing_is_written_twice(desk: Desk) -> None:
    ready = prepared(desk, letter(Head())).data
    assert refused(desk, ready).code is RefusalCode.LETTER_PREPARED_ALREADY
    done = issued(desk, led(desk, letter(Head()), certify=True)).data
    for entry in (ENTRY, HeadEntry("2119", ENTRY.issued_on)):
        with pytest.raises(SealRefused, match="HEAD-WRITTEN-ALREADY"):
            issued(desk, done, entry)


def test_the_leader_signs_first(desk: Desk) -> None:
    ready = prepared(desk, letter(Head())).data
    with pytest.raises(SealRefused, match="NOT-SIGNED-BY-AUTHORISED-PERSON"):
        issued(desk, ready)
    with pytest.raises(SealRefused, match="ORDER-WRONG"):
        sign_document(desk.request(ready, steps=(person(desk),), entry=ENTRY), desk.environment, now())


def test_another_number_is_another_plan(desk: Desk) -> None:
    first = issue_request(desk, b"%PDF")
    others = (
        replace(first, entry=HeadEntry("2119", ENTRY.issued_on)),
        replace(first, entry=HeadEntry("2118", date(2025, 12, 1))),
        replace(first, entry=None),
        replace(first, certify=True),
    )
    assert len({plan_digest(request) for request in (first, *others)}) == 5
