"""A changed byte in a signed XML or CMS file: nothing stays intact unless everything that was signed is the same."""

from __future__ import annotations

import random

import pytest

from certs.anchors import make_store
from certs.catalogue import load_catalogue
from demo.pki import DemoPki
from demo.responders import Responders
from tests.properties.signed_files import LETTER, MAKERS, Maker, content_type, detached, signed_content
from tests.unit.verifier.signing import now, without_status
from verifier.inputs import Environment, VerificationInput
from verifier.policy import load_policy
from verifier.report import Conclusion, Coverage, Integrity, ValidationReport
from verifier.verify import verify_document

FLIPS = 120
"""Seeded ones for each kind of file; every byte of the signed data is flipped in the tests of each format."""

WHOLE = (Coverage.WHOLE_FILE, Coverage.WHOLE_REVISION)


def _judged(document: VerificationInput, environment: Environment) -> ValidationReport:
    return verify_document(document, environment, now())


@pytest.fixture(scope="module")
def trusting(pki: DemoPki) -> Environment:
    return without_status(pki)


def _flip(data: bytes, at: int, mask: int) -> bytes:
    return data[:at] + bytes([data[at] ^ mask]) + data[at + 1 :]


@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
def test_a_flip_anywhere_leaves_intact_only_what_is_signed_as_before(
    make: Maker, pki: DemoPki, responders: Responders, trusting: Environment
) -> None:
    made = make(pki, responders)
    before = signed_content(made.data, made.content)
    assert _judged(made, trusting).conclusion is Conclusion.TOTAL_PASSED
    seed = random.Random(make.__name__)
    noticed = 0
    for _ in range(FLIPS):
        changed = _flip(made.data, seed.randrange(len(made.data)), seed.randrange(1, 256))
        report = _judged(VerificationInput(changed, content=made.content), trusting)
        first = report.verdicts[0].facts if report.verdicts else None
        if first is not None and first.integrity is Integrity.INTACT and first.coverage in WHOLE:
            assert signed_content(changed, made.content) == before, changed
            if content_type(changed) != content_type(made.data):
                assert report.conclusion is Conclusion.TOTAL_FAILED, "an attribute says of which type the content is"
        else:
            assert report.conclusion is not Conclusion.TOTAL_PASSED
            noticed += 1
    assert noticed > FLIPS // 8, "an oracle that excuses every flip proves nothing"


def test_every_byte_of_a_detached_content_counts(pki: DemoPki, responders: Responders) -> None:
    made = detached(pki, responders)
    nobody = Environment(load_policy().skipping_revocation(), make_store([], []), load_catalogue())
    for at in range(len(LETTER)):
        for mask in (1, 0x80):
            document = VerificationInput(made.data, content=_flip(LETTER, at, mask))
            (verdict,) = _judged(document, nobody).verdicts
            assert verdict.facts.integrity is Integrity.BROKEN, at
