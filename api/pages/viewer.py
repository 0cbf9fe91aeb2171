"""Which page pictures a report shows: the page as seen now, beside it the signed version where they differ. Pure.

The pictures themselves come from a worker process; here are only their addresses, words and the boxes over them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api.pages.report_view import Speaker
from verifier.report import ChangesAfter, Coverage, ValidationReport

BOX_MARGIN = 3.0
"""Points by which a box is drawn larger, so that it frames the words and does not strike through them."""
LEAST_BOX = (14.0, 14.0)
"""Width and height in points: a single changed digit must be found at a glance."""
CUTTING = (230.0, 30.0)
"""Width and height in points of the enlarged cutting around a box: some words of its line, and the lines beside it."""
MAX_CUTTINGS = 3
"""Cuttings over a page; with more of them the page itself is the better picture."""
MAX_CHIPS = 12
"""Other changed pages that are offered by name."""


@dataclass(frozen=True)
class Box:
    """A rectangle on a page, in points from its top left corner."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Sheet:
    """A page that differs: its size in points, the boxes around the places, the cuttings to enlarge."""

    width: float
    height: float
    boxes: list[Box]
    cuttings: list[Box]


@dataclass(frozen=True)
class Picture:
    """One page's picture; ``source`` is None where that version has no such page (``missing`` says so)."""

    title: str
    note: str
    alt: str
    source: str | None
    large: str | None
    sheet: Sheet | None
    missing: str = ""


@dataclass(frozen=True)
class Viewer:
    """One page with its way to the others; page numbers count from 1."""

    number: int
    count: int
    previous: int | None
    next: int | None
    changed_elsewhere: list[int]
    remark: str | None
    pictures: list[Picture]


@dataclass(frozen=True)
class Comparison:
    """The signed version of a changed document, and where each page differs.

    ``sheets`` maps a page (from 1) to what differs on it; pages that look the same are absent.
    """

    signer: str
    signed_pages: int
    viewed_pages: int
    sheets: Mapping[int, Sheet]


@dataclass(frozen=True)
class Addresses:
    """How to reach a page's picture in either version; the page's number follows, then ``.png``."""

    viewed: str
    signed: str


def addresses_of(viewed: str, signed: str) -> Addresses:
    """From the addresses of page 0."""
    return Addresses(viewed.removesuffix("0.png"), signed.removesuffix("0.png"))


def changed_signature(report: ValidationReport) -> int | None:
    """Which verdict (from 0) to compare with: the weakest that something suspicious followed, the last of equals.

    The last one, because it stands for most of the document: what changed after it is the change to look at.
    """
    changed = [
        (verdict.indication.weight, number)
        for number, verdict in enumerate(report.verdicts)
        if verdict.facts.changes_after in (ChangesAfter.SUSPICIOUS, ChangesAfter.UNKNOWN)
        and verdict.facts.coverage is Coverage.WHOLE_REVISION
    ]
    return max(changed)[1] if changed else None


def viewer_of(
    pages: int, wanted: int | None, comparison: Comparison | None, addresses: Addresses, speaker: Speaker
) -> Viewer | None:
    """The page that was asked for, else the first that differs, else the first; None where there are no pages."""
    count = pages if comparison is None else max(comparison.signed_pages, comparison.viewed_pages)
    if count < 1:
        return None
    changed = [] if comparison is None else sorted(comparison.sheets)
    number = wanted if wanted is not None and 1 <= wanted <= count else (changed or [1])[0]
    return Viewer(
        number=number,
        count=count,
        previous=number - 1 if number > 1 else None,
        next=number + 1 if number < count else None,
        changed_elsewhere=[other for other in changed if other != number][:MAX_CHIPS],
        remark=None if comparison is None else _remark(number, comparison, speaker),
        pictures=_pictures(number, comparison, addresses, speaker),
    )


def _remark(number: int, comparison: Comparison, speaker: Speaker) -> str:
    if number not in comparison.sheets:
        return speaker("page.viewer.same-page")
    if number > comparison.signed_pages:
        return speaker("page.viewer.no-signed-page")
    if number > comparison.viewed_pages:
        return speaker("page.viewer.no-viewed-page")
    return speaker("page.viewer.changed-places", count=len(comparison.sheets[number].boxes))


def _pictures(number: int, comparison: Comparison | None, addresses: Addresses, speaker: Speaker) -> list[Picture]:
    sheet = None if comparison is None else comparison.sheets.get(number)
    viewed = _picture("viewed", number, addresses.viewed, sheet, speaker)
    if comparison is None:
        return [viewed]
    signed = _picture("signed", number, addresses.signed, sheet, speaker, comparison.signer)
    if number > comparison.signed_pages:
        signed = _missing(signed, speaker("page.viewer.no-signed-page"))
    if number > comparison.viewed_pages:
        viewed = _missing(viewed, speaker("page.viewer.no-viewed-page"))
    return [signed, viewed]


def _picture(which: str, number: int, address: str, sheet: Sheet | None, speaker: Speaker, note: str = "") -> Picture:
    return Picture(
        title=speaker(f"page.viewer.{which}"),
        note=note,
        alt=speaker(f"page.viewer.alt-{which}", number=number),
        source=f"{address}{number}.png",
        large=f"{address}{number}.png?lon=1",
        sheet=sheet,
    )


def _missing(picture: Picture, words: str) -> Picture:
    return Picture(picture.title, picture.note, picture.alt, None, None, None, words)


def sheet_of(size: tuple[float, float], boxes: Sequence[tuple[float, float, float, float]]) -> Sheet:
    """A page's boxes, given as (left, top, right, bottom) in fractions of its ``size`` in points."""
    width, height = size
    drawn, cuttings = [], []
    for left, top, right, bottom in boxes:
        exact = (left * width, top * height, right * width, bottom * height)
        drawn.append(box_around(exact, BOX_MARGIN, LEAST_BOX, size))
        cutting = box_around(exact, 2 * BOX_MARGIN, CUTTING, size)
        if cutting.height < height / 3:
            cuttings.append(cutting)
    few = len(drawn) <= MAX_CUTTINGS
    return Sheet(width, height, drawn, cuttings if few else [])


def box_around(
    exact: tuple[float, float, float, float], margin: float, least: tuple[float, float], size: tuple[float, float]
) -> Box:
    """A box around the middle of ``exact``, not smaller than ``least`` and within the page."""
    left, top, right, bottom = exact
    width = min(max(right - left + 2 * margin, least[0]), size[0])
    height = min(max(bottom - top + 2 * margin, least[1]), size[1])
    x = min(max((left + right - width) / 2, 0.0), size[0] - width)
    y = min(max((top + bottom - height) / 2, 0.0), size[1] - height)
    return Box(round(x, 1), round(y, 1), round(width, 1), round(height, 1))
