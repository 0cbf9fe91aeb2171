"""What a page costs is counted as often as it is used, before anything is drawn: the same count on every machine."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf

from verifier.drawing import drawing_cost
from verifier.drawing.drawing_cost import DrawingCost, PageCosts, page_cost
from verifier.drawing.rendering import RenderedDocument, RenderingError

SIDE = 600
Resources = Callable[[Pdf], Dictionary]


def _paper(content: bytes, resources: Resources | None = None, prepare: Callable[[Pdf], object] | None = None) -> bytes:
    pdf = Pdf.new()
    page = pdf.add_blank_page(page_size=(SIDE, SIDE))
    page.obj["/Contents"] = pdf.make_stream(content)
    if resources is not None:
        page.obj["/Resources"] = resources(pdf)
    if prepare is not None:
        prepare(pdf)
    out = io.BytesIO()
    pdf.save(out, compress_streams=True)
    return out.getvalue()


def _cost(data: bytes) -> DrawingCost:
    with pikepdf.open(io.BytesIO(data)) as pdf:
        return page_cost(pdf.pages[0])


def _form(pdf: Pdf, content: bytes, inner: pikepdf.Object | None = None, **entries: pikepdf.Object) -> pikepdf.Object:
    form = pdf.make_stream(content)
    form["/Subtype"], form["/BBox"] = Name.Form, Array([0, 0, SIDE, SIDE])
    form["/Resources"] = Dictionary(XObject=Dictionary(Fm=inner)) if inner is not None else Dictionary()
    for name, value in entries.items():
        form["/" + name] = value
    return pdf.make_indirect(form)


def _nested(levels: int) -> Resources:
    def made(pdf: Pdf) -> Dictionary:
        inner = _form(pdf, b"0 0 1 1 re f")
        for _ in range(levels):
            inner = _form(pdf, b"/Fm Do " * 10, inner)
        return Dictionary(XObject=Dictionary(Fm=inner))

    return made


def _image(width: int, height: int) -> Resources:
    def made(pdf: Pdf) -> Dictionary:
        image = pdf.make_stream(zlib.compress(b""), Filter=Name.FlateDecode, Subtype=Name.Image)
        image["/Width"], image["/Height"] = width, height
        return Dictionary(XObject=Dictionary(Im=image))

    return made


def _tiled(step: float) -> Resources:
    def made(pdf: Pdf) -> Dictionary:
        pattern = pdf.make_stream(b"0 0 1 1 re f", PatternType=1, XStep=step, YStep=step)
        return Dictionary(Pattern=Dictionary(P=pdf.make_indirect(pattern)))

    return made


def _glyphs(pdf: Pdf) -> Dictionary:
    glyph = pdf.make_stream(b"0 0 1 1 re f\n" * 100)
    return Dictionary(Font=Dictionary(F1=Dictionary(Subtype=Name.Type3, CharProcs=Dictionary(a=glyph))))


def _with_annotation(pdf: Pdf) -> None:
    appearance = _form(pdf, b"0 0 1 1 re f " * 7)
    pdf.pages[0].obj["/Annots"] = Array([Dictionary(Subtype=Name.Stamp, AP=Dictionary(N=appearance))])


def test_what_is_painted_is_counted() -> None:
    cost = _cost(_paper(b"0 0 9 9 re f 0 0 m 9 9 l S BT /F1 9 Tf (abc) Tj <6162> Tj ET"))
    assert cost.painted == 1 + 1 + 3 + 2
    assert not cost.too_much


def test_forms_count_as_often_as_they_are_used() -> None:
    assert _cost(_paper(b"/Fm Do", _nested(3))).painted == 1000
    assert _cost(_paper(b"/Fm Do", _nested(40))).too_much, "ten calls in each of forty levels"
    assert _cost(_paper(b"/F#6d Do /Fm Do", _nested(0))).painted == 2, "a name may be spelt otherwise"


def test_a_form_in_itself_is_entered_once() -> None:
    def made(pdf: Pdf) -> Dictionary:
        form = _form(pdf, b"/Fm Do 0 0 1 1 re f")
        form["/Resources"]["/XObject"] = Dictionary(Fm=form)
        return Dictionary(XObject=Dictionary(Fm=form))

    assert _cost(_paper(b"/Fm Do", made)).painted == 1


@pytest.mark.parametrize(
    ("content", "resources", "count", "expected"),
    [
        (b"/Im Do " * 3, _image(1000, 2000), "image_pixels", 6_000_000),
        (b"/P scn 0 0 600 600 re f", _tiled(2), "tiles", 90_000),
        (b"/F1 1 Tf (aaaaa) Tj", _glyphs, "painted", 505),
    ],
)
def test_pictures_patterns_and_drawn_letters(content: bytes, resources: Resources, count: str, expected: int) -> None:
    assert getattr(_cost(_paper(content, resources)), count) == expected


def test_groups_and_soft_masks() -> None:
    def made(pdf: Pdf) -> Dictionary:
        group = _form(pdf, b"0 0 1 1 re f", Group=Dictionary(S=Name.Transparency))
        masked = Dictionary(SMask=Dictionary(S=Name.Luminosity, G=group))
        return Dictionary(XObject=Dictionary(Fm=group), ExtGState=Dictionary(G=masked))

    assert _cost(_paper(b"/Fm Do /G gs /Fm Do", made)).groups == 2 + 2


def test_annotations_count_too() -> None:
    assert _cost(_paper(b"", prepare=_with_annotation)).painted == 7


def test_content_is_not_unpacked_beyond_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing_cost, "MAX_CONTENT_BYTES", 1000)
    cost = _cost(_paper(b"0 0 m " * 1_000_000))
    assert cost.too_much_content
    assert cost.content_bytes <= 1002


def test_a_page_that_costs_too_much_is_not_drawn_and_its_neighbours_are() -> None:
    data = _paper(b"/Fm Do", _nested(12), lambda pdf: pdf.add_blank_page())
    with RenderedDocument(data) as document:
        with pytest.raises(RenderingError, match="too much"):
            document.picture(0, 1.0)
        assert document.picture(1, 1.0).min() == 255


def test_what_qpdf_cannot_open_is_left_to_the_workers_limits() -> None:
    costs = PageCosts(b"not a document", 14, None)
    assert not costs.too_much(0)
    costs.close()
