"""Pairs of a copy and its original, from a seed: a genuine one, or one with a single forgery whose place is known."""

from __future__ import annotations

import copy
import random
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from tests.scans.captures import CAPTURES, Capture, captured
from tests.scans.forgeries import KINDS, Place, forge
from tests.scans.papers import PAGE_MM, TEMPLATES, Sheet, paper
from tests.scans.printing import printed
from verifier.scans.flattening import Picture

GENUINE = "genuine"
TURNS = (*KINDS, *[GENUINE] * 3)
"""Three genuine pairs for every ten forged ones; with the captures each combination once in 78 seeds."""


@dataclass(frozen=True)
class ScanPair:
    """``place``: the change as a box in the contract's points on the copy; None where there is none.

    ``marks``: a staple or punched holes that one side alone shows: a box there is right, and no answer to the forgery.
    """

    seed: int
    kind: str
    how: str
    copy: Capture
    original: Capture
    place: Place | None
    marks: tuple[Place, ...] = ()


def pair(seed: int, kind: str | None = None, how: str | None = None) -> ScanPair:
    """The seed decides everything; ``kind`` and ``how`` may be wished for.

    Both captures show the same physical sheet (paper, toner, notes by hand) except for the forgery, which was printed
    anew. The reference is a scan at 200 dpi, 300 where the copy has 300. The seeds of one block of ``TURNS`` have one
    paper; each genuine pair has a reference of its own, the forged ones of a block share one.
    """
    kind = kind or TURNS[seed % len(TURNS)]
    how = how or CAPTURES[seed % len(CAPTURES)]
    sheet, original, truth = printed_pair(seed, kind, how)
    shown = captured(sheet, how, seed * 2 + 2, worn=kind == GENUINE)
    place = None if truth is None else _on_copy(truth, shown)
    return ScanPair(seed, kind, how, shown, original, place, tuple(_on_copy(mark, shown) for mark in shown.marks))


def printed_pair(seed: int, kind: str, how: str) -> tuple[Picture, Capture, Place | None]:
    """What ``pair`` captures as the copy, printed; its reference; where the change stands on the sheet, in mm."""
    block = seed // len(TURNS)
    dpi = "scan 300" if how == "scan 300" else "scan 200"
    if kind == GENUINE:
        original = captured(_master(block, ""), dpi, seed * 2 + 1)
        return _master(block, ""), original, None
    without = kind if kind in {"seal", "signature"} else ""
    sheet = _sheet(block, without)
    truth: Place
    if kind == "page":
        sheet, truth = paper(block + 400_000, _template(block)), (0.0, 0.0, *PAGE_MM)
    else:
        truth = forge(sheet, kind, seed)
    return printed(sheet, block), _reference(block, without, dpi), truth


def _template(block: int) -> int:
    return random.Random(block + 5).randrange(len(TEMPLATES))


def _sheet(block: int, without: str = "") -> Sheet:
    """The block's paper, a copy of its own; ``without`` seal or signature for those that are forged on."""
    sheet = copy.deepcopy(paper(block, _template(block)))
    if without == "seal":
        sheet.seals.clear()
    if without == "signature":
        sheet.signatures.clear()
    return sheet


@lru_cache(maxsize=1)
def _master(block: int, without: str) -> Picture:
    return printed(_sheet(block, without), block)


@lru_cache(maxsize=4)
def _reference(block: int, without: str, dpi: str) -> Capture:
    return captured(_master(block, without), dpi, block * 2 + 1)


def _on_copy(place: Place, shown: Capture) -> Place:
    left, top, right, bottom = place
    corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
    at = shown.place(corners) * shown.points_per_pixel
    return float(at[:, 0].min()), float(at[:, 1].min()), float(at[:, 0].max()), float(at[:, 1].max())
