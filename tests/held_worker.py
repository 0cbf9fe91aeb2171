"""A worker process that is in use for as long as a test wants."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from verifier.process.workers import LimitedWorkers


def until_gone(file: Path) -> None:
    """In the worker: say that it has begun, and work until the file is gone."""
    file.with_suffix(".begun").touch()
    while file.exists():
        time.sleep(0.02)


@contextmanager
def held(workers: LimitedWorkers, folder: Path) -> Iterator[None]:
    """The only worker of these is in use inside the context."""
    file = folder / "held"
    file.touch()
    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(workers.patient().run, until_gone, file)
        try:
            while not file.with_suffix(".begun").exists():
                time.sleep(0.02)
            yield
        finally:
            file.unlink()
            file.with_suffix(".begun").unlink(missing_ok=True)
        running.result()
