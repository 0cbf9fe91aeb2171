"""One edit before the tests that run its line: fastest first, until one fails, within a guard against runaways."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import os
import resource
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from tests.mutants.edits import Edit

if TYPE_CHECKING:
    import pytest

MEMORY_BYTES = 3 << 30
"""More than what the process has when the trial begins: an edit that collects without end is seen too."""
CPU_FACTOR, CPU_LEAST_S = 20, 10
"""A test may need so many times what it needed without an edit, and always so much."""
WAITING_S = 900


class Outcome(StrEnum):
    """What came of a trial."""

    SEEN = "seen"
    RAN_AWAY = "ran away"
    SURVIVED = "survived"
    NOT_RUN = "in lines that no test runs"


@dataclass(frozen=True)
class Trial:
    """The edit (or none) and the tests by their ids, each with the CPU seconds that it needs without an edit."""

    edit: Edit | None
    tests: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Result:
    """What came of it, and the test that saw it."""

    outcome: Outcome
    test: str | None = None


RUNAWAY_SIGNALS = frozenset({signal.SIGPROF, signal.SIGALRM, signal.SIGXCPU, signal.SIGKILL})


def read_result(pipe: int, process: int) -> Result:
    """What the forked ``process`` wrote of its tests: their ids as they begin, then how it ended.

    A process that a signal ended has run away (the guard), or crashed (any other): both are seen.
    """
    with os.fdopen(pipe, encoding="utf-8") as stream:
        lines = stream.read().splitlines()
    _, status = os.waitpid(process, 0)
    running = next((line for line in reversed(lines) if "::" in line), None)
    if os.WIFSIGNALED(status):
        away = os.WTERMSIG(status) in RUNAWAY_SIGNALS
        return Result(Outcome.RAN_AWAY if away else Outcome.SEEN, running)
    if lines and lines[-1] == Outcome.SURVIVED:
        return Result(Outcome.SURVIVED)
    return Result(Outcome.SEEN, running)


class Reporter:
    """A plugin of the forked process: says what begins, ends the process at the first failure."""

    def __init__(self, pipe: int, limits: dict[str, float]) -> None:
        self._pipe = pipe
        self._limits = limits
        used = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGESIZE")
        resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY_BYTES, used + MEMORY_BYTES))
        for number in (signal.SIGPROF, signal.SIGALRM):
            signal.signal(number, signal.SIG_DFL)

    def say(self, line: str) -> None:
        """One line to the process that waits."""
        os.write(self._pipe, f"{line}\n".encode())

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """The guard begins anew with each test."""
        self.say(nodeid)
        signal.setitimer(signal.ITIMER_PROF, CPU_LEAST_S + CPU_FACTOR * self._limits.get(nodeid, 1.0))
        signal.alarm(WAITING_S)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Nothing more is asked once a test has failed."""
        if report.failed:
            os._exit(1)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A test file that cannot even be read has seen the edit."""
        if report.failed:
            os._exit(1)


class EditedModule(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives one module its edited source; every other one is found as usual."""

    def __init__(self, edit: Edit) -> None:
        self._edit = edit

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self._edit.module:
            return None
        written = importlib.machinery.PathFinder.find_spec(fullname, path)
        origin = None if written is None else written.origin
        return importlib.util.spec_from_loader(fullname, self, origin=origin)

    def exec_module(self, module: ModuleType) -> None:
        origin = module.__spec__.origin if module.__spec__ is not None else None
        exec(compile(self._edit.source, origin or self._edit.module, "exec"), module.__dict__)


def try_unloaded(trial: Trial, pipe: int) -> None:
    """Run the trial in this process, which has not imported the module yet; does not return."""
    import pytest

    if trial.edit is not None:
        sys.meta_path.insert(0, EditedModule(trial.edit))
    reporter = Reporter(pipe, dict(trial.tests))
    status = pytest.main([*PYTEST_OPTIONS, *(name for name, _ in trial.tests)], plugins=[reporter])
    if status == 0:
        reporter.say(Outcome.SURVIVED)
    os._exit(int(status))


PYTEST_OPTIONS = ["-q", "-s", "-x", "--no-header", "-p", "no:xdist", "-o", "tmp_path_retention_policy=none"]
