"""Further steps as the programs of others write them: none of them raises an alarm."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable

import pikepdf
import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.crypt import StandardSecurityHandler
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer
from pyhanko.sign import fields, signers
from pyhanko_certvalidator.registry import SimpleCertificateStore

from tests.attacks.making import (
    SEAL,
    SEAL_BOX,
    changed,
    codes_of,
    form_of,
    identity,
    listed_in,
    page_of,
    paper,
    rectangle,
    sign,
    stream_of,
    time_stamped,
    update,
    with_validation_data,
)
from tests.attacks.objects import Entries, dictionary, judged, numbers, place, text, value, widget
from tests.unit.verifier.facts import SIGNER, facts
from verifier.changes.object_changes import compare_objects
from verifier.changes.revision_objects import RevisionObjects, reading
from verifier.changes.revisions import ChangeFacts, DocumentHistory, analyse_changes
from verifier.conclude import conclude_signature
from verifier.report import ChangesAfter, Integrity, PathOutcome

Writer = IncrementalPdfFileWriter
Step = Callable[[Writer], None]
LAYERS = "q 1 0 0 1 0 0 cm /n0 Do Q q 1 0 0 1 0 0 cm /n2 Do Q"


def _form(writer: Writer, commands: str, **resources: generic.PdfObject) -> generic.PdfObject:
    known: Entries = {"Type": pdf_name("/XObject"), "Subtype": pdf_name("/Form"), "BBox": numbers(0, 0, 150, 80)}
    more: Entries = {"Resources": dictionary(**resources), "FormType": generic.NumberObject(1)}
    return stream_of(writer, commands, **known, **more)


def _layers(writer: Writer) -> generic.DictionaryObject:
    """A signature's appearance in layers, as Acrobat and iText make it (``FRM``, ``n0``, ``n2``)."""
    font = dictionary(
        Type=pdf_name("/Font"),
        Subtype=pdf_name("/Type1"),
        BaseFont=pdf_name("/Helvetica"),
        Encoding=pdf_name("/WinAnsiEncoding"),
    )
    blank = _form(writer, "% DSBlank")
    words = _form(writer, "BT /F1 9 Tf 2 5 Td (Ky boi: A) Tj ET", Font=dictionary(F1=writer.add_object(font)))
    frame = _form(writer, LAYERS, XObject=dictionary(n0=blank, n2=words))
    return dictionary(N=_form(writer, "q 1 0 0 1 0 0 cm /FRM Do Q", XObject=dictionary(FRM=frame)))


def _picture(writer: Writer) -> generic.PdfObject:
    """An image with a soft mask under calibrated colours, its resources apart, as PDFBox and iTextSharp make it."""
    entries: Entries = {
        "Subtype": pdf_name("/Image"),
        "Width": generic.NumberObject(1),
        "Height": generic.NumberObject(1),
    }
    entries |= {"Type": pdf_name("/XObject"), "BitsPerComponent": generic.NumberObject(8)}
    mask = stream_of(writer, "x", ColorSpace=pdf_name("/DeviceGray"), **entries)
    calibrated = dictionary(WhitePoint=numbers(0.95, 1, 1.09), Gamma=numbers(2.2, 2.2, 2.2))
    colours = generic.ArrayObject([pdf_name("/CalRGB"), calibrated])
    image = stream_of(writer, "xyz", ColorSpace=colours, SMask=mask, **entries)
    resources = writer.add_object(dictionary(XObject=writer.add_object(dictionary(Im1=image))))
    drawn = form_of(writer, "q 150 0 0 80 0 0 cm /Im1 Do Q", 150, 80)
    changed(drawn["/N"], writer, Resources=resources)
    return drawn


def _new_field(**more: Callable[[Writer], generic.PdfObject | None]) -> Step:
    def step(writer: Writer) -> None:
        place(writer, widget(writer, V=value(writer), **{key: make(writer) for key, make in more.items()}))

    return step


def _itext_sharp(writer: Writer) -> None:
    look = _layers(writer)
    place(writer, widget(writer, V=value(writer), AP=look, DR=dictionary(XObject=dictionary(FRM=look.raw_get("/N")))))


