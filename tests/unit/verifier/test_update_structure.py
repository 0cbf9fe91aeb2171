"""What the bytes after a signed revision are."""

from __future__ import annotations

import pytest

from tests.attacks.making import paper, sign, time_stamped, with_validation_data
from verifier.pdf.update_structure import Tail, classify_tail


@pytest.mark.parametrize("tail", [b"", b"\n", b"\r", b"\r\n"])
def test_one_line_end_is_nothing(tail: bytes) -> None:
    data = paper()
    assert classify_tail(data + tail, len(data)) is Tail.NOTHING


@pytest.mark.parametrize("tail", [b" ", b"\n\n", b"\n\r", b"\x00\x00\x00"])
def test_other_white_space_is_blank(tail: bytes) -> None:
    data = paper()
    assert classify_tail(data + tail, len(data)) is Tail.BLANK


def test_updates_one_after_the_other() -> None:
    data = sign(paper())
    longer = time_stamped(with_validation_data(data))
    assert classify_tail(longer, len(data)) is Tail.UPDATES


def test_an_update_that_is_cut_off() -> None:
    data = sign(paper())
    longer = with_validation_data(data)
    assert classify_tail(longer[:-8], len(data)) is Tail.IMPROPER


@pytest.mark.parametrize("replacement", [b"/Prev 1", b"/Prev 99999999", b"/Xrev 1"])
def test_an_update_whose_chain_misses_the_signed_revision(replacement: bytes) -> None:
    data = sign(paper())
    tail = with_validation_data(data)[len(data) :]
    start = tail.rindex(b"/Prev ")
    end = start + len(b"/Prev ") + len(tail[start + 6 :].split()[0])
    broken = data + tail[:start] + replacement + tail[end:]
    assert classify_tail(broken, len(data)) is Tail.IMPROPER
