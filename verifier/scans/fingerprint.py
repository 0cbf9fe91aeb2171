"""Is it the same file, the same scan saved again, another picture of the same paper, or something else? Worker only.

What is kept of a received paper are its pages' prints: a SHA-256 of the decoded page, and its look (a perceptual hash).
The look cannot see a changed letter (measured: AUC 0.53); it only finds which page belongs to which. The pixels decide.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np

from verifier.scans.flattening import WORKING_DPI, Grey, Picture, Plane, blurred, grey_of, plane, resized
from verifier.scans.pages import Pages, PagesError
from verifier.scans.registration import features_of, register

PRINT_DPI = 100
MAX_PRINTED_PAGES = 12
MAX_BOUND_PAGES = 12
"""Compared pixel by pixel: half a second each."""
LOOK_SIDE = 16
"""The look has 16 × 16 bits."""
ALIKE_BITS = 40
"""Of 256, for what is worth a look at its pixels: scans saved again or resized measured up to 33, other papers of one
form 41 and more, of other forms 67 and more (16 and 6 pairs)."""
SHARPNESS_STEPS = 6
MOST_BLUR_PX = 2.5
SMOOTHED_PX = 0.7
WINDOW_PX = 3
SAME_LEVELS = 53.0
"""Of 255, the largest mean difference in a window of 0.4 mm: scans saved again at quality 50 to 95 and 0.7 to 1.3 times
their size measured up to 41, one changed tone mark or digit 72 and more (tests/scans/test_fingerprint.py)."""
CHANGED_SHARE = 0.004
"""Share of the page that differs, up to which it is the same scan with a few places changed."""


class Binding(StrEnum):
    """What a file is to another; each is weaker than the one before."""

    SAME_FILE = "same-file"
    """The same bytes."""
    SAME_PAGES = "same-pages"
    """Other bytes, but every page decodes to the same picture."""
    SAME_SCAN = "same-scan"
    """The same scan, saved again or resized."""
    CHANGED_SCAN = "changed-scan"
    """The same scan, but changed in a few places, or with pages added or left out."""
    SAME_PAPER = "same-paper"
    """Another picture of the same paper, as far as its features tell; the comparison must say whether it agrees."""
    OTHER = "other"
    """Something else."""

    @property
    def weakness(self) -> int:
        """0 for the strongest."""
        return list(Binding).index(self)


@dataclass(frozen=True)
class PagePrint:
    """One page: ``sha256`` of its decoded pixels at 100 dpi, ``look`` as 64 hexadecimal digits."""

    sha256: str
    look: str


def prints_of(data: bytes) -> tuple[PagePrint, ...]:
    """The prints of the first pages; none where the file cannot be drawn, and none for a blank page's look."""
    cv2.setNumThreads(1)
    try:
        with Pages(data) as pages:
            return tuple(print_of(pages.raster(index).picture) for index in range(min(pages.count, MAX_PRINTED_PAGES)))
    except PagesError:
        return ()


def print_of(picture: Picture) -> PagePrint:
    """The print of one page at the working resolution."""
    small = resized(picture, PRINT_DPI / WORKING_DPI)
    header = f"{small.shape[1]}x{small.shape[0]}:".encode()
    digest = hashlib.sha256(header + np.ascontiguousarray(small).tobytes()).hexdigest()
    return PagePrint(digest, look_of(grey_of(small)))


def look_of(grey: Grey) -> str:
    """Is each of 16 × 16 cells lighter than its right neighbour (difference hash)."""
    cells = cv2.resize(grey, (LOOK_SIDE + 1, LOOK_SIDE), interpolation=cv2.INTER_AREA).astype(np.int16)
    bits = (cells[:, :-1] > cells[:, 1:]).ravel()
    return np.packbits(bits).tobytes().hex()


