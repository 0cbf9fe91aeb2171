"""Turns clean pictures of pages into captured ones by Augraphy; runs in an environment of its own (see ``install.sh``).

JSON on the standard input, an array of pages: ``in`` and ``out`` (paths of PNG files), ``how`` (a name of
``captures.CAPTURES``), ``seed``, ``points`` ([[x, y], …] in pixels), ``only`` (null, or the augmentation that is
applied for certain, with Jpeg and nothing else). JSON on the standard output, an array in the same
order: ``applied`` (names of augmentations), ``points`` where they lie afterwards. The same seed gives the same picture.

Ranges were set once from each augmentation's documentation and a look at a page of plain text, before any comparison
was run. Left out is what paints content or takes it away: Markup, Scribbles, Stains, BindingsAndFasteners, WaterMark,
Hollow, InkColorSwap, LinesDegradation, SectionShift, and the like.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable, Sequence
from typing import Any

import augraphy as a
import cv2
import numba
import numpy as np

Step = tuple[float, Callable[[], Any]]
"""How often, and the augmentation."""

PRINT: tuple[Step, ...] = (
    (0.4, lambda: a.InkBleed(intensity_range=(0.1, 0.3), kernel_size=(3, 3), severity=(0.3, 0.4))),
)
COPIER: tuple[Step, ...] = (
    (0.3, lambda: a.LowInkRandomLines(count_range=(3, 8), noise_probability=0.1)),
    (
        0.3,
        lambda: a.Letterpress(
            n_samples=(100, 400),
            n_clusters=(200, 400),
            std_range=(500, 3000),
            value_range=(150, 224),
            value_threshold_range=(96, 128),
        ),
    ),
    (0.3, lambda: a.DirtyDrum(line_width_range=(1, 3), line_concentration=0.03, noise_intensity=0.2)),
    (
        0.4,
        lambda: a.BadPhotoCopy(
            noise_iteration=(1, 1),
            noise_size=(1, 2),
            noise_value=(128, 196),
            noise_sparsity=(0.3, 0.6),
            noise_concentration=(0.05, 0.15),
            wave_pattern=0,
            edge_effect=0,
        ),
    ),
)
PAPER: tuple[Step, ...] = (
    (0.2, lambda: a.Folding(fold_count=1, fold_noise=0.01, gradient_height=(0.001, 0.004))),
    (
        0.15,
        lambda: a.BleedThrough(intensity_range=(0.1, 0.3), color_range=(32, 224), alpha=0.15, offsets=(10, 20)),
    ),
)
SCANNER: tuple[Step, ...] = (
    (0.15, lambda: a.DirtyRollers(line_width_range=(2, 32))),
    (0.3, lambda: a.LightingGradient(max_brightness=255, min_brightness=160, mode="gaussian", transparency=0.8)),
)
LENS: tuple[Step, ...] = (
    (0.5, lambda: a.LightingGradient(max_brightness=255, min_brightness=60, mode="gaussian", transparency=0.6)),
    (0.5, lambda: a.ShadowCast(shadow_opacity_range=(0.2, 0.5))),
)
SENSOR: tuple[Step, ...] = (
    (0.5, lambda: a.Brightness(brightness_range=(0.85, 1.15))),
    (0.5, lambda: a.Gamma(gamma_range=(0.75, 1.3))),
    (0.4, lambda: a.NoiseTexturize(sigma_range=(3, 10), turbulence_range=(2, 5))),
    (0.4, lambda: a.SubtleNoise(subtle_range=10)),
)
MESSENGER_QUALITY, QUALITY = (50, 80), (55, 95)


def main() -> None:
    """Read the pages, write the pictures, print what was done."""
    cv2.setNumThreads(1)
    # Augraphy prints to the standard output where it leaves something out: the answer goes there alone.
    answer, sys.stdout = sys.stdout, sys.stderr
    json.dump([_captured(page) for page in json.load(sys.stdin)], answer)


def _captured(page: dict[str, Any]) -> dict[str, Any]:
    _seed_all(page["seed"])
    picture: Any = cv2.imread(page["in"])
    points = {"place": [[round(x), round(y)] for x, y in page["points"]]}
    if page["how"] == "photocopy":
        picture = cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    applied = []
    for often, make in _steps(page["how"]):
        step = make()
        wanted = random.random() < often
        if page["only"] is not None:
            wanted = type(step).__name__ in {page["only"], "Jpeg"}
        if wanted:
            picture, _, points, _ = step(picture, keypoints=points, force=True)
            applied.append(type(step).__name__)
    cv2.imwrite(page["out"], picture, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    return {"applied": applied, "points": points["place"]}


def _steps(how: str) -> Sequence[Step]:
    quality = MESSENGER_QUALITY if how == "messenger" else QUALITY
    last: Step = (1.0, lambda: a.Jpeg(quality_range=quality))
    if how in {"phone", "messenger"}:
        return (*PRINT, *PAPER, *LENS, *SENSOR, last)
    return (*PRINT, *(COPIER if how == "photocopy" else ()), *PAPER, *SCANNER, *SENSOR, last)


def _seed_all(seed: int) -> None:
    random.seed(seed)
    np.random.seed(seed)
    cv2.setRNGSeed(seed)
    _seed_compiled(seed)


def _seeded(seed: int) -> None:
    random.seed(seed)
    np.random.seed(seed)


_seed_compiled = numba.njit(_seeded)
"""Compiled code has its own random numbers."""

if __name__ == "__main__":
    main()
