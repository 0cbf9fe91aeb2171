"""Untrusted documents are opened in worker processes with limits; a worker that exceeds them is replaced.

Everything outside this package goes through ``LimitedWorkers`` and never parses an untrusted byte itself.

A verdict is about the document alone. That all workers are in use, or that somebody else ended one, is
``WorkersUnavailableError``; only what a document does again in a fresh process is held against it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from copy import copy
from datetime import datetime
from signal import SIGHUP, SIGINT, SIGKILL, SIGTERM, SIGXCPU
from types import TracebackType
from typing import Any, ParamSpec, TypeVar

from verifier.drawing.rendering import render_page
from verifier.inputs import Environment, VerificationInput
from verifier.process.fork_server import fork_server
from verifier.process.handback import LargeEvidence, verify_leaving_out
from verifier.process.limits import Limits
from verifier.process.turns import NoTurnError, Turns
from verifier.process.worker import Died, Hung, Outcome, Raised, Returned, Worker
from verifier.report import ValidationReport
from verifier.verify import unreadable_report

P = ParamSpec("P")
T = TypeVar("T")

GIB = 1 << 30
RUNAWAY_CPU_S = 300.0
"""Processor time at which a task is stopped that no count foresaw. Files that pass the counts need a tenth of it at
most, and beside other work the processor time of a task is at most twice what it is alone: no verdict hangs on it."""

SILENCE_S = 4 * 3600.0
"""Without an answer for so long a worker has lost its way; it says nothing about the document."""

TASKS_PER_WORKER = 500
"""A worker is replaced after so many documents: what parsers leak does not add up."""

DEATHS = 8
"""So often a worker may be ended by somebody else before a task is given up (try later)."""

RETRY_AFTER_S = 10
"""When to come again: a queue of documents is gone by then, for one takes half a second."""

_ENDED_BY_OTHERS = frozenset({-SIGKILL, -SIGTERM, -SIGINT, -SIGHUP, 255})
"""The kernel where memory is short, an operator, a service manager; 255: the fork server is gone."""


class WorkerFailedError(Exception):
    """The document is too much for a worker, each time; ``code`` is TOO-COSTLY or WORKER-CRASHED."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class WorkersUnavailableError(Exception):
    """No worker could do the task now; that says nothing of the document. Ask again after ``retry_after_s``."""

    def __init__(self, reason: str, retry_after_s: int = RETRY_AFTER_S) -> None:
        super().__init__(reason)
        self.retry_after_s = retry_after_s


class _Place:
    """A place for a worker, with the one that sits there."""

    def __init__(self) -> None:
        self.worker: Worker | None = None


