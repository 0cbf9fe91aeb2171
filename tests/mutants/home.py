"""Where trials are forked from: a process that has the tests and what they test loaded.

An edit inside a function or of a table is tried in a fork of it, where it is put in place (``in_place.py``); one of
anything else that runs at import (a class's fields) in a fork of a process that has only the libraries.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

from tests.mutants.edits import Edit, Runs
from tests.mutants.in_place import Functions, functions_of, put_functions_in_place, put_tables_in_place
from tests.mutants.measuring import Measured, measure, memory_of
from tests.mutants.trial import PYTEST_OPTIONS, Outcome, Reporter, Result, Trial, read_result, try_unloaded

_LIBRARIES = ["pytest", "numpy", "cv2", "pikepdf", "pypdfium2", "lxml.etree", "cryptography.x509"]
_LIBRARIES += ["pyhanko.sign.validation", "pyhanko.sign.signers", "pyhanko_certvalidator", "asn1crypto.cms", "signxml"]


class Home:
    """The two processes for one target: ``files`` are its modules, ``tests`` the files that answer for them."""

    def __init__(self, root: Path, files: Sequence[str], tests: Sequence[str]) -> None:
        self._context = multiprocessing.get_context("spawn")
        self._arguments = (root, tuple(files), tuple(tests))
        self._loaded = self._start(_serve_loaded)
        self._bare = self._start(_serve_bare)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process, connection in (self._loaded, self._bare):
            connection.close()
            process.join()

    def measured(self, tests: Sequence[str] | None = None) -> Measured:
        """Run the tests of these files (or all) without an edit: which lines of the target each runs, and how long.

        All that can be edited is put in place for it as an edit would be, and says what runs.

        Raises:
            RuntimeError: one fails: no edit can be judged by them.
        """
        answer = self._asked(self._loaded, tests)
        assert isinstance(answer, dict)
        return answer

    def result(self, trial: Trial) -> Result:
        """What came of a trial."""
        imported = trial.edit is None or trial.edit.runs is Runs.IMPORTED
        answer = self._asked(self._bare if imported else self._loaded, trial)
        assert isinstance(answer, Result)
        return answer

    def check_bare(self, tests: tuple[tuple[str, float], ...]) -> None:
        """These tests pass without an edit in the process that has only the libraries, too.

        Raises:
            RuntimeError: they do not: no edit can be judged by them.
        """
        answer = self._asked(self._bare, Trial(None, tests))
        if answer != Result(Outcome.SURVIVED):
            raise RuntimeError(f"fails without an edit: {answer}")

    def _start(self, serve: Callable[..., None]) -> tuple[BaseProcess, Connection]:
        here, there = self._context.Pipe()
        process = self._context.Process(target=serve, args=(*self._arguments, there))
        process.start()
        there.close()
        return process, here

    def _asked(self, whom: tuple[BaseProcess, Connection], question: object) -> object:
        whom[1].send(question)
        answer: object = whom[1].recv()
        if isinstance(answer, RuntimeError):
            raise answer
        return answer


def _serve_bare(root: Path, files: tuple[str, ...], tests: tuple[str, ...], connection: Connection) -> None:
    """Answer trials of edits that importing runs."""
    _quiet(root)
    for name in _LIBRARIES:
        __import__(name)
    for trial in _questions(connection):
        assert isinstance(trial, Trial)
        connection.send(_forked(lambda pipe, trial=trial: try_unloaded(trial, pipe)))  # type: ignore[misc]


def _serve_loaded(root: Path, files: tuple[str, ...], tests: tuple[str, ...], connection: Connection) -> None:
    """Load the tests, then answer trials of edits inside functions."""
    _quiet(root)
    status = pytest.main([*PYTEST_OPTIONS, *tests], plugins=[_Loaded(root, files, connection)])
    if status != 0:
        connection.send(RuntimeError(f"the tests cannot be loaded: {' '.join(tests)}"))


def _quiet(root: Path) -> None:
    os.environ["CI"] = "true"  # nothing is skipped for want of the shared files
    os.chdir(root)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)


def _questions(connection: Connection) -> Iterator[object]:
    while True:
        try:
            yield connection.recv()
        except EOFError:
            return


def _forked(run: Callable[[int], None]) -> Result:
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(reading)
        try:
            run(writing)
        finally:
            os._exit(1)
    os.close(writing)
    return read_result(reading, process)


class _Loaded:
    """A plugin in whose place of the loop over the tests questions are answered."""

    def __init__(self, root: Path, files: Sequence[str], connection: Connection) -> None:
        self._root = root
        self._files = files
        self._connection = connection
        self._functions: dict[str, Functions] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Answer until nobody asks."""
        items = {item.nodeid: item for item in session.items}
        self._functions = functions_of(str(self._root / file) for file in self._files)
        memory = memory_of(gc.get_objects())
        gc.collect()
        gc.freeze()  # so that a fork copies only what it changes
        for question in _questions(self._connection):
            if isinstance(question, Trial):
                self._connection.send(_forked(lambda pipe, trial=question: self._try(session, items, trial, pipe)))  # type: ignore[misc]
            else:
                assert question is None or isinstance(question, tuple | list)
                chosen = [item for item in session.items if question is None or item.nodeid.split("::")[0] in question]
                self._connection.send(measure(self._root, self._files, chosen, memory, self._functions))
        return True

    def _try(self, session: pytest.Session, items: dict[str, pytest.Item], trial: Trial, pipe: int) -> None:
        assert trial.edit is not None
        self._put_in_place(trial.edit)
        reporter = Reporter(pipe, dict(trial.tests))
        session.config.pluginmanager.register(reporter)
        run_in_order([items[name] for name, _ in trial.tests])
        reporter.say(Outcome.SURVIVED)
        os._exit(0)

    def _put_in_place(self, edit: Edit) -> None:
        path = str(self._root / edit.file)
        if edit.runs is Runs.TABLE:
            put_tables_in_place(path, edit.source)
        else:
            put_functions_in_place(self._functions[path], path, edit.source)


def run_in_order(items: Sequence[pytest.Item]) -> None:
    """Run tests as pytest does."""
    for item, following in zip(items, [*items[1:], None], strict=True):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
