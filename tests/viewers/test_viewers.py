"""The short form of ``make viewers``: a dozen files, five programs; the look notices what only one of them shows."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from demo.pki import DemoPki
from signer.request import SealLevel
from signer.sign import sign_document
from tests.attacks.making import changed, sign, update
from tests.attacks.making import paper as form_paper
from tests.attacks.test_annotations import ICON, annotate, certified
from tests.fuzz.honest import Keys, honest_files
from tests.unit.signer.conftest import desk, fonts, mark, paper, wording  # noqa: F401  (fixtures)
from tests.unit.signer.sealing import Desk, now
from tests.unit.verifier.signing import judge, without_status
from tests.viewers.agreement import disagreements
from tests.viewers.boxes import allowed_boxes
from tests.viewers.comparison import differences, pixels
from tests.viewers.corpus import judged, trusted_ders
from tests.viewers.look import look_at, look_at_all
from tests.viewers.programs import Drawn, Program, Viewers, missing
from tests.viewers.run import exceptions
from tests.viewers.told import Told, told_green
from verifier.pdf.reading import open_pdf
from verifier.pdf.signatures import list_signatures
from verifier.process.workers import LimitedWorkers

CORPUS = (
    "pdf/signed/itext-sign--LtvVerifierIntegrationTest--severalConsequentSignatures.pdf",
    "pdf/signed/itext-sign--PAdESLevelIntegrationTest--B-LTA.pdf",
    "pdf/signed/laravel-a1--two-seals.pdf",
    "pdf/signed/plugtest-esig2014--EE_AS--Signature-P-EE_AS-9.pdf",
    "tricky/k1_itext9_LTA_pem_crl_in_dss.pdf",
)
"""Real files with something after what was signed, small ones."""
MADE = 6
"""Of the honest steps on our own papers, besides the corpus' files and a seal of ours."""

SHOWN_BY = {
    "A4-mupdf.pdf": {Program.MUPDF},
    "A4-stream-pdfjs.pdf": {Program.PDFJS},
    "A2-dup-first.pdf": {Program.GHOSTSCRIPT},
    "FUZZ-21-pdf-differential-poppler-3.pdf": {Program.POPPLER, Program.GHOSTSCRIPT},
    "A28-Btn.pdf": set(Program),
}
"""Forgeries of the corpus, and the programs that show each."""


@pytest.fixture(scope="module", autouse=True)
def _installed() -> None:
    if missing():
        reason = f"not installed: {', '.join(missing())} (make viewers)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)


def test_what_is_told_green_is_shown_as_signed(pki: DemoPki, desk: Desk, paper: bytes, shared: Path) -> None:  # noqa: F811
    told: list[Told | None] = []
    for name, data, _ in random.Random(11).sample(list(honest_files(Keys(pki), random.Random(1))), MADE):
        told.append(told_green(name, data, None, judge(data, without_status(pki))))
    seal = sign_document(desk.request(paper, SealLevel.B_LTA), desk.environment, now())
    told.append(told_green("our seal", seal.data, None, seal.report))
    assert None not in told, "honest steps are told green"
    with LimitedWorkers() as workers:
        ders = trusted_ders(shared)
        told += [judged(workers, name, (shared / "corpus" / name).read_bytes(), None, ders) for name in CORPUS]
    files = [one for one in told if one is not None]
    assert len(files) == MADE + 1 + len(CORPUS)
    for looked in look_at_all(files):
        assert looked.found == [], looked.told.name
        assert not looked.unopened, looked.told.name
        assert all(looked.pictures[program] for program in Program)


@pytest.mark.parametrize("name", SHOWN_BY)
def test_a_forgery_is_seen_by_the_programs_that_show_it(name: str, shared: Path) -> None:
    """Each of the five draws with its own eyes: told green, these would be failures."""
    data = (shared / "corpus" / "tricky" / name).read_bytes()
    ends = {one.revision_end for one in list_signatures(open_pdf(data, None), 10).signatures}
    with Viewers() as viewers:
        looked = look_at(viewers, Told(name, data, None, (min(ends),)))
    assert {one.program for one in looked.found} == SHOWN_BY[name]


def test_a_picture_may_differ_in_an_allowed_box_only() -> None:
    blank = b"P6\n# a comment\n10 10\n255\n" + b"\xff" * 300
    marked = bytearray(blank)
    marked[-3:] = b"\0\0\0"
    first, second = Drawn(1, (blank,)), Drawn(1, (bytes(marked),))
    assert pixels(blank).shape == (10, 10, 3)
    assert differences(Program.MUPDF, first, first, {}) == []
    assert differences(Program.MUPDF, first, second, {0: [(0.85, 0.85, 1, 1)]}) == []
    assert differences(Program.MUPDF, first, second, {1: [(0.85, 0.85, 1, 1)]})
    assert differences(Program.MUPDF, first, second, {0: [(0, 0, 0.5, 0.5)]})
    assert differences(Program.MUPDF, first, Drawn(2, (blank, blank)), {})
    assert differences(Program.MUPDF, first, Drawn(0, failure="took too long"), {})


def test_what_one_program_alone_draws_in_a_new_field_is_noticed() -> None:
    blank = b"P6\n40 40\n255\n" + b"\xff" * 4800
    marked = bytearray(blank)
    for row in range(10, 20):
        at = len(blank) - 4800 + (row * 40 + 10) * 3
        marked[at : at + 30] = bytes(30)
    signed = {program: Drawn(1, (blank,)) for program in Program}
    shown = {program: Drawn(1, (bytes(marked),)) for program in Program}
    box = {0: [(0.1, 0.1, 0.9, 0.9)]}
    assert disagreements(signed, shown, box) == []
    alone = {**signed, Program.PDFJS: Drawn(1, (bytes(marked),))}
    assert {one.program for one in disagreements(signed, alone, box)} == {Program.PDFJS}
    missing_in_one = {**shown, Program.MUPDF: Drawn(1, (blank,))}
    assert {one.program for one in disagreements(signed, missing_in_one, box)} == {Program.MUPDF}
    assert disagreements(signed, alone, {0: [(0.6, 0.6, 0.9, 0.9)]}) == []


def test_a_permitted_note_and_fields_drawn_anew_are_boxes() -> None:
    def note(writer: IncrementalPdfFileWriter) -> None:
        annotate(writer, "Text", ICON, "1 1 0 rg 0 0 20 20 re f")

    def large(writer: IncrementalPdfFileWriter) -> None:
        annotate(writer, "Text", (500, 600, 560, 620), "1 1 0 rg 0 0 20 20 re f")

    permitting, other = certified(), sign(form_paper())
    assert len(allowed_boxes(update(permitting, note), len(permitting), None)[0]) == 1
    assert allowed_boxes(update(permitting, large), len(permitting), None) == {}
    assert allowed_boxes(update(other, note), len(other), None) == {}

    def anew(writer: IncrementalPdfFileWriter) -> None:
        changed(writer.root["/AcroForm"], writer, NeedAppearances=generic.BooleanObject(True))

    assert len(allowed_boxes(update(other, anew), len(other), None)[0]) == 1


def test_every_exception_has_its_clause() -> None:
    assert all(program in set(Program) for _, program in exceptions())


def test_the_lock_of_pdf_js_holds_hashes_and_no_address() -> None:
    lock = Path(__file__).with_name("package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in lock
    assert lock.count('"integrity"') == lock.count('"node_modules/') > 2
