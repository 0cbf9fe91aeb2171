"""What hides behind a purpose: validation data, metadata, output intents, declarations, catalog and trailer."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable

import pikepdf
import pytest
from PIL import ImageCms
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from tests.attacks.making import changed, form_of, page_of, paper, rectangle, sign, stream_of, update
from tests.attacks.objects import Entries, dictionary, judged, numbers, page_reference, rewritten, text
from verifier.changes.object_changes import compare_objects
from verifier.changes.revision_objects import RevisionObjects, reading

Writer = IncrementalPdfFileWriter
Make = Callable[[Writer], generic.PdfObject]
XMP = (
    '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/">{}</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
)
TITLE = "<dc:title><rdf:Alt><rdf:li xml:lang='x-default'>{}</rdf:li></rdf:Alt></dc:title>"


def _root(**entries: Make) -> Callable[[Writer], None]:
    return lambda writer: changed(writer.root, writer, **{key: make(writer) for key, make in entries.items()})


def _forbidden(edit: Callable[[Writer], None], prepare: Callable[[pikepdf.Pdf], None] | None = None) -> set[str]:
    signed = sign(paper(prepare=prepare))
    return judged(signed, update(signed, edit))[0]


def _stream(writer: Writer, **entries: generic.PdfObject) -> generic.PdfObject:
    return stream_of(writer, "0\x82", **entries)


def _list(*made: generic.PdfObject) -> generic.ArrayObject:
    return generic.ArrayObject(made)


CATALOG: dict[str, Make] = {
    "Perms": lambda w: dictionary(DocMDP=w.root["/AcroForm"]["/Fields"][-1].get_object().raw_get("/V")),
    "OCProperties": lambda w: dictionary(OCGs=_list(), D=dictionary()),
    "PageLabels": lambda w: dictionary(Nums=_list(generic.NumberObject(0), dictionary(P=text("9"), S=pdf_name("/D")))),
    "ViewerPreferences": lambda w: dictionary(HideToolbar=generic.BooleanObject(True)),
    "Dests": lambda w: dictionary(),
    "Outlines": lambda w: dictionary(Type=pdf_name("/Outlines")),
    "Lang": lambda w: text("vi"),
    "AF": lambda w: _list(dictionary(Type=pdf_name("/Filespec"))),
    "URI": lambda w: dictionary(Base=text("https://a.invalid")),
    "Threads": lambda w: _list(),
    "Legal": lambda w: dictionary(),
    "Requirements": lambda w: _list(),
    "Collection": lambda w: dictionary(),
    "NeedsRendering": lambda w: generic.BooleanObject(True),
    "PageMode": lambda w: pdf_name("/UseAttachments"),
    "PageLayout": lambda w: pdf_name("/TwoColumnLeft"),
    "PieceInfo": lambda w: dictionary(Illustrator=dictionary(Private=_stream(w))),
    "OpenAction": lambda w: dictionary(S=pdf_name("/JavaScript"), JS=text("1")),
    "AA": lambda w: dictionary(),
    "SpiderInfo": lambda w: dictionary(),
    "DPartRoot": lambda w: dictionary(),
    "StructTreeRoot": lambda w: w.add_object(dictionary(Type=pdf_name("/StructTreeRoot"))),
    "Unheard": lambda w: text("x"),
    # what a purpose has, in another form
    "Extensions": lambda w: text("x"),
    "Version": lambda w: generic.NumberObject(2),
    "MarkInfo": lambda w: dictionary(Marked=generic.BooleanObject(True), JS=text("1")),
    "DSS": lambda w: _stream(w),
    "OutputIntents": lambda w: _list(dictionary(S=pdf_name("/GTS_PDFA1"), DestOutputProfileRef=_stream(w))),
}


@pytest.mark.parametrize("key", CATALOG)
def test_an_entry_of_the_catalog(key: str) -> None:
    assert _forbidden(_root(**{key: CATALOG[key]}))


@pytest.mark.parametrize("name", ["JavaScript", "EmbeddedFiles", "Dests", "AP", "Pages", "Templates", "Renditions"])
def test_a_tree_of_names(name: str) -> None:
    assert _forbidden(_root(Names=lambda _: dictionary(**{name: dictionary(Names=_list())})))


@pytest.mark.parametrize("key", ["AdditionalStreams", "Private", "AuthCode", "DocChecksum"])
def test_an_entry_of_the_trailer(key: str) -> None:
    signed = sign(paper())
    later = update(signed, _root(DSS=_dss()))
    for said, alarm in ((b"<< /A 1 0 R >>", True), (b"/0123ABCD", key != "DocChecksum")):
        at = later.rindex(b"trailer")
        edited = later[:at] + later[at:].replace(b"<<", b"<< /%s %s " % (key.encode(), said), 1)
        assert bool(judged(signed, edited)[0]) is alarm


# Validation data (§12.8.4.3)


def _dss(**more: Make) -> Make:
    def make(writer: Writer) -> generic.PdfObject:
        known: dict[str, Make] = {"Type": lambda _: pdf_name("/DSS"), "Certs": lambda w: _list(_stream(w)), **more}
        return writer.add_object(dictionary(**{key: one(writer) for key, one in known.items()}))

    return make


def _vri(key: str = "A" * 40, **entries: Make) -> Make:
    return lambda w: dictionary(**{key: dictionary(**{name: make(w) for name, make in entries.items()})})


@pytest.mark.parametrize(
    ("dss", "alarm"),
    [
        (_dss(), False),
        (_dss(VRI=_vri(Cert=lambda w: _list(_stream(w)), TU=lambda _: text("D:20261201"), TS=_stream)), False),
        (_dss(CRLs=lambda w: _list(_stream(w)), OCSPs=lambda w: _list(_stream(w))), False),
        (_dss(Contents=lambda w: _stream(w)), True),
        (_dss(Names=lambda w: dictionary()), True),
        (_dss(Type=lambda w: pdf_name("/Action")), True),
        (_dss(Certs=lambda w: _list(dictionary(A=text("x")))), True),
        (_dss(Certs=lambda w: _list(text("x"))), True),
        (_dss(Certs=lambda w: _list(_stream(w, F=text("https://a.invalid")))), True),
        (_dss(Certs=lambda w: _list(_stream(w, AF=dictionary()))), True),
        (_dss(Certs=lambda w: _list(form_of(w, "", 9, 9).raw_get("/N"))), True),
        (_dss(Certs=lambda w: _list(page_reference(w))), True),
        (_dss(VRI=_vri("hop-dong", Cert=lambda w: _list(_stream(w)))), True),
        (_dss(VRI=_vri(Cert=lambda w: _list(_stream(w)), Reason=lambda _: text("x"))), True),
        (_dss(VRI=_vri(Cert=lambda w: _list(dictionary()))), True),
        (_dss(VRI=_vri(TS=lambda w: dictionary())), True),
    ],
)
def test_validation_data(dss: Make, alarm: bool) -> None:
    assert bool(_forbidden(_root(DSS=dss))) is alarm


# Declarations (§7.12)


def _extension(**more: generic.PdfObject) -> generic.PdfObject:
    return dictionary(**{"BaseVersion": pdf_name("/1.7"), "ExtensionLevel": generic.NumberObject(8), **more})


@pytest.mark.parametrize(
    ("extension", "alarm"),
    [
        (_extension(), False),
        (_list(_extension(), _extension(URL=text("https://a.invalid"))), False),
        (_extension(JS=text("x")), True),
        (_extension(Type=pdf_name("/Action")), True),
        (text("x"), True),
        (_list(text("x")), True),
    ],
)
def test_extensions_by_content(extension: generic.PdfObject, alarm: bool) -> None:
    def edit(writer: Writer) -> None:
        declared = generic.DictionaryObject(writer.root["/Extensions"])
        declared[pdf_name("/ADBE")] = extension
        changed(writer.root, writer, Extensions=declared)

    assert bool(_forbidden(edit)) is alarm


def test_an_extension_about_signatures_may_go_any_other_not() -> None:
    def without(prefix: str) -> Callable[[Writer], None]:
        def edit(writer: Writer) -> None:
            left = {key: value for key, value in writer.root["/Extensions"].items() if key != prefix}
            changed(writer.root, writer, Extensions=generic.DictionaryObject(left))

        return edit

    def prepare(pdf: pikepdf.Pdf) -> None:
        levels = {"ADBE": 3, "ESIC": 1}
        pdf.Root.Extensions = pikepdf.Dictionary(
            {f"/{k}": pikepdf.Dictionary(BaseVersion=pikepdf.Name("/1.7"), ExtensionLevel=n) for k, n in levels.items()}
        )

    assert not _forbidden(without("/ESIC"), prepare)
    assert _forbidden(without("/ADBE"), prepare) == {"EXTENSIONS"}


# What the document says of itself (§14.3)


def _xmp(data: bytes, packet: str, more: str = "") -> bytes:
    """The catalog's metadata written anew."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        number = pdf.Root.Metadata.objgen[0]
    body = packet.encode()
    head = f"<< /Type /Metadata /Subtype /XML /Length {len(body)} {more} >>".encode()
    return rewritten(data, number, head + b"\nstream\n" + body + b"\nendstream")


