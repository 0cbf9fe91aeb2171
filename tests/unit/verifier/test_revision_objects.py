"""Two texts of an object say the same only where they are the same object."""

from __future__ import annotations

import pytest

from verifier.changes.revision_objects import same_text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"[ 595.0 .5 -0.0 ]", b"[ 595 0.50 0 ]"),
        (b"1234567.0", b"1234567"),
        (b"-0.50", b"-.5"),
        (b"0.00000001", b"+.000000010"),
    ],
)
def test_another_way_of_writing_is_the_same(before: bytes, after: bytes) -> None:
    assert same_text(before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"<< /A (foo) /K (bar) >>", rb"<< /A (foo\) /K \(bar) >>"),
        (b"<< /A (foo) /K (bar) >>", b"<< /A <666F6F29202F4B2028626172> >>"),
        (b"/F1.50 Do", b"/F1.5 Do"),
        (b"1234567.1", b"1234567.9"),
        (b"0.00000001", b"0.00004"),
        (b"-0.5", b"0.5"),
        (b"0.123456789012345678901234567890", b"0.123456789012345678901234567891"),
        (b"(VN)", b"<feff0056004e>"),
        (b"(1.50)", b"(1.5)"),
    ],
)
def test_another_object_is_not_the_same(before: bytes, after: bytes) -> None:
    """Entries that moved into a string, a name with a number in it, a large number cut short."""
    assert not same_text(before, after)
