"""What a scan must be by law, and what is wrong with a page: facts to findings, pure.

NĐ 30/2020: PDF of version 1.4 or later, in colour, at least 200 dpi, 100 %. Each of these that is not met is an error;
what does not belong to a scan is one too; weaknesses of the capture are warnings.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from verifier.report import Finding, Severity
from verifier.scans.report import Colour, PageScan, ScanKind, finding

LEAST_VERSION = (1, 4)
LEAST_DPI = 200.0
DPI_TOLERANCE = 0.995
"""199.9 dpi is a page size that was rounded to whole points."""
ADVISED_DPI = 300
A_SIZES_MM = (
    (841.0, 1189.0),
    (594.0, 841.0),
    (420.0, 594.0),
    (297.0, 420.0),
    (210.0, 297.0),
    (148.0, 210.0),
    (105.0, 148.0),
)
"""A0 to A6, short side first."""
SIZE_TOLERANCE_MM = 6.0
"""Scanners cut a few millimetres off, or round to inches."""
SHAPE_TOLERANCE = 0.02
MAX_SIDE_MM = 1300.0
"""A0 with a margin; a longer page is no paper."""


def version_findings(version: str) -> tuple[Finding, ...]:
    """The file's version as the header or the catalogue says."""
    major, _, minor = version.partition(".")
    number = (int(major), int(minor)) if major.isdigit() and minor.isdigit() else (0, 0)
    if number >= LEAST_VERSION:
        return ()
    return (finding("SCAN-PDF-VERSION", Severity.ERROR, version=version),)


def resolution_findings(page: int, dpi: tuple[float, float] | None) -> tuple[Finding, ...]:
    """At least 200 dpi in both directions."""
    if dpi is None:
        return (finding("SCAN-SCALE-UNKNOWN", Severity.ERROR, page=page, advised=ADVISED_DPI),)
    if min(dpi) >= LEAST_DPI * DPI_TOLERANCE:
        return ()
    return (finding("SCAN-RESOLUTION-LOW", Severity.ERROR, page=page, dpi=round(min(dpi)), advised=ADVISED_DPI),)


def colour_findings(page: int, colour: Colour) -> tuple[Finding, ...]:
    """In colour: a seal must be seen to be red."""
    return () if colour is Colour.COLOUR else (finding("SCAN-NOT-COLOUR", Severity.ERROR, page=page),)


def size_findings(page: int, size_mm: tuple[float, float]) -> tuple[Finding, ...]:
    """At 100 %: the page has an A size; one of an A page's shape and another size was enlarged or reduced."""
    short, long = min(size_mm), max(size_mm)
    if any(abs(short - a) <= SIZE_TOLERANCE_MM and abs(long - b) <= SIZE_TOLERANCE_MM for a, b in A_SIZES_MM):
        return ()
    values = {"page": page, "width": round(size_mm[0]), "height": round(size_mm[1])}
    scaled = short > 0 and abs(long / short / math.sqrt(2) - 1) <= SHAPE_TOLERANCE
    return (finding("SCAN-SIZE-SCALED" if scaled else "SCAN-SIZE-OTHER", Severity.ERROR, **values),)


def law_findings(page: int, scan: PageScan) -> tuple[Finding, ...]:
    """The law's requirements of one page."""
    if scan.kind in (ScanKind.DIGITAL, ScanKind.UNREADABLE):
        return ()
    found = (*resolution_findings(page, scan.dpi), *colour_findings(page, scan.colour))
    return found if scan.dpi is None else (*found, *size_findings(page, scan.size_mm))


def kind_of(kinds: Iterable[ScanKind]) -> ScanKind:
    """The kind of a file from those of its pages: scans of several ways are the most elaborate one of them."""
    found = set(kinds)
    if not found or ScanKind.UNREADABLE in found:
        return ScanKind.UNREADABLE
    if len(found) == 1:
        return found.pop()
    for kind in (ScanKind.SCAN_WITH_TEXT, ScanKind.LAYERED_SCAN):
        if kind in found and found <= {ScanKind.SCAN, ScanKind.LAYERED_SCAN, ScanKind.SCAN_WITH_TEXT}:
            return kind
    return ScanKind.MIXED
