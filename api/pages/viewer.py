"""Which page pictures a report shows: the page as seen now, beside it the signed version where they differ. Pure.

The pictures themselves come from a worker process; here are only their addresses, words and the boxes over them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api.pages.report_view import Speaker
from verifier.report import ChangesAfter, Coverage, ValidationReport

BOX_UNITS = 1000
"""The boxes' drawing is this many units wide and high, whatever the page's shape."""
BOX_MARGIN = 4
"""Units by which a box is drawn larger, so that it frames the words and does not strike through them."""
MAX_CHIPS = 12
"""Other changed pages that are offered by name."""


@dataclass(frozen=True)
class Box:
    """A rectangle over a picture, in ``BOX_UNITS``."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class Picture:
    """One page's picture; ``source`` is None where that version has no such page (``missing`` says so)."""

    title: str
    note: str
    alt: str
    source: str | None
    large: str | None
    boxes: list[Box]
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

    ``boxes`` maps a page (from 1) to (left, top, right, bottom) as fractions; pages that look the same are absent.
    """

    signer: str
    signed_pages: int
    viewed_pages: int
    boxes: Mapping[int, Sequence[tuple[float, float, float, float]]]


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
    changed = [] if comparison is None else sorted(comparison.boxes)
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
    if number not in comparison.boxes:
        return speaker("page.viewer.same-page")
    if number > comparison.signed_pages:
        return speaker("page.viewer.no-signed-page")
    if number > comparison.viewed_pages:
        return speaker("page.viewer.no-viewed-page")
    return speaker("page.viewer.changed-places", count=len(comparison.boxes[number]))


def _pictures(number: int, comparison: Comparison | None, addresses: Addresses, speaker: Speaker) -> list[Picture]:
    boxes = [] if comparison is None else [_box(box) for box in comparison.boxes.get(number, ())]
    viewed = _picture("viewed", number, addresses.viewed, boxes, speaker)
    if comparison is None:
        return [viewed]
    signed = _picture("signed", number, addresses.signed, boxes, speaker, comparison.signer)
    if number > comparison.signed_pages:
        signed = _missing(signed, speaker("page.viewer.no-signed-page"))
    if number > comparison.viewed_pages:
        viewed = _missing(viewed, speaker("page.viewer.no-viewed-page"))
    return [signed, viewed]


def _picture(which: str, number: int, address: str, boxes: list[Box], speaker: Speaker, note: str = "") -> Picture:
    return Picture(
        title=speaker(f"page.viewer.{which}"),
        note=note,
        alt=speaker(f"page.viewer.alt-{which}", number=number),
        source=f"{address}{number}.png",
        large=f"{address}{number}.png?lon=1",
        boxes=boxes,
    )


def _missing(picture: Picture, words: str) -> Picture:
    return Picture(picture.title, picture.note, picture.alt, None, None, [], words)


def _box(box: tuple[float, float, float, float]) -> Box:
    left, top, right, bottom = (round(edge * BOX_UNITS) for edge in box)
    x, y = max(left - BOX_MARGIN, 0), max(top - BOX_MARGIN, 0)
    return Box(x, y, min(right + BOX_MARGIN, BOX_UNITS) - x, min(bottom + BOX_MARGIN, BOX_UNITS) - y)
