"""Which page of the copy is which page of the original, in any order; what is left over is missing or extra."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from verifier.scans.flattening import Grey
from verifier.scans.registration import Features, features_of, register

THUMBNAIL_SCALE = 0.3
THUMBNAIL_FEATURES = 700


@dataclass(frozen=True)
class PagePair:
    """Indices from 0; None on one side: the page is missing from the copy, or the copy has it in addition."""

    copy: int | None
    original: int | None


def thumbnail(grey: Grey) -> Features:
    """A few features of a page, enough to find it again among others."""
    return features_of(grey, THUMBNAIL_SCALE, THUMBNAIL_FEATURES)


def paired(copies: Sequence[Features], originals: Sequence[Features]) -> tuple[PagePair, ...]:
    """Pair the pages that agree best, in the order of the copy; missing pages come last.

    One page left on each side is a pair as well: it was not found again, and the comparison says so.
    """
    if len(copies) == len(originals) == 1:
        return (PagePair(0, 0),)
    scores = sorted(
        (
            (found.inliers, -abs(i - j), -i, -j)
            for i, copy in enumerate(copies)
            for j, original in enumerate(originals)
            if (found := register(original, copy)) is not None
        ),
        reverse=True,
    )
    taken: dict[int, int] = {}
    for _, _, minus_copy, minus_original in scores:
        if -minus_copy not in taken and -minus_original not in taken.values():
            taken[-minus_copy] = -minus_original
    extra = [i for i in range(len(copies)) if i not in taken]
    missing = [j for j in range(len(originals)) if j not in taken.values()]
    if len(extra) == len(missing) == 1:
        taken[extra[0]], missing = missing[0], []
    pairs = [PagePair(i, taken.get(i)) for i in range(len(copies))]
    return (*pairs, *(PagePair(None, j) for j in missing))
