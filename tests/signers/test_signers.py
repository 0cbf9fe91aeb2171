"""The short form of ``make signers``: five pairs of programs, one after the other on one paper, and no false alarm."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from demo.pki import DemoPki
from tests.signers.matrix import FIRST, SECOND, Made, judge, paper
from tests.signers.other_formats import other_files
from tests.signers.programs import BUILD, Action, Workshop, opened_workshop
from tests.signers.xades_attacks import attacks
from tests.signers.xades_variants import VARIANTS, answered
from tests.unit.verifier.signing import environment
from tests.unit.verifier.signing import judge as judge_here
from verifier.process.workers import LimitedWorkers
from verifier.report import Conclusion

PAIRS = [
    ("iText 9", "EU DSS"),
    ("EU DSS", "iText 9"),
    ("PDFBox", "iText 9"),
    ("OpenPDF", "pyHanko"),
    ("pyHanko", "pdfsig"),
]


@pytest.fixture(scope="module")
def workshop(pki: DemoPki, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    if not (BUILD / ".built").exists():
        reason = "other programs are not there: make signers brings them"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with opened_workshop(pki, tmp_path_factory.mktemp("signers")) as opened:
        yield opened


@pytest.fixture(scope="module")
def workers() -> Iterator[LimitedWorkers]:
    with LimitedWorkers(workers=1) as running:
        yield running


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_what_one_program_signed_another_goes_on_with(
    workshop: Workshop, workers: LimitedWorkers, pki: DemoPki, first: str, second: str
) -> None:
    how = Action.SIGN if first == "PDFBox" else Action.SIGN_VISIBLE  # its example writes no Vietnamese letter
    begun = workshop.carry_out(first, how, paper(), FIRST, "NguoiKyMoi")
    assert begun is not None
    files = [Made(first, how, None, None, begun)]
    action = Action.SIGN if second == "pdfsig" else Action.SIGN_VISIBLE
    ended = workshop.carry_out(second, action, begun, SECOND, "DauMoi")
    assert ended is not None
    files.append(Made(first, how, second, action, ended))
    stamped = workshop.carry_out("PDFBox", Action.TIME_STAMP, ended, SECOND, "Tem")
    files.append(Made(first, how, "PDFBox", Action.TIME_STAMP, stamped))
    assert [judge(workers, pki, made).alarm for made in files] == ["", "", ""]


def test_files_of_other_formats(workshop: Workshop, workers: LimitedWorkers, pki: DemoPki) -> None:
    judged = [judge(workers, pki, made) for made in other_files(workshop)]
    assert {one.made.first: one.alarm for one in judged if one.alarm} == {}
    assert len(judged) >= 6


def test_xades_of_every_packaging_and_its_forgeries(workshop: Workshop, pki: DemoPki) -> None:
    """Every sixth variant, with what comes after a first signature; all: ``python -m tests.signers.xades_variants``."""
    made = list(answered(workshop, VARIANTS[::6]))
    assert [one.name for one in made if one.right not in one.told] == []
    forged = [forgery for one in made[:3] if one.data is not None for _, forgery in attacks(one.data)]
    known = environment(pki)
    assert not [one for one in forged if judge_here(one, known).conclusion is Conclusion.TOTAL_PASSED]
