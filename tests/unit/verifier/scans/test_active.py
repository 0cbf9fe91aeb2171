"""Active content and later revisions are found, whatever way they were put in."""

from __future__ import annotations

import io
from functools import cache

import pytest
from pikepdf import ObjectStreamMode, Pdf
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from demo.pki import DemoPki
from tests.installation import sign_as
from tests.unit.verifier.scans.active import ACTIVE
from tests.unit.verifier.scans.scan_maker import add_scan, saved
from verifier.scans.intake import read_file
from verifier.scans.revisions import Revisions, read_revisions


@cache
def _scan(pages: int = 1, *, linearize: bool = False, streams: bool = False) -> bytes:
    pdf = Pdf.new()
    for seed in range(1, pages + 1):
        add_scan(pdf, seed)
    mode = ObjectStreamMode.generate if streams else ObjectStreamMode.disable
    return saved(pdf, min_version="1.4", linearize=linearize, object_stream_mode=mode)


@pytest.mark.parametrize("kind", ACTIVE)
@pytest.mark.parametrize("pages", [1, 8])
def test_active_content_is_named(kind: str, pages: int) -> None:
    put, code = ACTIVE[kind]
    pdf = Pdf.open(io.BytesIO(_scan(pages)))
    put(pdf)
    assert code in {finding.code for finding in read_file(saved(pdf), None).findings}


def _edited(data: bytes, page_number: int = 0) -> bytes:
    """The file with the content of a page replaced in an incremental update."""
    out = io.BytesIO()
    writer = IncrementalPdfFileWriter(io.BytesIO(data), strict=False)
    page = writer.root["/Pages"]["/Kids"][page_number]
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


@pytest.mark.parametrize("streams", [False, True], ids=["tables", "streams"])
@pytest.mark.parametrize("page", range(8))
def test_an_edit_of_any_page_is_found(page: int, streams: bool) -> None:
    """Cross-reference tables and cross-reference streams (ISO 32000-2 7.5.8)."""
    data = _edited(_scan(8, streams=streams), page)
    assert [finding.code for finding in read_file(data, None).findings] == ["SCAN-REVISED"]


@pytest.mark.parametrize(
    "bait",
    [
        b"\n% /ByteRange [0 100 200 300]\n",
        b"\n% /ByteRange [0 100 200 300] <" + b"00" * 300 + b">\n",
    ],
)
def test_words_that_look_like_a_signature_explain_nothing(bait: bytes) -> None:
    edited = _edited(_scan())
    data = edited.replace(b"%%EOF", bait + b"%%EOF") if edited.count(b"%%EOF") == 1 else edited + bait
    assert read_revisions(data).signatures == 0
    assert "SCAN-REVISED" in {finding.code for finding in read_file(data, None).findings}


def test_a_signature_counts_once_and_explains_its_revision(pki: DemoPki) -> None:
    signed = sign_as(pki, "citizen", _scan())
    assert read_revisions(signed) == Revisions(1, 1)
    assert [finding.code for finding in read_file(signed, None).findings] == ["SCAN-REVISED-SIGNED"]


def test_signatures_explain_their_revisions() -> None:
    assert not Revisions(later=1, signatures=1).unexplained
    assert not Revisions(later=3, signatures=1).unexplained, "signature, validation data, document time stamp"
    assert Revisions(later=4, signatures=1).unexplained


def test_end_markers_in_a_stream_are_no_revision() -> None:
    pdf = Pdf.new()
    page = add_scan(pdf, 1)
    page.obj["/Contents"].append(pdf.make_stream(b"% startxref\n0\n%%EOF\n% startxref\n0\n%%EOF\n"))
    assert read_revisions(saved(pdf, compress_streams=False)).later == 0
