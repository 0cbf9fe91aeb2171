"""The sealed page as a picture, by NĐ 30/2020 Phụ lục I: what is where, how large, in which colour; nothing covered.

Title and name are found here as rows of ink in the picture of the input, not by the signer's own reading.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pikepdf
import pytest
from PIL import Image

from demo.documents import MOTTO, Line, beside, typeset
from demo.pictures import seal_picture, signature_picture
from signer.appearance import SealDrawing
from signer.fields import prepare_signature
from signer.fonts import FontFiles
from signer.geometry import MM
from signer.layout import Layout, SealWish, lay_out
from signer.profile import Corner, Method, PlacementProfile
from signer.refusal import RefusalCode, SealRefused
from signer.request import ResultMark, SealWording
from tests.unit.signer.papers import joined, picture, reshaped, text

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
DPI = 120.0
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Look:
    """Input and output as pictures, and pixels in a millimetre."""

    before: npt.NDArray[np.uint8]
    after: npt.NDArray[np.uint8]
    per_mm: float

    @property
    def ink(self) -> Mask:
        return np.asarray(self.before.min(axis=2) < 140)

    @property
    def added(self) -> Mask:
        return np.asarray(np.abs(self.before.astype(np.int16) - self.after).max(axis=2) > 40)

    def hued(self, channel: int, other: int) -> Mask:
        """Added pixels in which one channel leads the other, without lone ones: letters have edges of colour."""
        shown = self.after.astype(np.int16)
        found = self.added & (shown[..., channel] - shown[..., other] > 60)
        beside = np.zeros_like(found)
        beside[:, 1:] |= found[:, :-1]
        beside[:, :-1] |= found[:, 1:]
        return np.asarray(found & beside)

    @property
    def red(self) -> Mask:
        return self.hued(0, 2)

    @property
    def blue(self) -> Mask:
        return self.hued(2, 0)


@pytest.fixture(scope="module")
def sealed_wishes(person: SealDrawing, agency: SealDrawing) -> tuple[SealWish, ...]:
    """With the demo's pictures."""
    shown = replace(person, appearance=replace(person.appearance, picture=signature_picture()))
    ring = replace(agency, appearance=replace(agency.appearance, picture=seal_picture("SỞ TÀI NGUYÊN · DEMO · ")))
    return SealWish("NguoiKy", shown), SealWish("CoQuan", ring)


def drawn(layout: Layout, fonts: FontFiles) -> bytes:
    data, known = layout.data, layout.fonts
    for plan in layout.fields:
        prepared = prepare_signature(data, plan, 64, fonts, known)
        data, known = prepared.fill(b"\x30\x00"), prepared.fonts
    return data


def look(before: bytes, after: bytes, page: int = 0, user_unit: float = 1.0) -> Look:
    """PDFium leaves UserUnit alone, so a pixel is ``user_unit`` times as large."""
    dpi = DPI * user_unit
    return Look(picture(before, page, dpi), picture(after, page, dpi), DPI / 25.4)


def span(mask: Mask, axis: int) -> tuple[int, int]:
    """First and last row (axis 1) or column (axis 0) with anything."""
    places = np.flatnonzero(mask.any(axis=axis))
    return int(places[0]), int(places[-1])


def bands(ink: Mask) -> list[tuple[int, int]]:
    """The rows of text: first and last line of pixels of each."""
    rows = np.flatnonzero(ink.any(axis=1))
    breaks = np.flatnonzero(np.diff(rows) > 3)
    starts, ends = [0, *(breaks + 1)], [*breaks, len(rows) - 1]
    return [(int(rows[start]), int(rows[end])) for start, end in zip(starts, ends, strict=True)]


def assert_nothing_is_covered(shown: Look) -> None:
    assert shown.ink.any()
    apart = np.abs(shown.before.astype(np.int16) - shown.after)[shown.ink]
    assert apart.max() <= 8


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


HEAD = (*MOTTO, Line("QUYẾT ĐỊNH", "centre", bold=True, size=15, space_after=20))
BODY = Line("Điều 1. Giám đốc Sở và bà Phạm Thị Mẫu chịu trách nhiệm thi hành Quyết định này./.", space_after=26)
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


def template(**boxes: tuple[float, float, float, float]) -> bytes:
    """A text with empty signature fields of these names."""
    with pikepdf.open(io.BytesIO(typeset((*HEAD, BODY)))) as opened:
        widgets = [
            opened.make_indirect(
                pikepdf.Dictionary(
                    Type=pikepdf.Name.Annot,
                    Subtype=pikepdf.Name.Widget,
                    FT=pikepdf.Name.Sig,
                    T=name,
                    Rect=list(box),
                    F=4,
                )
            )
            for name, box in boxes.items()
        ]
        opened.pages[0].Annots = pikepdf.Array(widgets)
        opened.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array(widgets))
        output = io.BytesIO()
        opened.save(output)
    return output.getvalue()