def _acrobat(writer: Writer) -> None:
    plain: Entries = {"DA": text("/Helv 0 Tf 0 g"), "MK": dictionary(), "AP": _layers(writer)}
    built = dictionary(App=dictionary(Name=pdf_name("/Acrobat"), OS=generic.ArrayObject([pdf_name("/Win")])))
    place(writer, widget(writer, V=value(writer, Prop_Build=built, Name=text("A"), M=text("D:20261201")), **plain))
    listed = writer.root["/AcroForm"]
    fonts = generic.DictionaryObject(listed["/DR"]["/Font"])
    fonts[pdf_name("/Helv")] = dictionary(
        Type=pdf_name("/Font"), Subtype=pdf_name("/Type1"), BaseFont=pdf_name("/Helvetica")
    )
    encodings = dictionary(PDFDocEncoding=dictionary(Type=pdf_name("/Encoding")))
    changed(listed, writer, DR=dictionary(Font=fonts, Encoding=encodings), SigFlags=generic.NumberObject(3))


def _pdfbox(writer: Writer) -> None:
    declared = generic.DictionaryObject(writer.root["/Extensions"])
    declared[pdf_name("/ADBE")] = dictionary(BaseVersion=pdf_name("/1.7"), ExtensionLevel=generic.NumberObject(5))
    declared.pop(pdf_name("/ESIC"))
    changed(writer.root, writer, Extensions=declared)
    place(writer, widget(writer, V=value(writer), AP=_picture(writer)))


def _sec_commerce(writer: Writer) -> None:
    """The page's resources written anew as an equal copy; a hidden time stamp without a box."""
    resources = generic.DictionaryObject(page_of(writer)["/Resources"])
    changed(page_of(writer), writer, Resources=writer.add_object(resources))
    nowhere = rectangle(0, 0, 0, 0)
    place(writer, widget(writer, V=value(writer, stamp=True), F=generic.NumberObject(2), Rect=nowhere))


def _fields_and_widgets(writer: Writer) -> None:
    above = place(writer, {"FT": pdf_name("/Sig"), "T": text("Moi"), "V": value(writer)}, on_page=False)
    entries = widget(writer, FT=None, T=None, Parent=above, AP=_layers(writer))
    below = place(writer, entries, in_form=False)
    changed(above.get_object(), writer, Kids=generic.ArrayObject([below]))


def _without_widget(writer: Writer) -> None:
    place(writer, {"FT": pdf_name("/Sig"), "T": text("Moi"), "V": value(writer)}, on_page=False)


def _lists_apart(writer: Writer) -> None:
    """The page's list of annotations becomes an object of its own, as Acrobat has it."""
    reference = writer.add_object(dictionary(**widget(writer, V=value(writer), AP=_layers(writer))))
    for holder, key in ((page_of(writer), "Annots"), (writer.root["/AcroForm"], "Fields")):
        listed = generic.ArrayObject(
            [*(holder[f"/{key}"].raw_get(at) for at in range(len(holder[f"/{key}"]))), reference]
        )
        changed(holder, writer, **{key: writer.add_object(listed)})


STEPS: dict[str, Step] = {
    "unseen": _new_field(),
    "layers": _new_field(AP=_layers),
    "image": _new_field(AP=_picture),
    "locking": _new_field(Lock=lambda _: dictionary(Type=pdf_name("/SigFieldLock"), Action=pdf_name("/All"))),
    "seed value": _new_field(SV=lambda _: dictionary(Type=pdf_name("/SV"), Ff=generic.NumberObject(1))),
    "tool tip": _new_field(TU=lambda _: text("Ky tai day"), H=lambda _: pdf_name("/N")),
    "border beside a picture": _new_field(AP=_layers, MK=lambda _: dictionary(BC=numbers(0, 0, 1))),
    "no type": _new_field(Type=lambda _: None, AP=_layers),
    "no page": _new_field(P=lambda _: None, AP=_layers),
    "iTextSharp": _itext_sharp,
    "Acrobat": _acrobat,
    "PDFBox": _pdfbox,
    "SecCommerce": _sec_commerce,
    "widget apart": _fields_and_widgets,
    "no widget": _without_widget,
    "lists apart": _lists_apart,
}


@pytest.mark.parametrize("step", STEPS)
def test_a_step_of_another_program(step: str) -> None:
    signed = sign(paper())
    assert not judged(signed, update(signed, STEPS[step]))[0]
    longer = time_stamped(with_validation_data(update(signed, STEPS[step])))
    assert not judged(signed, longer)[0]
    again = update(sign(longer, "Ky2", SEAL_BOX, SEAL), _new_field(T=lambda _: text("Nua")))
    assert not judged(signed, again)[0]


