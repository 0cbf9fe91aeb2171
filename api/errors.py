"""Every way a request can fail, in one table: kind → status, whose fault. The prose is in ``i18n/problems.toml``.

Actions raise ``DomainError(Kind…)`` and know no HTTP; ``api/app.py`` turns it once into an RFC 9457 problem document.
A bad signature is not an error: it is the answer (``ValidationReport``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Kind(StrEnum):
    """What went wrong; the value is the stable last segment of the problem's ``type``."""

    MALFORMED_REQUEST = "malformed-request"
    INVALID_VALUE = "invalid-value"
    MISSING_FILE = "missing-file"
    IDEMPOTENCY_KEY_MISSING = "idempotency-key-missing"
    UNKNOWN_POLICY = "unknown-policy"
    UNKNOWN_REGULATION = "unknown-regulation"
    AMBIGUOUS_REGULATION = "ambiguous-regulation"
    UNKNOWN_AGENCY = "unknown-agency"
    AUTHENTICATION_REQUIRED = "authentication-required"
    FORBIDDEN = "forbidden"
    FORM_EXPIRED = "form-expired"
    NOT_FOUND = "not-found"
    UNKNOWN_DOSSIER = "unknown-dossier"
    UNKNOWN_VERIFICATION = "unknown-verification"
    UNKNOWN_SEAL = "unknown-seal"
    UNKNOWN_RESULT = "unknown-result"
    UNKNOWN_DOCUMENT = "unknown-document"
    METHOD_NOT_ALLOWED = "method-not-allowed"
    CONFLICT = "conflict"
    RESULT_CODE_TAKEN = "result-code-taken"
    SEAL_IN_PROGRESS = "seal-in-progress"
    TOO_LARGE = "too-large"
    UNSUPPORTED_MEDIA_TYPE = "unsupported-media-type"
    IDEMPOTENCY_KEY_REUSED = "idempotency-key-reused"
    SEAL_REFUSED = "seal-refused"
    RATE_LIMITED = "rate-limited"
    INTERNAL = "internal"
    UNAVAILABLE = "unavailable"
    NO_TRUST_STORE = "no-trust-store"
    KEY_UNAVAILABLE = "key-unavailable"


@dataclass(frozen=True)
class ProblemType:
    """How a kind is answered: HTTP ``status``; ``incident`` where it is our fault and the answer carries an id."""

    status: int
    incident: bool = False


PROBLEMS: Mapping[Kind, ProblemType] = MappingProxyType(
    {
        Kind.MALFORMED_REQUEST: ProblemType(400),
        Kind.INVALID_VALUE: ProblemType(400),
        Kind.MISSING_FILE: ProblemType(400),
        Kind.IDEMPOTENCY_KEY_MISSING: ProblemType(400),
        Kind.UNKNOWN_POLICY: ProblemType(400),
        Kind.UNKNOWN_REGULATION: ProblemType(400),
        Kind.AMBIGUOUS_REGULATION: ProblemType(400),
        Kind.UNKNOWN_AGENCY: ProblemType(400),
        Kind.AUTHENTICATION_REQUIRED: ProblemType(401),
        Kind.FORBIDDEN: ProblemType(403),
        Kind.FORM_EXPIRED: ProblemType(403),
        Kind.NOT_FOUND: ProblemType(404),
        Kind.UNKNOWN_DOSSIER: ProblemType(404),
        Kind.UNKNOWN_VERIFICATION: ProblemType(404),
        Kind.UNKNOWN_SEAL: ProblemType(404),
        Kind.UNKNOWN_RESULT: ProblemType(404),
        Kind.UNKNOWN_DOCUMENT: ProblemType(404),
        Kind.METHOD_NOT_ALLOWED: ProblemType(405),
        Kind.CONFLICT: ProblemType(409),
        Kind.RESULT_CODE_TAKEN: ProblemType(409),
        Kind.SEAL_IN_PROGRESS: ProblemType(409),
        Kind.TOO_LARGE: ProblemType(413),
        Kind.UNSUPPORTED_MEDIA_TYPE: ProblemType(415),
        Kind.IDEMPOTENCY_KEY_REUSED: ProblemType(422),
        Kind.SEAL_REFUSED: ProblemType(422),
        Kind.RATE_LIMITED: ProblemType(429),
        Kind.INTERNAL: ProblemType(500, incident=True),
        Kind.UNAVAILABLE: ProblemType(503, incident=True),
        Kind.NO_TRUST_STORE: ProblemType(503, incident=True),
        Kind.KEY_UNAVAILABLE: ProblemType(503, incident=True),
    }
)


class DomainError(Exception):
    """A request that cannot be done. Raised by actions and the surface; mapped to a problem document once.

    Args:
        kind: the row of the table.
        parameters: values the sentence names; what the caller may know, never a path, a key or another person's data.
        reason: for SEAL_REFUSED the refusal's own code, whose sentence stands in ``i18n/refusals.toml``.
    """

    def __init__(self, kind: Kind, *, reason: str | None = None, **parameters: str) -> None:
        super().__init__(kind.value, reason, parameters)
        self.kind = kind
        self.reason = reason
        self.parameters = parameters