class LimitedWorkers:
    """A few warm worker processes, each for one task at a time; safe to share between threads.

    Processes start from a fork server, which is safe with threads and has the modules loaded; the first task starts it.

    Args:
        workers: how many tasks run at once; further ones wait, first come, first served.
        cpu_s: processor time of one task, for runaways alone.
        memory_bytes: address space beyond what the idle worker has.
        max_wait_s: how long a task waits for its turn; None: until it comes.
        max_waiting_bytes: of the documents that wait together, where waiting is limited.
    """

    def __init__(
        self,
        workers: int = 1,
        cpu_s: float = RUNAWAY_CPU_S,
        memory_bytes: int = GIB,
        max_wait_s: float | None = None,
        max_waiting_bytes: int | None = None,
    ) -> None:
        self._limits = Limits(cpu_s, memory_bytes)
        self._max_wait_s = max_wait_s
        self._turns = Turns([_Place() for _ in range(workers)], max_waiting_bytes)
        self._context = fork_server()
        self._workers: set[Worker] = set()
        self._large_evidence = LargeEvidence()
        self._lock = threading.Lock()
        self._closed = threading.Event()

    def patient(self) -> LimitedWorkers:
        """The same workers for work that was begun and has to be ended: it waits for its turn until it comes."""
        waiting = copy(self)
        waiting._max_wait_s = None
        return waiting

    def __enter__(self) -> LimitedWorkers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop all workers; a running task is lost."""
        with self._lock:
            self._closed.set()
            workers = tuple(self._workers)
            self._workers.clear()
        for worker in workers:
            worker.close()

    def run(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a module-level function of picklable values in a worker; its own exceptions are passed on.

        Raises:
            WorkerFailedError: it took too much processor time or memory, or it ends every process that does it.
            WorkersUnavailableError: it was not its turn in time, or somebody ended its workers.
        """
        weight = sum(len(value) for value in args if isinstance(value, bytes))
        result: T = self._run(weight, function, args, kwargs)
        return result

    def verify(self, document: VerificationInput, environment: Environment, at: datetime) -> ValidationReport:
        """``verify_document`` in a worker; a document that exceeds the limits or kills it is UNREADABLE.

        Raises:
            WorkersUnavailableError: as ``run``.
        """
        try:
            held = self._large_evidence.held()
            task = (document, environment, at, frozenset(held))
            handed = self._run(len(document.data), verify_leaving_out, task, {})
            return self._large_evidence.completed(handed, held)
        except WorkerFailedError as error:
            return unreadable_report(document, environment, at, error.code)

    def render_pages(
        self, data: bytes, pages: Sequence[int], width_px: int, password: str | None = None
    ) -> list[bytes]:
        """Pages (counted from 0) as PNG, ``width_px`` wide.

        Raises:
            WorkerFailedError, WorkersUnavailableError: as ``run``.
            RenderingError: a page cannot be drawn.
        """
        return self.run(_render_pages, data, tuple(pages), width_px, password)

    def _run(self, weight: int, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        try:
            with self._turns.turn(self._max_wait_s, max(weight, 1)) as place:
                return self._answer(place, function, args, kwargs)
        except NoTurnError as error:
            raise WorkersUnavailableError(f"all workers are in use, {error.waiting} tasks wait") from error

    def _answer(self, place: _Place, function: Callable[..., Any], args: tuple[Any, ...], kwargs: Any) -> Any:
        """Ask until there is an answer that hangs on the task alone: what a worker with a past cannot, a fresh may."""
        deaths = 0
        while True:
            worker = self._worker_at(place)
            fresh = worker.tasks == 0
            outcome = worker.ask(self._limits, function, args, kwargs, SILENCE_S)
            if isinstance(outcome, Returned):
                return outcome.value
            if isinstance(outcome, Raised) and not isinstance(outcome.error, MemoryError):
                raise outcome.error
            self._discard(place)
            deaths += _by_others(outcome)
            if deaths == DEATHS or isinstance(outcome, Hung):
                raise WorkersUnavailableError(f"the worker was ended: {outcome}")
            if not _by_others(outcome) and (fresh or _is_runaway(outcome)):
                raise WorkerFailedError(_code(outcome))

    def _worker_at(self, place: _Place) -> Worker:
        if place.worker is not None and place.worker.tasks >= TASKS_PER_WORKER:
            self._discard(place)
        if place.worker is None:
            place.worker = self._started()
        if self._closed.is_set():
            raise RuntimeError("the workers are closed")
        return place.worker

    def _started(self) -> Worker:
        try:
            worker = Worker(self._context)
        except (OSError, EOFError) as error:  # no memory or no process left for another one
            raise WorkersUnavailableError(f"no worker could be started: {error}") from error
        with self._lock:
            if not self._closed.is_set():
                self._workers.add(worker)
                return worker
        worker.close()
        raise RuntimeError("the workers are closed")

    def _discard(self, place: _Place) -> None:
        """Give up a worker that cannot be trusted to go on; the next task starts another."""
        worker, place.worker = place.worker, None
        if worker is not None:
            with self._lock:
                self._workers.discard(worker)
            worker.close()


def _by_others(outcome: Outcome) -> bool:
    return isinstance(outcome, Died) and (not outcome.began or outcome.exit_code in _ENDED_BY_OTHERS)


def _is_runaway(outcome: Outcome) -> bool:
    return isinstance(outcome, Died) and outcome.exit_code == -SIGXCPU


def _code(outcome: Outcome) -> str:
    return "TOO-COSTLY" if isinstance(outcome, Raised) or _is_runaway(outcome) else "WORKER-CRASHED"


def _render_pages(data: bytes, pages: tuple[int, ...], width_px: int, password: str | None) -> list[bytes]:
    return [render_page(data, page, width_px, password) for page in pages]
