"""What poses as a signature field or a time stamp: other annotations, nodes that draw, entries of other kinds."""

from __future__ import annotations

from collections.abc import Callable

import pikepdf
import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from tests.attacks.making import changed, field_of, form_of, paper, rectangle, sign, stream_of, update
from tests.attacks.objects import Entries, dictionary, judged, numbers, page_reference, place, text, value, widget
from verifier.changes.vocabulary import FieldLock, Permissions

Writer = IncrementalPdfFileWriter
Edit = Callable[[Writer], None]
INK = "1 0 0 RG 3 w 10 10 60 60 re S"
WORDS = "BT /F1 18 Tf 2 5 Td (So tien: 9.000.000.000 dong) Tj ET"
OTHERS = ["FreeText", "Stamp", "Square", "Circle", "Link", "Ink", "Text", "Highlight", "Line", "Watermark", "Screen"]
OTHERS += ["Popup", "FileAttachment", "PrinterMark", "Redact", "Polygon", "Caret", "3D", "RichMedia", "Movie", "widget"]


def _words(_: Writer) -> generic.PdfObject:
    return text("So tien: 9.000.000.000 dong")


def _script(_: Writer) -> generic.PdfObject:
    return dictionary(S=pdf_name("/JavaScript"), JS=text("app.alert(1)"))


def _layer(writer: Writer) -> generic.PdfObject:
    return writer.add_object(dictionary(Type=pdf_name("/OCG"), Name=text("a")))


def _file(writer: Writer) -> generic.PdfObject:
    return writer.add_object(dictionary(Type=pdf_name("/Filespec"), F=text("a.pdf")))


STRANGE: dict[str, Callable[[Writer], generic.PdfObject]] = {
    "Contents": _words,
    "RC": _words,
    "RV": _words,
    "DV": _words,
    "DS": _words,
    "C": lambda _: numbers(1, 1, 1),
    "IC": lambda _: numbers(1, 1, 1),
    "CA": lambda _: generic.FloatObject("0.5"),
    "BM": lambda _: pdf_name("/Multiply"),
    "A": _script,
    "AA": lambda writer: dictionary(E=_script(writer)),
    "OC": _layer,
    "AF": _file,
    "FS": _file,
    "AS": lambda _: pdf_name("/On"),
    "Opt": lambda writer: generic.ArrayObject([_words(writer)]),
    "MaxLen": lambda _: generic.NumberObject(3),
    "BE": lambda _: dictionary(S=pdf_name("/C")),
    "L": lambda _: numbers(60, 500, 300, 500),
    "Vertices": lambda _: numbers(60, 500, 300, 500),
    "InkList": lambda _: generic.ArrayObject([numbers(60, 500, 300, 500)]),
    "QuadPoints": lambda _: numbers(60, 500, 300, 500, 60, 520, 300, 520),
    "Popup": _layer,
    "Measure": _layer,
    "Sound": _file,
    "MK": lambda writer: dictionary(CA=_words(writer)),
    "P": lambda writer: page_reference(writer, 1),
    "Parent": lambda writer: writer.root["/AcroForm"]["/Fields"].raw_get(0),
    "F": lambda _: generic.NumberObject(1 << 12),
    "Lock": lambda writer: dictionary(Action=pdf_name("/All"), JS=_script(writer)),
    "SV": lambda writer: dictionary(URL=stream_of(writer, "x")),
    "FT": lambda _: pdf_name("/Tx"),
    "Subtype": lambda _: generic.NullObject(),
    "Anything": _words,
}
"""Entries that signing writes into no field, or not so."""


def _new(writer: Writer, stamp: bool, **more: generic.PdfObject | None) -> None:
    place(writer, widget(writer, V=value(writer, stamp), **more))


@pytest.mark.parametrize("stamp", [True, False])
@pytest.mark.parametrize("subtype", OTHERS)
def test_another_annotation_with_a_signature_as_its_value(subtype: str, stamp: bool) -> None:
    signed = sign(paper())
    later = update(signed, lambda w: _new(w, stamp, Subtype=pdf_name(f"/{subtype}"), Contents=_words(w)))
    assert judged(signed, later)[0]
    later = update(signed, lambda w: _new(w, stamp, Subtype=pdf_name(f"/{subtype}")))
    assert judged(signed, later)[0]


