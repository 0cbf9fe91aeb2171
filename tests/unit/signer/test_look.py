"""Seals between title and name as a picture, by NĐ 30/2020 Phụ lục I: what is where, how large; nothing covered.

Title and name are found here as rows of ink in the picture of the input, not by the signer's own reading.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Callable
from dataclasses import replace

import pikepdf
import pytest

from demo.documents import Line, beside, typeset
from signer.fonts import FontFiles
from signer.layout import SealWish, lay_out
from signer.profile import Method
from signer.request import ResultMark, SealWording
from tests.unit.signer.looks import BODY, HEAD, Look, assert_nothing_is_covered, bands, drawn, look, span
from tests.unit.signer.papers import joined, reshaped, text

SHAPES: dict[str, dict[str, object]] = {
    "upright": {},
    "90": {"Rotate": 90},
    "180": {"Rotate": 180},
    "270": {"Rotate": 270},
    "cropped": {"CropBox": [30, 60, 570, 812]},
    "cropped-90": {"CropBox": [30, 60, 570, 812], "Rotate": 90},
    "wide": {"MediaBox": [-40, -30, 902, 842]},
    "user-unit": {"UserUnit": 2},
}


def assert_stands_as_the_decree_says(shown: Look, title: tuple[int, int], name: tuple[int, int]) -> None:
    """``title`` and ``name`` are the rows of pixels of these two lines."""
    per_mm = shown.per_mm
    red, blue = shown.red, shown.blue
    top, bottom = span(red, 1)
    left, right = span(red, 0)
    assert (bottom - top + 1) / per_mm == pytest.approx(36.0, abs=0.5)
    assert (right - left + 1) / per_mm == pytest.approx(36.0, abs=0.5)
    blue_top, blue_bottom = span(blue, 1)
    blue_left, blue_right = span(blue, 0)
    assert title[1] < blue_top and blue_bottom < name[0]
    assert (blue_top + blue_bottom) / 2 == pytest.approx((title[1] + name[0]) / 2, abs=2 * per_mm)
    middles = [sum(span(shown.ink[row[0] : row[1] + 1], 0)) / 2 for row in (title, name)]
    assert (blue_left + blue_right) / 2 == pytest.approx(sum(middles) / 2, abs=1.5 * per_mm)
    width = blue_right - blue_left
    assert left < blue_left < right < blue_right
    assert (right - blue_left) / width == pytest.approx(1 / 3, abs=0.05)
    assert top < blue_bottom and blue_top < bottom


def upright_against(document: bytes, rotation: int) -> bytes:
    """The page's content turned so that the page, displayed with its rotation, reads upright."""
    with pikepdf.open(io.BytesIO(document)) as opened:
        page = opened.pages[-1]
        x0, y0, x1, y1 = (float(value) for value in page.MediaBox)
        crop = [float(value) for value in page.get("/CropBox", page.MediaBox)]
        width, height = x1 - x0, y1 - y0
        matrices = {90: (0, 1, -1, 0, height, 0), 180: (-1, 0, 0, -1, width, height), 270: (0, -1, 1, 0, 0, width)}
        a, b, c, d, e, f = matrices[rotation]
        corners = [(a * x + c * y + e, b * x + d * y + f) for x, y in ((crop[0], crop[1]), (crop[2], crop[3]))]
        xs, ys = sorted(corner[0] for corner in corners), sorted(corner[1] for corner in corners)
        page.contents_add(b"q %d %d %d %d %.3f %.3f cm\n" % (a, b, c, d, e, f), prepend=True)
        page.contents_add(b"\nQ", prepend=False)
        if rotation != 180:
            page.MediaBox = pikepdf.Array([0, 0, height, width])
        if "/CropBox" in page:
            page.CropBox = pikepdf.Array([xs[0], ys[0], xs[1], ys[1]])
        output = io.BytesIO()
        opened.save(output)
    return output.getvalue()


@pytest.mark.parametrize("shape", SHAPES)
def test_signature_between_title_and_name_and_the_seal_over_its_third(
    shape: str,
    paper: bytes,
    sealed_wishes: tuple[SealWish, ...],
    mark: ResultMark,
    wording: SealWording,
    fonts: FontFiles,
) -> None:
    entries = SHAPES[shape]
    # The text reads upright at any rotation: the page's content is turned against it.
    turned = int(str(entries.get("Rotate", 0)))
    unit = float(str(entries.get("UserUnit", 1)))
    document = reshaped(paper, entries)
    if turned:
        document = upright_against(document, turned)
    layout = lay_out(document, sealed_wishes, mark, wording, fonts)
    assert layout.method is Method.TEXT
    done = drawn(layout, fonts)
    assert "+07:00" not in text(done), (
        "the decree prints no time beside signature and seal, only on copies and attachments"
    )
    shown = look(document, done, user_unit=unit)
    assert_nothing_is_covered(shown)
    title, name = bands(shown.ink)[-2:]
    assert_stands_as_the_decree_says(shown, title, name)


NAME = Line("Phạm Thị Mẫu", "right-column", bold=True)


def signed_below(*title: Line, name: Line = NAME) -> bytes:
    """A decision whose last lines are this title and the name."""
    return typeset((*HEAD, BODY, *title[:-1], replace(title[-1], space_after=120), name))


