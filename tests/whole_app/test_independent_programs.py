"""What our signer makes is accepted by programs that share nothing with our verifier: poppler, qpdf, pyHanko's own
command line and MuPDF.

Their known limits: poppler 22.12 cannot judge document time stamps; pyHanko drops the CRLs of certificates whose
distribution point names a cRLIssuer, so it is asked about integrity, changes and trust, not about revocation.
"""

from __future__ import annotations

import io
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pikepdf
import pytest

from demo.documents import Applicant, permit
from demo.pictures import seal_picture, signature_picture
from demo.pki import DemoPki
from signer.profile import Method, PlacementProfile
from signer.request import Appearance, Role, SealLevel, SignStep
from tests.whole_app.sealed_papers import Office, opened_office

APPLICANT = Applicant("Lò Thị Mẫu", "012345678902", "Tổ 5, phường Tân Phong")
PAPER = permit(APPLICANT, "45/GP-STNMT", date(2026, 11, 18), "Phạm Thị Mẫu", "120")
PICTURES = (signature_picture(), seal_picture("SỞ TÀI NGUYÊN VÀ MÔI TRƯỜNG · DEMO · "))
SEARCHED = PlacementProfile((Method.FREE_SPACE,))
NAMED = PlacementProfile((Method.FIELD,), person_field="NguoiKy", agency_field="Dau")


@dataclass(frozen=True)
class Sealed:
    """A sealed paper on disk, and how many signatures of persons and agencies it carries."""

    path: Path
    level: SealLevel
    signatures: int


def _with_fields() -> bytes:
    """The paper with two empty signature fields, as an agency's template has them."""
    with pikepdf.open(io.BytesIO(PAPER)) as opened:
        widgets = [
            opened.make_indirect(
                pikepdf.Dictionary(
                    Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Widget, FT=pikepdf.Name.Sig, T=name, Rect=box, F=4
                )
            )
            for name, box in (("NguoiKy", [330, 60, 470, 140]), ("Dau", [100, 50, 210, 160]))
        ]
        opened.pages[0].Annots = pikepdf.Array(widgets)
        opened.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array(widgets))
        output = io.BytesIO()
        opened.save(output)
    return output.getvalue()


def _over_a_citizens(office: Office, level: SealLevel) -> bytes:
    """A citizen had signed it before: the mark stands in the agency's field."""
    first = SignStep(office.key("citizen"), Role.AUTHORISED_PERSON, "CongDan", Appearance("Nguyễn Văn Mẫu"))
    signed = office.signed(PAPER, (first,), SealLevel.B_T, None, SEARCHED)
    return office.seal(signed, level, pictures=PICTURES)


def _agency_later(office: Office, level: SealLevel) -> bytes:
    """The person signed yesterday; today the agency's seal comes over that signature."""
    shown = Appearance("Phạm Thị Mẫu", "Giám đốc", None, PICTURES[0])
    person = SignStep(office.key("officer"), Role.AUTHORISED_PERSON, "AnTin-NguoiKy", shown)
    signed = office.signed(PAPER, (person,), SealLevel.B_B, None)
    return office.sealed_later(signed, level, PICTURES[1])


LOOKS: dict[str, Callable[[Office, SealLevel], bytes]] = {
    "pictures": lambda office, level: office.seal(PAPER, level, pictures=PICTURES),
    "words": lambda office, level: office.seal(PAPER, level),
    "searched": lambda office, level: office.seal(PAPER, level, pictures=PICTURES, placement=SEARCHED),
    "fields": lambda office, level: office.seal(_with_fields(), level, pictures=PICTURES, placement=NAMED),
    "over-a-citizens": _over_a_citizens,
    "agency-later": _agency_later,
}
MADE = (
    *(("pictures", level) for level in SealLevel),
    ("words", SealLevel.B_B),
    ("words", SealLevel.B_LTA),
    ("searched", SealLevel.B_T),
    ("fields", SealLevel.B_LT),
    ("over-a-citizens", SealLevel.B_LTA),
    ("agency-later", SealLevel.B_LTA),
)


@pytest.fixture(scope="module")
def office(pki: DemoPki) -> Iterator[Office]:
    with opened_office(pki) as office:
        yield office


@pytest.fixture(scope="module", params=MADE, ids=lambda made: f"{made[0]}-{made[1]}")
def sealed(request: pytest.FixtureRequest, office: Office, tmp_path_factory: pytest.TempPathFactory) -> Sealed:
    """Every look, and every level."""
    look, level = request.param
    path = tmp_path_factory.mktemp("sealed") / f"{look}-{level}.pdf"
    path.write_bytes(LOOKS[look](office, level))
    return Sealed(path, level, 3 if look == "over-a-citizens" else 2)


def _run(*command: str | Path) -> str:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_poppler_finds_every_signature_valid(sealed: Sealed) -> None:
    said = _run("pdfsig", "-nocert", sealed.path)
    blocks = re.split(r"^Signature #\d+:$", said, flags=re.MULTILINE)[1:]
    stamps = [block for block in blocks if "AnTin-ThoiGian" in block]
    others = [block for block in blocks if block not in stamps]
    assert len(others) == sealed.signatures
    assert all("Signature Validation: Signature is Valid." in block for block in others)
    assert all("Signature Type: ETSI.CAdES.detached" in block for block in others)
    assert len(stamps) == (1 if sealed.level is SealLevel.B_LTA else 0)
    assert "Total document signed" in blocks[-1] or sealed.level is SealLevel.B_LT


def test_qpdf_finds_no_fault(sealed: Sealed) -> None:
    assert "No syntax or stream encoding errors found" in _run("qpdf", "--check", sealed.path)


def test_pyhankos_command_line_trusts_every_signature(sealed: Sealed, pki: DemoPki) -> None:
    roots = [
        part for slug in ("official-root", "public-root") for part in ("--trust", pki.trust_directory / f"{slug}.pem")
    ]
    said = _run(
        Path(sys.executable).with_name("pyhanko"),
        *("sign", "validate", "--trust-replace", "--no-revocation-check"),
        *roots,
        sealed.path,
    )
    lines = said.strip().splitlines()
    assert len(lines) == sealed.signatures
    for line in lines:
        assert ":INTACT:TRUSTED," in line
        assert "UNTOUCHED" in line or "ACCEPTABLE_MODIFICATIONS" in line
    stamped = ["TIMESTAMP_TOKEN<INTACT:TRUSTED>" in line for line in lines]
    first = 1 if sealed.path.stem.startswith("agency-later") else 0  # that person's signature is B-B
    assert stamped[first:] == [sealed.level.time_stamped] * (len(lines) - first)


def test_mupdf_finds_every_signature_as_it_was_made(sealed: Sealed) -> None:
    """It does not know the demo's roots and calls any later update an edit; the last signature has none after it."""
    command = ["mutool", "sign", "-v", str(sealed.path)]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    blocks = said.split("Verifying signature ")[1:]
    last = "The document is unchanged since signing."
    earlier = "The signature is valid but there have been edits since signing."
    found = [block for block in blocks if "Distinguished name" in block]  # a document time stamp is not shown as signed
    assert len(found) == sealed.signatures
    assert all(earlier in block for block in found[:-1])
    assert (earlier if sealed.level.long_term else last) in found[-1]
