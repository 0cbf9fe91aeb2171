"""A link is no script; what a page means without saying may be written out; layers and their configurations."""

from __future__ import annotations

import pikepdf
import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from tests.attacks.making import assert_alarm, assert_no_alarm, changed, codes_of, page_of, paper, sign, update
from tests.attacks.objects import dictionary, numbers, place, text
from verifier.report import ChangesAfter

Writer = IncrementalPdfFileWriter
ADDRESS = "https://dichvucong.example/tra-cuu"


def _goes(kind: str, **more: generic.PdfObject) -> generic.DictionaryObject:
    return dictionary(Type=pdf_name("/Action"), S=pdf_name(kind), **more)


def _linked(pdf: pikepdf.Pdf) -> None:
    action = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.Action, S=pikepdf.Name.URI, URI=ADDRESS))
    link = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[60, 700, 200, 720], A=action)
    pdf.pages[0].Annots.append(pdf.make_indirect(link))


def _link_of(writer: Writer) -> generic.DictionaryObject:
    found = next(one.get_object() for one in page_of(writer)["/Annots"] if one.get_object()["/Subtype"] == "/Link")
    assert isinstance(found, generic.DictionaryObject)
    return found


@pytest.mark.parametrize(
    ("action", "code"),
    [
        (_goes("/URI", URI=text("https://khac.example")), "LINK-CHANGED"),
        (_goes("/GoTo", D=text("cuoi")), "LINK-CHANGED"),
        (_goes("/Named", N=pdf_name("/NextPage")), "LINK-CHANGED"),
        (_goes("/Named", N=pdf_name("/Print")), "SCRIPT-CHANGED"),
        (_goes("/JavaScript", JS=text("app.alert(1)")), "SCRIPT-CHANGED"),
        (_goes("/Launch", F=text("x.exe")), "SCRIPT-CHANGED"),
        (_goes("/Hide", T=text("ghi_chu")), "SCRIPT-CHANGED"),
        (_goes("/URI", URI=text(ADDRESS), Next=_goes("/JavaScript", JS=text("1"))), "SCRIPT-CHANGED"),
        (_goes("/URI", URI=text(ADDRESS), Next=generic.ArrayObject([_goes("/GoTo", D=text("a"))])), "LINK-CHANGED"),
    ],
)
def test_a_link_that_leads_elsewhere_is_no_script(action: generic.DictionaryObject, code: str) -> None:
    signed = sign(paper(prepare=_linked))
    facts = assert_alarm(update(signed, lambda w: changed(_link_of(w), w, A=action)), code, visible=False)
    assert {code} == codes_of(facts)
    in_place = update(signed, lambda w: changed(_link_of(w)["/A"], w, **{k[1:]: v for k, v in action.items()}))
    assert {code} == codes_of(assert_alarm(in_place, code, visible=False))


def test_a_link_that_came_later_is_no_script() -> None:
    def add(writer: Writer, action: generic.DictionaryObject) -> None:
        entries = dictionary(Type=pdf_name("/Annot"), Subtype=pdf_name("/Link"), Rect=numbers(60, 700, 200, 720))
        named = {key[1:]: value for key, value in entries.items()}
        place(writer, {**named, "A": action, "Border": numbers(0, 0, 0)}, in_form=False)

    led = update(sign(paper()), lambda w: add(w, _goes("/URI", URI=text(ADDRESS))))
    assert {"LINK-CHANGED"} == codes_of(assert_alarm(led, "LINK-CHANGED", visible=False))
    ran = update(sign(paper()), lambda w: add(w, _goes("/JavaScript", JS=text("1"))))
    assert_alarm(ran, "SCRIPT-CHANGED", visible=False)


def test_a_bookmark_and_the_page_to_open_at_are_no_scripts() -> None:
    def outlined(pdf: pikepdf.Pdf) -> None:
        action = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.Action, S=pikepdf.Name.URI, URI=ADDRESS))
        item = pdf.make_indirect(pikepdf.Dictionary(Title="Phần 1", A=action))
        pdf.Root.Outlines = pdf.make_indirect(pikepdf.Dictionary(First=item, Last=item, Count=1))
        item.Parent = pdf.Root.Outlines

    signed = sign(paper(prepare=outlined))

    def lead_elsewhere(writer: Writer, kind: str) -> None:
        changed(writer.root["/Outlines"]["/First"]["/A"], writer, S=pdf_name(kind), URI=text("https://b.example"))

    assert_alarm(update(signed, lambda w: lead_elsewhere(w, "/URI")), "CATALOG-CHANGED", visible=False)
    assert_alarm(update(signed, lambda w: lead_elsewhere(w, "/JavaScript")), "SCRIPT-CHANGED", visible=False)
    opened = update(signed, lambda w: changed(w.root, w, OpenAction=_goes("/GoTo", D=text("cuoi"))))
    assert {"CATALOG-CHANGED"} == codes_of(assert_alarm(opened, "CATALOG-CHANGED", visible=False))


