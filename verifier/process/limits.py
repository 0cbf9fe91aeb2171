"""What one task in a worker process may use, and how the process is kept fit for the next one."""

from __future__ import annotations

import gc
import logging
import math
import resource
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

SETTLED_AFTER = frozenset({2, 8, 32})
"""Tasks of a worker after which what is there has come to stay: modules, fonts, certificates."""


@dataclass(frozen=True)
class Limits:
    """Of one task.

    ``cpu_s`` is processor time, at which the kernel ends the process with SIGXCPU: for what no count foresaw, far above
    what any file needs that passes the counts. ``memory_bytes`` is address space beyond what the process had before
    its first task and beyond the task itself; there allocations fail with MemoryError, in the first task as in the
    hundredth.
    """

    cpu_s: float
    memory_bytes: int


def address_space() -> int:
    """What this process has mapped, in bytes."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    return pages * resource.getpagesize()


def run_limited(
    limits: Limits, own_bytes: int, function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> Any:
    """Run one task in this process under its limits.

    ``own_bytes`` is what the process had mapped before its first task, and the size of this one.
    """
    usage = resource.getrusage(resource.RUSAGE_SELF)
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_CPU, math.ceil(usage.ru_utime + usage.ru_stime + limits.cpu_s))
    _lower(resource.RLIMIT_AS, own_bytes + limits.memory_bytes)
    logging.disable(logging.CRITICAL)  # what the parsers say of a document quotes it; the findings say what matters
    try:
        return function(*args, **kwargs)
    finally:
        _lower(resource.RLIMIT_AS, None)
        _lower(resource.RLIMIT_CPU, None)
        _settle()


_tasks = count(1)


def _settle() -> None:
    """Leave what has come to stay out of all further collections: looking through it takes longer than a page."""
    if next(_tasks) in SETTLED_AFTER:
        gc.collect()
        gc.freeze()


def _lower(kind: int, soft: int | None) -> None:
    """Set a soft limit; None lifts it to the hard one."""
    _, hard = resource.getrlimit(kind)
    resource.setrlimit(kind, (hard if soft is None or (hard >= 0 and soft > hard) else soft, hard))