PERSON_BOX, AGENCY_BOX = (330.0, 300.0, 470.0, 380.0), (100.0, 290.0, 210.0, 400.0)
NAMED = PlacementProfile(person_field="NguoiKy", agency_field="Dau")


def test_empty_fields_of_the_template_are_signed_and_no_new_ones_made(
    sealed_wishes: tuple[SealWish, ...], wording: SealWording, fonts: FontFiles
) -> None:
    document = template(NguoiKy=PERSON_BOX, Dau=AGENCY_BOX)
    layout = lay_out(document, sealed_wishes, None, wording, fonts, NAMED)
    assert (layout.method, [plan.name for plan in layout.fields]) == (Method.FIELD, ["NguoiKy", "Dau"])
    done = drawn(layout, fonts)
    with pikepdf.open(io.BytesIO(done)) as opened:
        assert [str(field.T) for field in opened.Root.AcroForm.Fields] == ["NguoiKy", "Dau"]
        assert all("/V" in field and "/AP" in field for field in opened.Root.AcroForm.Fields)
    shown = look(document, done)
    top, bottom = span(shown.red, 1)
    assert (bottom - top + 1) / shown.per_mm == pytest.approx(36.0, abs=0.5)
    left, right_edge = (column / DPI * 72 for column in span(shown.blue, 0))
    assert left >= 330 and right_edge <= 470


def test_without_a_field_of_its_own_the_seal_lies_over_the_signature_in_its_field(
    sealed_wishes: tuple[SealWish, ...], wording: SealWording, fonts: FontFiles
) -> None:
    document = template(NguoiKy=PERSON_BOX)
    layout = lay_out(document, sealed_wishes, None, wording, fonts, NAMED)
    assert (layout.method, [plan.name for plan in layout.fields]) == (Method.FIELD, ["NguoiKy", "CoQuan"])
    shown = look(document, drawn(layout, fonts))
    assert_nothing_is_covered(shown)
    assert span(shown.red, 0)[0] < span(shown.blue, 0)[0] < span(shown.red, 0)[1] < span(shown.blue, 0)[1]


def test_a_field_too_small_for_the_seals_real_size_is_not_used(
    sealed_wishes: tuple[SealWish, ...], wording: SealWording, fonts: FontFiles
) -> None:
    document = template(NguoiKy=PERSON_BOX, Dau=(100.0, 300.0, 160.0, 360.0))
    layout = lay_out(document, sealed_wishes, None, wording, fonts, NAMED)
    assert layout.method is Method.FREE_SPACE


@pytest.mark.parametrize("corner", list(Corner))
def test_a_corner_is_kept_to_the_millimetre(
    corner: Corner, blank: bytes, sealed_wishes: tuple[SealWish, ...], wording: SealWording, fonts: FontFiles
) -> None:
    profile = PlacementProfile((Method.CORNER,), corner=corner, corner_mm=(25.0, 30.0))
    layout = lay_out(blank, sealed_wishes, None, wording, fonts, profile)
    person, agency = (plan.box for plan in layout.fields)
    whole = person.around(agency)
    across = whole.x0 if "left" in corner.value else 595 - whole.x1
    up = whole.y0 if "bottom" in corner.value else 842 - whole.y1
    assert across / MM == pytest.approx(25.0, abs=0.1)
    assert up / MM == pytest.approx(30.0, abs=0.1)


def test_the_margin_is_the_last_resort(
    blank: bytes, sealed_wishes: tuple[SealWish, ...], wording: SealWording, fonts: FontFiles
) -> None:
    """All is black but a strip of 44 mm at the foot: free space keeps 8 mm to the edge, the margin 3."""
    document = reshaped(blank, {}, b"0 g 0 %d 595 842 re f" % int(44 * MM))
    layout = lay_out(document, sealed_wishes, None, wording, fonts)
    assert layout.method is Method.MARGIN
    assert_nothing_is_covered(look(document, drawn(layout, fonts)))
    shut = reshaped(blank, {}, b"0 g 0 %d 595 842 re f" % int(30 * MM))
    with pytest.raises(SealRefused) as refused:
        lay_out(shut, sealed_wishes, None, wording, fonts)
    assert refused.value.code is RefusalCode.NO_FREE_SPACE


def test_an_agency_that_allows_one_way_only_is_told_that_it_failed(
    blank: bytes, sealed_wishes: tuple[SealWish, ...], wording: SealWording, fonts: FontFiles
) -> None:
    with pytest.raises(SealRefused) as refused:
        lay_out(blank, sealed_wishes, None, wording, fonts, PlacementProfile((Method.TEXT, Method.FIELD)))
    assert refused.value.code is RefusalCode.SEAL_PLACE_NOT_FOUND
    assert dict(refused.value.parameters) == {"methods": "text, field"}


