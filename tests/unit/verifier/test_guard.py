"""Where exceptions of the parsers end, and which pass."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import NoReturn

import pytest
from pyhanko.pdf_utils.generic import TextStringObject

from verifier.guard import Failure, UnreadableError, attempt, plain


def raising(error: BaseException) -> Callable[[], NoReturn]:
    def work() -> NoReturn:
        raise error

    return work


@pytest.mark.parametrize("error", [AssertionError(), KeyError("x"), RecursionError("deep"), TypeError("x\n\x00y")])
def test_what_a_parser_raises_becomes_a_fact(error: Exception) -> None:
    failed = attempt("step", raising(error))
    assert isinstance(failed, Failure)
    assert failed.step == "step"
    assert failed.detail.isprintable()


@pytest.mark.parametrize("error", [MemoryError(), UnreadableError("EMPTY-FILE"), KeyboardInterrupt()])
def test_what_is_no_fact_about_the_step_passes(error: BaseException) -> None:
    with pytest.raises(type(error)):
        attempt("step", raising(error))


def test_texts_leave_as_plain_strings() -> None:
    text = plain(TextStringObject("Chữ ký \ud800"))
    assert type(text) is str
    assert text == "Chữ ký ?"
    assert pickle.loads(pickle.dumps(text)) == text