@pytest.mark.parametrize(
    ("before", "after", "alarm"),
    [
        (XMP.format(""), XMP.format(TITLE.format("Don")), False),
        (XMP.format(TITLE.format("Don")), XMP.format(TITLE.format(" Don ") + "<dc:source>x</dc:source>"), False),
        (XMP.format(TITLE.format("Don")), XMP.format(TITLE.format("Quyet dinh")), True),
        (XMP.format(TITLE.format("Don")), XMP.format(""), True),
        (XMP.format(""), "so tien 9.000", True),
        (XMP.format(""), "<html><body>9.000</body></html>", True),
        (XMP.format(""), "<!DOCTYPE a [<!ENTITY b 'c'>]>" + XMP.format(""), True),
        (XMP.format(""), XMP.format("") + "<a/>", True),
    ],
)
def test_xmp(before: str, after: str, alarm: bool) -> None:
    signed = _xmp(sign(paper()), before)
    assert bool(judged(signed, _xmp(signed, after))[0]) is alarm
    assert judged(signed, _xmp(signed, after, "/F (elsewhere)"))[0] == {"DESCRIPTION"}


@pytest.mark.parametrize(
    ("entries", "alarm"),
    [
        ({"Producer": text("another"), "ModDate": text("D:20261201"), "Creator": text("x")}, False),
        ({"Author": text("An")}, False),
        ({"Title": text("Don de nghi")}, False),
        ({"Title": text("Quyet dinh")}, True),
        ({"Subject": dictionary(A=text("x"))}, True),
        ({"Title": generic.NullObject()}, True),
    ],
)
def test_document_information(entries: dict[str, generic.PdfObject], alarm: bool) -> None:
    def prepare(writer: Writer) -> None:
        writer.set_info(dictionary(Title=text("Don de nghi")))

    signed = sign(update(paper(), prepare))

    def edit(writer: Writer) -> None:
        info = generic.DictionaryObject(writer.trailer["/Info"])
        info.update({pdf_name(f"/{key}"): value for key, value in entries.items()})
        writer.set_info(writer.add_object(info))

    assert bool(judged(signed, update(signed, edit))[0]) is alarm


