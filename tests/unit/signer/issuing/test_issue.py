"""A letter is issued as a clerk does it: number and date in their blanks, read back by our verifier and by others."""

from __future__ import annotations

import io
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from signer.geometry import Rect
from signer.issuing.entry import HeadEntry
from signer.request import SealLevel
from signer.sign import SignedDocument, sign_document
from tests.unit.signer.issuing.acts import ENTRY, TOLD, agency, issued, led, person
from tests.unit.signer.issuing.letters import HEADS, Head, letter
from tests.unit.signer.issuing.looking import drawn, lost_ink, new_ink
from tests.unit.signer.papers import codes, picture
from tests.unit.signer.sealing import Desk, now
from verifier.report import Conclusion, Indication

CAPITAL = 0.66
"""Height of a digit in sizes of Times."""
CLERK = ("AnTin-So", "AnTin-Ngay", "AnTin-Thang", "AnTin-CoQuan")
POINT = 72 / 200


def told(signed: SignedDocument) -> dict[str, str]:
    """What the report says that the clerk wrote."""
    said = [f for f in signed.report.findings if f.code.startswith("CLERK-WROTE")]
    return {name: text for finding in said for name, text in finding.parameters if name in TOLD}


def check_ink(head: Head, before: bytes, after: bytes, texts: dict[str, str], size: float | None = None) -> None:
    """Every digit inside its blank, as high as the line's, on its base line (over dots: above them), none elsewhere."""
    shown, later = drawn(before), drawn(after)
    assert lost_ink(shown, later) < 20
    total, bases = 0, set()
    for kind, (left, right, base) in head.spans().items():
        ink = new_ink(shown, later, Rect(left - 6, base - 6, right + 6, base + 20))
        assert len(ink) == len(texts[kind]), (kind, ink)
        assert ink[0].x0 >= left - POINT and ink[-1].x1 <= right + POINT
        for box in ink:
            assert abs(box.height - CAPITAL * (size or head.size)) < 1.0
            lift = 0 if head.blanks[0][0] in " _" else 0.2 * head.size
            assert -0.6 <= box.y0 - base <= 0.6 + lift
        total += len(ink)
        bases.add(base)
    assert sum(len(new_ink(shown, later, Rect(60, base - 4, 560, base + 12))) for base in bases) == total


@pytest.mark.parametrize(
    ("name", "certify"), [(name, number % 2 == 0) for number, name in enumerate(HEADS)] + [("spaces", False)]
)
def test_number_and_date_stand_in_their_blanks(name: str, certify: bool, desk: Desk) -> None:
    head = HEADS[name]
    signed = led(desk, letter(head), certify=certify)
    done = issued(desk, signed)
    assert done.data.startswith(signed)
    assert told(done) == {kind: TOLD[kind] for kind in head.spans()}
    assert [v.indication for v in done.report.verdicts] == [Indication.TOTAL_PASSED] * (2 + len(head.spans()))
    size = head.size * 0.95 if name == "narrow" else None
    check_ink(head, signed, done.data, TOLD, size)
    assert codes(picture(done.data)) == [desk.mark.url]


@pytest.mark.parametrize("certify", [False, True], ids=["P=none", "P=2"])
def test_other_programs_say_valid(certify: bool, desk: Desk, tmp_path: Path) -> None:
    done = issued(desk, led(desk, letter(HEADS["dots"]), certify=certify))
    for signature in PdfFileReader(io.BytesIO(done.data)).embedded_signatures:
        status = validate_pdf_signature(signature, _context(desk))
        assert status.bottom_line, status.pretty_print_details()
        assert status.docmdp_ok
    assert pdfsig_says(done.data, tmp_path).count("Signature is Valid.") == 5


def _context(desk: Desk) -> ValidationContext:
    roots: list[Any] = [one.certificate.public_bytes(Encoding.DER) for one in desk.pki.authorities.values()]
    from asn1crypto import x509

    return ValidationContext(trust_roots=[x509.Certificate.load(der) for der in roots], allow_fetching=False)


def pdfsig_says(data: bytes, folder: Path) -> str:
    file = folder / "letter.pdf"
    file.write_bytes(data)
    return subprocess.run(["pdfsig", "-nocert", str(file)], capture_output=True, text=True, check=False).stdout


def test_one_act_of_four_signatures_by_the_agency(desk: Desk) -> None:
    done = issued(desk, led(desk, letter(Head()), certify=True), level=SealLevel.B_LTA)
    fields = [v.facts.field for v in done.report.verdicts]
    assert fields == ["AnTin-NguoiKy", *CLERK, "AnTin-ThoiGian"]
    act = next(dict(f.parameters) for f in done.report.findings if f.code == "CLERK-ACT")
    assert act["count"] == "4"
    assert len(done.stamped_at) == 5
    assert done.report.conclusion is Conclusion.TOTAL_PASSED


def test_every_field_is_there_before_the_leader_signs(desk: Desk) -> None:
    """With P = 2 nobody may add fields later: every reader agrees on that."""
    with pikepdf.open(io.BytesIO(led(desk, letter(Head()), certify=True))) as pdf:
        names = {str(one.T): "/V" in one for one in pdf.Root.AcroForm.Fields}
        (reference,) = [one.V.Reference for one in pdf.Root.AcroForm.Fields if "/V" in one]
    assert names == {"AnTin-NguoiKy": True, **dict.fromkeys(CLERK, False)}
    assert int(reference[0].TransformParams.P) == 2


def test_all_at_once_is_the_same_letter(desk: Desk) -> None:
    """The director's key is in the service, and the number is known: one order."""
    request = desk.request(letter(Head()), steps=(person(desk), agency(desk)), entry=ENTRY, certify=True)
    done: list[str] = []
    signed = sign_document(request, desk.environment, now(), done.append)
    assert told(signed) == TOLD
    assert [v.facts.field for v in signed.report.verdicts] == ["AnTin-NguoiKy", *CLERK]
    assert done.count("signed-agency") == 4
    check_ink(Head(), letter(Head()), signed.data, TOLD)


def test_days_and_months_are_written_as_the_decree_says() -> None:
    """NĐ 30/2020 Phụ lục I: days below 10 and months 1 and 2 with a 0 before them."""
    written = [HeadEntry("7", date(2026, month, day)) for month, day in ((1, 9), (2, 10), (3, 1), (10, 31))]
    assert [(one.day, one.month) for one in written] == [("09", "01"), ("10", "02"), ("01", "3"), ("31", "10")]
    for number in ("", "0", "1234567", "12a", "١٢", " 7"):
        with pytest.raises(ValueError, match="number"):
            HeadEntry(number, date(2026, 1, 1))