@pytest.mark.parametrize("stamp", [True, False])
@pytest.mark.parametrize("key", STRANGE)
def test_an_entry_that_signing_does_not_write(key: str, stamp: bool) -> None:
    signed = sign(paper())
    assert judged(signed, update(signed, lambda w: _new(w, stamp, **{key: STRANGE[key](w)})))[0]


@pytest.mark.parametrize("to", ["its own", "another"])
def test_a_field_is_reset_to_its_own_signature_alone(to: str) -> None:
    """LibreOffice names its signature as ``/DV`` as well (ISO 32000-2 table 226)."""

    def with_default(writer: Writer) -> None:
        own = value(writer)
        place(writer, widget(writer, V=own, DV=own if to == "its own" else value(writer)))

    signed = sign(paper())
    assert bool(judged(signed, update(signed, with_default))[0]) is (to == "another")


@pytest.mark.parametrize("key", [key for key in STRANGE if key not in ("F", "Subtype", "Parent")])
def test_an_entry_that_signing_does_not_write_into_an_empty_field(key: str) -> None:
    signed = sign(paper(prepare=_empty_field))
    sound = update(signed, lambda w: changed(field_of(w, "Trong"), w, V=value(w)))
    assert not judged(signed, sound)[0]
    later = update(signed, lambda w: changed(field_of(w, "Trong"), w, V=value(w), **{key: STRANGE[key](w)}))
    assert judged(signed, later)[0]


def _empty_field(pdf: pikepdf.Pdf) -> None:
    page = pdf.pages[0]
    entries = {"Type": "/Annot", "Subtype": "/Widget", "FT": "/Sig"}
    field = pikepdf.Dictionary({f"/{key}": pikepdf.Name(name) for key, name in entries.items()})
    field.T, field.F, field.Rect, field.P = "Trong", 4, [330, 80, 480, 160], page.obj
    reference = pdf.make_indirect(field)
    pdf.Root.AcroForm.Fields.append(reference)
    page.Annots.append(reference)


@pytest.mark.parametrize(
    "entries",
    [
        {"Rect": rectangle(60, 400, 480, 700)},
        {"Rect": rectangle(330, 80, 480, 161)},
        {"Subtype": pdf_name("/FreeText")},
        {"FT": pdf_name("/Tx")},
        {"T": text("Khac")},
        {"F": generic.NumberObject(4 | 1 << 11)},
    ],
)
def test_an_empty_field_that_becomes_something_else_with_its_signature(entries: dict[str, generic.PdfObject]) -> None:
    signed = sign(paper(prepare=_empty_field))
    assert judged(signed, update(signed, lambda w: changed(field_of(w, "Trong"), w, V=value(w), **entries)))[0]


def test_an_empty_field_that_was_hidden_is_a_new_one_to_the_eye() -> None:
    """The sneaky signature: prepared unseen, shown after certifying."""

    def hidden(pdf: pikepdf.Pdf) -> None:
        _empty_field(pdf)
        pdf.Root.AcroForm.Fields[-1].F = 2

    signed = sign(paper(prepare=hidden))

    def show(writer: Writer) -> None:
        seen = generic.NumberObject(4)
        changed(field_of(writer, "Trong"), writer, V=value(writer), F=seen, AP=form_of(writer, INK, 150, 80))

    later = update(signed, show)
    assert judged(signed, later) == (set(), {"SIGNATURE_ADDED", "SIGNATURE_FIELD_ADDED"})
    assert judged(signed, later, Permissions(2))[0] == {"SIGNATURE_ON_CERTIFIED"}
    locked = FieldLock("Include", frozenset({"Trong"}))
    assert judged(signed, later, Permissions(lock=locked))[0] == {"FIELD_LOCKED"}


def _appearance(writer: Writer, **entries: generic.PdfObject) -> generic.DictionaryObject:
    form = form_of(writer, INK, 150, 80)
    changed(form["/N"], writer, **entries)
    return form


