"""Is the copy the same as the original? What differs is boxed, what could not be compared is named.

START HERE: ``compare_papers``. Runs in the worker process. The officer decides; this points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import cv2

from verifier.report import Finding, Severity
from verifier.scans.differences import PageComparison, compare_pages
from verifier.scans.flattening import Picture, grey_of
from verifier.scans.pages import Pages, PagesError
from verifier.scans.pairing import PagePair, paired, thumbnail
from verifier.scans.side_by_side import pair_picture, stacked


class Outcome(StrEnum):
    """What the comparison says of the two papers."""

    MATCH = "match"
    """Every page was laid over its original everywhere, and nothing differs."""
    DIFFERENCES = "differences"
    """Something differs, or a page is missing or added."""
    NOT_COMPARABLE = "not-comparable"
    """No difference was seen, but a page or a part of one could not be compared."""


@dataclass(frozen=True)
class Comparison:
    """The answer; ``picture`` is a PNG (copy beside original, boxes drawn) where it was asked for."""

    outcome: Outcome
    pages: tuple[PageComparison, ...]
    findings: tuple[Finding, ...]
    picture: bytes | None = None


def compare_papers(copy: bytes, original: bytes, picture: bool = False) -> Comparison:
    """Compare two files, PDF or picture: open both within limits, pair their pages, compare each pair, conclude."""
    cv2.setNumThreads(1)  # one worker, one core: its limit counts processor time
    cv2.setRNGSeed(0)
    try:
        copies = Pages(copy)
    except PagesError as error:
        return not_comparable("COMPARISON-COPY-UNREADABLE", error.code)
    with copies:
        try:
            originals = Pages(original)
        except PagesError as error:
            return not_comparable("COMPARISON-ORIGINAL-UNREADABLE", error.code)
        with originals:
            try:
                return _compared(copies, originals, picture)
            except PagesError as error:
                return not_comparable(error.code)


def not_comparable(*codes: str) -> Comparison:
    """The answer where nothing was compared, with the reasons."""
    return Comparison(Outcome.NOT_COMPARABLE, (), tuple(Finding(code, Severity.ERROR) for code in codes))


def _compared(copies: Pages, originals: Pages, picture: bool) -> Comparison:
    pages: list[PageComparison] = []
    pictures: list[Picture] = []
    for pair in _pairs(copies, originals):
        left = None if pair.copy is None else copies.raster(pair.copy)
        right = None if pair.original is None else originals.raster(pair.original)
        if left is not None and right is not None and pair.copy is not None and pair.original is not None:
            page = compare_pages(left, right, pair.copy + 1, pair.original + 1)
        else:
            page = PageComparison(_number(pair.copy), _number(pair.original))
        pages.append(page)
        if picture:
            pictures.append(pair_picture(left, right, page))
    findings = tuple(finding for page in pages for finding in _said_of(page))
    if _only_blank(pages):
        findings = (Finding("COMPARISON-ONLY-BLANK", Severity.WARNING), *findings)
    return Comparison(concluded(pages), tuple(pages), findings, stacked(pictures) if pictures else None)


def _pairs(copies: Pages, originals: Pages) -> tuple[PagePair, ...]:
    if copies.count == originals.count == 1:
        return (PagePair(0, 0),)
    sides = [[thumbnail(grey_of(side.raster(i).picture)) for i in range(side.count)] for side in (copies, originals)]
    return paired(sides[0], sides[1])


def _number(index: int | None) -> int | None:
    return None if index is None else index + 1


def concluded(pages: Sequence[PageComparison]) -> Outcome:
    """A difference outweighs what was not compared; anything not compared outweighs "the same"."""
    if any(page.differences or page.copy_page is None or page.original_page is None for page in pages):
        return Outcome.DIFFERENCES
    if not pages or any(page.not_compared for page in pages) or _only_blank(pages):
        return Outcome.NOT_COMPARABLE
    return Outcome.MATCH


def _only_blank(pages: Sequence[PageComparison]) -> bool:
    """Nothing on any page: blank backs among others hinder nothing, a file of blank pages proves nothing."""
    return bool(pages) and all(page.quality.get("blank") for page in pages)


def _said_of(page: PageComparison) -> list[Finding]:
    if page.copy_page is None:
        return [Finding("COMPARISON-PAGE-MISSING", Severity.ERROR, (("page", str(page.original_page)),))]
    number = ("page", str(page.copy_page))
    if page.original_page is None:
        return [Finding("COMPARISON-PAGE-EXTRA", Severity.ERROR, (number,))]
    found = []
    if page.differences:
        count = ("count", str(len(page.differences)))
        found.append(Finding("COMPARISON-DIFFERENCES", Severity.WARNING, (number, count)))
    if page.not_compared:
        found.append(Finding("COMPARISON-NOT-COMPARED", Severity.WARNING, (number,)))
    return found
