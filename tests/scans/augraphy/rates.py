"""``make rates-augraphy ARGS='--pairs 60'``: our papers and forgeries under another program's noise, beside our own.

Each paper is compared twice, once captured by Augraphy (``noise.py``, in its own environment) and once by
``captures.captured``; other genuine ones under one kind of noise alone. Answers are kept in
``build/rates-augraphy.jsonl``; an interrupted run goes on where it stopped. Writes ``docs/rates-augraphy.md``.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import cv2
import numpy as np
from PIL import Image

from api.services import comparison_workers
from tests.scans.augraphy.tables import ALONE, AUGRAPHY, NOISES, OURS, Row, table
from tests.scans.captures import CAPTURES, Capture, clean, jpeg
from tests.scans.forgeries import KINDS, Place
from tests.scans.generator import GENUINE, TURNS, ScanPair, pair, printed_pair
from tests.scans.judging import Judged, judged, measured
from verifier.process.workers import WorkerFailedError
from verifier.scans.compare import not_comparable

ROOT = Path(__file__).resolve().parents[3]
HOME = ROOT / "build" / "augraphy"
STORE = ROOT / "build" / "rates-augraphy.jsonl"
PAGE = ROOT / "docs" / "rates-augraphy.md"
FIRST_SEED = 27_000_000
"""Not used in tuning, neither of the comparison nor of the noise."""
FIRST_ALONE = FIRST_SEED + 130_000
BATCH = 12
"""Pages for each start of Augraphy's process: loading and compiling it takes half a minute."""
QUALITY = 95
"""Of the file that carries the picture to the comparison; what the picture lost before is Augraphy's."""


@dataclass(frozen=True)
class _Wanted:
    seed: int
    kind: str
    how: str
    only: str | None = None


@dataclass(frozen=True)
class _Laid:
    """One clean copy with its reference; ``corners`` of the change in pixels, none for a genuine pair."""

    wanted: _Wanted
    copy: Capture
    original: Capture
    corners: list[list[float]]


