"""Run in a worker process: what lies around it. A module of its own, so that the worker can import it alone."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Surroundings:
    """``environment`` as the process has it and as it was started with; ``files`` that are open, by their targets."""

    environment: frozenset[str]
    started_with: frozenset[str]
    files: frozenset[str]


def surroundings() -> Surroundings:
    """Of the process that runs this."""
    started = Path("/proc/self/environ").read_bytes().decode().split("\0")
    open_files = [link for link in Path("/proc/self/fd").iterdir() if link.exists()]
    return Surroundings(
        frozenset(os.environ),
        frozenset(entry.partition("=")[0] for entry in started if entry),
        frozenset(str(link.readlink()) for link in open_files if link.is_symlink()),
    )
