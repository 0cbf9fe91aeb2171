"""Is a signer an officer who may sign for an agency: by registered certificate, never by name. Pure.

Certificates of the official regime carry no CCCD: ``CN``, ``E``, ``O`` and ``OU`` are all they say of a person, and a
name is no identity. So the operator registers the certificates of the officers who sign scans at the counter
(TT 01/2023/TT-VPCP); equal words on another certificate only bring the paper to a human.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from certs.catalogue import Regime
from verifier.report import SignatureKind, SignatureVerdict, Signer


class PaperSigner(StrEnum):
    """Who is to sign a paper: whoever submits the dossier, or the officer who scanned it at the counter."""

    APPLICANT = "applicant"
    OFFICER = "officer"


class OfficerMatch(StrEnum):
    """How far a signer is known as an officer; the strongest first."""

    REGISTERED = "registered"
    """The very certificate is registered, for this agency or for all, when the signature was made."""
    OTHER_AGENCY = "other-agency"
    """The certificate is registered for another agency."""
    ALIKE = "alike"
    """Name, address and unit agree with a registered certificate, the certificate does not, or no longer: a hint."""
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class RegisteredOfficer:
    """A registered certificate with what it says of its holder.

    ``agency`` None stands for every agency. A certificate that was withdrawn still counts for what was signed before.
    """

    certificate_sha256: str
    name: str
    email: str | None
    organization: str | None
    units: tuple[str, ...]
    agency: str | None
    withdrawn_at: datetime | None = None


@dataclass(frozen=True)
class OfficerRegister:
    """Registered certificates as seen from one dossier; ``agency`` is the dossier's, None where it has none."""

    officers: tuple[RegisteredOfficer, ...] = ()
    agency: str | None = None

    def match(self, verdict: SignatureVerdict) -> OfficerMatch:
        """What the register says of the signer of one verdict; a signature outside the official regime is nobody's."""
        signer = verdict.facts.signer
        if verdict.facts.kind is not SignatureKind.SIGNATURE or verdict.facts.regime != Regime.OFFICIAL.value:
            return OfficerMatch.UNKNOWN
        if signer is None:
            return OfficerMatch.UNKNOWN
        signed_at = verdict.facts.best_signature_time or verdict.facts.validation_time
        own = [one for one in self.officers if one.certificate_sha256 == signer.certificate_sha256]
        if any(one.withdrawn_at is None or signed_at < one.withdrawn_at for one in own):
            return OfficerMatch.REGISTERED if any(self._serves(one) for one in own) else OfficerMatch.OTHER_AGENCY
        return OfficerMatch.ALIKE if any(_alike(one, signer) for one in self.officers) else OfficerMatch.UNKNOWN

    def _serves(self, officer: RegisteredOfficer) -> bool:
        return officer.agency is None or self.agency is None or officer.agency == self.agency


def _alike(officer: RegisteredOfficer, signer: Signer) -> bool:
    """The same words in CN and E, and in O or one OU: all three, and still no proof."""
    if not officer.email or not signer.email:
        return False
    same_person = _same(officer.name, signer.name) and _same(officer.email, signer.email)
    same_unit = _same(officer.organization, signer.organization) or any(
        _same(one, other) for one in officer.units for other in signer.units
    )
    return same_person and same_unit


def _same(one: str | None, other: str | None) -> bool:
    return bool(one) and bool(other) and (one or "").casefold() == (other or "").casefold()
