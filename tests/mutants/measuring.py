"""Which lines of the target each test runs, and how long it takes: measured once without an edit, then kept."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, TypeAlias, TypedDict

from certs.memo import BoundedMemo

if TYPE_CHECKING:
    import pytest

_CACHE = type(functools.lru_cache(lambda: None))
Memory: TypeAlias = Any
"""A ``functools`` cache or a ``BoundedMemo``."""


class Run(TypedDict):
    """What one test took (CPU seconds, traced) and the lines of each file of the target that it ran."""

    cpu_s: float
    lines: dict[str, list[int]]


Measured = dict[str, Run]
"""By the tests' ids."""


def measure(
    root: Path, files: Sequence[str], items: Sequence[pytest.Item], memory: Sequence[Memory]
) -> Measured | RuntimeError:
    """Run the tests in a fork of this process; the error names one that fails.

    ``memory`` is emptied before each: what a test before made the verifier remember would hide lines.
    """
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(reading)
        try:
            with os.fdopen(writing, "w", encoding="utf-8") as stream:
                stream.write(json.dumps(_measured(root, files, items, memory)))
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as stream:
        text = stream.read()
    os.waitpid(process, 0)
    answer: Measured | str = json.loads(text or '"the process ended early"')
    return RuntimeError(f"fails without an edit: {answer}") if isinstance(answer, str) else answer


class _Watch:
    """A plugin that remembers a failure."""

    failed: str | None = None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed = report.nodeid


def _measured(
    root: Path, files: Sequence[str], items: Sequence[pytest.Item], memory: Sequence[Memory]
) -> Measured | str:
    found: Measured = {}
    names = {str(root / file): file for file in files}
    watch = _Watch()
    items[0].config.pluginmanager.register(watch)
    for item, following in zip(items, [*items[1:], None], strict=True):
        for one in memory:
            _forget(one)
        lines: dict[str, set[int]] = {}
        before = time.process_time()
        with _traced(names, lines):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if watch.failed is not None:
            return watch.failed
        found[item.nodeid] = Run(
            cpu_s=round(time.process_time() - before, 3), lines={name: sorted(ran) for name, ran in lines.items()}
        )
    return found


def memory_of(objects: Iterable[object]) -> list[Memory]:
    """The caches and memos of the verifier among all objects of this process."""
    return [
        one
        for one in objects
        if isinstance(one, BoundedMemo)
        or (type(one) is _CACHE and (one.__module__ or "").split(".")[0] in ("verifier", "certs"))
    ]


def _forget(one: Memory) -> None:
    if isinstance(one, BoundedMemo):
        one._kept.clear()
        one._bytes = 0
    else:
        one.cache_clear()


@contextlib.contextmanager
def _traced(names: dict[str, str], lines: dict[str, set[int]]) -> Iterator[None]:
    """Lines of these files that run meanwhile are added to ``lines``."""

    def each(frame: FrameType, event: str, argument: Any) -> Any:
        lines[names[frame.f_code.co_filename]].add(frame.f_lineno)
        return each

    def begun(frame: FrameType, event: str, argument: Any) -> Any:
        if frame.f_code.co_filename not in names:
            return None
        lines.setdefault(names[frame.f_code.co_filename], set()).add(frame.f_lineno)
        return each

    threading.settrace(begun)
    sys.settrace(begun)
    try:
        yield
    finally:
        sys.settrace(None)
        threading.settrace(None)  # type: ignore[arg-type]
