"""How ``make bench`` takes times, and what a row of it is made of."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence

from rich.console import Console
from rich.table import Table

from tests.bench_sealing import Row


def row(
    name: str, value: float, unit: str, *, against: tuple[str, float] | None = None, limit: float | None = None
) -> Row:
    """A row with its ratio and whether its limit holds."""
    ratio = None if against is None else round(value / against[1], 2)
    holds = None if limit is None else value <= limit
    return Row(name, round(value, 2), unit, ratio, None if against is None else against[0], limit, holds)


def median_ms(work: Callable[[], object], times: int = 15, warm: int = 2) -> float:
    """Median duration of ``work`` in milliseconds."""
    return measured([work], times, warm)[0]


def measured(works: Sequence[Callable[[], object]], times: int = 15, warm: int = 2) -> list[float]:
    """Median duration of each in milliseconds, taken in turn: a machine's speed drifts for all of them alike."""
    taken: list[list[float]] = [[] for _ in works]
    for turn in range(times + warm):
        for work, found in zip(works, taken, strict=True):
            started = time.perf_counter()
            work()
            if turn >= warm:
                found.append((time.perf_counter() - started) * 1000)
    return [statistics.median(one) for one in taken]


def print_rows(rows: Sequence[Row]) -> None:
    """As a table."""
    table = Table("what", "value", "unit", "ratio", "against", "limit", "holds", box=None, header_style="bold")
    for one in rows:
        cells = (one.name, one.value, one.unit, one.ratio, one.against, one.limit, one.holds)
        table.add_row(*("" if cell is None else str(cell) for cell in cells))
    Console(width=140).print(table)
