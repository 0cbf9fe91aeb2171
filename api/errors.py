"""Every way a request can fail, in one table: kind → status, whose fault. The prose is in ``i18n/problems.toml``.

Actions raise ``Refused(RefusalKind…)`` and know no HTTP; each refusal kind has the same value as one kind here
(whole-app test). ``api/problems.py`` turns either into an RFC 9457 problem document, in one place.
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
    INVALID_REQUEST = "invalid-request"
    MISSING_FILE = "missing-file"
    IDEMPOTENCY_KEY_MISSING = "idempotency-key-missing"
    UNKNOWN_POLICY = "unknown-policy"
    UNKNOWN_PROFILE = "unknown-profile"
    AMBIGUOUS_PROFILE = "ambiguous-profile"
    UNKNOWN_AGENCY = "unknown-agency"
    UNKNOWN_SIGNATORY = "unknown-signatory"
    AUTHENTICATION_REQUIRED = "authentication-required"
    SIGN_IN_FAILED = "sign-in-failed"
    FORBIDDEN = "forbidden"
    UNKNOWN_SESSION = "unknown-session"
    SESSION_CLOSED = "session-closed"
    SIGNATURE_WRONG = "signature-wrong"
    SEAL_AWAITS_RELEASE = "seal-awaits-release"
    RELEASE_REFUSED = "release-refused"
    RELEASE_DECIDED = "release-decided"
    SAME_PERSON = "same-person"
    UNKNOWN_RELEASE = "unknown-release"
    UNKNOWN_SERIES = "unknown-series"
    UNKNOWN_NUMBER = "unknown-number"
    UNKNOWN_LETTER = "unknown-letter"
    NUMBER_TAKEN = "number-taken"
    NUMBER_NOT_VOIDABLE = "number-not-voidable"
    LETTER_AWAITS_ISSUE = "letter-awaits-issue"
    LETTER_CLOSED = "letter-closed"
    LETTER_RETURNED = "letter-returned"
    ACTIVATION_INVALID = "activation-invalid"
    AGENCY_NOT_ALLOWED = "agency-not-allowed"
    RIGHT_MISSING = "right-missing"
    FORM_EXPIRED = "form-expired"
    NOT_FOUND = "not-found"
    UNKNOWN_DOSSIER = "unknown-dossier"
    UNKNOWN_PAPER = "unknown-paper"
    UNKNOWN_COMPARISON = "unknown-comparison"
    UNKNOWN_SCAN_CHECK = "unknown-scan-check"
    UNKNOWN_VERIFICATION = "unknown-verification"
    UNKNOWN_RESULT = "unknown-result"
    UNKNOWN_BATCH = "unknown-batch"
    BATCH_STATE = "batch-state"
    BATCH_TOO_LARGE = "batch-too-large"
    METHOD_NOT_ALLOWED = "method-not-allowed"
    EVIDENCE_DESTROYED = "evidence-destroyed"
    DECISION_MEANWHILE = "decision-meanwhile"
    NOTE_EXISTS = "note-exists"
    RESULT_NOT_IN_FORCE = "result-not-in-force"
    RESULT_CODE_TAKEN = "result-code-taken"
    SEAL_IN_PROGRESS = "seal-in-progress"
    UPLOAD_TOO_LARGE = "upload-too-large"
    UNSUPPORTED_MEDIA_TYPE = "unsupported-media-type"
    SUCCESSOR_NOT_USABLE = "successor-not-usable"
    IDEMPOTENCY_KEY_REUSED = "idempotency-key-reused"
    SEAL_REFUSED = "seal-refused"
    RATE_LIMITED = "rate-limited"
    SIGN_IN_THROTTLED = "sign-in-throttled"
    INTERNAL = "internal"
    SEALING_NOT_CONFIGURED = "sealing-not-configured"
    BUSY = "busy"
    TEMPORARILY_UNAVAILABLE = "temporarily-unavailable"


@dataclass(frozen=True)
class ProblemType:
    """How a kind is answered: HTTP ``status``; ``incident`` where it is our fault and the answer carries an id."""

    status: int
    incident: bool = False


PROBLEMS: Mapping[Kind, ProblemType] = MappingProxyType(
    {
        Kind.MALFORMED_REQUEST: ProblemType(400),
        Kind.INVALID_REQUEST: ProblemType(400),
        Kind.MISSING_FILE: ProblemType(400),
        Kind.IDEMPOTENCY_KEY_MISSING: ProblemType(400),
        Kind.UNKNOWN_POLICY: ProblemType(400),
        Kind.UNKNOWN_PROFILE: ProblemType(400),
        Kind.AMBIGUOUS_PROFILE: ProblemType(400),
        Kind.UNKNOWN_AGENCY: ProblemType(400),
        Kind.UNKNOWN_SIGNATORY: ProblemType(400),
        Kind.ACTIVATION_INVALID: ProblemType(400),
        Kind.AUTHENTICATION_REQUIRED: ProblemType(401),
        Kind.SIGN_IN_FAILED: ProblemType(401),
        Kind.FORBIDDEN: ProblemType(403),
        Kind.AGENCY_NOT_ALLOWED: ProblemType(403),
        Kind.RIGHT_MISSING: ProblemType(403),
        Kind.FORM_EXPIRED: ProblemType(403),
        Kind.NOT_FOUND: ProblemType(404),
        Kind.UNKNOWN_DOSSIER: ProblemType(404),
        Kind.UNKNOWN_PAPER: ProblemType(404),
        Kind.UNKNOWN_COMPARISON: ProblemType(404),
        Kind.UNKNOWN_SCAN_CHECK: ProblemType(404),
        Kind.UNKNOWN_VERIFICATION: ProblemType(404),
        Kind.UNKNOWN_RESULT: ProblemType(404),
        Kind.UNKNOWN_SESSION: ProblemType(404),
        Kind.SESSION_CLOSED: ProblemType(409),
        Kind.SEAL_AWAITS_RELEASE: ProblemType(409),
        Kind.RELEASE_DECIDED: ProblemType(409),
        Kind.RELEASE_REFUSED: ProblemType(422),
        Kind.SAME_PERSON: ProblemType(403),
        Kind.UNKNOWN_RELEASE: ProblemType(404),
        Kind.UNKNOWN_SERIES: ProblemType(404),
        Kind.UNKNOWN_NUMBER: ProblemType(404),
        Kind.UNKNOWN_LETTER: ProblemType(404),
        Kind.NUMBER_TAKEN: ProblemType(409),
        Kind.NUMBER_NOT_VOIDABLE: ProblemType(409),
        Kind.LETTER_AWAITS_ISSUE: ProblemType(409),
        Kind.LETTER_CLOSED: ProblemType(409),
        Kind.LETTER_RETURNED: ProblemType(422),
        Kind.SIGNATURE_WRONG: ProblemType(422),
        Kind.UNKNOWN_BATCH: ProblemType(404),
        Kind.METHOD_NOT_ALLOWED: ProblemType(405),
        Kind.DECISION_MEANWHILE: ProblemType(409),
        Kind.NOTE_EXISTS: ProblemType(409),
        Kind.RESULT_NOT_IN_FORCE: ProblemType(409),
        Kind.RESULT_CODE_TAKEN: ProblemType(409),
        Kind.SEAL_IN_PROGRESS: ProblemType(409),
        Kind.BATCH_STATE: ProblemType(409),
        Kind.BATCH_TOO_LARGE: ProblemType(413),
        Kind.EVIDENCE_DESTROYED: ProblemType(410),
        Kind.UPLOAD_TOO_LARGE: ProblemType(413),
        Kind.UNSUPPORTED_MEDIA_TYPE: ProblemType(415),
        Kind.SUCCESSOR_NOT_USABLE: ProblemType(422),
        Kind.IDEMPOTENCY_KEY_REUSED: ProblemType(422),
        Kind.SEAL_REFUSED: ProblemType(422),
        Kind.RATE_LIMITED: ProblemType(429),
        Kind.SIGN_IN_THROTTLED: ProblemType(429),
        Kind.INTERNAL: ProblemType(500, incident=True),
        Kind.SEALING_NOT_CONFIGURED: ProblemType(503),
        Kind.BUSY: ProblemType(503),
        Kind.TEMPORARILY_UNAVAILABLE: ProblemType(503),
    }
)


class RequestError(Exception):
    """What the surface itself refuses (a body that is no JSON, a missing key); mapped like an action's ``Refused``.

    Args:
        kind: the row of the table.
        retry_after_s: set where asking again later makes sense.
        parameters: values the sentence names; what the caller may know, never a path, a key or a person's data.
    """

    def __init__(self, kind: Kind, *, retry_after_s: int | None = None, **parameters: str) -> None:
        super().__init__(f"{kind}: {parameters}" if parameters else kind.value)
        self.kind = kind
        self.parameters = parameters
        self.retry_after_s = retry_after_s
