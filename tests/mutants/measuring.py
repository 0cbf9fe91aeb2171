"""Which lines of the target each test runs, and how long it takes: measured once without an edit, then kept."""

from __future__ import annotations

import ast
import functools
import json
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypedDict

from certs.memo import BoundedMemo
from tests.mutants.in_place import Functions, put_functions_in_place, put_tables_in_place

if TYPE_CHECKING:
    import pytest

_CACHE = type(functools.lru_cache(lambda: None))
_PROBE = "_ran_line"
Memory: TypeAlias = Any
"""A ``functools`` cache or a ``BoundedMemo``."""


class Run(TypedDict):
    """What one test took (CPU seconds) and the lines of the statements of each file of the target that it ran."""

    cpu_s: float
    lines: dict[str, list[int]]


Measured = dict[str, Run]
"""By the tests' ids."""


def measure(
    root: Path,
    files: Sequence[str],
    items: Sequence[pytest.Item],
    memory: Sequence[Memory],
    functions: Mapping[str, Functions],
) -> Measured | RuntimeError:
    """Run the tests in a fork of this process; the error names one that fails.

    ``memory`` is emptied before each: what a test before made the verifier remember would hide lines. ``functions``
    are those of the target's files: they are given code that says which lines run.
    """
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(reading)
        try:
            with os.fdopen(writing, "w", encoding="utf-8") as stream:
                stream.write(json.dumps(_measured(root, files, items, memory, functions)))
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
    root: Path,
    files: Sequence[str],
    items: Sequence[pytest.Item],
    memory: Sequence[Memory],
    functions: Mapping[str, Functions],
) -> Measured | str:
    found: Measured = {}
    ran = _probed(root, files, functions)
    watch = _Watch()
    items[0].config.pluginmanager.register(watch)
    for item, following in zip(items, [*items[1:], None], strict=True):
        for one in memory:
            _forget(one)
        for lines in ran.values():
            lines.clear()
        before = time.process_time()
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if watch.failed is not None:
            return watch.failed
        found[item.nodeid] = Run(
            cpu_s=round(time.process_time() - before, 3),
            lines={file: sorted(lines) for file, lines in ran.items() if lines},
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


def _probed(root: Path, files: Sequence[str], functions: Mapping[str, Functions]) -> dict[str, set[int]]:
    """Have every function of these files add the line of each statement that it runs to the set of its file."""
    ran: dict[str, set[int]] = {}
    for file in files:
        path = str(root / file)
        ran[file] = set()
        tree = ast.parse(Path(path).read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                _put_probes(node)
        source = ast.unparse(ast.fix_missing_locations(tree))
        put_functions_in_place(functions[path], path, source)
        put_tables_in_place(path, source)
        for named in functions[path].values():
            for function in named:
                function.__globals__[_PROBE] = ran[file].add
    return ran


def _put_probes(holder: ast.AST) -> None:
    for name in ("body", "orelse", "finalbody"):
        statements = getattr(holder, name, None)
        if isinstance(statements, list) and not isinstance(holder, ast.ClassDef):
            probed = [[ast.parse(f"{_PROBE}({one.lineno})").body[0], one] for one in statements]
            setattr(holder, name, [one for pair in probed for one in pair])
            for one in statements:
                if not isinstance(one, ast.FunctionDef | ast.ClassDef):
                    _put_probes(one)
    for inner in (*getattr(holder, "handlers", ()), *getattr(holder, "cases", ())):
        _put_probes(inner)
