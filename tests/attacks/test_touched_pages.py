"""Which pages an update can have touched: by every way from a page to what differs, and by no other."""

from __future__ import annotations

import io
from collections.abc import Callable

import pikepdf
import pytest

from tests.attacks.making import paper
from verifier.changes.revision_objects import RevisionObjects, reading
from verifier.changes.touched_pages import touched_pages

PAGES = 4
Name, Dictionary, Array = pikepdf.Name, pikepdf.Dictionary, pikepdf.Array


def prepare(pdf: pikepdf.Pdf) -> None:
    """Resources of every kind: inherited, shared by two pages, far below an annotation, a layer, a form's defaults."""
    pages = [page.obj for page in pdf.pages]
    pattern = pdf.make_indirect(Dictionary(PatternType=2, Shading=pdf.make_indirect(Dictionary(ShadingType=2, C=0))))
    pages[0].Parent.Resources = Dictionary(Pattern=Dictionary(P1=pattern))
    mask = form(pdf, b"0 g", 1)
    shared = form(pdf, b"/G gs", 2)
    shared.Resources = Dictionary(ExtGState=Dictionary(G=pdf.make_indirect(Dictionary(SMask=Dictionary(G=mask)))))
    for page in pages[1:3]:
        page.Resources.XObject = Dictionary(X=shared)
    stamp = pdf.make_indirect(
        Dictionary(Type=Name.Annot, Subtype=Name.Stamp, Rect=[0, 0, 9, 9], AP=Dictionary(N=form(pdf, b"1 g", 3)))
    )
    pages[3].Annots = Array([stamp])
    layer = pdf.make_indirect(Dictionary(Type=Name.OCG, Name="A"))
    pdf.Root.OCProperties = pdf.make_indirect(
        Dictionary(OCGs=Array([layer]), D=pdf.make_indirect(Dictionary(ON=Array([layer]))))
    )
    pdf.Root.AcroForm.DR = pdf.make_indirect(Dictionary(Font=Dictionary(F1=pages[0].Resources.Font.F1)))
    pdf.Root.PieceInfo = pdf.make_indirect(Dictionary(A=1))
    pdf.Root.Unknown = pdf.make_indirect(Dictionary(A=1))
    pages[2].Link = pages[1]


def form(pdf: pikepdf.Pdf, commands: bytes, number: int) -> pikepdf.Object:
    made = pdf.make_stream(commands)
    made.Type, made.Subtype, made.BBox, made.Number = Name.XObject, Name.Form, Array([0, 0, 9, 9]), number
    return made


def numbered(pdf: pikepdf.Pdf, number: int) -> pikepdf.Object:
    return next(one for one in pdf.objects if isinstance(one, pikepdf.Stream) and one.get("/Number") == number)


def below(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].obj.Parent.Resources.Pattern.P1.Shading.C = 1


def mask(pdf: pikepdf.Pdf) -> None:
    numbered(pdf, 1).write(b"1 g")


def appearance(pdf: pikepdf.Pdf) -> None:
    numbered(pdf, 3).write(b"0 g")


def layer(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OCProperties.D.ON = Array()


def defaults(pdf: pikepdf.Pdf) -> None:
    pdf.Root.AcroForm.DR.ProcSet = Array([Name.PDF])


def regenerated(pdf: pikepdf.Pdf) -> None:
    pdf.Root.AcroForm.NeedAppearances = True


def inherited(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].obj.Parent.Rotate = 90


def other_page(pdf: pikepdf.Pdf) -> None:
    pdf.pages[1].obj.Rotate = 90


def field(pdf: pikepdf.Pdf) -> None:
    pdf.Root.AcroForm.Fields[0].V = "khac"


def producer(pdf: pikepdf.Pdf) -> None:
    pdf.Root.PieceInfo.A = 2


def unknown(pdf: pikepdf.Pdf) -> None:
    pdf.Root.Unknown.A = 2


def appended(pdf: pikepdf.Pdf) -> None:
    pdf.add_blank_page()


def nothing(pdf: pikepdf.Pdf) -> None:
    """As it was."""


def saved(data: bytes, change: Callable[[pikepdf.Pdf], None]) -> bytes:
    """With a change; qpdf meets the objects in the same order and numbers them alike."""
    with pikepdf.open(io.BytesIO(data), inherit_page_attributes=False) as pdf:
        change(pdf)
        out = io.BytesIO()
        pdf.save(out, static_id=True)
    return out.getvalue()


@pytest.mark.parametrize(
    ("change", "pages"),
    [
        (nothing, ()),
        (below, (0, 1, 2, 3)),
        (mask, (1, 2)),
        (appearance, (3,)),
        (layer, (0, 1, 2, 3)),
        (defaults, (0,)),
        (regenerated, (0,)),
        (inherited, (0, 1, 2, 3)),
        (other_page, (1,)),
        (field, (0,)),
        (producer, ()),
        (unknown, (0, 1, 2, 3)),
        (appended, (0, 1, 2, 3, 4)),
    ],
)
def test_pages_to_which_a_way_leads(change: Callable[[pikepdf.Pdf], None], pages: tuple[int, ...]) -> None:
    base = saved(paper(PAGES, prepare), nothing)
    old, new = RevisionObjects(saved(base, nothing)), RevisionObjects(saved(base, change))
    with reading():
        assert touched_pages(old, new, old.differing(new)) == pages
    old.close()
    new.close()
