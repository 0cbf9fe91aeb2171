"""Every signed PDF of the shared corpus: seeded flips of covered bytes leave no signature intact that covers them."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from certs.anchors import make_store
from certs.catalogue import load_catalogue
from tests.unit.verifier.signing import now
from tests.vectors.corpus import Vector, load_vectors
from verifier.cms.container import CmsUnreadableError, read_cms
from verifier.cms.rules import check_integrity
from verifier.guard import UnreadableError
from verifier.inputs import Environment, VerificationInput
from verifier.pdf.coverage import covered_bytes
from verifier.pdf.reading import open_pdf
from verifier.pdf.signatures import ListedSignature, list_signatures
from verifier.policy import load_policy
from verifier.process.workers import LimitedWorkers
from verifier.report import Integrity
from verifier.verify import verify_document

FLIPS = 4
"""Covered bytes flipped in each signature, judged by the rules of CMS alone."""

WHOLE_FLIPS = 1
"""Flips of each file that go through the whole verification."""

LARGEST_WHOLE_BYTES = 60_000
"""Larger files would take most of this test's time; the rules of CMS see them all the same."""


def _listed(data: bytes, password: str | None) -> tuple[ListedSignature, ...]:
    try:
        return list_signatures(open_pdf(data, password), 20).signatures
    except UnreadableError:
        return ()


def _holds(listed: ListedSignature, pieces: list[memoryview]) -> bool:
    try:
        signature = read_cms(listed.contents)
    except CmsUnreadableError:
        return False
    certificate = signature.candidates[0] if signature.candidates else None
    return check_integrity(signature, certificate, pieces, "data").integrity is Integrity.INTACT


def flips_that_pass(data: bytes, password: str | None, name: str) -> tuple[int, list[str]]:
    """How many flips were made in signatures that hold, and those after which one still held. Runs in a worker."""
    seed, made, passed = random.Random(name), 0, []
    for listed in _listed(data, password):
        if len(listed.byte_range) != 4:
            continue
        pieces = [memoryview(bytearray(piece)) for piece in covered_bytes(data, listed.byte_range)]
        if sum(map(len, pieces)) == 0 or not _holds(listed, pieces):
            continue
        for _ in range(FLIPS):
            piece = seed.choices(pieces, [len(one) for one in pieces])[0]
            at = seed.randrange(len(piece))
            piece[at] ^= (mask := seed.randrange(1, 256))
            made += 1
            if _holds(listed, pieces):
                passed.append(f"{name}: {listed.field} byte {at} ^ {mask}")
            piece[at] ^= mask
    return made, passed


def whole_flips_that_pass(data: bytes, password: str | None, name: str) -> list[str]:
    """Flips in a covered place after which a signature over that place is called intact. Runs in a worker."""
    seed, passed = random.Random(f"{name} whole"), []
    environment = Environment(load_policy().skipping_revocation(), make_store([], []), load_catalogue())
    signatures = [one for one in _listed(data, password) if len(one.byte_range) == 4]
    for listed in signatures[:1] * WHOLE_FLIPS:
        covered = _Ranges(tuple(listed.byte_range)).within(len(data))
        if not covered:
            continue
        at = seed.choice(seed.choices(covered, [len(one) for one in covered])[0])
        changed = data[:at] + bytes([data[at] ^ seed.randrange(1, 256)]) + data[at + 1 :]
        report = verify_document(VerificationInput(changed, password), environment, now())
        after = {one.field: one for one in _listed(changed, password)}
        for verdict in report.verdicts:
            now_listed = after.get(verdict.facts.field)
            if verdict.facts.integrity is Integrity.INTACT and (now_listed is None or at in _inside(now_listed)):
                passed.append(f"{name}: byte {at} of {verdict.facts.field}")
    return passed


class _Ranges:
    """The offsets that a byte range covers."""

    def __init__(self, byte_range: tuple[int, ...]) -> None:
        start, length, second, more = byte_range
        self._ranges = (range(start, start + length), range(second, second + more))

    def __contains__(self, at: object) -> bool:
        return any(at in one for one in self._ranges)

    def within(self, size: int) -> list[range]:
        """The ranges that are there, cut off at the file's end."""
        cut = [range(one.start, min(one.stop, size)) for one in self._ranges]
        return [one for one in cut if len(one)]


def _inside(listed: ListedSignature) -> _Ranges:
    return _Ranges(tuple(listed.byte_range))


@pytest.fixture(scope="module")
def vectors(shared: Path) -> list[Vector]:
    return [vector for vector in load_vectors(shared) if "pdf/signed/" in vector.name]


def test_no_covered_byte_of_a_real_file_can_change(vectors: list[Vector]) -> None:
    with LimitedWorkers(workers=2) as workers, ThreadPoolExecutor(2) as threads:

        def flip(vector: Vector) -> tuple[int, list[str]]:
            return workers.run(flips_that_pass, vector.path.read_bytes(), vector.password, vector.name)

        found = list(threads.map(flip, vectors))
    assert [passed for _, some in found for passed in some] == []
    assert sum(made > 0 for made, _ in found) > 120, "most signatures of the corpus hold before the flip"


def test_no_flip_of_a_real_file_is_overlooked_by_the_whole_verification(vectors: list[Vector]) -> None:
    small = [vector for vector in vectors if vector.path.stat().st_size <= LARGEST_WHOLE_BYTES]
    with LimitedWorkers(workers=2) as workers, ThreadPoolExecutor(2) as threads:

        def flip(vector: Vector) -> list[str]:
            return workers.run(whole_flips_that_pass, vector.path.read_bytes(), vector.password, vector.name)

        found = list(threads.map(flip, small))
    assert [passed for some in found for passed in some] == []
    assert len(small) > 60