def right(text: str) -> Line:
    return Line(text, "right-column", bold=True, space_after=2)


WRITTEN: dict[str, Callable[[], bytes]] = {
    "capitals": lambda: signed_below(right("GIÁM ĐỐC")),
    "decomposed": lambda: signed_below(
        right(unicodedata.normalize("NFD", "GIÁM ĐỐC")), name=right(unicodedata.normalize("NFD", "Phạm Thị Mẫu"))
    ),
    "spaced-out": lambda: signed_below(right("G I Á M   Đ Ố C"), name=right("P h ạ m   T h ị   M ẫ u")),
    "of-an-agency": lambda: signed_below(right("GIÁM ĐỐC SỞ TÀI NGUYÊN")),
    "degree": lambda: signed_below(right("GIÁM ĐỐC"), name=right("TS. Phạm Thị Mẫu")),
    "recipients-beside": lambda: typeset(
        (
            *HEAD,
            BODY,
            *beside(Line("Nơi nhận:", size=12), right("GIÁM ĐỐC"), space_after=4),
            Line("- Như Điều 3; Phạm Thị Mẫu (để báo cáo);", "left-column", size=11, space_after=2),
            Line("- Lưu: VT, GIÁM ĐỐC.", "left-column", size=11, space_after=90),
            NAME,
        )
    ),
    "two-columns": lambda: typeset(
        (
            *HEAD,
            BODY,
            *beside(Line("NGƯỜI LẬP", bold=True), right("GIÁM ĐỐC"), space_after=120),
            *beside(Line("Phạm Thị Mẫu"), NAME),
        )
    ),
}


@pytest.mark.parametrize("written", WRITTEN)
def test_title_and_name_are_found_however_they_are_written(
    written: str, sealed_wishes: tuple[SealWish, ...], wording: SealWording, fonts: FontFiles
) -> None:
    document = WRITTEN[written]()
    layout = lay_out(document, sealed_wishes, None, wording, fonts)
    assert layout.method is Method.TEXT
    shown = look(document, drawn(layout, fonts))
    assert_nothing_is_covered(shown)
    columns = shown.ink[:, shown.ink.shape[1] // 2 :]
    found = bands(columns)
    red_top, blue_left = span(shown.red, 1)[0], span(shown.blue, 0)[0]
    assert blue_left > shown.ink.shape[1] // 2  # the right column, not the recipients
    assert found[-2][1] < red_top + 12 * shown.per_mm
    assert found[-2][1] < span(shown.blue, 1)[0] and span(shown.blue, 1)[1] < found[-1][0]


def test_a_title_over_two_rows_is_one_title(
    sealed_wishes: tuple[SealWish, ...], wording: SealWording, fonts: FontFiles
) -> None:
    person, agency = sealed_wishes
    long = replace(person.drawing.appearance, title="Giám đốc Sở Tài nguyên và Môi trường")
    wishes = (replace(person, drawing=replace(person.drawing, appearance=long)), agency)
    document = signed_below(right("GIÁM ĐỐC SỞ TÀI NGUYÊN"), right("VÀ MÔI TRƯỜNG"))
    layout = lay_out(document, wishes, None, wording, fonts)
    shown = look(document, drawn(layout, fonts))
    assert_nothing_is_covered(shown)
    assert_stands_as_the_decree_says(shown, *bands(shown.ink)[-2:])


def test_the_last_page_with_title_and_name_counts_and_an_appendix_does_not(
    paper: bytes, blank: bytes, sealed_wishes: tuple[SealWish, ...], wording: SealWording, fonts: FontFiles
) -> None:
    layout = lay_out(joined(paper, paper, blank), sealed_wishes, None, wording, fonts)
    assert (layout.method, {plan.page for plan in layout.fields}) == (Method.TEXT, {1})


@pytest.mark.parametrize("ruled", ["a sentence", "a table"])
def test_what_stands_between_title_and_name_is_not_covered(
    ruled: str, sealed_wishes: tuple[SealWish, ...], wording: SealWording, fonts: FontFiles
) -> None:
    if ruled == "a sentence":
        between = Line("(Ký thay theo Giấy ủy quyền số 12/GUQ-STNMT)", "right-column", size=11, space_after=110)
        document = typeset((*HEAD, BODY, right("GIÁM ĐỐC"), between, NAME))
    else:
        document = reshaped(signed_below(right("GIÁM ĐỐC")), {})
        with pikepdf.open(io.BytesIO(document)) as opened:
            rules = (
                b"\nq 0 0 0 RG 0.8 w " + b" ".join(b"60 %d m 540 %d l S" % (y, y) for y in range(430, 620, 9)) + b" Q"
            )
            opened.pages[0].contents_add(rules, prepend=False)
            output = io.BytesIO()
            opened.save(output)
        document = output.getvalue()
    layout = lay_out(document, sealed_wishes, None, wording, fonts)
    assert layout.method is (Method.TEXT if ruled == "a sentence" else Method.FREE_SPACE)
    shown = look(document, drawn(layout, fonts))
    assert_nothing_is_covered(shown)
    left, right_edge = span(shown.red, 0)
    assert (right_edge - left + 1) / shown.per_mm == pytest.approx(36.0, abs=0.5)
