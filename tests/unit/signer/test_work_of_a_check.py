"""How much work a check of our own sealed file is, in counts: what PDFium opens, loads, draws and reads for it.

Counts, for a clock would say something else beside other work. Whoever needs more of them says here why.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pypdfium2.raw as pdfium_c
import pytest

from demo.pictures import seal_picture, signature_picture
from signer.request import SealLevel, SignStep
from signer.sign import sign_document
from tests.unit.signer.sealing import Desk, now
from verifier.inputs import VerificationInput
from verifier.report import Conclusion
from verifier.verify import verify_document

PICTURES = {
    "FPDF_LoadMemDocument64": 3,  # the file, and the revision that each of two signatures ends
    "FPDF_LoadPage": 5,  # one of each; of the first one again after each of two pictures without its field
    "FPDF_RenderPageBitmap_Start": 7,  # each whole; the seal finely in both; the first field gone, twice
    "FPDFText_LoadPage": 2,  # the signed page, and the page of the file for heads and initials
    "FPDFPage_Flatten": 0,  # these fields draw pictures and write nothing
}
WORDS = {
    **PICTURES,
    "FPDF_LoadMemDocument64": 5,  # a copy of two of them besides, in which the fields become part of the page
    "FPDF_LoadPage": 8,  # of each copy before and after
    "FPDF_RenderPageBitmap_Start": 6,
    "FPDFText_LoadPage": 4,  # and both copies
    "FPDFPage_Flatten": 2,
}


@pytest.mark.parametrize(("drawn", "work"), [(True, PICTURES), (False, WORDS)], ids=["pictures", "words"])
def test_a_sealed_file_is_drawn_and_read_as_often_as_said(
    drawn: bool, work: Mapping[str, int], desk: Desk, paper: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, agency = desk.person(), desk.agency()
    if drawn:
        person, agency = _with(person, signature_picture()), _with(agency, seal_picture("SỞ TÀI NGUYÊN · DEMO · "))
    request = desk.request(paper, SealLevel.B_LTA, steps=(person, agency))
    sealed = sign_document(request, desk.environment, now())
    done: Counter[str] = Counter()
    for name in work:
        monkeypatch.setattr(pdfium_c, name, _counted(name, getattr(pdfium_c, name), done))
    report = verify_document(VerificationInput(sealed.data), desk.environment.verification, now())
    assert report.conclusion is Conclusion.TOTAL_PASSED
    assert {name: done[name] for name in work} == work


def _with(step: SignStep, picture: bytes) -> SignStep:
    return replace(step, appearance=replace(step.appearance, picture=picture))


def _counted(name: str, function: Callable[..., Any], done: Counter[str]) -> Callable[..., Any]:
    def call(*args: Any) -> Any:
        done[name] += 1
        return function(*args)

    return call