def _image_with(writer: Writer, **entries: generic.PdfObject) -> generic.DictionaryObject:
    size = generic.NumberObject(1)
    known = {"Subtype": pdf_name("/Image"), "Width": size, "Height": size, "BitsPerComponent": generic.NumberObject(8)}
    image = stream_of(writer, "x", ColorSpace=pdf_name("/DeviceGray"), **known, **entries)
    form = form_of(writer, "q 50 0 0 50 0 0 cm /Im Do Q", 150, 80)
    changed(form["/N"], writer, Resources=dictionary(XObject=dictionary(Im=image)))
    return form


LOOKS: dict[str, Callable[[Writer], generic.DictionaryObject]] = {
    "optional content": lambda w: _appearance(w, OC=_layer(w)),
    "reference XObject": lambda w: _appearance(w, Ref=dictionary(F=_file(w), Page=generic.NumberObject(0))),
    "OPI": lambda w: _appearance(w, OPI=dictionary()),
    "external stream": lambda w: _appearance(w, F=_file(w)),
    "PostScript": lambda w: _appearance(w, Subtype2=pdf_name("/PS"), PS=stream_of(w, "x")),
    "PostScript XObject": lambda w: _appearance(w, Subtype=pdf_name("/PS")),
    "private data": lambda w: _appearance(w, PieceInfo=dictionary(A=dictionary())),
    "associated file": lambda w: _appearance(w, AF=_file(w)),
    "rollover": lambda w: generic.DictionaryObject({**form_of(w, INK, 150, 80), pdf_name("/R"): _other(w)}),
    "down": lambda w: generic.DictionaryObject({**form_of(w, INK, 150, 80), pdf_name("/D"): _other(w)}),
    "states": lambda w: dictionary(N=dictionary(On=_other(w), Off=_other(w))),
    "another key": lambda w: generic.DictionaryObject({**form_of(w, INK, 150, 80), pdf_name("/X"): _other(w)}),
    "image for print": lambda w: _image_with(w, Alternates=generic.ArrayObject([dictionary(Image=_other(w))])),
    "image in a layer": lambda w: _image_with(w, OC=_layer(w)),
    "image elsewhere": lambda w: _image_with(w, F=_file(w)),
    "form within": lambda w: _within(w),
    "halftone": lambda w: _resources(w, ExtGState=dictionary(G=dictionary(HT=stream_of(w, "x")))),
    "transfer": lambda w: _resources(w, ExtGState=dictionary(G=dictionary(TR=stream_of(w, "x")))),
    "layer by name": lambda w: _resources(w, Properties=dictionary(L=_layer(w))),
    "catalog as a font": lambda w: _resources(
        w, Font=dictionary(F9=generic.IndirectObject(w.root_ref.idnum, w.root_ref.generation, w))
    ),
    "page as a form": lambda w: _resources(w, XObject=dictionary(X=page_reference(w, 1))),
}


def _other(writer: Writer) -> generic.PdfObject:
    found: generic.PdfObject = form_of(writer, WORDS, 150, 80).raw_get("/N")
    return found


def _resources(writer: Writer, **entries: generic.PdfObject) -> generic.DictionaryObject:
    return _appearance(writer, Resources=dictionary(**entries))


def _within(writer: Writer) -> generic.DictionaryObject:
    return _resources(writer, XObject=dictionary(X=_appearance(writer, OC=_layer(writer)).raw_get("/N")))


@pytest.mark.parametrize("look", LOOKS)
def test_a_picture_with_more_than_a_picture_has(look: str) -> None:
    signed = sign(paper())
    assert not judged(signed, update(signed, lambda w: _new(w, False, AP=form_of(w, INK, 150, 80))))[0]
    assert judged(signed, update(signed, lambda w: _new(w, False, AP=LOOKS[look](w))))[0]


