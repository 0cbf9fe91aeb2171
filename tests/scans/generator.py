"""Pairs of a copy and its original, from a seed: a genuine one, or one with a single forgery whose place is known."""

from __future__ import annotations

import copy
import random
from dataclasses import dataclass

import numpy as np

from tests.scans.captures import CAPTURES, Capture, captured
from tests.scans.forgeries import KINDS, Place, forge
from tests.scans.papers import PAGE_MM, TEMPLATES, paper
from tests.scans.printing import printed

GENUINE = "genuine"
TURNS = (*KINDS, *[GENUINE] * 4)
"""Four genuine pairs for every ten forged ones; with the captures each combination once in 70 seeds."""


@dataclass(frozen=True)
class ScanPair:
    """``place``: the change as a box in the contract's points on the copy; None where there is none."""

    seed: int
    kind: str
    how: str
    copy: Capture
    original: Capture
    place: Place | None


def pair(seed: int, kind: str | None = None, how: str | None = None) -> ScanPair:
    """The seed decides everything; ``kind`` and ``how`` may be wished for.

    Both captures show the same physical sheet (paper, toner) except for the forgery, which was printed anew.
    The reference is a fresh scan at 200 dpi, 300 where the copy has 300.
    """
    kind = kind or TURNS[seed % len(TURNS)]
    how = how or CAPTURES[seed % len(CAPTURES)]
    template = random.Random(seed + 5).randrange(len(TEMPLATES))
    sheet = paper(seed, template)
    if kind == "seal":
        sheet.seals.clear()
    if kind == "signature":
        sheet.signatures.clear()
    truth: Place | None = None
    other = copy.deepcopy(sheet)
    if kind == "page":
        other, truth = paper(seed + 400_000, template), (0.0, 0.0, *PAGE_MM)
    elif kind != GENUINE:
        truth = forge(other, kind, seed)
    original = captured(printed(sheet, seed), "scan 300" if how == "scan 300" else "scan 200", seed * 2 + 1)
    shown = captured(printed(other, seed), how, seed * 2 + 2)
    return ScanPair(seed, kind, how, shown, original, None if truth is None else _on_copy(truth, shown))


def _on_copy(place: Place, shown: Capture) -> Place:
    left, top, right, bottom = place
    corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
    at = shown.place(corners) * shown.points_per_pixel
    return float(at[:, 0].min()), float(at[:, 1].min()), float(at[:, 0].max()), float(at[:, 1].max())
