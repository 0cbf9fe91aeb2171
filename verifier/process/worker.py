"""One worker process and the pipe to it: a task goes in, and an answer comes out or the process is gone.

The process may die at any point (its limits, the kernel, an operator): whoever asks is told how, never kept waiting.
"""

from __future__ import annotations

import contextlib
import pickle
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerContext, ForkServerProcess
from typing import Any

from verifier.process.limits import Limits, address_space, run_limited

CLOSING_S = 20.0
"""How long the kernel may take to end a process that was killed."""

READY = b"ready"
"""A new worker's first words."""


@dataclass(frozen=True)
class Died:
    """The process ended without an answer; ``exit_code`` as ``multiprocessing`` has it, negative for a signal.

    ``began``: it was up and had the task; else no document has anything to do with it.
    """

    exit_code: int
    began: bool = True


@dataclass(frozen=True)
class Hung:
    """There was no answer in the time given; the process is ended."""


@dataclass(frozen=True)
class Returned:
    """What the task returned."""

    value: Any


@dataclass(frozen=True)
class Raised:
    """What the task raised."""

    error: BaseException


Outcome = Returned | Raised | Died | Hung


class Worker:
    """A process that does one task after the other. Not to be shared between threads at the same moment."""

    def __init__(self, context: ForkServerContext) -> None:
        self._pipe, theirs = context.Pipe()
        self._process: ForkServerProcess = context.Process(target=_serve, args=(theirs,), daemon=True)
        try:
            self._process.start()
        finally:
            theirs.close()
        self.tasks = 0
        """How many tasks it was given."""

    def ask(
        self,
        limits: Limits,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
        patience_s: float,
    ) -> Outcome:
        """Have one task done. After ``Died`` and ``Hung`` the worker is of no further use.

        Raises:
            pickle.PicklingError, TypeError, AttributeError: the task cannot be sent (a mistake in the program).
        """
        task = pickle.dumps((limits, function, args, kwargs), protocol=pickle.HIGHEST_PROTOCOL)
        self.tasks += 1
        try:
            if self.tasks == 1 and not self._is_up():
                return replace(self._ended(), began=False)
            self._pipe.send_bytes(task)
            wait([self._pipe, self._process.sentinel], patience_s)
            if self._pipe.poll():  # an answer that was sent before the process died is an answer
                return self._received()
        except (EOFError, OSError):  # the pipe broke: it is dying
            return self._ended()
        if self._process.is_alive():
            self.close()
            return Hung()
        return self._ended()

    def close(self) -> None:
        """End the process, from any thread; a running task is lost, and who asked is told that the process died."""
        with contextlib.suppress(OSError):
            self._process.kill()
        self._process.join(CLOSING_S)

    def _is_up(self) -> bool:
        """Wait until the new process says that it is ready; False where it ends before."""
        wait([self._pipe, self._process.sentinel])
        with contextlib.suppress(EOFError, OSError):
            return self._pipe.poll() and self._pipe.recv_bytes() == READY
        return False

    def _received(self) -> Outcome:
        answer: Outcome = pickle.loads(self._pipe.recv_bytes())  # noqa: S301 - our own process, over our own pipe
        return answer

    def _ended(self) -> Died:
        self._process.join(CLOSING_S)
        code = self._process.exitcode
        self.close()
        return Died(1 if code is None else code)


def _serve(pipe: Connection) -> None:
    """The worker process: tasks until the pipe is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the program, which ends its workers
    idle_bytes = address_space()
    pipe.send_bytes(READY)
    while True:
        try:
            task = pipe.recv_bytes()
        except (EOFError, OSError):
            return
        work, own_bytes = pickle.loads(task), idle_bytes + len(task)  # noqa: S301 - as above
        del task
        try:
            pipe.send_bytes(_answer(work, own_bytes))
        except OSError:
            return
        del work


def _answer(work: tuple[Limits, Callable[..., Any], tuple[Any, ...], Mapping[str, Any]], own_bytes: int) -> bytes:
    limits, function, args, kwargs = work
    try:
        outcome: Outcome = Returned(run_limited(limits, own_bytes, function, args, kwargs))
    except Exception as error:  # noqa: BLE001 - it is passed on to whoever asked
        outcome = Raised(error)
    try:
        return pickle.dumps(outcome, protocol=pickle.HIGHEST_PROTOCOL)
    except Exception as error:  # noqa: BLE001 - what cannot be sent is said in words
        return pickle.dumps(Raised(RuntimeError(f"{type(error).__name__}: {error}")))
