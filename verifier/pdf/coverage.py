"""How much of a file a signature's byte range covers, from the bytes alone (ISO 32000-2 12.8.1).

The range must start at 0, leave out exactly the hex string of ``/Contents`` with its brackets, and end where a revision
ends. Anything smuggled into the gap (a comment, spaces, other objects) makes the coverage partial.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from verifier.report import Coverage, Finding, Severity

_HEX = re.compile(rb"[0-9A-Fa-f]*")
_REVISION_END = re.compile(rb"startxref\s+\d+\s+%%EOF[ \t]*(\r\n|\r|\n)?\Z")
_TAIL_WINDOW = 256
"""Bytes before the end of the range in which ``startxref … %%EOF`` must stand."""

MIN_CONTENTS_BYTES = 16
"""Of ``/Contents`` by which it is found again: more than any two signatures have in common at the same place."""


@dataclass(frozen=True)
class MeasuredCoverage:
    """Outcome for one byte range; offsets as in ``ListedSignature``, findings name each anomaly."""

    coverage: Coverage
    contents_start: int | None
    contents_end: int | None
    revision_end: int
    findings: tuple[Finding, ...] = ()


def measure_coverage(data: bytes, byte_range: Sequence[int], contents: bytes) -> MeasuredCoverage:
    """Judge a byte range against the file and the ``/Contents`` that the parser read from the dictionary."""
    if len(byte_range) != 4 or any(number < 0 for number in byte_range):
        return _anomaly(Coverage.NONE, "BYTE-RANGE-UNUSABLE", 0)
    start, first_length, second, second_length = byte_range
    gap_start, end = start + first_length, second + second_length
    if start != 0:
        return _anomaly(Coverage.PARTIAL, "BYTE-RANGE-NOT-FROM-START", min(end, len(data)))
    if end > len(data) or gap_start > second:
        return _anomaly(Coverage.PARTIAL, "BYTE-RANGE-BEYOND-FILE", min(end, len(data)))
    gap = data[gap_start:second]
    if not _is_exactly(gap, contents):
        return _anomaly(Coverage.PARTIAL, "BYTE-RANGE-GAP", end)
    if end == len(data):
        return MeasuredCoverage(Coverage.WHOLE_FILE, gap_start, second, end)
    if not _REVISION_END.search(data, max(0, end - _TAIL_WINDOW), end):
        return MeasuredCoverage(
            Coverage.PARTIAL, gap_start, second, end, (Finding("BYTE-RANGE-NOT-A-REVISION", Severity.ERROR),)
        )
    return MeasuredCoverage(Coverage.WHOLE_REVISION, gap_start, second, end)


def is_resaved(data: bytes, measured: MeasuredCoverage, byte_range: Sequence[int], contents: bytes) -> bool:
    """Whether another program has written the whole file anew around the dictionary (compressed, split or merged it).

    The range then leads beyond the end, or leaves out a stretch in which ``/Contents`` does not stand at all; but it is
    the one that was made for a ``/Contents`` of this size.
    """
    codes = {finding.code for finding in measured.findings}
    if len(byte_range) != 4 or byte_range[2] - byte_range[1] != 2 * len(contents) + len(b"<>"):
        return False
    if "BYTE-RANGE-BEYOND-FILE" in codes:
        return True
    if "BYTE-RANGE-GAP" not in codes:
        return False
    gap = data[byte_range[1] : byte_range[2]].lower()
    return contents[:MIN_CONTENTS_BYTES].hex().encode("ascii") not in gap


def covered_bytes(data: bytes, byte_range: Sequence[int]) -> list[memoryview]:
    """The pieces of the file that the byte range names, without copying.

    Raises:
        ValueError: an odd, negative or empty range: nothing can be hashed.
    """
    if not byte_range or len(byte_range) % 2 or any(number < 0 for number in byte_range):
        raise ValueError("unusable byte range")
    view = memoryview(data)
    return [view[at : at + length] for at, length in zip(byte_range[::2], byte_range[1::2], strict=True)]


def _is_exactly(gap: bytes, contents: bytes) -> bool:
    """``<hex>`` and nothing else, of the same value as ``/Contents``; an odd last digit stands for ``n0``."""
    if gap[:1] != b"<" or gap[-1:] != b">" or len(gap) < 2:
        return False
    digits = gap[1:-1]
    if not _HEX.fullmatch(digits):
        return False
    return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii")) == contents


def _anomaly(coverage: Coverage, code: str, end: int) -> MeasuredCoverage:
    return MeasuredCoverage(coverage, None, None, end, (Finding(code, Severity.ERROR),))
