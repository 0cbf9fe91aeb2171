"""Active content and later revisions are found, whatever way they were put in."""

from __future__ import annotations

import io

import pytest
from pikepdf import Pdf
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from tests.unit.verifier.scans.foreign import ACTIVE
from tests.unit.verifier.scans.scan_maker import add_scan, saved
from verifier.scans.intake import read_file
from verifier.scans.revisions import Revisions, read_revisions


def _scan(pages: int = 1, *, linearize: bool = False) -> bytes:
    pdf = Pdf.new()
    for seed in range(1, pages + 1):
        add_scan(pdf, seed)
    return saved(pdf, min_version="1.4", linearize=linearize)


@pytest.mark.parametrize("kind", ACTIVE)
@pytest.mark.parametrize("pages", [1, 3])
def test_active_content_is_named(kind: str, pages: int) -> None:
    put, code = ACTIVE[kind]
    pdf = Pdf.open(io.BytesIO(_scan(pages)))
    put(pdf)
    assert code in {finding.code for finding in read_file(saved(pdf), None).findings}


def _edited(data: bytes) -> bytes:
    """The file with the content of its first page replaced in an incremental update."""
    out = io.BytesIO()
    writer = IncrementalPdfFileWriter(io.BytesIO(data), strict=False)
    page = writer.root["/Pages"]["/Kids"][0]
    page["/Contents"] = writer.add_object(generic.StreamObject(stream_data=b"0 g 0 0 50 50 re f"))
    writer.update_container(page)
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize("linearize", [False, True], ids=["plain", "linearised"])
@pytest.mark.parametrize("times", [1, 2])
def test_edits_after_the_scan_are_counted(linearize: bool, times: int) -> None:
    data = _scan(linearize=linearize)
    for _ in range(times):
        data = _edited(data)
    assert read_revisions(data) == Revisions(times, 0)
    assert [finding.code for finding in read_file(data, None).findings] == ["SCAN-REVISED"]


def test_signatures_explain_their_revisions() -> None:
    assert not Revisions(later=1, signatures=1).unexplained
    assert not Revisions(later=3, signatures=1).unexplained, "signature, validation data, document time stamp"
    assert Revisions(later=4, signatures=1).unexplained


def test_end_markers_in_a_stream_are_no_revision() -> None:
    pdf = Pdf.new()
    page = add_scan(pdf, 1)
    page.obj["/Contents"].append(pdf.make_stream(b"% startxref\n0\n%%EOF\n% startxref\n0\n%%EOF\n"))
    assert read_revisions(saved(pdf, compress_streams=False)).later == 0