def test_with_a_picture_signature_and_seal_never_part(
    blank: bytes, sealed_wishes: tuple[SealWish, ...], wording: SealWording, fonts: FontFiles
) -> None:
    """Rules 80 mm apart leave no room for the words beside, so they go below; the seal stays on the signature."""
    ruled = reshaped(blank, {}, b"0 g " + b" ".join(b"%d 0 1 842 re" % (x * MM) for x in (20, 100, 180)) + b" f")
    layout = lay_out(ruled, sealed_wishes, None, wording, fonts)
    shown = look(ruled, drawn(layout, fonts))
    assert_nothing_is_covered(shown)
    top, bottom = span(shown.red, 1)
    left, right_edge = span(shown.red, 0)
    first, last = span(shown.blue[top : bottom + 1], 0)
    assert left < first < right_edge < last
    assert (right_edge - first) / (last - first) == pytest.approx(1 / 3, abs=0.05)
    assert shown.blue[bottom + 1 :].any()


@pytest.mark.parametrize(
    ("mode", "colour", "code"),
    [
        ("RGB", (200, 20, 20), RefusalCode.PICTURE_NOT_TRANSPARENT),
        ("RGBA", (20, 20, 20, 255), RefusalCode.PICTURE_COLOUR),
        ("RGBA", (20, 20, 200, 255), RefusalCode.PICTURE_COLOUR),
        ("RGBA", (0, 0, 0, 0), RefusalCode.PICTURE_UNUSABLE),
    ],
)
def test_a_seal_that_is_not_red_on_a_transparent_ground_is_refused(
    mode: str,
    colour: tuple[int, ...],
    code: RefusalCode,
    blank: bytes,
    sealed_wishes: tuple[SealWish, ...],
    wording: SealWording,
    fonts: FontFiles,
) -> None:
    image = Image.new(mode, (300, 300), (255, 255, 255) if mode == "RGB" else (0, 0, 0, 0))
    image.paste(colour, (20, 20, 280, 60))
    image.paste(colour, (20, 240, 280, 280))
    output = io.BytesIO()
    image.save(output, "PNG")
    person, agency = sealed_wishes
    shown = replace(agency.drawing.appearance, picture=output.getvalue())
    with pytest.raises(SealRefused) as refused:
        wishes = (person, replace(agency, drawing=replace(agency.drawing, appearance=shown)))
        lay_out(blank, wishes, None, wording, fonts)
    assert refused.value.code is code


def test_a_field_beyond_the_page_is_not_used(
    sealed_wishes: tuple[SealWish, ...], wording: SealWording, fonts: FontFiles
) -> None:
    document = template(NguoiKy=(560.0, 300.0, 760.0, 380.0), Dau=AGENCY_BOX)
    assert lay_out(document, sealed_wishes, None, wording, fonts, NAMED).method is Method.FREE_SPACE


@pytest.mark.parametrize("place", ["over the text", "beyond the field", "over nothing"])
def test_a_picture_that_somebody_else_declared_does_not_draw_the_seal_over_text(
    place: str, paper: bytes, sealed_wishes: tuple[SealWish, ...], wording: SealWording, fonts: FontFiles
) -> None:
    """Anybody can sign a field over the text and say that a signature's picture stands there."""
    rect = [300.0, 20.0, 430.0, 60.0] if place != "over the text" else [150.0, 500.0, 450.0, 590.0]
    claimed = [0.0, 300.0, 130.0, 340.0] if place == "beyond the field" else [0.0, 0.0, 130.0, 40.0]
    with pikepdf.open(io.BytesIO(paper)) as opened:
        shown = opened.make_stream(b"0 0 1 rg 5 5 120 2 re f", BBox=[0, 0, rect[2] - rect[0], rect[3] - rect[1]])
        shown.Type, shown.Subtype = pikepdf.Name.XObject, pikepdf.Name.Form
        shown.AnTinPicture = pikepdf.Array(claimed)
        field = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Widget, FT=pikepdf.Name.Sig, T="X", Rect=rect, F=4
        )
        field.AP = pikepdf.Dictionary(N=shown)
        field.V = pikepdf.Dictionary(Type=pikepdf.Name.Sig)
        widget = opened.make_indirect(field)
        opened.pages[0].Annots = pikepdf.Array([widget])
        opened.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([widget]))
        output = io.BytesIO()
        opened.save(output)
    document = output.getvalue()
    layout = lay_out(document, sealed_wishes[1:], None, wording, fonts)
    assert layout.method is (Method.TEXT if place == "over nothing" else Method.FREE_SPACE)
    shown_page = look(paper, drawn(layout, fonts))
    assert_nothing_is_covered(shown_page)
