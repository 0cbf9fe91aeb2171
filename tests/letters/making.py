"""Letters signed as the state's tool does: each act a visible signature in a new field, the first may certify."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from asn1crypto import keys as asn1_keys
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.pdf_utils.content import ImportedPdfPage
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import AxisAlignment, Margins, SimpleBoxLayoutRule
from pyhanko.sign import fields, signers
from pyhanko.stamp import StaticStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore

from demo.pki import DemoPki
from tests.attacks.ink_making import sheet
from tests.letters.acts import Act
from verifier.inputs import Environment, VerificationInput
from verifier.policy import load_policy
from verifier.report import ValidationReport
from verifier.verify import verify_document

_FLUSH = SimpleBoxLayoutRule(AxisAlignment.ALIGN_MIN, AxisAlignment.ALIGN_MIN, margins=Margins(0, 0, 0, 0))


def signed(homes: Mapping[str, DemoPki], base: bytes, acts: Sequence[Act], level: int | None = None) -> bytes:
    """The letter with these signatures; the first certifies with this DocMDP level, where one is given."""
    data = base
    for count, act in enumerate(acts, 1):
        data = _sign(homes[act.who], data, act, f"Signature{count}", level if count == 1 else None)
    return data


def _sign(pki: DemoPki, data: bytes, act: Act, field: str, level: int | None) -> bytes:
    holder = pki.holder(f"letters-{act.who}")
    key = holder.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    signer = signers.SimpleSigner(
        holder.asn1, asn1_keys.PrivateKeyInfo.load(key), SimpleCertificateStore(), embed_roots=False
    )
    metadata = signers.PdfSignatureMetadata(
        field_name=field,
        md_algorithm="sha256",
        subfilter=fields.SigSeedSubFilter.PADES,
        certify=level is not None,
        docmdp_permissions=fields.MDPPerm(level or 2),
        reason="Đã ký lên văn bản này!",
    )
    left, bottom, right, top = act.rect
    box = (round(left), round(bottom), round(right), round(top))
    spec = fields.SigFieldSpec(field, on_page=act.page, box=box if act.items else None)
    with tempfile.TemporaryDirectory() as folder:
        style = None
        if act.items:
            drawn = Path(folder, "appearance.pdf")
            size = (float(box[2] - box[0]), float(box[3] - box[1]))
            drawn.write_bytes(sheet(act.items, size, (float(box[0]), float(box[1]))))
            style = StaticStampStyle(
                background=ImportedPdfPage(str(drawn)), border_width=0, background_opacity=1.0, background_layout=_FLUSH
            )
        made = _AnyoneSigns(metadata, signer, stamp_style=style, new_field_spec=spec).sign_pdf(
            IncrementalPdfFileWriter(io.BytesIO(data), strict=False)
        )
    return bytes(made.getvalue())


class _AnyoneSigns(signers.PdfSigner):
    """Signs whatever the first signer had allowed, as a forger's program does."""

    def _enforce_certification_constraints(self, _: object) -> None:
        return


def report_on(pki: DemoPki, data: bytes) -> ValidationReport:
    """Our answer, status aside."""
    environment = Environment(load_policy().skipping_revocation(), pki.trust_store(), pki.catalogue())
    return verify_document(VerificationInput(data), environment, datetime.now(UTC))
