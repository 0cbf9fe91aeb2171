"""Scans as scanners make them: right kind, resolution and size, and no alarm."""

from __future__ import annotations

import io
from collections.abc import Callable

import pikepdf
import pytest
from pikepdf import Pdf

from tests.unit.verifier.scans import sound
from tests.unit.verifier.scans.scan_maker import A5_MM, DPI, add_scan, saved
from verifier.report import Severity
from verifier.scans.intake import read_file, read_pages
from verifier.scans.report import ScanKind
from verifier.scans.revisions import read_revisions

KINDS: dict[Callable[[Pdf, int], None], ScanKind] = {
    sound.recognised: ScanKind.SCAN_WITH_TEXT,
    sound.recognised_below: ScanKind.SCAN_WITH_TEXT,
    sound.recognised_in_a_form: ScanKind.SCAN_WITH_TEXT,
    sound.empty_glyphs: ScanKind.SCAN_WITH_TEXT,
    sound.layers: ScanKind.LAYERED_SCAN,
    sound.layers_with_mask: ScanKind.LAYERED_SCAN,
    sound.regions: ScanKind.LAYERED_SCAN,
}
EXPECTED_FINDINGS: dict[Callable[[Pdf, int], None], set[str]] = {
    sound.layers: {"SCAN-RESOLUTION-LOW"},
    sound.stencil: {"SCAN-NOT-COLOUR", "SCAN-BILEVEL"},
    sound.blank: {"SCAN-BLANK"},
}
PAGES = 4


@pytest.mark.parametrize("make", sound.SOUND, ids=lambda make: make.__name__)
def test_a_scan_is_taken_for_what_it_is(make: Callable[[Pdf, int], None]) -> None:
    pdf = Pdf.new()
    for seed in range(1, PAGES + 1):
        make(pdf, seed)
    data = saved(pdf, min_version="1.4")
    assert read_file(data, None).findings == ()
    pages = read_pages(data, None, 0, PAGES)
    assert len(pages) == PAGES
    for page in pages:
        assert page.kind is KINDS.get(make, ScanKind.SCAN)
        assert {finding.code for finding in page.findings} == EXPECTED_FINDINGS.get(make, set())
        assert page.dpi == pytest.approx((DPI, DPI) if make is not sound.layers else (DPI / 2, DPI / 2), rel=0.005)
        assert sorted(page.size_mm) == pytest.approx(sorted(A5_MM), abs=1)


@pytest.mark.parametrize(
    "options", [{}, {"linearize": True}, {"object_stream_mode": pikepdf.ObjectStreamMode.generate}]
)
def test_a_file_saved_once_has_no_later_revision(options: dict[str, object]) -> None:
    pdf = Pdf.new()
    add_scan(pdf, 1)
    revisions = read_revisions(saved(pdf, **options))
    assert (revisions.later, revisions.unexplained) == (0, False)


def test_a_version_below_1_4_is_said() -> None:
    pdf = Pdf.new()
    add_scan(pdf, 1)
    found = read_file(saved(pdf, force_version="1.3"), None).findings
    assert [(finding.code, finding.severity) for finding in found] == [("SCAN-PDF-VERSION", Severity.ERROR)]


def test_the_same_page_with_unequal_resolutions_answers_both() -> None:
    pdf = Pdf.new()
    page = add_scan(pdf, 1)
    page.obj["/MediaBox"] = pikepdf.Array([0, 0, 595.28, 595.28])
    content = page.obj["/Contents"][0]
    content.write(b"q 595.28 0 0 595.28 0 0 cm /Im0 Do Q")
    out = io.BytesIO()
    pdf.save(out)
    (read,) = read_pages(out.getvalue(), None, 0, 1)
    assert read.dpi == pytest.approx((1165 / 8.268, 1654 / 8.268), rel=0.005)
    assert "SCAN-RESOLUTION-LOW" in {finding.code for finding in read.findings}


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_a_page_on_its_head_is_said(seed: int) -> None:
    pdf = Pdf.new()
    add_scan(pdf, seed).obj["/Rotate"] = 180
    (page,) = read_pages(saved(pdf, min_version="1.4"), None, 0, 1)
    assert {finding.code for finding in page.findings} == {"SCAN-UPSIDE-DOWN"}