def test_a_title_that_viewers_show_in_place_of_the_name() -> None:
    def shown(pdf: pikepdf.Pdf) -> None:
        pdf.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)

    def edit(writer: Writer) -> None:
        writer.set_info(dictionary(Title=text("Quyet dinh")))

    assert not _forbidden(edit)
    assert _forbidden(edit, shown) == {"DESCRIPTION"}


def test_a_tagged_document_stays_one() -> None:
    def tagged(pdf: pikepdf.Pdf) -> None:
        pdf.Root.MarkInfo = pikepdf.Dictionary(Marked=True)

    assert not _forbidden(_root(MarkInfo=lambda _: dictionary(Marked=generic.BooleanObject(True))))
    assert _forbidden(_root(MarkInfo=lambda _: dictionary(Marked=generic.BooleanObject(False))), tagged)


# Output intents (§14.11.5)


def _srgb() -> bytes:
    return bytes(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())


def _with_tag(profile: bytes, name: bytes, edit: Callable[[bytes], bytes]) -> bytes:
    (count,) = struct.unpack_from(">I", profile, 128)
    for at in range(132, 132 + 12 * count, 12):
        found, offset, size = struct.unpack_from(">4sII", profile, at)
        if found == name:
            changed_tag = edit(profile[offset : offset + size])
            start = len(profile) + -len(profile) % 4
            entry = struct.pack(">4sII", name, start, len(changed_tag))
            return profile[:at] + entry + profile[at + 12 :].ljust(start - at - 12, b"\0") + changed_tag
    raise KeyError(name)


def _intent(profile: bytes, colours: int = 3, **more: generic.PdfObject) -> Make:
    def make(writer: Writer) -> generic.PdfObject:
        entries = {pdf_name("/N"): generic.NumberObject(colours)}
        stream = writer.add_object(generic.StreamObject(entries, stream_data=profile))
        known: Entries = {"Type": pdf_name("/OutputIntent"), "S": pdf_name("/GTS_PDFA1"), "DestOutputProfile": stream}
        return _list(dictionary(**{**known, "OutputConditionIdentifier": text("sRGB"), **more}))

    return make


