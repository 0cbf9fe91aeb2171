"""A sealed PDF/A is still the PDF/A that it says it is: veraPDF, which shares nothing with us, says so.

``make test`` and ``make pdfa`` fetch it (tests/pdfa/pom.xml).
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from demo.documents import Applicant, permit
from demo.pictures import seal_picture, signature_picture
from demo.pki import DemoPki
from signer.request import SealLevel
from tests.pdfa.papers import as_pdfa
from tests.whole_app.sealed_papers import Office, opened_office

JARS = Path(__file__).parents[2] / "build" / "verapdf"
LAUNCHER = Path(__file__).parents[1] / "pdfa" / "verapdf.js"
TIMEOUT_S = 180

PAPERS = {
    "1b": (1, "B", True),
    "2b": (2, "B", True),
    "2u": (2, "U", True),
    "3b": (3, "B", True),
    "2b-own-colours": (2, "B", False),
}


@pytest.fixture(scope="module")
def office(pki: DemoPki) -> Iterator[Office]:
    with opened_office(pki) as office:
        yield office


@pytest.fixture(scope="module")
def judged(office: Office, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What veraPDF says of every paper, unsealed and sealed in both looks: one run, because Java starts slowly."""
    if not (JARS / ".fetched").exists():
        reason = "veraPDF is not there: make pdfa fetches it"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("pdfa")
    applicant = Applicant("Lò Thị Mẫu", "012345678902", "Tổ 5, phường Tân Phong")
    paper = permit(applicant, "45/GP-STNMT", date(2026, 11, 18), "Phạm Thị Mẫu", "120")
    pictures = (signature_picture(), seal_picture("SỞ TÀI NGUYÊN · DEMO · "))
    for name, (part, conformance, intent) in PAPERS.items():
        before = as_pdfa(paper, part, conformance, intent=intent)
        (folder / f"{name}-before.pdf").write_bytes(before)
        level = SealLevel.B_LTA if part != 3 else SealLevel.B_B
        (folder / f"{name}-pictures.pdf").write_bytes(office.seal(before, level, pictures=pictures))
        (folder / f"{name}-words.pdf").write_bytes(office.seal(before, SealLevel.B_B))
    command = ["java", "-cp", f"{JARS}/*", "org.mozilla.javascript.tools.shell.Main", str(LAUNCHER)]
    files = sorted(str(path) for path in folder.iterdir())
    done = subprocess.run(
        [*command, "--format", "text", "-v", *files], capture_output=True, text=True, check=False, timeout=TIMEOUT_S
    )
    blocks = re.split(r"^(?=(?:PASS|FAIL) /)", done.stdout, flags=re.MULTILINE)
    found = {Path(block.split()[1]).stem: block.strip() for block in blocks if block.strip()}
    assert len(found) == len(files), done.stdout + done.stderr
    return found


@pytest.mark.parametrize("name", PAPERS)
@pytest.mark.parametrize("look", ["pictures", "words"])
def test_a_sealed_pdfa_is_one_still(name: str, look: str, judged: dict[str, str]) -> None:
    flavour = name[:2]
    before = judged[f"{name}-before"]
    if PAPERS[name][2]:  # the paper's own black has no output intent in the other
        assert before.startswith("PASS") and before.endswith(flavour)
    assert faults(judged[f"{name}-{look}"]) <= faults(before), judged[f"{name}-{look}"]


def faults(said: str) -> set[str]:
    """The rules that a file breaks, by their numbers."""
    return set(re.findall(r"^  FAIL (\S+)", said, flags=re.MULTILINE))