@pytest.mark.parametrize("flags", [2, 32, 4 | 32, 256, 1, 4 | 8, 4 | 16])
def test_a_picture_that_is_not_shown_on_every_occasion(flags: int) -> None:
    signed = sign(paper())
    number = generic.NumberObject(flags)
    assert judged(signed, update(signed, lambda w: _new(w, False, F=number, AP=form_of(w, INK, 150, 80))))[0]
    nowhere = rectangle(0, 0, 0, 0)
    assert judged(signed, update(signed, lambda w: _new(w, False, Rect=nowhere, AP=form_of(w, INK, 150, 80))))[0]


@pytest.mark.parametrize(
    "entries",
    [
        {"MK": dictionary(BG=numbers(1, 0, 0))},
        {"MK": dictionary(BC=numbers(1, 0, 0))},
        {"BS": dictionary(W=generic.NumberObject(9))},
        {"Border": rectangle(0, 0, 9)},
    ],
)
def test_a_time_stamp_that_viewers_draw_by_themselves(entries: dict[str, generic.PdfObject]) -> None:
    signed = sign(paper())
    assert judged(signed, update(signed, lambda w: _new(w, True, **entries)))[0]
    assert not judged(signed, update(signed, lambda w: _new(w, True)))[0]
    nowhere = rectangle(0, 0, 0, 0)
    assert not judged(signed, update(signed, lambda w: _new(w, True, Rect=nowhere, **entries)))[0]


@pytest.mark.parametrize(
    "commands", [INK, WORDS, "q 0 0 m 50 50 l S Q", "BT /F1 9 Tf [(a)] TJ ET", "/X Do", "0 0 9 9 re f*"]
)
def test_a_time_stamp_that_draws(commands: str) -> None:
    signed = sign(paper())
    later = update(signed, lambda w: _new(w, True, AP=form_of(w, commands, 150, 80)))
    blank = update(signed, lambda w: _new(w, True, AP=form_of(w, "q Q % DSBlank", 150, 80)))
    assert (judged(signed, later)[0] == {"PICTURE_WITHOUT_SIGNATURE"}) is (commands != "/X Do")
    assert judged(signed, blank) == (set(), {"TIMESTAMP_ADDED"})


NODES: dict[str, dict[str, generic.PdfObject]] = {
    "annotation": {"Subtype": pdf_name("/FreeText"), "Rect": rectangle(60, 700, 400, 760), "Contents": text("9.000")},
    "widget": {"Subtype": pdf_name("/Widget"), "Rect": rectangle(60, 700, 400, 760)},
    "kind": {"FT": pdf_name("/Sig")},
    "value": {"V": text("9.000")},
    "words": {"Contents": text("9.000")},
    "script": {"AA": dictionary()},
    "look": {"DA": text("/Helv 0 Tf"), "MK": dictionary()},
}


@pytest.mark.parametrize("stamp", [True, False])
@pytest.mark.parametrize("node", [None, *NODES])
def test_a_node_above_a_new_field(node: str | None, stamp: bool) -> None:
    signed = sign(paper())

    def edit(writer: Writer) -> None:
        above = place(writer, {"T": text("nut"), **NODES.get(node or "", {})}, on_page=node in ("annotation", "widget"))
        entries = widget(writer, V=value(writer, stamp), Parent=above, Rect=rectangle(0, 0, 0, 0))
        below = place(writer, entries, in_form=False)
        changed(above.get_object(), writer, Kids=generic.ArrayObject([below]))

    assert bool(judged(signed, update(signed, edit))[0]) is (node is not None)


def _apart(writer: Writer, field: dict[str, generic.PdfObject], kid: dict[str, generic.PdfObject | None]) -> None:
    """A field with its widget as a kid."""
    entries: Entries = {"FT": pdf_name("/Sig"), "T": text("Moi"), "V": value(writer), **field}
    above = place(writer, entries, on_page=False)
    below = place(writer, widget(writer, **{"FT": None, "T": None, "Parent": above, **kid}), in_form=False)
    changed(above.get_object(), writer, Kids=generic.ArrayObject([below]))


