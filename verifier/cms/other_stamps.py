"""Tokens in a CMS signature besides its signature time stamp (ETSI EN 319 122-1 §5.2.8, §5.5; annex A): do they hold?

They prove no time here. But one that does not hold, or stamps something else, is told like every other token that is
attached to a signature and none of its.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from asn1crypto import tsp

from verifier.cms.cades import ARCHIVE_TIME_STAMP_V3, archived_by
from verifier.cms.container import CmsSignature, read_cms
from verifier.cms.rules import Content
from verifier.guard import Failure, attempt
from verifier.report import About, Finding, Severity
from verifier.signature.timestamps import StampFacts

CONTENT_TIME_STAMP = ("content_time_stamp", "1.2.840.113549.1.9.16.2.20")
"""id-aa-ets-contentTimestamp, a signed attribute over the content; pyHanko gives it a name where it is loaded."""
AUTHENTICODE = "microsoft_time_stamp_token"
"""1.3.6.1.4.1.311.3.3.1: over the signature value, as a signature time stamp."""

_NOT_COMPUTED = {
    "1.2.840.113549.1.9.16.2.48": "archive-time-stamp-v2",
    "1.2.840.113549.1.9.16.2.27": "archive-time-stamp",
    "1.2.840.113549.1.9.16.2.25": "CAdES-C-timestamp",
    "1.2.840.113549.1.9.16.2.26": "time-stamped-certs-crls-references",
}
"""Older forms of ETSI TS 101 733, whose imprints each program computed in its own way."""


@dataclass(frozen=True)
class OtherStamp:
    """A token, what its imprint has to be of (None: nobody computes it here), and what such a token is called."""

    token: bytes
    stamped: Content | None
    name: str


def other_stamps(signature: CmsSignature, content: Content) -> Iterator[OtherStamp]:
    """Every token that is attached to the signature in another place than a signature time stamp."""
    for value in (value for name in CONTENT_TIME_STAMP for value in signature.attributes.get(name, [])):
        yield OtherStamp(bytes(value.dump()), content, "content-time-stamp")
    for value in signature.unsigned.get(AUTHENTICODE, []):
        yield OtherStamp(bytes(value.dump()), [signature.signature_value], "Authenticode")
    for value in signature.unsigned.get(ARCHIVE_TIME_STAMP_V3, []):
        token = bytes(value.dump())
        stamped = attempt("archive", lambda token=token: _of_archive(signature, content, token))  # type: ignore[misc]
        yield OtherStamp(token, None if isinstance(stamped, Failure) else stamped, "archive-time-stamp-v3")
    for kind, name in _NOT_COMPUTED.items():
        for value in signature.unsigned.get(kind, []):
            yield OtherStamp(bytes(value.dump()), None, name)


def _of_archive(signature: CmsSignature, content: Content, token: bytes) -> Content:
    stamp = read_cms(token)
    imprint = tsp.TSTInfo.load(stamp.encapsulated or b"")["message_imprint"]
    return archived_by(signature, content, stamp, str(imprint["hash_algorithm"]["algorithm"].native))


def false_stamps(
    stamps: Iterable[OtherStamp], judge: Callable[[bytes, Content | None], StampFacts]
) -> tuple[list[StampFacts], tuple[Finding, ...]]:
    """Those of them that are none of this signature, and a word for each other one whose imprint nobody computed."""
    false: list[StampFacts] = []
    words: list[Finding] = []
    for stamp in stamps:
        facts = judge(stamp.token, stamp.stamped)
        if facts.false:
            false.append(facts)
        elif stamp.stamped is None:
            kind = (("kind", stamp.name),)
            words.append(Finding("TIMESTAMP-NOT-EXAMINED", Severity.INFO, kind, About.SIGNATURE_TIMESTAMP))
    return false, tuple(words)