WHITE = struct.pack(">4sII2H", b"curv", 0, 2, 65535, 65535)
BENT = struct.pack(">4sII3H", b"curv", 0, 3, 0, 60000, 65535)
GREEN = b"XYZ \0\0\0\0" + struct.pack(">3i", *(int(x * 65536) for x in (0.3851, 0.7169, 0.0971)))


@pytest.mark.parametrize(
    ("make", "alarm"),
    [
        (_intent(_srgb()), False),
        (_intent(_with_tag(_srgb(), b"rTRC", lambda _: WHITE)), True),
        (_intent(_with_tag(_srgb(), b"gTRC", lambda _: BENT)), True),
        (_intent(_with_tag(_srgb(), b"rXYZ", lambda _: GREEN)), True),
        (_intent(_srgb().replace(b"cprt", b"A2B0")), True),
        (_intent(_srgb(), colours=4), True),
        (_intent(_srgb()[:200]), True),
        (_intent(b""), True),
        (_intent(_srgb(), JS=text("x")), True),
        (_intent(_srgb(), Type=pdf_name("/Action")), True),
    ],
)
def test_output_intents_where_none_were(make: Make, alarm: bool) -> None:
    assert bool(_forbidden(_root(OutputIntents=make))) is alarm


def test_output_intents_exchanged() -> None:
    signed = update(sign(paper()), _root(OutputIntents=_intent(_srgb())))
    again = update(signed, _root(OutputIntents=_intent(_srgb())))
    assert not judged(signed, again)[0]  # an equal copy
    assert judged(signed, update(signed, _root(OutputIntents=_intent(_srgb(), Info=text("x")))))[0] == {"CATALOG"}
    assert judged(signed, update(signed, _root(OutputIntents=lambda _: _list())))[0] == {"CATALOG"}


# Graphs are compared by content


def _chain(writer: Writer, length: int, end: generic.PdfObject) -> generic.PdfObject:
    below = end
    for _ in range(length):
        below = writer.add_object(dictionary(A=below, B=generic.NumberObject(1)))
    return below


def _lattice(writer: Writer, levels: int, end: generic.PdfObject) -> generic.PdfObject:
    """Each object leads to the next by two ways: 2 to the power of ``levels`` paths."""
    below = end
    for _ in range(levels):
        below = writer.add_object(dictionary(L=below, R=below))
    return below


def _ring(writer: Writer, length: int, said: str) -> generic.PdfObject:
    made = [writer.add_object(dictionary(W=text(said))) for _ in range(length)]
    for one, after in zip(made, made[1:] + made[:1], strict=True):
        changed(one.get_object(), writer, N=after)
    return made[0]


@pytest.mark.parametrize(
    ("before", "after", "alarm"),
    [
        (lambda w: text("a"), lambda w: generic.ByteStringObject(b"a"), False),
        (lambda w: numbers(595), lambda w: numbers(595.0), False),
        (lambda w: numbers(0.000001), lambda w: numbers(0.00004), True),
        (lambda w: numbers(0.0), lambda w: numbers(0.000001), True),
        (lambda w: numbers(0.12345), lambda w: numbers(0.12346), True),
        (lambda w: dictionary(), lambda w: dictionary(A=generic.NullObject()), False),
        (lambda w: dictionary(A=text("")), lambda w: dictionary(), True),
        (lambda w: w.add_object(text("a")), lambda w: text("a"), False),
        (lambda w: _list(text("a")), lambda w: _list(text("a"), generic.NullObject()), True),
        (lambda w: _list(text("a"), text("b")), lambda w: _list(text("b"), text("a")), True),
        (lambda w: pdf_name("/a"), lambda w: text("a"), True),
        (lambda w: stream_of(w, "a"), lambda w: stream_of(w, "a"), False),
        (lambda w: stream_of(w, "a"), lambda w: stream_of(w, "b"), True),
        (lambda w: stream_of(w, "a"), lambda w: stream_of(w, "a", X=text("x")), True),
        (lambda w: stream_of(w, "a"), lambda w: dictionary(), True),
        (lambda w: _chain(w, 3000, text("a")), lambda w: _chain(w, 3000, text("a")), False),
        (lambda w: _chain(w, 3000, text("a")), lambda w: _chain(w, 3000, text("b")), True),
        (lambda w: _chain(w, 30, stream_of(w, "a")), lambda w: _chain(w, 30, stream_of(w, "a ")), True),
        (lambda w: _lattice(w, 60, text("a")), lambda w: _lattice(w, 60, text("a")), False),
        (lambda w: _lattice(w, 60, text("a")), lambda w: _lattice(w, 60, text("b")), True),
        (lambda w: _ring(w, 20, "a"), lambda w: _ring(w, 31, "a"), False),
        (lambda w: _ring(w, 20, "a"), lambda w: _ring(w, 31, "b"), True),
        (lambda w: page_reference(w, 0), lambda w: page_reference(w, 1), True),
    ],
)
def test_equal_is_what_leads_to_no_difference(before: Make, after: Make, alarm: bool) -> None:
    signed = update(sign(paper()), _root(Unheard=before))
    assert bool(judged(signed, update(signed, _root(Unheard=after)))[0]) is alarm


