"""A program that takes orders as lines of words parted by tabs and answers each with a line."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType


class ProgramFailedError(Exception):
    """The program ended without a file; its own words are the text."""


class LineProgram:
    """One process for all orders. Answers: ``ok``, ``no`` (not offered), ``failed`` and its words."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            text=True,
            encoding="utf-8",
        )

    def __enter__(self) -> LineProgram:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """The end of its input ends it; one that does not listen is ended."""
        try:
            self._process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()

    def carry_out(self, data: bytes, words: Callable[[Path, Path], Sequence[object]]) -> bytes | None:
        """The file that it made of ``data``; None where it does not offer what ``words`` asks for.

        Args:
            data: what it is given.
            words: the order, of the file with the data and the one that it has to write.

        Raises:
            ProgramFailedError: it was tried and failed.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with tempfile.TemporaryDirectory(prefix="antin-signers-") as folder:
            source, target = Path(folder, "in"), Path(folder, "out")
            source.write_bytes(data)
            self._process.stdin.write("\t".join(map(str, words(source, target))) + "\n")
            self._process.stdin.flush()
            outcome, _, detail = self._process.stdout.readline().strip().partition("\t")
            if outcome == "no":
                return None
            if outcome != "ok":
                raise ProgramFailedError(detail or "the program ended")
            return target.read_bytes()