A4_BOX = numbers(0, 0, 595, 842)


@pytest.mark.parametrize(
    "entries",
    [
        {"Rotate": generic.NumberObject(0)},
        {"CropBox": A4_BOX},
        {"Rotate": generic.NumberObject(0), "CropBox": A4_BOX, "TrimBox": A4_BOX, "BleedBox": A4_BOX, "ArtBox": A4_BOX},
        {"UserUnit": generic.FloatObject("1.0")},
    ],
)
def test_what_a_page_means_without_saying_may_be_written_out(entries: dict[str, generic.PdfObject]) -> None:
    def said(writer: Writer) -> None:
        changed(page_of(writer), writer, **entries)

    assert_no_alarm(update(sign(paper()), said), ChangesAfter.EXTENSION)

    def unsaid(writer: Writer) -> None:
        page = page_of(writer)
        for key in entries:
            del page[pdf_name(f"/{key}")]
        writer.update_container(page)

    assert_no_alarm(update(sign(update(paper(), said)), unsaid), ChangesAfter.EXTENSION)


def _turned_above(pdf: pikepdf.Pdf) -> None:
    pdf.Root.Pages.Rotate = 90


def _cropped(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].CropBox = [0, 0, 595, 600]


@pytest.mark.parametrize(
    ("prepare", "entries", "visible"),
    [
        (None, {"Rotate": generic.NumberObject(180)}, True),
        (None, {"Rotate": generic.NumberObject(360)}, False),
        (None, {"CropBox": numbers(0, 0, 595, 841)}, True),
        (None, {"UserUnit": generic.FloatObject("2")}, False),
        (None, {"TrimBox": numbers(0, 0, 595, 400)}, False),
        (_turned_above, {"Rotate": generic.NumberObject(0)}, True),
        (_cropped, {"TrimBox": A4_BOX}, False),
        (_cropped, {"CropBox": A4_BOX}, True),
    ],
)
def test_what_is_written_out_otherwise_is_a_change(
    prepare: object, entries: dict[str, generic.PdfObject], visible: bool
) -> None:
    assert prepare is None or callable(prepare)
    signed = sign(paper(prepare=prepare))
    code = "PAGE-CHANGED" if "TrimBox" in entries else "PAGE-GEOMETRY-CHANGED"
    assert_alarm(update(signed, lambda w: changed(page_of(w), w, **entries)), code, visible)


def _layered(pdf: pikepdf.Pdf) -> None:
    layer = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.OCG, Name="Lớp", Usage=pikepdf.Dictionary()))
    usual = pikepdf.Dictionary(Order=[layer], ON=[layer])
    pdf.Root.OCProperties = pikepdf.Dictionary(OCGs=[layer], D=usual, Configs=[pikepdf.Dictionary(Name="In")])


def _layer(writer: Writer) -> generic.IndirectObject:
    found = writer.root["/OCProperties"]["/OCGs"].raw_get(0)
    assert isinstance(found, generic.IndirectObject)
    return found


def _off(writer: Writer) -> generic.DictionaryObject:
    return dictionary(Name=text("In"), OFF=generic.ArrayObject([_layer(writer)]))


def _occasion(writer: Writer) -> generic.ArrayObject:
    names = generic.ArrayObject([pdf_name("/Print")])
    return generic.ArrayObject(
        [dictionary(Event=pdf_name("/Print"), OCGs=generic.ArrayObject([_layer(writer)]), Category=names)]
    )


@pytest.mark.parametrize(
    "edit",
    [
        lambda w: changed(w.root["/OCProperties"], w, Configs=generic.ArrayObject([_off(w)])),
        lambda w: changed(w.root["/OCProperties"], w, D=_off(w)),
        lambda w: changed(w.root["/OCProperties"]["/D"], w, AS=_occasion(w)),
        lambda w: changed(w.root["/OCProperties"]["/D"], w, BaseState=pdf_name("/OFF")),
        lambda w: changed(w.root["/OCProperties"]["/Configs"][0], w, BaseState=pdf_name("/OFF")),
        lambda w: changed(_layer(w).get_object(), w, Usage=dictionary(Print=dictionary(PrintState=pdf_name("/OFF")))),
        lambda w: changed(w.root, w, OCProperties=generic.NullObject()),
        lambda w: changed(w.root["/OCProperties"], w, OCGs=generic.ArrayObject()),
    ],
)
def test_layers_changed_later_are_suspicious(edit: object) -> None:
    assert callable(edit)
    signed = sign(paper(prepare=_layered))
    assert_alarm(update(signed, edit), "OPTIONAL-CONTENT-CHANGED", visible=False)
