"""Papers signed in the test itself with a throw-away key, and edits of them as later revisions."""

from __future__ import annotations

import functools
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pikepdf
from asn1crypto import keys, x509
from cryptography import x509 as builder
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.content import RawContent
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.sign import fields, signers, timestamps
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.stamp import StaticStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore

from verifier.changes.revisions import ChangeFacts, DocumentHistory, analyse_changes
from verifier.pdf.reading import open_pdf
from verifier.pdf.signatures import ListedSignature, list_signatures
from verifier.report import ChangesAfter

A4 = (595, 842)
FILLED, EMPTY = "nguoi_nhan", "ghi_chu"
"""Names of the field that has a value when the paper is signed, and of the one that is still empty."""
SEAL_BOX = (330, 80, 480, 160)
_NOW = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)


@functools.cache
def identity(name: str = "Nguyễn Văn An", time_stamping: bool = False) -> tuple[x509.Certificate, keys.PrivateKeyInfo]:
    """A self-signed certificate and its key, made once in a test process."""
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
    # pyHanko's dummy time stamper speaks RSA only
    key = rsa.generate_private_key(65537, 2048) if time_stamping else ec.generate_private_key(ec.SECP256R1())
    subject = builder.Name([builder.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        builder.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(builder.random_serial_number())
        .not_valid_before(_NOW - timedelta(days=400))
        .not_valid_after(_NOW + timedelta(days=4000))
        .add_extension(builder.KeyUsage(True, True, *[False] * 7), critical=True)
    )
    if time_stamping:
        made = made.add_extension(builder.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    certificate = made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
    private = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return x509.Certificate.load(certificate), keys.PrivateKeyInfo.load(private)


def paper(pages: int = 2, prepare: Callable[[pikepdf.Pdf], None] | None = None) -> bytes:
    """A form of some pages with a filled and an empty text field; ``prepare`` may add to it before it is saved."""
    pdf = pikepdf.new()
    font = pdf.make_indirect(
        pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    )
    for number in range(pages):
        page = pdf.add_blank_page(page_size=A4)
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        lines = "".join(f"0 -40 Td (Dieu {line} trang {number + 1}: so tien 100 trieu dong) Tj " for line in range(12))
        page.Contents = pdf.make_stream(f"BT /F1 16 Tf 60 780 Td {lines}ET".encode())
    first = pdf.pages[0]
    form = pdf.make_indirect(pikepdf.Dictionary(Fields=pikepdf.Array(), DR=first.Resources, DA="/F1 12 Tf 0 g"))
    pdf.Root.AcroForm = form
    first.Annots = pikepdf.Array()
    for name, value, bottom in ((FILLED, "Tran Thi Binh", 200), (EMPTY, "", 170)):
        field = pdf.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Annot,
                Subtype=pikepdf.Name.Widget,
                FT=pikepdf.Name.Tx,
                T=name,
                V=value,
                F=4,
                DA="/F1 12 Tf 0 g",
                Rect=[60, bottom, 300, bottom + 20],
                P=first.obj,
                AP=pikepdf.Dictionary(N=text_appearance(pdf, value, font)),
            )
        )
        form.Fields.append(field)
        first.Annots.append(field)
    if prepare is not None:
        prepare(pdf)
    out = io.BytesIO()
    pdf.save(out, static_id=True)
    return out.getvalue()


def text_appearance(pdf: pikepdf.Pdf, text: str, font: pikepdf.Object) -> pikepdf.Object:
    """The appearance of a text field that shows ``text``."""
    drawn = f"/Tx BMC q BT /F1 12 Tf 2 5 Td ({text}) Tj ET Q EMC" if text else "/Tx BMC EMC"
    stream = pdf.make_stream(drawn.encode())
    stream.Type, stream.Subtype = pikepdf.Name.XObject, pikepdf.Name.Form
    stream.BBox = pikepdf.Array([0, 0, 240, 20])
    stream.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
    return stream


def drawing(commands: str, width: int, height: int) -> StaticStampStyle:
    """A stamp that draws these operators in a box of this size, without frame or background."""
    content = RawContent(commands.encode(), box=BoxConstraints(width, height))
    return StaticStampStyle(background=content, border_width=0, background_opacity=1.0)


SEAL = drawing("1 0 0 RG 3 w 10 10 60 60 re S", 150, 80)


def sign(
    data: bytes,
    field: str = "Ky",
    box: tuple[int, int, int, int] | None = None,
    style: StaticStampStyle | None = None,
    certify: fields.MDPPerm | None = None,
    lock: fields.FieldMDPSpec | None = None,
    existing: bool = False,
) -> bytes:
    """Sign as a new revision, in a field of its own (or one that exists) with or without a visible seal."""
    certificate, key = identity()
    signer = signers.SimpleSigner(certificate, key, SimpleCertificateStore())
    metadata = signers.PdfSignatureMetadata(
        field_name=field,
        subfilter=fields.SigSeedSubFilter.PADES,
        certify=certify is not None,
        docmdp_permissions=certify or fields.MDPPerm.FILL_FORMS,
    )
    specification = None if existing else fields.SigFieldSpec(field, box=box, on_page=0, field_mdp_spec=lock)
    out = signers.PdfSigner(metadata, signer, stamp_style=style, new_field_spec=specification).sign_pdf(
        IncrementalPdfFileWriter(io.BytesIO(data), strict=False), existing_fields_only=existing
    )
    return bytes(out.getvalue())


