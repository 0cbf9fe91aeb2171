"""The clock of ``--against``: what a bench and all that it started have used of processors, not what they waited for.

On a machine that others use, waiting tells what these do. Run by both trees from this one file (``bench_against.py``),
so it imports nothing of either.
"""

from __future__ import annotations

import os
import resource
import time
from pathlib import Path


def processor_time_s() -> float:
    """Seconds of this process, of its processes that ended, and of all that live below it."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + ended.ru_utime + ended.ru_stime + sum(map(_used_by, _below(os.getpid())))


def _below(process: int) -> list[int]:
    """The processes that this one started, and those that these did."""
    found: list[int] = []
    waiting = [process]
    while waiting:
        for tasks in Path(f"/proc/{waiting.pop()}/task").glob("*/children"):
            try:
                started = [int(number) for number in tasks.read_text(encoding="ascii").split()]
            except OSError:  # it ended
                continue
            found.extend(started)
            waiting.extend(started)
    return found


def _used_by(process: int) -> float:
    """By the process's own clock (clock_getcpuclockid(3)), which has no ticks; nothing once it ended."""
    try:
        return time.clock_gettime((~process << 3) | 2)
    except OSError:
        return 0.0
