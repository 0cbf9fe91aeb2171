"""What the signer's side of this service is given and gives back; plain values, and what it needs to know of orders."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

from signer.sign import SignedDocument
from verifier.report import ValidationReport


class CopyFacts(Protocol):
    """What of a copy (``api.actions.copy_order.CopyWish``) the signer needs to know."""

    @property
    def form(self) -> str:
        """``sao-y``, ``sao-luc`` or ``trich-sao`` (NĐ 30/2020 Đ.25)."""

    @property
    def source(self) -> str:
        """What it was copied from: ``paper`` or ``electronic``."""

    @property
    def certified(self) -> bool:
        """By NĐ 45/2020 Đ.10: the certifier's signature stands beside the agency's."""

    @property
    def converter(self) -> str | None:
        """Who made an electronic document of the paper (Law 20/2023 Đ.12)."""

    @property
    def converted_on(self) -> date | None:
        """When that was done."""

    @property
    def register_number(self) -> int | None:
        """Running number in the register of the agency's year; None before it is allotted."""

    @property
    def register_year(self) -> int | None:
        """The year of that register."""

    @property
    def note_sha256(self) -> str | None:
        """Hexadecimal digest of the transfer note that goes out with it."""

    @property
    def original_sha256(self) -> str | None:
        """Hexadecimal digest of the electronic original on file."""


class IssueFacts(Protocol):
    """What of a letter's issue (``api.actions.issue_order.IssueWish``) the signer needs to know."""

    @property
    def number(self) -> int | None:
        """Its number; None before it is given."""

    @property
    def issued_on(self) -> date | None:
        """Its date; None before it is given."""

    @property
    def verification_code(self) -> str | None:
        """The code that was printed on it before the leader signed; None where all is done at once."""

    @property
    def signed_sha256(self) -> str | None:
        """Hexadecimal digest of what the leader signed before; None where the document is that, or all is at once."""


class WhoSeals(Protocol):
    """Who signs for which agency; both are ids of the agencies' file."""

    @property
    def agency(self) -> str:
        """The agency that seals."""

    @property
    def signatory(self) -> str:
        """The authorised person who signs first."""


class PreviewedPaper(WhoSeals, Protocol):
    """What of a preview's order the signer needs to know."""

    @property
    def document(self) -> bytes:
        """The PDF as it came."""


class Paper(PreviewedPaper, Protocol):
    """What of an order (``api.actions.seal_order.SealOrder``) the signer needs to know."""

    @property
    def level(self) -> str:
        """PAdES baseline level: ``B-B``, ``B-T``, ``B-LT`` or ``B-LTA``."""

    @property
    def number(self) -> str:
        """The number printed on the paper."""

    @property
    def copy(self) -> CopyFacts | None:
        """Set where it is sealed as a copy."""

    @property
    def attachment_of(self) -> str | None:
        """Result code of the main document that it is an attachment of."""

    @property
    def issue(self) -> IssueFacts | None:
        """Set where number and date are written into it."""


class OriginalFacts(Protocol):
    """What was found of a copy's original (``api.actions.copy_originals.OriginalFacts``)."""

    @property
    def report(self) -> ValidationReport:
        """The original's own verdict."""

    @property
    def weak(self) -> str:
        """Which of its signatures do not pass; empty where all do."""

    @property
    def in_force(self) -> bool:
        """Is it, as a result, still in force."""


class MainFacts(Protocol):
    """What is on record of an attachment's main document (``api.actions.attachments.MainFacts``)."""

    @property
    def number(self) -> str:
        """The number printed on the main document."""

    @property
    def is_result(self) -> bool:
        """Is it a result itself, no copy and no attachment."""

    @property
    def in_force(self) -> bool:
        """Is it still in force."""


@dataclass(frozen=True)
class Signed:
    """A sealed document that passed its self-check; the report's evidence holds what was checked for signing too.

    ``level`` is the level reached: lower than asked for where time stamps are to follow.
    """

    data: bytes
    report: ValidationReport
    level: str


class SealToFollow(WhoSeals, Protocol):
    """The seal that follows a session (``api.actions.session_seals.SessionSeal``)."""

    @property
    def issue(self) -> IssueFacts | None:
        """Set where number and date are written into the letter with it."""


class OutsideOrder(Protocol):
    """What of a session's order (``api.actions.session_order.SessionOrder``) the signer needs to know."""

    @property
    def document(self) -> bytes:
        """The PDF as it came."""

    @property
    def certificates(self) -> tuple[bytes, ...]:
        """DER, the signer's first, then its issuers, possibly none."""

    @property
    def level(self) -> str:
        """PAdES baseline level of the signature."""

    @property
    def name(self) -> str | None:
        """What the visible signature shows; the certificate's own name where None."""

    @property
    def title(self) -> str | None:
        """The signer's title, as the visible signature shows it."""

    @property
    def seal(self) -> SealToFollow | None:
        """Set where an agency's seal is to follow."""


@dataclass(frozen=True)
class Credential:
    """An agency's key as other software sees it: name, certificate and issuers (DER), is it within its period."""

    name: str
    certificate: bytes
    chain: tuple[bytes, ...]
    valid: bool


def with_evidence(signed: SignedDocument) -> ValidationReport:
    """The self-check's report with what was checked before signing beside it (TT 15/2025 Đ.5: keep both)."""
    found = signed.evidence
    pieces = {hashlib.sha256(der).hexdigest(): der for der in (*found.certificates, *found.crls, *found.ocsps)}
    return replace(signed.report, evidence=pieces | signed.report.evidence)