def time_stamped(data: bytes) -> bytes:
    """A document time stamp as a new revision."""
    certificate, key = identity("TSA", time_stamping=True)
    stamper = timestamps.DummyTimeStamper(certificate, key, SimpleCertificateStore(), fixed_dt=_NOW)
    writer = IncrementalPdfFileWriter(io.BytesIO(data), strict=False)
    return bytes(signers.PdfTimeStamper(stamper).timestamp_pdf(writer, "sha256").getvalue())


def with_validation_data(data: bytes) -> bytes:
    """A document security store as a new revision."""

    def add(writer: IncrementalPdfFileWriter) -> None:
        DocumentSecurityStore.supply_dss_in_writer(writer, b"", certs=[identity()[0]])

    return update(data, add)


def update(data: bytes, edit: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
    """An edit as a new revision, by a tool that respects incremental updates."""
    writer = IncrementalPdfFileWriter(io.BytesIO(data), strict=False)
    edit(writer)
    writer.write_in_place()
    stream = writer.prev.stream
    return bytes(stream.getvalue())


def changed(container: generic.PdfObject, writer: IncrementalPdfFileWriter, **values: generic.PdfObject) -> None:
    """Set entries of a dictionary (names without slash) and have it written in the new revision."""
    assert isinstance(container, generic.DictionaryObject)
    for key, value in values.items():
        container[pdf_name(f"/{key}")] = value
    writer.update_container(container)


def page_of(writer: IncrementalPdfFileWriter, index: int = 0) -> generic.DictionaryObject:
    """A page's dictionary."""
    page = writer.root["/Pages"]["/Kids"][index]
    assert isinstance(page, generic.DictionaryObject)
    return page


def field_of(writer: IncrementalPdfFileWriter, name: str) -> generic.DictionaryObject:
    """A field's dictionary by its name."""
    for field in writer.root["/AcroForm"]["/Fields"]:
        found = field.get_object()
        if found["/T"] == name:
            assert isinstance(found, generic.DictionaryObject)
            return found
    raise KeyError(name)


def stream_of(writer: IncrementalPdfFileWriter, commands: str, **entries: generic.PdfObject) -> generic.IndirectObject:
    """A content stream or form as a new object."""
    stream = generic.StreamObject({pdf_name(f"/{k}"): v for k, v in entries.items()}, stream_data=commands.encode())
    return writer.add_object(stream)


def form_of(writer: IncrementalPdfFileWriter, commands: str, width: int, height: int) -> generic.DictionaryObject:
    """An appearance dictionary whose normal appearance draws these operators with Helvetica as F1."""
    font = generic.DictionaryObject({pdf_name("/F1"): page_of(writer)["/Resources"]["/Font"].raw_get("/F1")})
    box = generic.ArrayObject(generic.NumberObject(n) for n in (0, 0, width, height))
    normal = stream_of(
        writer,
        commands,
        Type=pdf_name("/XObject"),
        Subtype=pdf_name("/Form"),
        BBox=box,
        Resources=generic.DictionaryObject({pdf_name("/Font"): font}),
    )
    return generic.DictionaryObject({pdf_name("/N"): normal})


def rectangle(*numbers: int) -> generic.ArrayObject:
    """An array of numbers."""
    return generic.ArrayObject(generic.NumberObject(number) for number in numbers)


def listed_in(data: bytes, field: str = "Ky") -> ListedSignature:
    """The signature of this field as the verifier lists it."""
    return next(s for s in list_signatures(open_pdf(data, None), 50).signatures if s.field == field)


def facts_of(data: bytes, field: str = "Ky") -> ChangeFacts:
    """What changed after the signature of this field, as the verifier sees it."""
    listed = listed_in(data, field)
    with DocumentHistory(data, judged=list_signatures(open_pdf(data, None), 50).judged) as history:
        return analyse_changes(history, listed)


def codes_of(facts: ChangeFacts) -> set[str]:
    """The codes of the findings."""
    return {finding.code for finding in facts.findings}


def assert_alarm(data: bytes, code: str, visible: bool | None, field: str = "Ky") -> ChangeFacts:
    """The signature's later change is suspicious, for this reason, and seen or not."""
    facts = facts_of(data, field)
    assert (facts.changes_after, facts.visible) == (ChangesAfter.SUSPICIOUS, visible), facts
    assert code in codes_of(facts), facts
    assert bool(facts.areas) == bool(visible)
    return facts


def assert_unknown(data: bytes, code: str, rule: str = "", field: str = "Ky") -> ChangeFacts:
    """What came later cannot be judged: neither green nor seen; a finding's detail begins with this rule's name."""
    facts = facts_of(data, field)
    assert (facts.changes_after, facts.visible, facts.areas) == (ChangesAfter.UNKNOWN, None, ()), facts
    assert any(f.code == code and dict(f.parameters).get("detail", "").startswith(rule) for f in facts.findings), facts
    return facts


def assert_no_alarm(data: bytes, changes_after: ChangesAfter, field: str = "Ky") -> ChangeFacts:
    """The signature's later change is of this harmless kind."""
    facts = facts_of(data, field)
    assert (facts.changes_after, facts.visible) == (changes_after, False), facts
    assert facts.areas == ()
    return facts
