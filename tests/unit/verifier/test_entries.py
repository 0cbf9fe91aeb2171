"""A file with more cross-reference entries than any paper has is too costly, by their number and not by the time."""

from __future__ import annotations

import zlib
from collections.abc import Callable

import pytest

from verifier.guard import UnreadableError
from verifier.pdf import entries
from verifier.pdf.reading import open_pdf

_BODY = b"%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[]/Count 0>>\nendobj\n"


def _by_table(number: int) -> bytes:
    found = [_BODY.index(b"%d 0 obj" % one) for one in (1, 2)]
    rows = [b"0000000000 65535 f \n", *(b"%010d 00000 n \n" % at for at in found)]
    rows += [b"%010d 00000 n \n" % found[0]] * (number - 3)
    ending = b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (number, len(_BODY))
    return _BODY + b"xref\n0 %d\n" % number + b"".join(rows) + ending


def _by_stream(number: int) -> bytes:
    found = [_BODY.index(b"%d 0 obj" % one) for one in (1, 2)]
    rows = [bytes(6), *(b"\x01" + at.to_bytes(4, "big") + b"\0" for at in found)]
    packed = zlib.compress(b"".join(rows + [rows[1]] * (number - 3)))
    values = b"/Type/XRef/Size %d/W[1 4 1]/Root 1 0 R/Filter/FlateDecode/Length %d" % (number, len(packed))
    stream = b"3 0 obj\n<<" + values + b">>\nstream\n" + packed + b"\nendstream\nendobj\n"
    return _BODY + stream + b"startxref\n%d\n%%%%EOF\n" % len(_BODY)


@pytest.mark.parametrize("make", [_by_table, _by_stream])
def test_entries_are_counted_in_each_file_anew(make: Callable[[int], bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entries, "MAX_ENTRIES", 50)
    for _ in range(3):
        assert open_pdf(make(50), None).reader is not None
    with pytest.raises(UnreadableError) as raised:
        open_pdf(make(51), None)
    assert raised.value.finding.code == "TOO-COSTLY"
