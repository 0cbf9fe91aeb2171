"""Facts of a signature that passes, to be changed one at a time; and times around a certificate's life."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from verifier.report import (
    ChangesAfter,
    Coverage,
    Integrity,
    PathOutcome,
    Revocation,
    SignatureFacts,
    SignatureKind,
    Signer,
)

VALID_FROM = datetime(2025, 1, 1, tzinfo=UTC)
SIGNED = datetime(2026, 3, 1, tzinfo=UTC)
VALID_UNTIL = datetime(2026, 12, 31, tzinfo=UTC)
NOW = datetime(2026, 11, 22, tzinfo=UTC)
AFTER_EXPIRY = datetime(2028, 1, 1, tzinfo=UTC)

SIGNER = Signer(
    name="Nguyễn Văn Mẫu",
    organization=None,
    cccd="012345678901",
    mst=None,
    email=None,
    issuer="DEMO CA",
    certificate_sha256="00",
    serial_number="1",
    valid_from=VALID_FROM,
    valid_until=VALID_UNTIL,
)

PASSING = SignatureFacts(
    kind=SignatureKind.SIGNATURE,
    field="Signature1",
    validation_time=NOW,
    integrity=Integrity.INTACT,
    coverage=Coverage.WHOLE_FILE,
    changes_after=ChangesAfter.NONE,
    changes_visible=False,
    signer=SIGNER,
    regime="public",
    path=PathOutcome.TRUSTED,
    ca_valid_at_time=True,
    revocation=Revocation.GOOD,
    claimed_signing_time=SIGNED,
)


def facts(**changes: Any) -> SignatureFacts:
    """The passing facts with these changed."""
    return replace(PASSING, **changes)
