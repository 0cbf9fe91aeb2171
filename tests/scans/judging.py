"""One pair compared and judged: was the change boxed, is there a box where nothing changed, what did it cost."""

from __future__ import annotations

import math
import resource
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.scans.forgeries import Place
from tests.scans.generator import ScanPair
from verifier.scans.compare import Comparison, compare_papers

MARGIN_PT = 72 / 25.4
"""A box counts as a hit within a millimetre of the change."""
MAX_TIMES_AREA = 10.0
MAX_AREA_PT = 4 * (72 / 2.54) ** 2
"""4 cm² on a page whose scale is known."""


@dataclass(frozen=True)
class Judged:
    """``found`` None for a genuine pair; ``false_boxes``: outside the change and any staple or hole (``marked``).

    ``not_compared``: places named so, but for those that are a staple or a hole; 1 where nothing was compared.
    """

    seed: int
    kind: str
    how: str
    outcome: str
    found: bool | None
    false_boxes: int
    not_compared: int
    cpu_s: float
    peak_mib: int
    marks: int = 0
    marked: int = 0
    again: bool = False
    """``cpu_s`` was taken a second time, with nothing else running."""


def measured(copy: bytes, original: bytes) -> tuple[Comparison, float, int]:
    """Compare; processor seconds, and the process's peak memory in MiB. For a fresh worker process."""
    start = time.process_time()
    found = compare_papers(copy, original)
    return found, time.process_time() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def judged(pair: ScanPair, found: Comparison, cpu_s: float, peak_mib: int) -> Judged:
    """Compare what was found with what is true."""
    page = found.pages[0] if found.pages else None
    boxes = [each.box for each in page.differences] if page is not None else []
    hits = [box for box in boxes if pair.place is not None and _near(box, pair.place, _unit(pair))]
    marked = [box for box in boxes if any(_near(box, mark, _unit(pair)) for mark in pair.marks)]
    said = None
    if pair.place is not None:
        said = any(_close_fit(box, pair.place, _unit(pair)) for box in hits)
    return Judged(
        pair.seed,
        pair.kind,
        pair.how,
        found.outcome.value,
        said,
        len(boxes) - len(hits) - len(marked),
        _places_left_out(pair, page.not_compared) if page is not None else 1,
        round(cpu_s, 2),
        peak_mib,
        len(pair.marks),
        len(marked),
    )


def _places_left_out(pair: ScanPair, places: Sequence[Place]) -> int:
    unit = _unit(pair)
    return sum(not any(_near(box, mark, unit) and _close_fit(box, mark, unit) for mark in pair.marks) for box in places)


def _unit(pair: ScanPair) -> float:
    """Points of the contract for one true point: a photo without scale is counted in pixels."""
    return {"phone": 215 / 72, "messenger": 215 / 72 * 1600 / 3000}.get(pair.how, 1.0)


def _near(box: Place, place: Place, unit: float) -> bool:
    margin = MARGIN_PT * unit
    return (
        box[0] < place[2] + margin
        and place[0] - margin < box[2]
        and box[1] < place[3] + margin
        and place[1] - margin < box[3]
    )


def _close_fit(box: Place, place: Place, unit: float) -> bool:
    area, true = ((each[2] - each[0]) * (each[3] - each[1]) for each in (box, place))
    return area <= max(MAX_TIMES_AREA * true, MAX_AREA_PT * unit**2)


def wilson(hits: int, of: int, z: float = 1.96) -> tuple[float, float]:
    """95 % bounds of a share."""
    if not of:
        return 0.0, 1.0
    share = hits / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return max(0.0, middle - half), min(1.0, middle + half)


def hit(row: Judged) -> bool:
    """The change was boxed."""
    return bool(row.found)


def alarm(row: Judged) -> bool:
    """A box where nothing changed."""
    return row.false_boxes > 0


def left_out(row: Judged) -> bool:
    """The page, or a part of it, was not compared."""
    return row.outcome == "not-comparable" and row.not_compared > 0


def share_text(rows: Sequence[Judged], counts: Callable[[Judged], bool]) -> str:
    """Count, share and Wilson bounds, as the published tables have them."""
    if not rows:
        return "–"
    hits = sum(map(counts, rows))
    low, high = wilson(hits, len(rows))
    return f"{hits}/{len(rows)} = {100 * hits / len(rows):.1f} % [{100 * low:.0f}–{100 * high:.0f}]"
