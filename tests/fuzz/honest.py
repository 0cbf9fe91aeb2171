"""Signed papers of several makes, and what honest people add to them later: the ground on which updates are mutated."""

from __future__ import annotations

import asyncio
import hashlib
import io
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

import pikepdf
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.stamp import StaticStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore

from demo.documents import Applicant, permit
from demo.issuing import Holder
from demo.pki import DemoPki
from tests.attacks.making import changed, drawing, field_of, form_of, text_appearance, update
from tests.fuzz.updates import Seal
from tests.unit.verifier.cms_maker import Make, make_cms
from tests.unit.verifier.signing import _private_key, add_dss, now, stamp, time_stamper

PAGE = (320, 240)
SIGNED_FIELD, EMPTY_FIELD, EMPTY_TEXT, CHECK_BOX = "Ky", "Dau", "ghi_chu", "dong_y"
FREE = (190, 12, 270, 52)
"""Ground of the papers on which nothing stands."""


@dataclass(frozen=True)
class Keys:
    """Who signs: the citizen first, then an agency or a company; and the authority of time stamps."""

    pki: DemoPki

    @property
    def first(self) -> Holder:
        """Who signed the paper."""
        return self.pki.holder("citizen")

    @property
    def second(self) -> Holder:
        """Who signs after that."""
        return self.pki.holder("agency")

    def signature(self, covered: bytes) -> bytes:
        """A signature of the second over these bytes."""
        return make_cms(Make(self.second), covered)

    def time_stamp(self, covered: bytes) -> bytes:
        """A token of the official authority over these bytes."""
        stamper = time_stamper(self.pki.holder("tsa-official"), now())
        token = asyncio.run(stamper.async_timestamp(hashlib.sha256(covered).digest(), "sha256"))
        return bytes(token.dump())


@dataclass(frozen=True)
class Step:
    """One thing that is added to a signed paper, as a further revision. ``seal`` makes its signature anew when the
    revision is written in another way; None where nobody signs it."""

    name: str
    make: Callable[[bytes, random.Random], bytes]
    seal: Seal | None = None


def papers(keys: Keys) -> dict[str, bytes]:
    """Papers signed once by the citizen: a plain form, compressed, linearised, signed visibly, a permit of the demo."""
    plain = _form(EMPTY_FIELD)
    applicant = Applicant("Lò Thị Mẫu", "012345678902", "Tổ 5, phường Tân Phong")
    letter = permit(applicant, "45/GPXD", date(2026, 11, 18), "Phạm Thị Mẫu", "120")
    ink = drawing("0 0 1 RG 1 w 4 4 m 20 30 l 40 6 l 60 28 l S", 70, 34)
    return {
        "form": _signed(_saved(plain), keys.first),
        "compressed": _signed(_saved(plain, packed=True), keys.first),
        "linearised": _signed(_saved(plain, linearised=True), keys.first),
        "signed visibly": _signed(_saved(plain), keys.first, box=(30, 12, 100, 46), style=ink),
        "permit": _signed(letter, keys.first),
    }


def steps(keys: Keys) -> tuple[Step, ...]:
    """What honest people do next; those whose field a paper lacks leave it as it is."""
    return (
        Step("signature, unseen", lambda data, _: _signed(data, keys.second, "Ky2"), keys.signature),
        Step("signature, visible", lambda data, chance: _visible(data, keys, chance), keys.signature),
        Step("signature in an empty field", lambda data, _: _in_empty_field(data, keys), keys.signature),
        Step("time stamp", lambda data, _: stamp(data, keys.pki.holder("tsa-official"), now()), keys.time_stamp),
        Step("validation data", lambda data, _: add_dss(data, [keys.first], [], [])),
        Step("filled field", _filled),
        Step("ticked box", _ticked),
        Step("metadata", _titled),
    )


def honest_files(keys: Keys, chance: random.Random) -> Iterator[tuple[str, bytes, int]]:
    """Every paper with every step that changes it: a name, the bytes, and where the signed revision ends."""
    for paper, data in papers(keys).items():
        for step in steps(keys):
            made = step.make(data, chance)
            if made != data:
                yield f"{paper}: {step.name}", made, len(data)


def _form(field: str) -> pikepdf.Pdf:
    pdf = pikepdf.new()
    font = pdf.make_indirect(
        pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    )
    mark = pdf.make_stream(b"0 0.4 0 rg 0 0 40 12 re f")
    mark.Type, mark.Subtype, mark.BBox = pikepdf.Name.XObject, pikepdf.Name.Form, pikepdf.Array([0, 0, 40, 12])
    for number in range(2):
        page = pdf.add_blank_page(page_size=PAGE)
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font), XObject=pikepdf.Dictionary(M=mark))
        lines = f"BT /F1 18 Tf 30 200 Td (So tien {number + 1}.000.000) Tj 0 -30 Td (Dieu {number + 1}: giao dat) Tj ET"
        page.Contents = pdf.make_stream(f"{lines} q 1 0 0 1 240 205 cm /M Do Q".encode())
    first = pdf.pages[0]
    form = pdf.make_indirect(
        pikepdf.Dictionary(Fields=pikepdf.Array(), DR=first.Resources, DA="/F1 12 Tf 0 g", SigFlags=1)
    )
    pdf.Root.AcroForm, first.Annots = form, pikepdf.Array()
    for widget in (
        _text(pdf, font),
        _box(pdf),
        pikepdf.Dictionary(FT=pikepdf.Name.Sig, T=field, Rect=[30, 60, 100, 95]),
    ):
        widget.Type, widget.Subtype, widget.F, widget.P = pikepdf.Name.Annot, pikepdf.Name.Widget, 4, first.obj
        made = pdf.make_indirect(widget)
        form.Fields.append(made)
        first.Annots.append(made)
    return pdf


