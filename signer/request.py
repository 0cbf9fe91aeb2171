"""What is asked for: the document, who signs in which order, the level, and the mark that people will check it by."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import TYPE_CHECKING

from signer.issuing.entry import HeadEntry
from signer.key_rules import KeyRules
from signer.keys import SigningKey
from signer.profile import NO_WISHES, PlacementProfile
from signer.refusal import RefusalCode, SealRefused

if TYPE_CHECKING:
    from signer.attachments import AttachmentText
    from signer.copies import CopyText


class Role(StrEnum):
    """In which capacity somebody signs; the order is law (NĐ 30/2020 Đ.32.2.d)."""

    AUTHORISED_PERSON = "authorised-person"
    AGENCY = "agency"


class SealLevel(StrEnum):
    """PAdES baseline level of the result (EN 319 142-1 §6)."""

    B_B = "B-B"
    B_T = "B-T"
    B_LT = "B-LT"
    B_LTA = "B-LTA"

    @property
    def time_stamped(self) -> bool:
        """Does each signature carry a signature time stamp."""
        return self is not SealLevel.B_B

    @property
    def long_term(self) -> bool:
        """Does the document carry the evidence for its own validation."""
        return self in (SealLevel.B_LT, SealLevel.B_LTA)


@dataclass(frozen=True)
class SealWording:
    """The words printed in seals and beside the code, in the agency's language (from ``api/i18n/seals.toml``)."""

    signed_by: str
    title: str
    agency: str
    signed_at: str
    verification_code: str
    check_at: str
    result_code: str


@dataclass(frozen=True)
class Appearance:
    """What a visible signature shows; texts NFC. ``picture`` is a transparent PNG: blue handwriting or the red seal.

    ``diameter_mm`` is the real size of the agency's seal (NĐ 30/2020 Phụ lục I); it means nothing for a person.
    """

    name: str
    title: str | None = None
    organization: str | None = None
    picture: bytes | None = None
    diameter_mm: float = 36.0


@dataclass(frozen=True)
class SignStep:
    """One signature: whose key under which rules, in which role, under which field name, and what it shows."""

    key: SigningKey
    role: Role
    field: str
    appearance: Appearance
    rules: KeyRules | None = None


@dataclass(frozen=True)
class ResultMark:
    """The code and QR by which a paper is checked (TT 01/2023/TT-VPCP: top left of the first page).

    ``url`` is the ``https`` address in the QR; ``check_at`` the short address printed beside it.
    """

    url: str
    verification_code: str
    check_at: str
    result_code: str | None = None

    def __post_init__(self) -> None:
        if not self.url.startswith("https://"):
            raise ValueError("the QR holds an https address")


@dataclass(frozen=True)
class SigningRequest:
    """A seal to be made.

    ``authorised`` holds the hex SHA-256 of the certificates of persons authorised to sign for the agency: an agency
    seals alone only what one of them has signed before, its own ``copy``, or an ``attachment`` to a document that was
    signed so; both of these show text in place of pictures.
    ``stamps_may_follow``: where no time stamp is to be had, a result at B-B is better than none; it is raised later
    (``signer.preserve``).
    ``entry``: the agency's step writes number and date into the head's blanks besides sealing (``signer.issuing``).
    ``certify``: the document's first signature certifies it with DocMDP P = 2; it means nothing where one is there.
    """

    document: bytes
    steps: tuple[SignStep, ...]
    level: SealLevel
    wording: SealWording
    mark: ResultMark | None = None
    authorised: frozenset[str] = field(default_factory=frozenset)
    placement: PlacementProfile = NO_WISHES
    stamps_may_follow: bool = False
    copy: CopyText | None = None
    attachment: AttachmentText | None = None
    entry: HeadEntry | None = None
    certify: bool = False


def check_order(request: SigningRequest) -> None:
    """Authorised person first, then the agency, at most one of each (NĐ 30/2020 Đ.32.2.d), who writes number and date.

    Raises:
        SealRefused: NO-STEPS or ORDER-WRONG.
    """
    roles = [step.role for step in request.steps]
    if not roles:
        raise SealRefused(RefusalCode.NO_STEPS)
    if roles != sorted(set(roles), key=list(Role).index):
        raise SealRefused(RefusalCode.ORDER_WRONG)
    if request.entry is not None and roles[-1] is not Role.AGENCY:
        raise SealRefused(RefusalCode.ORDER_WRONG)


def plan_digest(request: SigningRequest) -> bytes:
    """SHA-256 over what will be signed, by whom and how: recorded in the intent before a key is used.

    The same request gives the same digest in any process; any difference in document, mark, signers, pictures,
    wording or level gives another.
    """
    plan = {
        "document": hashlib.sha256(request.document).hexdigest(),
        "level": request.level,
        "stamps_may_follow": request.stamps_may_follow,
        "mark": _plain(request.mark),
        "wording": _plain(request.wording),
        "authorised": sorted(request.authorised),
        "placement": _plain(request.placement),
        **({} if request.copy is None else {"copy": _plain(request.copy)}),
        **({} if request.attachment is None else {"attachment": _plain(request.attachment)}),
        **({} if request.entry is None else {"entry": list(request.entry.texts.values()), "year": request.entry.year}),
        **({"certify": True} if request.certify else {}),
        "steps": [
            {
                "role": step.role,
                "field": step.field,
                "certificate": step.key.certificate.sha256.hex(),
                "appearance": _plain(step.appearance),
            }
            for step in request.steps
        ],
    }
    return hashlib.sha256(json.dumps(plan, sort_keys=True, ensure_ascii=True).encode()).digest()


def _plain(
    value: ResultMark | SealWording | Appearance | PlacementProfile | CopyText | AttachmentText | None,
) -> dict[str, object] | None:
    if value is None:
        return None
    plain: dict[str, object] = {f.name: getattr(value, f.name) for f in fields(value)}
    if plain.get("transfer_note", "") is None:  # the plans of copies without a note are as they were
        del plain["transfer_note"]
    return {name: hashlib.sha256(v).hexdigest() if isinstance(v, bytes) else v for name, v in plain.items()}
