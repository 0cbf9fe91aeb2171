"""The three acts at the test desk: prepared, signed by the director, issued by the agency."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from demo.pictures import seal_picture, signature_picture
from signer.issuing.act import LetterToPrepare, PreparedLetter, prepare_letter
from signer.issuing.entry import HeadEntry
from signer.keys import SigningKey
from signer.request import Appearance, SealLevel, SigningRequest, SignStep
from signer.sign import SignedDocument, sign_document
from tests.unit.signer.sealing import Desk, now

ENTRY = HeadEntry("2118", date(2026, 12, 1))
TOLD = {"number": "2118", "day": "01", "month": "12"}


def person(desk: Desk) -> SignStep:
    """The director, with a picture of the signature."""
    step = desk.person()
    return replace(step, appearance=replace(step.appearance, picture=signature_picture()))


def agency(desk: Desk, key: SigningKey | None = None) -> SignStep:
    """The department, with a picture of its seal."""
    step = desk.agency()
    shown = replace(step.appearance, picture=seal_picture("SỞ TÀI NGUYÊN VÀ MÔI TRƯỜNG · DEMO · "))
    return replace(step, appearance=shown, key=key or step.key)


def to_prepare(desk: Desk, document: bytes, **changes: Any) -> LetterToPrepare:
    """With the demo's pictures and its mark."""
    looks: tuple[Appearance, Appearance] = person(desk).appearance, agency(desk).appearance
    return replace(LetterToPrepare(document, *looks, desk.wording, desk.mark), **changes)


def prepared(desk: Desk, document: bytes, **changes: Any) -> PreparedLetter:
    """Act 1."""
    return prepare_letter(to_prepare(desk, document, **changes), desk.environment, now())


def led(desk: Desk, document: bytes, *, certify: bool = False) -> bytes:
    """Acts 1 and 2."""
    ready = prepared(desk, document).data
    request = desk.request(ready, steps=(person(desk),), certify=certify)
    return sign_document(request, desk.environment, now()).data


def issue_request(desk: Desk, signed: bytes, entry: HeadEntry = ENTRY, **changes: Any) -> SigningRequest:
    """What is asked for in act 3."""
    authorised = frozenset({desk.key("officer").certificate.sha256.hex()})
    return desk.request(signed, steps=(agency(desk),), authorised=authorised, entry=entry, **changes)


def issued(
    desk: Desk, signed: bytes, entry: HeadEntry = ENTRY, level: SealLevel = SealLevel.B_B, **changes: Any
) -> SignedDocument:
    """Act 3."""
    return sign_document(issue_request(desk, signed, entry, level=level, **changes), desk.environment, now())
