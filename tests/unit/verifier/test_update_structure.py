"""What the bytes after a signed revision are."""

from __future__ import annotations

import pytest

from tests.attacks.making import paper, sign, with_validation_data
from verifier.pdf.update_structure import Tail, classify_tail


@pytest.mark.parametrize("tail", [b"", b"\n", b"\r", b"\r\n"])
def test_one_line_end_is_nothing(tail: bytes) -> None:
    data = paper()
    assert classify_tail(data + tail, len(data)) is Tail.NOTHING


@pytest.mark.parametrize("tail", [b" ", b"\n\n", b"\n\r", b"\x00\x00\x00"])
def test_other_white_space_is_blank(tail: bytes) -> None:
    data = paper()
    assert classify_tail(data + tail, len(data)) is Tail.BLANK


def test_anything_else_is_more() -> None:
    data = sign(paper())
    assert classify_tail(with_validation_data(data), len(data)) is Tail.MORE
    assert classify_tail(data + b"\n%", len(data)) is Tail.MORE
