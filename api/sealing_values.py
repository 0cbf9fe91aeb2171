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
    def form(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def certified(self) -> bool: ...
    @property
    def converter(self) -> str | None: ...
    @property
    def converted_on(self) -> date | None: ...
    @property
    def register_number(self) -> int | None: ...
    @property
    def register_year(self) -> int | None: ...
    @property
    def note_sha256(self) -> str | None: ...
    @property
    def original_sha256(self) -> str | None: ...


class Paper(Protocol):
    """What of an order (``api.actions.seal_order.SealOrder``) the signer needs to know."""

    @property
    def agency(self) -> str: ...
    @property
    def signatory(self) -> str: ...
    @property
    def document(self) -> bytes: ...
    @property
    def level(self) -> str: ...
    @property
    def number(self) -> str: ...
    @property
    def copy(self) -> CopyFacts | None: ...
    @property
    def attachment_of(self) -> str | None: ...


class PreviewedPaper(Protocol):
    """What of a preview's order the signer needs to know."""

    @property
    def agency(self) -> str: ...
    @property
    def signatory(self) -> str: ...
    @property
    def document(self) -> bytes: ...


class OriginalFacts(Protocol):
    """What was found of a copy's original (``api.actions.copy_originals.OriginalFacts``)."""

    @property
    def report(self) -> ValidationReport: ...
    @property
    def weak(self) -> str: ...
    @property
    def in_force(self) -> bool: ...


class MainFacts(Protocol):
    """What is on record of an attachment's main document (``api.actions.attachments.MainFacts``)."""

    @property
    def number(self) -> str: ...
    @property
    def is_result(self) -> bool: ...
    @property
    def in_force(self) -> bool: ...


@dataclass(frozen=True)
class Signed:
    """A sealed document that passed its self-check; the report's evidence holds what was checked for signing too.

    ``level`` is the level reached: lower than asked for where time stamps are to follow.
    """

    data: bytes
    report: ValidationReport
    level: str


class OutsideOrder(Protocol):
    """What of a session's order (``api.actions.session_order.SessionOrder``) the signer needs to know."""

    @property
    def document(self) -> bytes: ...
    @property
    def certificates(self) -> tuple[bytes, ...]: ...
    @property
    def level(self) -> str: ...
    @property
    def name(self) -> str | None: ...
    @property
    def title(self) -> str | None: ...
    @property
    def seal(self) -> OutsideSeal | None: ...


class OutsideSeal(Protocol):
    """Who signs for which agency, where the agency's seal is to follow."""

    @property
    def agency(self) -> str: ...
    @property
    def signatory(self) -> str: ...


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
