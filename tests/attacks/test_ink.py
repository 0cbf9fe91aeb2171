"""Ink in a later signature's field: every forgery is for an officer, every honest one passes; counts are printed."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from functools import cache

import pikepdf
import pytest
from PIL import Image
from pyhanko.pdf_utils.content import ImportedPdfPage
from pyhanko.stamp import StaticStampStyle

from tests.attacks.ink_cases import AMOUNT, STRANGER, case, end_of, forged, honest, letter, scan
from tests.attacks.ink_making import Case, Pixels, Text, seal, sheet, verdict, with_picture
from tests.attacks.making import assert_alarm, assert_no_alarm, sign
from verifier.drawing.rendering import RenderedDocument
from verifier.report import ChangesAfter, Severity

Kind = Callable[[], Iterator[Case]]


def _wrong(cases: Iterable[Case], alarm: bool) -> tuple[list[str], int]:
    wrong, count = [], 0
    for one in cases:
        count += 1
        found = one.judge()
        for_officer = bool(found.differences) and found.for_officer
        if bool(found.differences) != alarm or for_officer != alarm or found.undrawn:
            wrong.append(f"{one.name}: {[finding.code for finding in found.findings]}")
    return wrong, count


@pytest.mark.parametrize(("kind", "alarm"), [(forged, True), (honest, False)], ids=["forged", "honest"])
def test_every_case_is_answered_right(kind: Kind, alarm: bool) -> None:
    wrong, count = _wrong(_named(kind).values(), alarm)
    print(f"{kind.__name__}: {count - len(wrong)} of {count} answered right")
    assert wrong == []
    assert count > 150


def _case(kind: Kind, name: str) -> Case:
    return _named(kind)[name]


@cache
def _named(kind: Kind) -> dict[str, Case]:
    return {case.name: case for case in kind()}


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("a word under its ground, tint", "SIGNED-INK-LOST"),
        ("a word under a veil", "SIGNED-INK-LOST"),
        ("seal of 70 pt over an amount, white", "INK-ON-SIGNED-TEXT"),
        ("word after a name, white", "INK-BESIDE-SIGNED-TEXT"),
        ("digits in an empty cell, scan", "INK-BESIDE-SIGNED-TEXT"),
    ],
)
def test_the_finding_says_what_is_wrong_and_the_box_shows_where(name: str, code: str) -> None:
    found = _case(forged, name).judge()
    assert code in {finding.code for finding in found.findings if finding.severity is Severity.ERROR}
    (page,) = found.differences
    case = _case(forged, name)
    left, bottom, right, top = case.rect
    for box in page.boxes:
        assert left / 595 - 0.01 <= box[0] < box[2] <= right / 595 + 0.01
        assert 1 - top / 842 - 0.01 <= box[1] < box[3] <= 1 - bottom / 842 + 0.01


def test_words_on_free_ground_are_read_out() -> None:
    found = _case(honest, "paid").judge()
    assert [(f.code, dict(f.parameters).get("words")) for f in found.findings] == [
        ("WORDS-ADDED-BY-SIGNATURE", "ĐÃ THANH TOÁN")
    ]
    assert found.findings[0].severity is Severity.WARNING


def test_words_drawn_as_shapes_are_said_to_be_unread() -> None:
    clause = sheet([Text(2, 4, "Bên B trả thêm 5 triệu", 12)], (160, 18))

    with RenderedDocument(clause) as document:
        grey = 255 - document.picture(0, 4.0)[:, :, 0]
    image = Image.new("RGBA", (grey.shape[1], grey.shape[0]), (0, 0, 0, 0))
    image.putalpha(Image.fromarray(grey))
    found = case("clause", letter("written"), [Pixels(image, (100, 450, 260, 468))]).judge()
    assert [finding.code for finding in found.findings] == ["WORDS-ADDED-UNREAD"]


@pytest.mark.parametrize("name", ["seal of 100 pt at the block 0,0, white", "handwriting 1 in the block, white"])
def test_a_seal_or_a_signature_says_no_words(name: str) -> None:
    assert {finding.code for finding in _case(honest, name).judge().findings} <= {
        "INK-IN-ANOTHERS-BLOCK",
        "CLERK-SEALED",
    }


def test_a_person_in_the_block_of_another_is_for_an_officer_on_a_letter_that_nobody_certified_too() -> None:
    found = _case(forged, "handwriting by another in the block, white").judge()
    assert found.differences
    assert found.for_officer
    (finding,) = found.findings
    assert (finding.code, finding.severity) == ("INK-IN-ANOTHERS-BLOCK", Severity.ERROR)
    assert dict(finding.parameters)["name"] == "Phạm Thị Mẫu"


@pytest.mark.parametrize("ground", ["white", "scan"])
def test_what_the_clerk_wrote_is_read_out(ground: str) -> None:
    read = {}
    for what in ("number 2118", "day 24", "month 06"):
        (finding,) = _case(honest, f"{what} by the agency, {ground}").judge().findings
        assert finding.severity is Severity.INFO
        read[finding.code] = dict(finding.parameters)["read"]
    assert read == {"CLERK-WROTE-NUMBER": "2118", "CLERK-WROTE-DAY": "24", "CLERK-WROTE-MONTH": "06"}


def test_a_clerk_whose_agency_signed_nothing_before_is_a_stranger() -> None:
    honest_case = _case(honest, "number 118 by the agency, white")
    assert not honest_case.judge().differences
    alone = Case("alone", honest_case.base, honest_case.rect, honest_case.items, honest_case.who, (STRANGER,))
    assert alone.judge().for_officer


def test_hidden_words_explain_nothing() -> None:
    """A label that is not seen (render mode 3, as a scan's OCR) does not make an amount's line a signing place."""
    hidden = scan("written")
    label = with_label(hidden, "BT 3 Tr /F1 13 Tf 240 600 Td (Chu ky) Tj ET")
    digits = Text(end_of(AMOUNT) + 2, 600, "000")
    case = Case("hidden label", label, (end_of(AMOUNT), 595, 320, 615), (digits,), verdict(STRANGER))
    assert case.judge().for_officer


def with_label(base: bytes, operators: str) -> bytes:
    """The page with these operators over it, Helvetica as F1."""
    with pikepdf.open(io.BytesIO(base)) as pdf:
        font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        pdf.pages[0].add_resource(font, pikepdf.Name.Font, pikepdf.Name.F1)
        pdf.pages[0].contents_add(operators.encode())
        out = io.BytesIO()
        pdf.save(out, static_id=True)
    return out.getvalue()


def _stamp(tmp_path_factory: pytest.TempPathFactory, case: Case) -> StaticStampStyle:
    left, bottom, right, top = case.rect
    drawn = tmp_path_factory.mktemp("ink") / "stamp.pdf"
    drawn.write_bytes(sheet(case.items, (right - left, top - bottom), (left, bottom)))
    return StaticStampStyle(background=ImportedPdfPage(str(drawn)), border_width=0, background_opacity=1.0)


@pytest.mark.parametrize(
    ("name", "code"),
    [("digits after, white", "INK-ON-SIGNED-TEXT"), ("a minus under its ground, white", "SIGNED-INK-LOST")],
)
def test_a_forgery_with_a_real_signature_is_for_an_officer(
    name: str, code: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    case = _case(forged, name)
    box = tuple(int(side) for side in case.rect)
    data = sign(sign(case.base), "Dau", (box[0], box[1], box[2], box[3]), _stamp(tmp_path_factory, case))
    assert assert_alarm(data, code, visible=True).for_officer


def test_a_real_seal_at_the_block_is_permitted(tmp_path_factory: pytest.TempPathFactory) -> None:
    case = _case(honest, "seal of 100 pt at the block -20,0, white")
    box = tuple(int(side) for side in case.rect)
    data = sign(sign(case.base), "Dau", (box[0], box[1], box[2], box[3]), _stamp(tmp_path_factory, case))
    assert_no_alarm(data, ChangesAfter.PERMITTED)


def test_a_page_of_an_earlier_signature_is_not_signed_text() -> None:
    base = with_picture(letter("written"), (90, 420, 180, 510), [Pixels(seal(), (92, 422, 178, 508))], name="First")
    over = Case(
        "seal over seal", base, (120, 400, 240, 500), (Pixels(seal(), (130, 405, 220, 495)),), verdict(STRANGER)
    )
    assert not over.judge().differences