def _text(pdf: pikepdf.Pdf, font: pikepdf.Object) -> pikepdf.Dictionary:
    appearance = pikepdf.Dictionary(N=text_appearance(pdf, "", font))
    return pikepdf.Dictionary(
        FT=pikepdf.Name.Tx, T=EMPTY_TEXT, V="", DA="/F1 12 Tf 0 g", Rect=[30, 110, 150, 130], AP=appearance
    )


def _box(pdf: pikepdf.Pdf) -> pikepdf.Dictionary:
    def state(commands: bytes) -> pikepdf.Object:
        made = pdf.make_stream(commands)
        made.Type, made.Subtype, made.BBox = pikepdf.Name.XObject, pikepdf.Name.Form, pikepdf.Array([0, 0, 14, 14])
        return made

    frame = b"0.5 0.5 13 13 re S "
    states = pikepdf.Dictionary(Co=state(frame + b"2 2 m 12 12 l 2 12 m 12 2 l S"), Off=state(frame))
    off = pikepdf.Name.Off
    appearance = pikepdf.Dictionary(N=states)
    return pikepdf.Dictionary(FT=pikepdf.Name.Btn, T=CHECK_BOX, V=off, AS=off, Rect=[200, 110, 214, 124], AP=appearance)


def _saved(pdf: pikepdf.Pdf, packed: bool = False, linearised: bool = False) -> bytes:
    out = io.BytesIO()
    mode = pikepdf.ObjectStreamMode.generate if packed else pikepdf.ObjectStreamMode.disable
    pdf.save(out, object_stream_mode=mode, linearize=linearised, static_id=True)
    return out.getvalue()


def _signed(
    data: bytes,
    holder: Holder,
    field: str = SIGNED_FIELD,
    box: tuple[int, int, int, int] | None = None,
    style: StaticStampStyle | None = None,
    existing: bool = False,
) -> bytes:
    signer = signers.SimpleSigner(holder.asn1, _private_key(holder), SimpleCertificateStore())
    metadata = signers.PdfSignatureMetadata(field_name=field, subfilter=fields.SigSeedSubFilter.PADES)
    specification = None if existing else fields.SigFieldSpec(field, box=box, on_page=0)
    signing = signers.PdfSigner(metadata, signer, stamp_style=style, new_field_spec=specification)
    writer = IncrementalPdfFileWriter(io.BytesIO(data), strict=False)
    return bytes(signing.sign_pdf(writer, existing_fields_only=existing).getvalue())


def _visible(data: bytes, keys: Keys, chance: random.Random) -> bytes:
    x, y = FREE[0] + chance.randrange(20), FREE[1] + chance.randrange(8)
    seal = drawing("1 0 0 RG 2 w 5 5 50 26 re S 12 12 36 12 re S", 60, 36)
    return _signed(data, keys.second, "Ky2", (x, y, x + 60, y + 36), seal)


def _in_empty_field(data: bytes, keys: Keys) -> bytes:
    if not _has(data, EMPTY_FIELD):
        return data
    return _signed(data, keys.second, EMPTY_FIELD, style=drawing("1 0 0 RG 2 w 5 5 55 24 re S", 70, 35), existing=True)


def _filled(data: bytes, chance: random.Random) -> bytes:
    words = chance.choice(("Da nhan du", "Giao tai nha", "Khong"))

    def fill(writer: IncrementalPdfFileWriter) -> None:
        appearance = form_of(writer, f"/Tx BMC q BT /F1 12 Tf 0 g 2 5 Td ({words}) Tj ET Q EMC", 120, 20)
        changed(field_of(writer, EMPTY_TEXT), writer, V=generic.pdf_string(words), AP=appearance)

    return update(data, fill) if _has(data, EMPTY_TEXT) else data


def _ticked(data: bytes, _: random.Random) -> bytes:
    def tick(writer: IncrementalPdfFileWriter) -> None:
        changed(field_of(writer, CHECK_BOX), writer, V=pdf_name("/Co"), AS=pdf_name("/Co"))

    return update(data, tick) if _has(data, CHECK_BOX) else data


def _titled(data: bytes, chance: random.Random) -> bytes:
    def edit(writer: IncrementalPdfFileWriter) -> None:
        title = generic.pdf_string(f"Don {chance.randrange(1000)}")
        writer.set_info(generic.DictionaryObject({pdf_name("/Title"): title}))

    return update(data, edit)


def _has(data: bytes, field: str) -> bool:
    with pikepdf.open(io.BytesIO(data)) as pdf:
        form = pdf.Root.get("/AcroForm")
        return form is not None and any(str(one.get("/T")) == field for one in form.Fields)
