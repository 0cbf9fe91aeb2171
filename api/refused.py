"""Why an action was not done, as data; ``api/errors.py`` maps each kind to a problem document."""

from __future__ import annotations

from enum import StrEnum


class RefusalKind(StrEnum):
    """Every way in which an action refuses; a bad signature is none of them (it is a report)."""

    UPLOAD_TOO_LARGE = "upload-too-large"
    INVALID_REQUEST = "invalid-request"
    UNKNOWN_POLICY = "unknown-policy"
    UNKNOWN_VERIFICATION = "unknown-verification"
    EVIDENCE_DESTROYED = "evidence-destroyed"
    UNKNOWN_DOSSIER = "unknown-dossier"
    UNKNOWN_PAPER = "unknown-paper"
    UNKNOWN_COMPARISON = "unknown-comparison"
    DECISION_MEANWHILE = "decision-meanwhile"
    UNKNOWN_SCAN_CHECK = "unknown-scan-check"
    NOTE_EXISTS = "note-exists"
    UNKNOWN_PROFILE = "unknown-profile"
    UNKNOWN_AGENCY = "unknown-agency"
    UNKNOWN_SIGNATORY = "unknown-signatory"
    UNKNOWN_RESULT = "unknown-result"
    UNKNOWN_BATCH = "unknown-batch"
    BATCH_STATE = "batch-state"
    BATCH_TOO_LARGE = "batch-too-large"
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
    RESULT_NOT_IN_FORCE = "result-not-in-force"
    SUCCESSOR_NOT_USABLE = "successor-not-usable"
    RESULT_CODE_TAKEN = "result-code-taken"
    IDEMPOTENCY_KEY_REUSED = "idempotency-key-reused"
    SEAL_IN_PROGRESS = "seal-in-progress"
    SEAL_REFUSED = "seal-refused"
    SEALING_NOT_CONFIGURED = "sealing-not-configured"
    SIGN_IN_FAILED = "sign-in-failed"
    SIGN_IN_THROTTLED = "sign-in-throttled"
    TEMPORARILY_UNAVAILABLE = "temporarily-unavailable"


class Refused(Exception):  # noqa: N818 - a refusal, not a fault
    """An action was refused and changed nothing.

    ``parameters`` are the values the sentence in ``api/i18n/problems.toml`` needs: ``limit_bytes``, ``code``,
    ``field`` and ``reason`` (INVALID_REQUEST), ``refusal`` (SEAL_REFUSED: the stable code of ``signer``, text in
    ``refusals.toml``). ``retry_after_s`` is set where asking again later makes sense.
    """

    def __init__(self, kind: RefusalKind, *, retry_after_s: int | None = None, **parameters: str) -> None:
        super().__init__(f"{kind}: {parameters}" if parameters else kind.value)
        self.kind = kind
        self.parameters = parameters
        self.retry_after_s = retry_after_s
