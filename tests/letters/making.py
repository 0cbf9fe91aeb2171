"""Letters signed as the state's tool does: each act a visible signature in a new field, the first may certify."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from asn1crypto import keys as asn1_keys
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.content import ImportedPdfPage
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import AxisAlignment, Margins, SimpleBoxLayoutRule
from pyhanko.sign import fields, signers
from pyhanko.stamp import StaticStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore

from demo.issuing import name
from demo.pki import DemoPki
from tests.attacks.ink_making import Item, Pixels, Rect, Text, handwriting, scanned, seal, sheet, text_width
from verifier.inputs import Environment, VerificationInput
from verifier.policy import load_policy
from verifier.report import ValidationReport
from verifier.verify import verify_document

PROVINCE, OFFICE, LEADER_NAME = "UBND TỈNH DEMO", "SỞ XÂY DỰNG DEMO", "Phạm Thị Mẫu"
LEADER, DRAFTER, COLLEAGUE, AGENCY, STRANGER, STRANGE_AGENCY, GUEST = (
    "leader",
    "drafter",
    "colleague",
    "agency",
    "stranger",
    "strange-agency",
    "guest",
)
SUBJECTS = {
    LEADER: (PROVINCE, OFFICE, LEADER_NAME),
    DRAFTER: (PROVINCE, OFFICE, "Vũ Văn Soạn"),
    COLLEAGUE: (PROVINCE, OFFICE, "Trương Thị Đồng"),
    AGENCY: (PROVINCE, "", OFFICE),
    STRANGER: ("UBND TỈNH KHÁC", "SỞ Y TẾ KHÁC", "Trần Văn Lạ"),
    STRANGE_AGENCY: ("UBND TỈNH KHÁC", "", "SỞ Y TẾ KHÁC"),
    GUEST: ("BỘ MẪU", "", LEADER_NAME),
}
"""O, OU and CN of whoever signs; the guest is a leader of another body whose name the letter prints."""

NUMBER_X, DATE_X, HEAD_Y = 115.0, 310.0, 740.0
END = "Nơi nhận chịu trách nhiệm thi hành./."
END_X, END_Y = 85.0, 540.0
AMOUNT = "Số tiền hỗ trợ: 1.000.000"
AMOUNT_Y = 600.0
HEADS = {
    "blanks": ("Số:            /SXD-QLN", "ngày        tháng        năm 2026"),
    "leaders": ("Số: ............./SXD-QLN", "ngày ....... tháng ....... năm 2026"),
    "written": ("Số: 118/SXD-QLN", "ngày 24 tháng 06 năm 2026"),
}

_FLUSH = SimpleBoxLayoutRule(AxisAlignment.ALIGN_MIN, AxisAlignment.ALIGN_MIN, margins=Margins(0, 0, 0, 0))


@dataclass(frozen=True)
class Act:
    """One signature: whose, and what its field shows in which rectangle."""

    who: str
    rect: Rect
    items: tuple[Item, ...]


@cache
def letter(head: str = "blanks", scan: bool = False) -> bytes:
    """An official letter with this head, printed or scanned."""
    number, date = HEADS[head]
    items = (
        Text(100, 780, PROVINCE, 12),
        Text(105, 765, OFFICE, 12, "bold"),
        Text(NUMBER_X, HEAD_Y, number, 13),
        Text(300, 780, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 12, "bold"),
        Text(345, 765, "Độc lập - Tự do - Hạnh phúc", 13, "bold"),
        Text(DATE_X, HEAD_Y, f"Lai Châu, {date}", 13, "italic"),
        Text(85, 640, "Điều 1. Hỗ trợ cho ông Nguyễn Văn Mẫu theo hồ sơ đã nộp."),
        Text(85, 620, "Điều 2. Bên B không được chuyển nhượng quyền này."),
        Text(85, AMOUNT_Y, AMOUNT),
        Text(85, 580, "Thời hạn: 10 năm kể từ ngày ký. Nhiệt độ: -5 độ."),
        Text(END_X, END_Y, END),
        Text(360, 320, "KT. GIÁM ĐỐC", 13, "bold"),
        Text(358, 303, "PHÓ GIÁM ĐỐC", 13, "bold"),
        Text(365, 215, LEADER_NAME, 13, "bold"),
    )
    return scanned(sheet(items)) if scan else sheet(items)


def initials(who: str = DRAFTER, seed: int = 1, shift: float = 0) -> Act:
    """By hand, after the letter's end."""
    left = END_X + text_width(END, 13) + 4 + shift
    return Act(who, (left, END_Y - 4, left + 34, END_Y + 13), (Pixels(handwriting(seed), (left, 538, left + 34, 552)),))


def leader(who: str = LEADER, seed: int = 2) -> Act:
    """By hand, between title and name."""
    return Act(who, (355, 228, 470, 300), (Pixels(handwriting(seed), (360, 236, 460, 292)),))


def stamp(who: str = AGENCY, picture: bool = True) -> Act:
    """The seal over the left of the leader's signature, or no picture: a field of no size."""
    if not picture:
        return Act(who, (0, 0, 0, 0), ())
    return Act(who, (310, 215, 410, 315), (Pixels(seal(), (312, 217, 408, 313)),))


def number(text: str = "2118", who: str = AGENCY) -> Act:
    """Into the number's blank."""
    left = NUMBER_X + text_width("Số: ", 13)
    return Act(who, (left, HEAD_Y - 4, left + 32, HEAD_Y + 12), (Text(left + 3, HEAD_Y, text),))


def day(text: str = "24", who: str = AGENCY) -> Act:
    """Into the day's blank."""
    return _date_part("Lai Châu, ngày ", text, who)


def month(text: str = "06", who: str = AGENCY) -> Act:
    """Into the month's blank."""
    return _date_part("Lai Châu, ngày        tháng ", text, who)


def _date_part(before: str, text: str, who: str) -> Act:
    left = DATE_X + text_width(before, 13, "italic")
    return Act(who, (left, HEAD_Y - 4, left + 20, HEAD_Y + 12), (Text(left + 4, HEAD_Y, text, 13, "italic"),))


def words(text: str, x: float, y: float, who: str = AGENCY, font: str = "regular") -> Act:
    """Words at a place."""
    wide = text_width(text, 13, font)
    return Act(who, (x - 2, y - 5, x + wide + 4, y + 14), (Text(x, y, text, 13, font),))


def signed(pki: DemoPki, base: bytes, acts: Sequence[Act], level: int | None = None) -> bytes:
    """The letter with these signatures; the first certifies with this DocMDP level, where one is given."""
    data = base
    for count, act in enumerate(acts, 1):
        data = _sign(pki, data, act, f"Signature{count}", level if count == 1 else None)
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
    spec = fields.SigFieldSpec(field, on_page=0, box=box if act.items else None)
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


def with_signers(pki: DemoPki) -> DemoPki:
    """The demo PKI with whoever signs these letters."""
    for slug, (organization, unit, common_name) in SUBJECTS.items():
        parts = ((NameOID.ORGANIZATION_NAME, organization), (NameOID.ORGANIZATIONAL_UNIT_NAME, unit))
        named = ((NameOID.COUNTRY_NAME, "VN"), *(part for part in parts if part[1]))
        subject = name(*named, (NameOID.COMMON_NAME, common_name))
        pki.issue(f"letters-{slug}", "officer", subject=subject)
    return pki


def report_on(pki: DemoPki, data: bytes) -> ValidationReport:
    """Our answer, status aside."""
    environment = Environment(load_policy().skipping_revocation(), pki.trust_store(), pki.catalogue())
    return verify_document(VerificationInput(data), environment, datetime.now(UTC))
