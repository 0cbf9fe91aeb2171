"""``make fuzz ARGS=--every-byte``: each covered byte of three small signed PDFs changed, by itself, and judged.

Not the arithmetic of a hash over given pieces (``tests/properties/test_flipped_bytes.py`` does that): the changed file
is opened, listed and judged by the engine whose facts are the report's, so a flip that makes the listing find another
signature, another byte range or none counts too. No answer may say that a signature over that byte is intact; without
that nothing passes (``verifier/conclude.py``), so what changed after the signatures is not drawn each time.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from certs.anchors import make_store
from certs.catalogue import load_catalogue
from demo.pki import DemoPki
from tests.unit.verifier.signing import Signing, blank_paper, now, sign, stamp
from verifier.guard import Failure, UnreadableError, attempt
from verifier.inputs import Environment
from verifier.pdf.ades import AdesEngine
from verifier.pdf.reading import open_pdf
from verifier.pdf.signatures import ListedSignature, list_signatures
from verifier.policy import load_policy
from verifier.report import Integrity

MASK = 0x01


@dataclass
class Flips:
    """What came out: changed bytes by file, and where one was answered wrongly."""

    flips: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0


def three_files(pki: DemoPki) -> dict[str, bytes]:
    """One signature; two, the second with a curve; one with a time stamp and archived by a document time stamp."""
    citizen, tsa = pki.holder("citizen"), pki.holder("tsa-official")
    one = sign(blank_paper(), Signing(citizen))
    return {
        "one": one,
        "two": sign(one, Signing(pki.holder("citizen-ec"), "Signature2")),
        "stamped": stamp(sign(blank_paper(), Signing(citizen, stamped_at=now(), stamper=tsa)), tsa, now()),
    }


def flip_every_byte(files: dict[str, bytes], stride: int = 1, first: int = 0) -> Flips:
    """Change every ``stride``-th byte that any signature of the file covers; ``first`` shifts the pattern."""
    found, started = Flips(), time.monotonic()
    # integrity needs no trust and no status: an empty store keeps each judgement short
    environment = Environment(load_policy().skipping_revocation(), make_store([], []), load_catalogue())
    for name, data in files.items():
        signatures = list_signatures(open_pdf(data, None), 10).signatures
        for at in list(_covered(signatures))[first::stride]:
            found.flips[name] += 1
            why = _wrong(data, at, signatures, environment)
            if why is not None:
                found.wrong.append(f"{name}, byte {at}: {why}")
    found.seconds = time.monotonic() - started
    return found


def _covered(signatures: tuple[ListedSignature, ...]) -> Iterator[int]:
    for at in range(max(signature.revision_end for signature in signatures)):
        if any(_covers(signature, at) for signature in signatures):
            yield at


def _covers(signature: ListedSignature, at: int) -> bool:
    spans = zip(signature.byte_range[::2], signature.byte_range[1::2], strict=True)
    return any(start <= at < start + length for start, length in spans)


def _wrong(data: bytes, at: int, signatures: tuple[ListedSignature, ...], environment: Environment) -> str | None:
    """Why the answer on the file with this byte changed must not be; None where it is right."""
    changed = data[:at] + bytes([data[at] ^ MASK]) + data[at + 1 :]
    # a signature over other bytes stays intact: the first one while a byte of the second revision is changed
    untouched = {signature.byte_range for signature in signatures if not _covers(signature, at)}
    try:
        opened = open_pdf(changed, None)
    except UnreadableError:
        return None
    listing = list_signatures(opened, 10)
    judged = attempt("engine", lambda: AdesEngine(opened, listing.signatures, environment, now(), None).examine())
    if isinstance(judged, Failure):  # then the report says UNKNOWN of each (``verify_document``)
        return None
    intact = [
        listed.byte_range
        for listed, one in zip(listing.signatures, judged, strict=True)
        if one.facts.integrity is Integrity.INTACT
    ]
    return None if untouched.issuperset(intact) else f"intact: {intact}"