def test_a_stream_stored_in_another_way() -> None:
    def compressed(commands: bytes) -> Callable[[Writer], None]:
        def edit(writer: Writer) -> None:
            stream = generic.StreamObject(stream_data=commands)
            stream.compress()
            changed(page_of(writer, 1), writer, Contents=writer.add_object(stream))

        return edit

    signed = sign(paper())
    with reading():
        old = RevisionObjects(signed)
        page = old.get(old.pdf.pages[1].obj.objgen)
        content = bytes(page["/Contents"].read_bytes()) if page is not None else b""
        old.close()
    assert not judged(signed, update(signed, compressed(content)))[0]
    assert judged(signed, update(signed, compressed(content.replace(b"100", b"900", 1))))[0] == {"PAGE_CONTENT"}


@pytest.mark.parametrize(("name", "alarm"), [("F1", False), ("F2", True)])
def test_what_a_page_had_from_above_stands_in_it(name: str, alarm: bool) -> None:
    def lift(pdf: pikepdf.Pdf) -> None:
        pdf.Root.Pages.Resources = pdf.pages[1].obj.Resources
        del pdf.pages[1].obj["/Resources"]

    def edit(writer: Writer) -> None:
        font = writer.root["/Pages"]["/Resources"]["/Font"].raw_get("/F1")
        fonts = dictionary(**{name: font})
        changed(page_of(writer, 1), writer, Resources=dictionary(Font=fonts))

    assert bool(_forbidden(edit, lift)) is alarm


def test_a_box_moved_by_next_to_nothing() -> None:
    assert not _forbidden(lambda w: changed(page_of(w), w, MediaBox=numbers(0, 0, 595, 842)))
    moved = _forbidden(lambda w: changed(page_of(w), w, MediaBox=numbers(0, 0, 595, 842.00001)))
    assert moved == {"PAGE_GEOMETRY"}
    assert _forbidden(lambda w: changed(page_of(w), w, UserUnit=generic.FloatObject("1.0000001"))) == {"PAGE_GEOMETRY"}
    assert _forbidden(lambda w: changed(page_of(w), w, StructParents=generic.NumberObject(3))) == set()
    assert _forbidden(lambda w: changed(page_of(w), w, Rotate=rectangle(90))) == {"PAGE_GEOMETRY"}


def test_a_page_that_is_no_object_of_its_own() -> None:
    """Not allowed (§7.7.3.2), and shown by some viewers all the same."""

    def direct(words: str) -> Callable[[Writer], None]:
        def edit(writer: Writer) -> None:
            content = stream_of(writer, f"BT /F1 16 Tf 60 780 Td ({words}) Tj ET")
            kids = generic.ArrayObject(writer.root["/Pages"]["/Kids"].raw_get(at) for at in range(2))
            kids.append(dictionary(Type=pdf_name("/Page"), Contents=content, MediaBox=numbers(0, 0, 595, 842)))
            changed(writer.root["/Pages"], writer, Kids=kids, Count=generic.NumberObject(3))

        return edit

    signed = update(sign(paper()), direct("100"))
    assert not judged(signed, update(signed, direct("100")))[0]
    assert "PAGE_CONTENT" in judged(signed, update(signed, direct("900")))[0]


def test_comparing_costs_no_more_than_the_file_has() -> None:
    """Two rings whose lengths have no common divisor are as many pairs as their product, and counted."""
    signed = update(sign(paper()), _root(Unheard=lambda w: _ring(w, 97, "a")))
    later = update(signed, _root(Unheard=lambda w: _ring(w, 101, "a")))
    with reading():
        old, new = RevisionObjects(later, len(signed)), RevisionObjects(later)
        assert [change for change in compare_objects(old, new) if change.kind.name == "CATALOG"] == []
        old.close()
        new.close()
