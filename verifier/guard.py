"""The one place where the parsers' exceptions end: an untrusted document makes pyHanko, asn1crypto and qpdf raise
nearly anything (AssertionError, KeyError, TypeError, RecursionError …), and one failed step must not lose the others.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from verifier.report import Finding, Severity

T = TypeVar("T")

_ADDRESS = re.compile(r" at 0x[0-9a-f]+")
"""Where an object lies in memory, as qpdf's binding says of the stream that it was given."""

MAX_DETAIL_CHARS = 200
"""An exception's text can quote the document: keep a line of it, for the log and the finding's parameter."""


class UnreadableError(Exception):
    """The document cannot be read at all; ``finding`` says why."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code, detail)
        parameters = (("detail", detail),) if detail else ()
        self.finding = Finding(code, Severity.ERROR, parameters)


@dataclass(frozen=True)
class Failure:
    """A step that could not be done; ``detail`` is for the operator, never a sentence for the reader."""

    step: str
    detail: str


def attempt(step: str, work: Callable[[], T]) -> T | Failure:
    """Run one step; any exception of it becomes a ``Failure``.

    Raises:
        MemoryError: the worker's limit is reached; the process is not to be trusted with further steps.
        UnreadableError: our own answer that the document cannot be read passes through.
    """
    try:
        return work()
    except (MemoryError, UnreadableError):
        raise
    except Exception as error:  # noqa: BLE001 - the document chooses which exception the parsers raise (see module)
        return Failure(step, describe(error))


def step_failed(failure: Failure, severity: Severity = Severity.WARNING) -> Finding:
    """What the report says of a step that could not be done."""
    return Finding("STEP-FAILED", severity, (("step", failure.step), ("detail", failure.detail)))


def describe(error: BaseException) -> str:
    """One short plain line that names an exception: no control characters, nothing that is another one next time."""
    text = "".join(char if char.isprintable() else " " for char in _ADDRESS.sub("", str(error)))
    return plain(f"{type(error).__name__}: {text}"[:MAX_DETAIL_CHARS])


def plain(text: str) -> str:
    """An exact ``str`` that can be encoded: pyHanko's str subclasses drag the whole reader along when pickled."""
    return str.__str__(text).encode("utf-8", "replace").decode("utf-8")
