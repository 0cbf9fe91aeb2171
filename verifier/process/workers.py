"""Untrusted documents are opened in worker processes with limits; a worker that exceeds them is replaced.

Everything outside this package goes through ``LimitedWorkers`` and never parses an untrusted byte itself.
"""

from __future__ import annotations

import gc
import logging
import math
import queue
import resource
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from concurrent.futures import TimeoutError as FutureTimeoutError
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from datetime import datetime
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, ParamSpec, TypeVar

from pebble import ProcessExpired, ProcessPool

from verifier.drawing.rendering import render_page
from verifier.inputs import Environment, VerificationInput
from verifier.process.fork_server import fork_server
from verifier.process.handback import LargeEvidence, verify_leaving_out
from verifier.report import ValidationReport
from verifier.verify import unreadable_report

P = ParamSpec("P")
T = TypeVar("T")

GIB = 1 << 30
TIME_LIMIT_S = 10.0
"""For one document, without waiting for the network."""

NETWORK_ALLOWANCE_S = 40.0
"""Added where sources of status may be asked: a handful of fetches, each with its own time limit."""

STARTING_ALLOWANCE_S = 30.0
"""How long after its time limit a task may be silent before its whole pool is given up."""

TASKS_PER_WORKER = 500
"""A worker is replaced after so many documents: what parsers leak does not add up."""

SETTLED_AFTER = frozenset({2, 8, 32})
"""Tasks of a worker after which what is there has come to stay: modules, fonts, certificates."""

_LIMIT_SIGNALS = (-signal.SIGXCPU, -signal.SIGKILL)


class WorkerFailedError(Exception):
    """A worker process ended without an answer; ``code`` is TOO-COSTLY or WORKER-CRASHED."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class LimitedWorkers:
    """A few warm worker processes, each for one task at a time; safe to share between threads.

    Processes start from a fork server, which is safe with threads and has the modules loaded; the first task starts it.

    Args:
        workers: how many tasks run at once; further ones wait.
        time_limit_s: processor time of one task, and its wall time without network.
        memory_bytes: address space beyond what the idle worker has.
    """

    def __init__(self, workers: int = 1, time_limit_s: float = TIME_LIMIT_S, memory_bytes: int = GIB) -> None:
        self._time_limit_s = time_limit_s
        self._memory_bytes = memory_bytes
        self._context = fork_server()
        self._slots: queue.SimpleQueue[ProcessPool | None] = queue.SimpleQueue()
        self._pools: set[ProcessPool] = set()
        self._large_evidence = LargeEvidence()
        self._lock = threading.Lock()
        self._closed = False
        for _ in range(workers):
            self._slots.put(None)

    def __enter__(self) -> LimitedWorkers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop all workers; a running task is lost."""
        with self._lock:
            self._closed = True
            pools, self._pools = self._pools, set()
        for pool in pools:
            _stop(pool)

    def run(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a module-level function of picklable values in a worker; its own exceptions are passed on.

        Raises:
            WorkerFailedError: it took too much time or memory, or the process died.
        """
        return self._run(self._time_limit_s, function, *args, **kwargs)

    def verify(self, document: VerificationInput, environment: Environment, at: datetime) -> ValidationReport:
        """``verify_document`` in a worker; a document that exceeds the limits or kills it is UNREADABLE."""
        wall_s = self._time_limit_s + (NETWORK_ALLOWANCE_S if environment.sources else 0.0)
        try:
            held = self._large_evidence.held()
            handed = self._run(wall_s, verify_leaving_out, document, environment, at, frozenset(held))
            return self._large_evidence.completed(handed, held)
        except WorkerFailedError as error:
            return unreadable_report(document, environment, at, error.code)

    def render_pages(
        self, data: bytes, pages: Sequence[int], width_px: int, password: str | None = None
    ) -> list[bytes]:
        """Pages (counted from 0) as PNG, ``width_px`` wide.

        Raises:
            WorkerFailedError: as ``run``.
            RenderingError: a page cannot be drawn.
        """
        return self.run(_render_pages, data, tuple(pages), width_px, password)

    def _run(self, wall_s: float, function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        with self._slot() as slot:
            pool = slot.pool or self._new_pool()
            slot.pool = pool
            cpu_s = math.ceil(self._time_limit_s)
            limits = (cpu_s, self._memory_bytes)
            future = pool.schedule(_limited, args=(limits, function, args, kwargs), timeout=wall_s)
            try:
                result: T = future.result(wall_s + STARTING_ALLOWANCE_S)
                return result
            except (MemoryError, FutureTimeoutError, CancelledError, BrokenProcessPool) as error:
                self._discard(slot)
                code = "TOO-COSTLY" if isinstance(error, MemoryError | FutureTimeoutError) else "WORKER-CRASHED"
                raise WorkerFailedError(code) from error
            except ProcessExpired as error:
                code = "TOO-COSTLY" if error.exitcode in _LIMIT_SIGNALS else "WORKER-CRASHED"
                raise WorkerFailedError(code) from error

    @contextmanager
    def _slot(self) -> Iterator[_Slot]:
        slot = _Slot(self._slots.get())
        try:
            yield slot
        finally:
            self._slots.put(slot.pool)

    def _new_pool(self) -> ProcessPool:
        pool = ProcessPool(
            max_workers=1,
            max_tasks=TASKS_PER_WORKER,
            context=self._context,
        )
        with self._lock:
            if self._closed:
                raise RuntimeError("the workers are closed")
            self._pools.add(pool)
        return pool

    def _discard(self, slot: _Slot) -> None:
        """Give up a pool whose worker cannot be trusted to go on; the next task starts another."""
        pool, slot.pool = slot.pool, None
        with self._lock:
            known = pool in self._pools
            self._pools -= {pool}
        if pool is not None and known:
            _stop(pool)


def _stop(pool: ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]  # pebble types only what returns something
    pool.join()


class _Slot:
    """A place in the queue, with the pool that sits on it."""

    def __init__(self, pool: ProcessPool | None) -> None:
        self.pool = pool


def _limited(limits: tuple[int, int], function: Callable[..., T], args: tuple[Any, ...], kwargs: dict[str, Any]) -> T:
    """Run one task under limits that hold for it alone: the modules and arguments it needs were loaded before.

    ``limits`` are seconds of processor time (then the kernel ends the process with SIGXCPU) and bytes of address space
    beyond what the process has now (then allocations fail with MemoryError).
    """
    cpu_s, memory_bytes = limits
    usage = resource.getrusage(resource.RUSAGE_SELF)
    used_s = math.ceil(usage.ru_utime + usage.ru_stime)
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_CPU, used_s + cpu_s)
    _lower(resource.RLIMIT_AS, pages * resource.getpagesize() + memory_bytes)
    logging.disable(logging.CRITICAL)  # what the parsers say of a document quotes it; the findings say what matters
    try:
        return function(*args, **kwargs)
    finally:
        _lower(resource.RLIMIT_AS, None)
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


def _render_pages(data: bytes, pages: tuple[int, ...], width_px: int, password: str | None) -> list[bytes]:
    return [render_page(data, page, width_px, password) for page in pages]
