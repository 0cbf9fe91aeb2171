"""START HERE for letters that get number and date when they are issued, as a clerk does it (NĐ 30/2020 Đ.14 to 18).

Three acts, in this order:

1. ``prepare_letter``: the letter with blanks in its head ("Số: …/…", "…, ngày … tháng … năm …") gets its mark and,
   empty and in their places, the fields of every later signature. No key is used.
2. The leader signs it: ``signer.sign.sign_document`` with the person's step, or ``signer.external`` where the key is
   elsewhere. Where the agency asks for it (``certifies_first``) this first signature certifies with DocMDP P = 2.
3. The agency issues it: ``sign_document`` with the agency's step and a ``HeadEntry``. In one act the agency's key signs
   number, day and month into their blanks and then seals; what comes out is handed out only where the verifier passes
   it and reads that number and that date.

ADR 0016 says why each place is a signature of its own and no form field.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from signer.agencies import AGENCY_FIELD, PERSON_FIELD
from signer.appearance import SealDrawing
from signer.environment import SigningEnvironment
from signer.input_check import judge_input
from signer.issuing.entry import HeadEntry
from signer.issuing.head import LetterHead
from signer.issuing.preparing import prepare_fields, read_head
from signer.layout import SealWish
from signer.profile import NO_WISHES, PlacementProfile
from signer.refusal import RefusalCode, SealRefused
from signer.request import Appearance, ResultMark, Role, SealWording


@dataclass(frozen=True)
class LetterToPrepare:
    """A letter with blanks, who will sign and seal it, and how that will look; no key is needed."""

    document: bytes
    person: Appearance
    agency: Appearance
    wording: SealWording
    mark: ResultMark | None = None
    placement: PlacementProfile = NO_WISHES


@dataclass(frozen=True)
class PreparedLetter:
    """What the leader signs, and what its head says."""

    data: bytes
    sha256: str
    head: LetterHead


def prepare_letter(letter: LetterToPrepare, environment: SigningEnvironment, at: datetime) -> PreparedLetter:
    """The letter with every later field in its place, before anybody signs.

    One that is signed already (by its drafter, with another program) comes back as it is: what nobody signs must not be
    added to it, so each later signature brings its own field.

    Raises:
        SealRefused: HEAD-…, LETTER-PREPARED-ALREADY, or as ``sign_document`` for documents and places.
    """
    judge_input(letter.document, environment, at)
    shown = ((Role.AUTHORISED_PERSON, PERSON_FIELD, letter.person), (Role.AGENCY, AGENCY_FIELD, letter.agency))
    wishes = tuple(_wish(role, field, look, letter.wording, at) for role, field, look in shown)
    made = environment.work(
        prepare_fields,
        letter.document,
        wishes,
        letter.mark,
        letter.wording,
        environment.fonts,
        letter.placement,
        with_head=True,
    )
    if made.before:
        raise SealRefused(RefusalCode.LETTER_PREPARED_ALREADY)
    if not made.data.startswith(letter.document) or made.head is None:
        raise SealRefused(RefusalCode.PREFIX_CHANGED)
    return PreparedLetter(made.data, hashlib.sha256(made.data).hexdigest(), made.head)


def check_entry(document: bytes, entry: HeadEntry | None, environment: SigningEnvironment) -> LetterHead:
    """What a letter's head says, and that this number and date can be written into it: asked before a register gives
    a number.

    Raises:
        SealRefused: HEAD-…, DOCUMENT-….
    """
    return environment.work(read_head, document, entry, environment.fonts)


def _wish(role: Role, field: str, look: Appearance, wording: SealWording, at: datetime) -> SealWish:
    return SealWish(field, SealDrawing(role, look, wording, at.replace(microsecond=0)))
