"""A changed byte inside what was signed never leaves a signature intact."""

from __future__ import annotations

from functools import lru_cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certs.anchors import make_store
from certs.catalogue import load_catalogue
from demo.pki import DemoPki
from tests.unit.verifier.signing import Signing, blank_paper, now, sign, stamp
from verifier.cms.container import read_cms
from verifier.cms.rules import check_integrity
from verifier.inputs import Environment, VerificationInput
from verifier.pdf.coverage import covered_bytes
from verifier.pdf.reading import open_pdf
from verifier.pdf.signatures import ListedSignature, list_signatures
from verifier.policy import load_policy
from verifier.report import Conclusion, Integrity, ValidationReport
from verifier.verify import verify_document

_DOCUMENTS: dict[str, bytes] = {}


@pytest.fixture(scope="module", autouse=True)
def documents(pki: DemoPki) -> None:
    """Three makes: one signature; two with a curve; one archived by a document time stamp."""
    citizen, tsa = pki.holder("citizen"), pki.holder("tsa-official")
    one = sign(blank_paper(), Signing(citizen))
    _DOCUMENTS["one"] = one
    _DOCUMENTS["two"] = sign(one, Signing(pki.holder("citizen-ec"), "Signature2"))
    _DOCUMENTS["stamped"] = stamp(sign(blank_paper(), Signing(citizen, stamped_at=now(), stamper=tsa)), tsa, now())


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Integrity needs no trust: an empty store keeps the search short."""
    return Environment(load_policy().skipping_revocation(), make_store([], []), load_catalogue())


def judged(document: bytes) -> ValidationReport:
    return verify_document(VerificationInput(document), environment(), now())


def flipped(document: bytes, at: int, mask: int) -> bytes:
    return document[:at] + bytes([document[at] ^ mask]) + document[at + 1 :]


def listed(document: bytes) -> tuple[ListedSignature, ...]:
    return list_signatures(open_pdf(document, None), 10).signatures


@pytest.mark.parametrize("name", ["one", "two", "stamped"])
def test_every_covered_byte_counts(name: str) -> None:
    """Each byte of the first signature's range by itself, against the rules of CMS alone."""
    document = _DOCUMENTS[name]
    first = listed(document)[0]
    signature = read_cms(first.contents)
    certificate = signature.candidates[0]
    pieces = [memoryview(bytearray(piece)) for piece in covered_bytes(document, first.byte_range)]
    for piece in pieces:
        for at in range(len(piece)):
            piece[at] ^= 1
            assert check_integrity(signature, certificate, pieces, "data").integrity is Integrity.BROKEN
            piece[at] ^= 1
    assert check_integrity(signature, certificate, pieces, "data").integrity is Integrity.INTACT


@settings(max_examples=60)
@given(st.sampled_from(["one", "two", "stamped"]), st.floats(0, 1, exclude_max=True), st.integers(1, 255))
def test_a_flip_anywhere_covered_leaves_nothing_intact(name: str, where: float, mask: int) -> None:
    """Through the whole verification: also where the flip changes what the parsers see."""
    document = _DOCUMENTS[name]
    first = listed(document)[0]
    at = int(where * first.revision_end)
    if first.contents_start is None or first.contents_end is None or first.contents_start <= at < first.contents_end:
        return
    report = judged(flipped(document, at, mask))
    assert report.conclusion is not Conclusion.TOTAL_PASSED
    assert not [verdict for verdict in report.verdicts if verdict.facts.integrity is Integrity.INTACT]


@settings(max_examples=60)
@given(st.sampled_from(["one", "two"]), st.floats(0, 1, exclude_max=True), st.integers(1, 255))
def test_a_flip_in_the_signature_itself_never_passes(name: str, where: float, mask: int) -> None:
    """Inside the hex string: a digit's case or the padding may change, what they stand for may not."""
    document = _DOCUMENTS[name]
    last = listed(document)[-1]
    assert last.contents_start is not None and last.contents_end is not None
    used = len(last.contents.rstrip(b"\0")) * 2
    at = last.contents_start + 1 + int(where * used)
    changed = flipped(document, at, mask)
    if changed[at : at + 1].lower() == document[at : at + 1].lower():
        return
    before = listed(document)[-1].contents
    for verdict in judged(changed).verdicts[-1:]:
        if verdict.facts.integrity is Integrity.INTACT and verdict.facts.field == last.field:
            after = listed(changed)[-1].contents
            assert read_cms(after).signature_value == read_cms(before).signature_value
