"""One edit before the tests: in a process of its own, forked from one that has the libraries loaded."""

from __future__ import annotations

import contextlib
import importlib.abc
import importlib.machinery
import importlib.util
import io
import multiprocessing
import os
import resource
import sys
from collections.abc import Sequence
from multiprocessing.connection import Connection
from types import ModuleType, TracebackType
from typing import Self

from tests.mutants.edits import Edit

CPU_LIMIT_S = 300
"""Far above what the tests need: an edit that makes them run away is seen too."""

_LOADED = ["pytest", "numpy", "cv2", "pikepdf", "pypdfium2", "lxml.etree", "cryptography.x509"]
_LOADED += ["pyhanko.sign.validation", "pyhanko.sign.signers", "pyhanko_certvalidator", "asn1crypto.cms", "signxml"]


class _Edited(importlib.abc.MetaPathFinder, importlib.abc.Loader):
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


class Zygote:
    """Where the trials are forked from. ``tests`` are paths as pytest takes them."""

    def __init__(self, tests: Sequence[str]) -> None:
        self._tests = list(tests)
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(_LOADED)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def check_untouched(self) -> None:
        """The tests pass without an edit.

        Raises:
            RuntimeError: they do not: no edit can be judged by them.
        """
        if self._ended(None) != 0:
            raise RuntimeError(f"the tests fail without an edit: {' '.join(self._tests)}")

    def outcome(self, edit: Edit) -> str:
        """``seen`` (a test failed), ``ran away`` (stopped at the limit), or ``survived``."""
        status = self._ended(edit)
        if status == 0:
            return "survived"
        return "seen" if status is not None else "ran away"

    def _ended(self, edit: Edit | None) -> int | None:
        receiving, sending = self._context.Pipe(duplex=False)
        process = self._context.Process(target=_try, args=(edit, self._tests, sending), daemon=False)
        process.start()
        sending.close()
        try:
            status: int | None = receiving.recv()
        except EOFError:
            status = None
        process.join()
        return status


def _try(edit: Edit | None, tests: list[str], answer: Connection) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_LIMIT_S, CPU_LIMIT_S))
    os.environ["CI"] = "true"
    if edit is not None:
        sys.meta_path.insert(0, _Edited(edit))
    import pytest

    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        status = int(pytest.main(["-x", "-q", "--no-header", *tests]))
    answer.send(status)
