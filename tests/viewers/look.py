"""One file that was told green, in the five programs: what each shows otherwise, and what was drawn."""

from __future__ import annotations

import queue
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field

import pikepdf

from tests.viewers.agreement import disagreements
from tests.viewers.boxes import Box, allowed_boxes
from tests.viewers.comparison import Difference, differences
from tests.viewers.programs import Drawn, Program, Viewers
from tests.viewers.told import Told

DPI = 100
WORKERS = 2


@dataclass
class Looked:
    """What came of one file; ``unopened`` are programs that can draw neither it nor its signed revision, and why."""

    told: Told
    found: list[Difference] = field(default_factory=list)
    pictures: Counter[Program] = field(default_factory=Counter)
    pages: int = 0
    unopened: dict[Program, str] = field(default_factory=dict)


def look_at(
    viewers: Viewers,
    told: Told,
    dpi: int = DPI,
    programs: Iterable[Program] = tuple(Program),
    inside: bool = False,
) -> Looked:
    """Draw the file and each signed revision in each program, and compare; ``inside``: their boxes too."""
    looked = Looked(told)
    boxes = {end: _boxes(told, end) for end in told.ends}
    shown: dict[int, dict[Program, Drawn]] = {end: {} for end in told.ends}
    whole: dict[Program, Drawn] = {}
    for program in programs:
        viewed = viewers.draw(program, told.data, dpi, told.password)
        whole[program] = viewed
        looked.pages = max(looked.pages, len(viewed.pages))
        looked.pictures[program] += len(viewed.pages)
        if any(not page for page in viewed.pages):
            looked.unopened[program] = "a page is counted but cannot be loaded"
        for end in told.ends:
            signed = viewers.draw_once(program, told.data[:end], dpi, told.password)
            looked.pictures[program] += len(signed.pages)
            shown[end][program] = signed
            if signed.failure is not None and viewed.failure is not None:
                looked.unopened[program] = viewed.failure
            looked.found.extend(differences(program, signed, viewed, boxes[end]))
    for end in told.ends if inside else ():
        looked.found.extend(disagreements(shown[end], whole, boxes[end]))
    return looked


def _boxes(told: Told, end: int) -> dict[int, list[Box]]:
    """No box is allowed in a file that qpdf cannot open."""
    try:
        return allowed_boxes(told.data, end, told.password)
    except (pikepdf.PdfError, ValueError, ZeroDivisionError):
        return {}


def look_at_all(files: Iterable[Told], dpi: int = DPI) -> Iterator[Looked]:
    """The same for many files, on both cores, in their order."""
    with ExitStack() as stack, ThreadPoolExecutor(WORKERS) as threads:
        idle: queue.SimpleQueue[Viewers] = queue.SimpleQueue()
        for _ in range(WORKERS):
            idle.put(stack.enter_context(Viewers()))

        def look(told: Told) -> Looked:
            viewers = idle.get()
            try:
                return look_at(viewers, told, dpi)
            finally:
                idle.put(viewers)

        yield from threads.map(look, files)
