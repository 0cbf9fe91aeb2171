"""Heads of letters as agencies write them: which blanks there are, and what is printed already."""

from __future__ import annotations

import dataclasses

import pytest

from tests.attacks.ink_making import Case, Text, sheet, signer, verdict
from tests.letters.acts import Act, leader, number, stamp, written
from tests.letters.papers import HEADS, Paper, made
from verifier.drawing.placed.characters import page_text
from verifier.drawing.placed.heads import BlankKind, WrittenHead, blanks_of, written_head
from verifier.drawing.placed.reading import Line, lines_of
from verifier.drawing.rendering import RenderedDocument
from verifier.report import Signer

PERSON = signer("Phạm Thị Mẫu", "UBND TỈNH DEMO")
OFFICE = signer("SỞ XÂY DỰNG DEMO", "UBND TỈNH DEMO")


def _lines(data: bytes) -> list[Line]:
    with RenderedDocument(data) as document:
        return lines_of(page_text(document, 0).characters())


@pytest.mark.parametrize("head", HEADS)
def test_every_blank_of_a_head_is_found_and_none_that_is_written(head: str) -> None:
    of = HEADS[head]
    parts = (BlankKind.NUMBER, BlankKind.DAY, BlankKind.MONTH)
    wanted = {kind for part, kind in enumerate(parts) if not of.written[part]}
    if head == "year blank":
        wanted.add(BlankKind.YEAR)
    found = blanks_of(_lines(made(Paper(head))))
    assert ({blank.kind for blank in found}, len(found)) == (wanted, len(wanted))
    for blank in found:
        left, wide = of.place(("number", "day", "month", "year").index(blank.kind.value))
        assert blank.box[0] <= left + 2 and blank.box[2] >= left + min(wide, 12) - 2


@pytest.mark.parametrize(("head", "sign"), [("blanks", "/SXD-QLN"), ("party", "-CV/BTCTU"), ("two lines", "/QĐ-UBND")])
def test_the_sign_after_a_number_is_read(head: str, sign: str) -> None:
    (blank,) = (one for one in blanks_of(_lines(made(Paper(head)))) if one.kind is BlankKind.NUMBER)
    assert blank.sign == sign


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Số: 118/SXD-QLN", "118/SXD-QLN"),
        ("Số: 05/2026/QĐ-UBND", "05/2026/QĐ-UBND"),
        ("Số 36-HD/VPTW", "36-HD/VPTW"),
        ("Số: ......118/SXD", "118/SXD"),
        ("theo Công văn số: 118/SXD", ""),
        ("Số tiền 118/ngày", ""),
    ],
)
def test_a_printed_number(text: str, found: str) -> None:
    assert written_head(_lines(sheet([Text(90, 700, text)]))).number == found


def test_a_printed_date_and_text_that_is_none() -> None:
    dated = "Lai Châu, ngày 24 tháng 06 năm 2026"
    assert written_head(_lines(sheet([Text(90, 700, dated)]))) == WrittenHead("", ("24", "06", "2026"))
    for text in (
        "từ ngày     tháng     năm 2026",
        "Hôm nay, ngày 3 tháng 4 năm nay",
        "Lai Châu, ngày 4 tháng 6 năm 1998",
    ):
        assert blanks_of(_lines(sheet([Text(90, 700, text)]))) == []


def _case(act: Act, who: Signer = OFFICE, paper: str = "blanks", base: bytes | None = None) -> list[str]:
    """What is found where this signer draws this after a member of the office signed."""
    judged = Case("a head", base or made(Paper(paper)), act.rect, act.items, verdict(who), (PERSON,)).judge()
    return [*(finding.code for finding in judged.findings), *["differs"] * bool(judged.differences)]


def test_an_agency_that_the_head_names_need_not_be_on_the_list() -> None:
    """Its certificate is called like the head's lines; one that holds a person's number is a person's."""
    head = dataclasses.replace(HEADS["blanks"], above=("LIÊN HIỆP CÁC TỔ CHỨC", "HỮU NGHỊ TỈNH DEMO"))
    base = sheet(head.items())
    called = signer("Liên hiệp các tổ chức hữu nghị tỉnh Demo", "UBND TỈNH DEMO")
    assert _case(number(), called, base=base) == ["CLERK-WROTE-NUMBER"]
    assert "differs" in _case(number(), signer("Hội quán Demo khác", "TỈNH KHÁC"), base=base)
    assert "differs" in _case(number(), dataclasses.replace(called, cccd="012345678901"), base=base)
    assert "differs" in _case(number(), called)


@pytest.mark.parametrize(
    ("act", "who", "fine"),
    [
        (stamp(), OFFICE, True),
        (leader(), PERSON, True),
        (leader(), signer("Trương Thị Đồng", "UBND TỈNH DEMO"), False),
        (stamp(), signer("Trương Thị Đồng", "UBND TỈNH DEMO"), False),
        (leader(), OFFICE, True),
    ],
)
def test_who_draws_in_a_block_of_a_letter_that_nobody_certified(act: Act, who: Signer, fine: bool) -> None:
    assert ("INK-IN-ANOTHERS-BLOCK" not in _case(act, who)) is fine


def test_a_part_of_the_date_may_be_printed() -> None:
    assert _case(written(1, "24", head="month printed"), paper="month printed") == ["CLERK-WROTE-DAY"]
    assert "differs" in _case(written(1, "32", head="month printed"), paper="month printed")