def main() -> None:
    """Run what is missing, print and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=60)
    parser.add_argument("--alone", type=int, default=3, help="genuine pages for each kind of noise by itself")
    parser.add_argument("--only-write", action="store_true", help="write the page of what is there")
    chosen = parser.parse_args()
    STORE.parent.mkdir(exist_ok=True)
    if not chosen.only_write:
        _run(list(plan(chosen.pairs)), list(alone(chosen.alone)))
    rows = list(_stored())
    if not rows:
        raise SystemExit("nothing measured: the page stays as it is")
    text = table(rows)
    PAGE.write_text(text, encoding="utf-8")
    print(text)


def plan(pairs: int) -> Iterator[_Wanted]:
    """Two forgeries, then a genuine pair, each on a paper of its own; kinds and captures take turns."""
    forged = genuine = 0
    for at in range(pairs):
        seed = FIRST_SEED + at * len(TURNS)
        if at % 3 == 2:
            yield _Wanted(seed, GENUINE, CAPTURES[genuine % len(CAPTURES)])
            genuine += 1
        else:
            how = CAPTURES[(forged + forged // len(KINDS)) % len(CAPTURES)]
            yield _Wanted(seed, KINDS[forged % len(KINDS)], how)
            forged += 1


def alone(pages: int) -> Iterator[_Wanted]:
    """Genuine pages under one kind of noise, the kinds in turn."""
    for at in range(pages * len(NOISES)):
        only, how = NOISES[at % len(NOISES)]
        yield _Wanted(FIRST_ALONE + at * len(TURNS), GENUINE, how, only)


def _stored() -> Iterator[Row]:
    if STORE.exists():
        for line in STORE.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            yield Row(Judged(**row["judged"]), row["noise"], tuple(row["applied"]))


def _run(pairs: Sequence[_Wanted], single: Sequence[_Wanted]) -> None:
    """What is not stored yet, in batches that take turns."""
    cv2.setNumThreads(1)
    done = {(row.judged.seed, row.noise) for row in _stored()}
    for batch, others in zip_longest(_batches(pairs), _batches(single), fillvalue=()):
        for wanted, noise in ((batch, AUGRAPHY), (others, ALONE)):
            for made, applied in _augraphed([_laid(each) for each in wanted if (each.seed, noise) not in done]):
                _compare(made, noise, applied)
        for each in batch:
            if (each.seed, OURS) not in done:
                _compare(pair(each.seed, each.kind, each.how), OURS, ())


def _batches(wanted: Sequence[_Wanted]) -> Iterator[Sequence[_Wanted]]:
    for start in range(0, len(wanted), BATCH):
        yield wanted[start : start + BATCH]


def _compare(made: ScanPair, noise: str, applied: Sequence[str]) -> None:
    with comparison_workers() as workers:
        try:
            one = judged(made, *workers.run(measured, made.copy.data, made.original.data))
        except WorkerFailedError:  # what an officer is told then: not comparable, so a miss
            one = judged(made, not_comparable("COMPARISON-STOPPED"), 0.0, 0)
    with STORE.open("a", encoding="utf-8") as out:
        out.write(json.dumps({"judged": asdict(one), "noise": noise, "applied": list(applied)}) + "\n")
    print(
        f"{one.seed} {noise} {one.kind} {one.how}: {one.outcome}, found {one.found}, false {one.false_boxes}",
        flush=True,
    )


def _laid(wanted: _Wanted) -> _Laid:
    sheet, original, truth = printed_pair(wanted.seed, wanted.kind, wanted.how)
    shown = clean(sheet, wanted.how, wanted.seed * 2 + 2)
    if truth is None:
        return _Laid(wanted, shown, original, [])
    left, top, right, bottom = truth
    corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
    return _Laid(wanted, shown, original, shown.place(corners).tolist())


def _augraphed(pages: Sequence[_Laid]) -> list[tuple[ScanPair, list[str]]]:
    """The pages under Augraphy's noise, with what it did; one process for all of them."""
    if not pages:
        return []
    with TemporaryDirectory(dir=HOME) as folder:
        orders = [_order(page, Path(folder) / str(page.wanted.seed)) for page in pages]
        for page, order in zip(pages, orders, strict=True):
            Path(order["in"]).write_bytes(page.copy.data)
        done = subprocess.run(
            [HOME / ".venv" / "bin" / "python", "-W", "ignore", Path(__file__).with_name("noise.py")],
            input=json.dumps(orders),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            cwd=folder,
            env={**os.environ, "NUMBA_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        )
        answers = json.loads(done.stdout)
        return [
            (_scan_pair(page, Path(order["out"]), answer["points"]), answer["applied"])
            for page, order, answer in zip(pages, orders, answers, strict=True)
        ]


def _order(page: _Laid, name: Path) -> dict[str, Any]:
    wanted = page.wanted
    files = {"in": f"{name}.in.png", "out": f"{name}.out.png"}
    return {**files, "how": wanted.how, "seed": wanted.seed, "points": page.corners, "only": wanted.only}


def _scan_pair(page: _Laid, picture: Path, points: Sequence[Sequence[float]]) -> ScanPair:
    with Image.open(picture) as image:
        pixels = np.array(image.convert("RGB"))
    scale = page.copy.points_per_pixel
    data = jpeg(pixels, QUALITY, None if scale == 1.0 else round(72 / scale))
    place: Place | None = None
    if points:
        at = np.array(points) * scale
        place = (float(at[:, 0].min()), float(at[:, 1].min()), float(at[:, 0].max()), float(at[:, 1].max()))
    copy = Capture(data, scale, page.copy.place)
    return ScanPair(page.wanted.seed, page.wanted.kind, page.wanted.how, copy, page.original, place)


if __name__ == "__main__":
    main()