def test_a_field_with_its_widget_apart() -> None:
    signed = sign(paper())

    def check(field: dict[str, generic.PdfObject], kid: dict[str, generic.PdfObject | None]) -> bool:
        return bool(judged(signed, update(signed, lambda w: _apart(w, field, kid)))[0])

    assert not check({}, {})
    assert check({"Rect": rectangle(60, 700, 400, 760)}, {})
    assert check({"Subtype": pdf_name("/FreeText"), "Rect": rectangle(60, 700, 400, 760)}, {})
    assert check({}, {"Subtype": pdf_name("/FreeText")})
    assert check({}, {"FT": pdf_name("/Tx")})
    assert check({}, {"Parent": None})
    assert check({}, {"Contents": text("9.000")})


def test_a_field_on_no_page_that_says_it_is_on_something_else() -> None:
    signed = sign(paper())

    def edit(writer: Writer) -> None:
        elsewhere = writer.add_object(dictionary(Type=pdf_name("/Page")))
        place(writer, widget(writer, V=value(writer), P=elsewhere), on_page=False)

    assert judged(signed, update(signed, edit))[0]


def test_an_earlier_field_below_a_new_one() -> None:
    signed = sign(paper())

    def edit(writer: Writer) -> None:
        listed = writer.root["/AcroForm"]["/Fields"]
        kids = generic.ArrayObject([listed.raw_get(0)])
        node = place(writer, {"T": text("nut"), "Kids": kids}, on_page=False)
        listed.insert(0, listed.pop(listed.index(node)))

    assert judged(signed, update(signed, edit))[0]


def test_a_field_that_only_its_page_names() -> None:
    """Some programs forget the list of the form; the field is one all the same, and no other annotation gains by it."""
    signed = sign(paper())

    def alone(**more: generic.PdfObject) -> bytes:
        def edit(writer: Writer) -> None:
            place(writer, widget(writer, V=value(writer), **more), in_form=False)

        return update(signed, edit)

    assert judged(signed, alone()) == (set(), {"SIGNATURE_FIELD_ADDED"})
    assert judged(signed, alone(Contents=text("9.000")))[0]
    assert judged(signed, alone(Subtype=pdf_name("/FreeText")))[0]
    assert judged(signed, alone(FT=pdf_name("/Tx")))[0]


def test_a_state_is_named_only_beside_one_stream() -> None:
    """poppler writes ``/AS /N`` beside a single appearance, where it chooses nothing; beside states it would."""
    signed = sign(paper())

    def later(**appearance: generic.PdfObject) -> bytes:
        def edit(writer: Writer) -> None:
            look = dictionary(**appearance) if appearance else dictionary(N=stream_of(writer, ""))
            place(writer, widget(writer, V=value(writer), AS=pdf_name("/N"), AP=look))

        return update(signed, edit)

    assert judged(signed, later()) == (set(), {"SIGNATURE_FIELD_ADDED"})
    assert judged(signed, later(N=dictionary()))[0]


def _untyped_field(pdf: pikepdf.Pdf) -> None:
    _empty_field(pdf)
    del pdf.pages[0].Annots[-1].Type


@pytest.mark.parametrize(("name", "alarm"), [("/Annot", False), ("/XObject", True)])
def test_a_signed_widget_that_now_says_what_it_is(name: str, alarm: bool) -> None:
    """PDFBox writes the optional ``/Type`` (table 166) into every widget that it meets; any other type is a change."""
    signed = sign(paper(prepare=_untyped_field), "Trong", existing=True)
    later = update(signed, lambda w: changed(field_of(w, "Trong"), w, Type=pdf_name(name)))
    assert bool(judged(signed, later)[0]) is alarm


def test_a_field_without_size_may_say_that_it_does_not_turn() -> None:
    """poppler writes NoRotate on the invisible fields that it adds; on one that is seen it moves the picture."""
    signed = sign(paper())

    def flagged(*box: int) -> bytes:
        def edit(writer: Writer) -> None:
            flags = generic.NumberObject(4 | 16 | 128)
            place(writer, widget(writer, V=value(writer), F=flags, Rect=rectangle(*box)))

        return update(signed, edit)

    assert judged(signed, flagged(0, 0, 0, 0))[0] == set()
    assert judged(signed, flagged(330, 80, 480, 160))[0]
