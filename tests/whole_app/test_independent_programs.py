"""What our signer makes is accepted by programs that share nothing with our verifier: poppler, qpdf, pyHanko's own
command line and MuPDF.

Their known limits: poppler 22.12 cannot judge document time stamps; pyHanko drops the CRLs of certificates whose
distribution point names a cRLIssuer, so it is asked about integrity, changes and trust, not about revocation.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from api.i18n.texts import load_texts
from demo.documents import Applicant, permit
from demo.pki import PASSPHRASE, DemoPki
from signer.agencies import AGENCY_FIELD, PERSON_FIELD
from signer.fonts import FontFiles
from signer.keys_file import FileKey
from signer.request import Appearance, ResultMark, Role, SealLevel, SealWording, SigningRequest, SignStep
from signer.sign import SigningEnvironment, sign_document
from signer.timestamp import TimeStampPool
from verifier.inputs import Environment
from verifier.opening import LimitedWorkers
from verifier.policy import load_policy

AGENCY = "Sở Tài nguyên và Môi trường DEMO"
WORDS = ("signed_by", "title", "agency", "signed_at", "verification_code", "check_at", "result_code")


@dataclass(frozen=True)
class Sealed:
    """A sealed paper on disk, and how many signatures of persons and agencies it carries."""

    path: Path
    level: SealLevel
    signatures: int


@pytest.fixture(scope="module")
def environment(pki: DemoPki) -> Iterator[SigningEnvironment]:
    verification = Environment(load_policy("vn-2025.1"), pki.trust_store(), pki.catalogue(), (pki.online(),))
    pool = TimeStampPool([pki.tsa_url()], pki.fetcher(), verification.trust)
    with LimitedWorkers() as workers:
        yield SigningEnvironment(verification, workers.verify, workers.run, FontFiles.installed(), pool)


@pytest.fixture(scope="module", params=[*SealLevel, "over-a-citizen's"])
def sealed(
    request: pytest.FixtureRequest,
    pki: DemoPki,
    environment: SigningEnvironment,
    tmp_path_factory: pytest.TempPathFactory,
) -> Sealed:
    """A permit sealed at each level, and one that a citizen had signed before."""
    applicant = Applicant("Lò Thị Mẫu", "012345678902", "Tổ 5, phường Tân Phong")
    paper = permit(applicant, "45/GP-STNMT", date(2026, 11, 18), "Phạm Thị Mẫu", "120")
    over = not isinstance(request.param, SealLevel)
    level = SealLevel.B_LTA if over else request.param
    if over:
        first = SignStep(_key(pki, "citizen"), Role.AUTHORISED_PERSON, "CongDan", Appearance("Nguyễn Văn Mẫu"))
        paper = _seal(environment, paper, (first,), SealLevel.B_T, mark=False)
    steps = (
        SignStep(
            _key(pki, "officer"), Role.AUTHORISED_PERSON, PERSON_FIELD, Appearance("Phạm Thị Mẫu", "Giám đốc", AGENCY)
        ),
        SignStep(_key(pki, "agency"), Role.AGENCY, AGENCY_FIELD, Appearance(AGENCY, None, AGENCY)),
    )
    path = tmp_path_factory.mktemp("sealed") / f"{level}.pdf"
    path.write_bytes(_seal(environment, paper, steps, level, mark=True))
    return Sealed(path, level, 3 if over else 2)


def _key(pki: DemoPki, slug: str) -> FileKey:
    return FileKey.from_pkcs12(pki.pkcs12_path(slug).read_bytes(), PASSPHRASE)


def _seal(
    environment: SigningEnvironment, paper: bytes, steps: tuple[SignStep, ...], level: SealLevel, *, mark: bool
) -> bytes:
    texts = load_texts()
    wording = SealWording(**{word: texts.say(f"seal.{word}") for word in WORDS})
    host, code = "kiemtra.demo.gov.vn.invalid", "7KQ2-M9XP-4TRB-ZW3F"
    printed = ResultMark(f"https://{host}/kiem-tra/{code}", code, f"{host}/kiem-tra", "000.00.00.H35-261118-0001-KQ1")
    request = SigningRequest(paper, steps, level, wording, printed if mark else None)
    return sign_document(request, environment, datetime.now(UTC)).data


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
        assert ("TIMESTAMP_TOKEN<INTACT:TRUSTED>" in line) == sealed.level.time_stamped


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
