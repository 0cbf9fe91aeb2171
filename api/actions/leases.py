"""Who is working on something right now, so that what a killed process left can be taken over at once.

A lease names its holder by machine boot, process namespace, process id and start time: on the same machine a dead
holder is recognised immediately; from elsewhere the lease's end must be waited for.
"""

from __future__ import annotations

import os
from datetime import timedelta
from functools import cache
from pathlib import Path

_DEAD = ("Z", "X", "x")
"""A killed process whose parent has not asked for its exit status yet still has an entry."""

LEASE = timedelta(minutes=10)
"""Longer than any sealing takes: two signatures, time stamps and evidence, each fetched within its own time limit."""


def this_process() -> str:
    """The holder's name of this process."""
    return f"{_machine()}:{os.getpid()}:{_start(os.getpid())}"


def is_gone(holder: str) -> bool:
    """Is the process surely dead. False also where it runs elsewhere and cannot be seen from here."""
    machine, _, process = holder.rpartition(":")[0].rpartition(":")
    start = holder.rpartition(":")[2]
    if machine != _machine():
        return False
    return _start(int(process)) != start


def _start(pid: int) -> str | None:
    """When a process began, in clock ticks since the machine did (proc(5), field 22); None where it is no more."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    state, *fields = status.rpartition(")")[2].split()  # the name before it may contain anything
    return None if state in _DEAD else fields[18]


@cache
def _machine() -> str:
    """Names the running system and the namespace in which process ids mean something (containers have their own)."""
    boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return f"{boot}:{Path('/proc/self/ns/pid').stat().st_ino}"
