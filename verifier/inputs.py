"""What a verification is given: the document, and everything it is judged with. Picklable: both go to a worker."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from certs.anchors import TrustStore
from certs.catalogue import Catalogue
from certs.revocation import RevocationSource
from verifier.policy import ValidationPolicy


@dataclass(frozen=True)
class VerificationInput:
    """An untrusted document.

    ``content`` is the signed file of a detached CMS. ``received_at`` (aware UTC) is when the service itself first
    received these very bytes, by its own record: a proof that every signature in them existed then.
    """

    data: bytes
    password: str | None = None
    content: bytes | None = None
    received_at: datetime | None = None


@dataclass(frozen=True)
class Environment:
    """Policy, trust and sources of status. ``sources`` are asked after what the document itself brought.

    ``archived_certificates`` (DER) came with the evidence of an earlier verification: like those in the document they
    may complete a path and prove nothing by themselves.
    """

    policy: ValidationPolicy
    trust: TrustStore
    catalogue: Catalogue
    sources: tuple[RevocationSource, ...] = ()
    archived_certificates: tuple[bytes, ...] = ()