def test_an_encrypted_document_with_its_authentication_code() -> None:
    """ISO/TS 32004: the trailer's code is made anew with each signature."""
    writer = copy_into_new_writer(PdfFileReader(io.BytesIO(paper())))
    writer.output_version = (2, 0)
    handler = StandardSecurityHandler.build_from_pw("owner", "user")
    writer._assign_security_handler(handler)
    out = io.BytesIO()
    writer.write(out)

    def signed_once_more(data: bytes, field: str) -> bytes:
        certificate, key = identity()
        later = IncrementalPdfFileWriter(io.BytesIO(data), strict=False)
        later.encrypt("user")
        signer = signers.SimpleSigner(certificate, key, SimpleCertificateStore())
        metadata = signers.PdfSignatureMetadata(field_name=field, subfilter=fields.SigSeedSubFilter.PADES)
        return bytes(signers.PdfSigner(metadata, signer).sign_pdf(later, bytes_reserved=16384).getvalue())

    once = signed_once_more(out.getvalue(), "Ky")
    twice = signed_once_more(once, "Ky2")
    assert once.count(b"/AuthCode") == 2
    with reading():
        old, new = RevisionObjects(twice, len(once), "user"), RevisionObjects(twice, None, "user")
        kinds = {change.kind.name for change in compare_objects(old, new)} - {"METADATA"}
        old.close()
        new.close()
    assert kinds == {"SIGNATURE_FIELD_ADDED"}


# A letter that its first signer certified with P = 2


def _letter(**changes: object) -> ChangeFacts:
    data = sign(sign(paper(), certify=fields.MDPPerm.FILL_FORMS), "Dau", SEAL_BOX, SEAL)
    first, second = listed_in(data), listed_in(data, "Dau")
    assert first.object_ref is not None
    assert second.object_ref is not None
    signer = dataclasses.replace(SIGNER, name="Văn phòng", organization="UBND xã")
    later = {second.object_ref: conclude_signature(facts(signer=signer, **changes))}
    signers_of = {first.object_ref: signer}
    history = DocumentHistory(data, judged=frozenset(later), later=later, signers=signers_of)
    with history:
        return analyse_changes(history, first)


def test_a_seal_of_the_same_agency_on_a_certified_letter() -> None:
    found = _letter()
    assert (found.changes_after, found.visible) == (ChangesAfter.PERMITTED, False)
    (warning,) = [finding for finding in found.findings if finding.code == "SIGNED-ON-CERTIFIED"]
    assert warning.parameters == (("names", "Văn phòng (1)"),)


def test_a_seal_that_has_not_passed_is_for_an_officer_and_a_broken_one_is_not() -> None:
    expired = _letter(path=PathOutcome.NO_CHAIN)
    assert (expired.changes_after, expired.for_officer) == (ChangesAfter.SUSPICIOUS, True)
    assert codes_of(expired) == {"SIGNED-ON-CERTIFIED-NOT-PASSED"}
    broken = _letter(integrity=Integrity.BROKEN)
    assert (broken.changes_after, broken.for_officer) == (ChangesAfter.SUSPICIOUS, False)
    assert "VISIBLE-SIGNATURE-ON-CERTIFIED" in codes_of(broken)


def test_bookmarks_that_lead_into_the_structure() -> None:
    """``/SE`` of a bookmark names an element of a tree that grows by the new field's (ISO 32000-2 table 151)."""

    def tagged(pdf: pikepdf.Pdf) -> None:
        root = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.StructTreeRoot))
        document = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.StructElem, S=pikepdf.Name.Document, P=root))
        part = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.StructElem, S=pikepdf.Name.P, P=document))
        document.K, root.K = pikepdf.Array([part]), document
        pdf.Root.StructTreeRoot = root
        outlines = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.Outlines, Count=1))
        item = pdf.make_indirect(pikepdf.Dictionary(Title="Dieu 1", Parent=outlines, SE=part))
        outlines.First = outlines.Last = item
        pdf.Root.Outlines = outlines

    signed = sign(paper(prepare=tagged))

    def grow(writer: Writer) -> None:
        field = place(writer, widget(writer, V=value(writer)))
        top = writer.root["/StructTreeRoot"]["/K"]
        leads = dictionary(Type=pdf_name("/OBJR"), Obj=field)
        above = writer.root["/StructTreeRoot"].raw_get("/K")
        element = dictionary(Type=pdf_name("/StructElem"), S=pdf_name("/Form"), P=above, K=leads)
        top["/K"].append(writer.add_object(element))
        writer.update_container(top["/K"])

    def grow_and_retell(writer: Writer) -> None:
        grow(writer)
        changed(writer.root["/Outlines"]["/First"], writer, Title=text("Dieu 9"))

    assert judged(signed, update(signed, grow)) == (set(), {"SIGNATURE_FIELD_ADDED", "TAGS_ADDED"})
    assert judged(signed, update(signed, grow_and_retell))[0] == {"CATALOG"}
