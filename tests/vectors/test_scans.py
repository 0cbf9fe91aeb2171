"""Scans: the shared corpus of real ones, and constructed files with everything that does not belong to a scan."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.verifier.scans.foreign import OVERLAYS, scan_with
from tests.unit.verifier.scans.scan_maker import saved
from verifier.process.workers import LimitedWorkers
from verifier.report import Severity
from verifier.scans.check import check_scan
from verifier.scans.intake import read_pages
from verifier.scans.report import ScanKind, ScanReport

PAGES = 8
RESOLUTION_TOLERANCE = 0.02
OVERLAY_ALARMS = {
    "SCAN-TEXT-ADDED",
    "SCAN-DRAWING-ADDED",
    "SCAN-PICTURE-ADDED",
    "SCAN-LAYER-ADDED",
    "SCAN-PAINTED-OVER",
    "SCAN-AS-PATTERN",
    "SCAN-ANNOTATION",
    "SCAN-HIDDEN-LAYER",
    "SCAN-SWITCHABLE-LAYER",
}


@pytest.fixture(scope="module")
def reports(shared: Path) -> Iterator[list[tuple[dict[str, Any], ScanReport]]]:
    """The record and our report of every file of the corpus."""
    records = json.loads((shared / "corpus" / "scans.json").read_text(encoding="utf-8"))
    with LimitedWorkers() as workers:
        yield [(record, check_scan(workers, (shared / "corpus" / record["file"]).read_bytes())) for record in records]


def test_every_real_scan_is_answered(reports: list[tuple[dict[str, Any], ScanReport]]) -> None:
    unread = [record["file"] for record, report in reports if report.kind is ScanKind.UNREADABLE or not report.pages]
    assert unread == []
    assert all(len(report.pages) == record["pages"] for record, report in reports if "pages" in record)


def test_the_resolution_is_the_one_the_collection_names(reports: list[tuple[dict[str, Any], ScanReport]]) -> None:
    off, named = {}, 0
    for record, report in reports:
        if "dpi" not in record:
            continue
        named += 1
        low, high = record["dpi"]
        found = [value for page in report.pages for value in page.dpi or (0.0,)]
        in_range = low * (1 - RESOLUTION_TOLERANCE) <= min(found) and max(found) <= high * (1 + RESOLUTION_TOLERANCE)
        if not in_range or abs(min(found) / low - 1) > RESOLUTION_TOLERANCE:
            off[record["file"]] = found
    assert named >= 17
    assert off == {}


def test_the_colour_is_the_one_the_collection_names(reports: list[tuple[dict[str, Any], ScanReport]]) -> None:
    off = {
        record["file"]: [page.colour for page in report.pages]
        for record, report in reports
        if "colour" in record and {page.colour.value for page in report.pages} != {record["colour"]}
    }
    assert off == {}


def test_no_real_scan_raises_an_overlay_alarm(reports: list[tuple[dict[str, Any], ScanReport]]) -> None:
    alarms = {
        record["file"]: codes
        for record, report in reports
        if (codes := {finding.code for page in report.pages for finding in page.findings} & OVERLAY_ALARMS)
    }
    assert alarms == {}


def test_only_real_pages_that_lie_upside_down_are_said_to(reports: list[tuple[dict[str, Any], ScanReport]]) -> None:
    said = {
        (Path(record["file"]).name, number)
        for record, report in reports
        for number, page in enumerate(report.pages, 1)
        if any(finding.code == "SCAN-UPSIDE-DOWN" for finding in page.findings)
    }
    assert said == {
        ("pdf--OCRmyPDF--cardinal.pdf", 3),
        ("pdf--docling--nemotron_multipage.pdf", 2),
        ("img--test--phototest-rotated-180.png", 1),
    }


def test_no_real_page_is_said_to_be_washed_out(reports: list[tuple[dict[str, Any], ScanReport]]) -> None:
    codes = {finding.code for _, report in reports for page in report.pages for finding in page.findings}
    assert "SCAN-GLARE" not in codes


@pytest.mark.parametrize("kind", OVERLAYS)
def test_everything_added_to_a_scan_is_found_on_every_page(kind: str) -> None:
    data = saved(scan_with(kind, PAGES), min_version="1.4")
    pages = [page for start in range(0, PAGES, 4) for page in read_pages(data, None, start, 4)]
    assert len(pages) == PAGES
    missed = [
        number
        for number, page in enumerate(pages, 1)
        if not any(one.code in OVERLAY_ALARMS and one.severity is Severity.ERROR for one in page.findings)
    ]
    assert missed == []
