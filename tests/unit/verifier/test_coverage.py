"""Byte ranges against the bytes: what counts as covered, and what was slipped into the gap."""

from __future__ import annotations

import pytest

from verifier.pdf.coverage import covered_bytes, measure_coverage
from verifier.report import Coverage

CONTENTS = bytes.fromhex("30030102ff0000")
HEX = CONTENTS.hex().encode()
HEAD = b"%PDF-1.7\n1 0 obj <</Contents "
TAIL = b">> endobj\nxref\nstartxref\n9\n%%EOF\n"
SIGNED = HEAD + b"<" + HEX + b">" + TAIL
GAP = len(HEX) + 2
RANGE = (0, len(HEAD), len(HEAD) + GAP, len(TAIL))
UPDATE = b"2 0 obj <<>> endobj\nstartxref\n99\n%%EOF\n"


def with_gap(gap: bytes) -> tuple[bytes, tuple[int, ...]]:
    return HEAD + gap + TAIL, (0, len(HEAD), len(HEAD) + len(gap), len(TAIL))


def test_the_whole_file() -> None:
    measured = measure_coverage(SIGNED, RANGE, CONTENTS)
    assert (measured.coverage, measured.findings) == (Coverage.WHOLE_FILE, ())
    assert (measured.contents_start, measured.contents_end, measured.revision_end) == (
        len(HEAD),
        len(HEAD) + GAP,
        len(SIGNED),
    )


def test_the_whole_revision() -> None:
    assert measure_coverage(SIGNED + UPDATE, RANGE, CONTENTS).coverage is Coverage.WHOLE_REVISION


def test_upper_case_and_an_odd_last_digit_are_hex_too() -> None:
    data, numbers = with_gap(b"<" + HEX.upper()[:-1] + b">")
    assert measure_coverage(data, numbers, CONTENTS).coverage is Coverage.WHOLE_FILE


@pytest.mark.parametrize(
    "gap",
    [
        b" <" + HEX + b">",
        b"<" + HEX + b"> ",
        b"<" + HEX[:4] + b" " + HEX[4:] + b">",
        b"<" + HEX + b">%c\n",
        b"<" + HEX + b">/X 1",
        b"(" + HEX + b")",
        b"<" + HEX[:-2] + b">",
        b"<>",
        b"",
    ],
)
def test_anything_else_in_the_gap_is_not_covered(gap: bytes) -> None:
    data, numbers = with_gap(gap)
    measured = measure_coverage(data, numbers, CONTENTS)
    assert measured.coverage is Coverage.PARTIAL
    assert [finding.code for finding in measured.findings] == ["BYTE-RANGE-GAP"]


@pytest.mark.parametrize(
    ("numbers", "coverage", "code"),
    [
        ((), Coverage.NONE, "BYTE-RANGE-UNUSABLE"),
        ((0, 1, 2), Coverage.NONE, "BYTE-RANGE-UNUSABLE"),
        ((0, 1, 2, 3, 4, 5), Coverage.NONE, "BYTE-RANGE-UNUSABLE"),
        ((0, -1, 2, 3), Coverage.NONE, "BYTE-RANGE-UNUSABLE"),
        ((1, *RANGE[1:]), Coverage.PARTIAL, "BYTE-RANGE-NOT-FROM-START"),
        ((*RANGE[:3], RANGE[3] + 1), Coverage.PARTIAL, "BYTE-RANGE-BEYOND-FILE"),
        ((0, RANGE[2] + 1, RANGE[2], 5), Coverage.PARTIAL, "BYTE-RANGE-BEYOND-FILE"),
        ((*RANGE[:3], RANGE[3] - 8), Coverage.PARTIAL, "BYTE-RANGE-NOT-A-REVISION"),
    ],
)
def test_odd_ranges(numbers: tuple[int, ...], coverage: Coverage, code: str) -> None:
    measured = measure_coverage(SIGNED, numbers, CONTENTS)
    assert (measured.coverage, [finding.code for finding in measured.findings]) == (coverage, [code])


def test_the_covered_bytes_are_not_copied_and_odd_ranges_have_none() -> None:
    pieces = covered_bytes(SIGNED, RANGE)
    assert b"".join(pieces) == HEAD + TAIL
    assert all(isinstance(piece, memoryview) for piece in pieces)
    for numbers in ((), (0, 1, 2), (0, -5)):
        with pytest.raises(ValueError, match="unusable"):
            covered_bytes(SIGNED, numbers)