def apart(one: str, other: str) -> int:
    """In how many bits two looks differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def bind(copy: bytes, original: bytes) -> Binding | None:
    """What the copy is to the original; None where one of them cannot be drawn."""
    if copy == original:
        return Binding.SAME_FILE
    cv2.setNumThreads(1)
    cv2.setRNGSeed(0)
    try:
        with Pages(copy) as copies, Pages(original) as originals:
            return _bound(copies, originals)
    except PagesError:
        return None


def _bound(copies: Pages, originals: Pages) -> Binding:
    counts = [min(pages.count, MAX_BOUND_PAGES) for pages in (copies, originals)]
    looks = [
        [print_of(pages.raster(index).picture) for index in range(count)]
        for pages, count in zip((copies, originals), counts, strict=True)
    ]
    weakest = Binding.SAME_PAGES if copies.count == originals.count else Binding.CHANGED_SCAN
    for left, right in _pairs(looks[0], looks[1]):
        if looks[0][left].sha256 == looks[1][right].sha256:
            continue
        found = bind_pages(copies.raster(left).picture, originals.raster(right).picture)
        weakest = max(weakest, found, key=lambda binding: binding.weakness)
        if weakest is Binding.OTHER:
            break
    return weakest


def _pairs(copies: list[PagePrint], originals: list[PagePrint]) -> list[tuple[int, int]]:
    """The pages that look most alike, each once."""
    ranked = sorted(
        (apart(copy.look, original.look), abs(i - j), i, j)
        for i, copy in enumerate(copies)
        for j, original in enumerate(originals)
    )
    pairs: list[tuple[int, int]] = []
    for _, _, i, j in ranked:
        if all(i != left and j != right for left, right in pairs):
            pairs.append((i, j))
    return pairs


def bind_pages(copy: Picture, original: Picture) -> Binding:
    """One page to another, by their pixels; where these do not agree, by their features."""
    greys = grey_of(copy), grey_of(original)
    apart_by = pixel_difference(greys[0], greys[1])
    if apart_by is not None:
        if float(apart_by.max()) <= SAME_LEVELS:
            return Binding.SAME_SCAN
        if float((apart_by > SAME_LEVELS).mean()) <= CHANGED_SHARE and _is_written(greys[1]):
            return Binding.CHANGED_SCAN
    same_paper = register(features_of(greys[1]), features_of(greys[0])) is not None
    return Binding.SAME_PAPER if same_paper else Binding.OTHER


def pixel_difference(one: Grey, other: Grey) -> Plane | None:
    """How far apart two pages are at each place, in levels; None where they have another shape.

    1 both to the smaller size · 2 the sharper one as blurred as the other · 3 mean difference in a small window.
    """
    ratios = one.shape[1] / other.shape[1], one.shape[0] / other.shape[0]
    if abs(ratios[0] / ratios[1] - 1) > 0.01:
        return None
    size = min(one.shape[1], other.shape[1]), min(one.shape[0], other.shape[0])
    a, b = (plane(cv2.resize(grey, size, interpolation=cv2.INTER_AREA)) for grey in (one, other))
    a, b = _as_sharp(a, b)
    difference = np.abs(blurred(a, SMOOTHED_PX) - blurred(b, SMOOTHED_PX))
    return plane(cv2.blur(difference, (WINDOW_PX, WINDOW_PX)))


def _as_sharp(one: Plane, other: Plane) -> tuple[Plane, Plane]:
    sharpness = [_sharpness(values) for values in (one, other)]
    sharp, soft = (one, other) if sharpness[0] > sharpness[1] else (other, one)
    low, high = 0.0, MOST_BLUR_PX
    for _ in range(SHARPNESS_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if _sharpness(blurred(sharp, middle)) > min(sharpness) else (low, middle)
    return blurred(sharp, low), soft


def _sharpness(values: Plane) -> float:
    return float(plane(cv2.Laplacian(values, cv2.CV_32F)).std())


def _is_written(grey: Grey) -> bool:
    """Something to recognise a scan by: two blank sheets differ in a few places as well."""
    return len(features_of(grey).points) >= 100
