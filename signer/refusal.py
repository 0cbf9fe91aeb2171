"""Why nothing was signed: a stable code with the values its sentence needs.

The sentences are in ``api/i18n/refusals.toml``.
"""

from __future__ import annotations

from enum import StrEnum


class RefusalCode(StrEnum):
    """Every reason for which a seal is refused; each has a Vietnamese and an English text."""

    # The request.
    NO_STEPS = "NO-STEPS"
    ORDER_WRONG = "ORDER-WRONG"
    NOT_SIGNED_BY_AUTHORISED_PERSON = "NOT-SIGNED-BY-AUTHORISED-PERSON"
    TEXT_DOES_NOT_FIT = "TEXT-DOES-NOT-FIT"
    CHARACTER_NOT_PRINTABLE = "CHARACTER-NOT-PRINTABLE"
    PICTURE_UNUSABLE = "PICTURE-UNUSABLE"
    PICTURE_NOT_TRANSPARENT = "PICTURE-NOT-TRANSPARENT"
    PICTURE_COLOUR = "PICTURE-COLOUR"
    # The document.
    NOT_A_PDF = "NOT-A-PDF"
    DOCUMENT_UNREADABLE = "DOCUMENT-UNREADABLE"
    DOCUMENT_DAMAGED = "DOCUMENT-DAMAGED"
    DOCUMENT_HYBRID = "DOCUMENT-HYBRID"
    DOCUMENT_ENCRYPTED = "DOCUMENT-ENCRYPTED"
    DOCUMENT_TOO_COSTLY = "DOCUMENT-TOO-COSTLY"
    DOCUMENT_TOO_MANY_PAGES = "DOCUMENT-TOO-MANY-PAGES"
    DOCUMENT_XFA = "DOCUMENT-XFA"
    DOCUMENT_FILLABLE = "DOCUMENT-FILLABLE"
    DOCUMENT_SCRIPT = "DOCUMENT-SCRIPT"
    DOCUMENT_EMBEDDED_FILES = "DOCUMENT-EMBEDDED-FILES"
    DOCUMENT_HIDDEN_CONTENT = "DOCUMENT-HIDDEN-CONTENT"
    CERTIFIED_NO_CHANGES = "CERTIFIED-NO-CHANGES"
    EARLIER_SIGNATURE_NOT_PASSED = "EARLIER-SIGNATURE-NOT-PASSED"
    NO_FREE_SPACE = "NO-FREE-SPACE"
    SEAL_PLACE_NOT_FOUND = "SEAL-PLACE-NOT-FOUND"
    COPY_DIRECTION = "COPY-DIRECTION"
    COPY_CONVERTER_MISSING = "COPY-CONVERTER-MISSING"
    COPY_CONVERTER_WITHOUT_PAPER = "COPY-CONVERTER-WITHOUT-PAPER"
    COPY_NOT_A_SCAN = "COPY-NOT-A-SCAN"
    NO_SPACE_TOP_RIGHT = "NO-SPACE-TOP-RIGHT"
    NO_FREE_SPACE_FOR_CODE = "NO-FREE-SPACE-FOR-CODE"
    # The certificates (TT 15/2025 Đ.5, NĐ 23/2025 Đ.15).
    CERTIFICATE_NOT_TRUSTED = "CERTIFICATE-NOT-TRUSTED"
    CERTIFICATE_OUT_OF_PERIOD = "CERTIFICATE-OUT-OF-PERIOD"
    CERTIFICATE_PURPOSE = "CERTIFICATE-PURPOSE"
    CERTIFICATE_REVOKED = "CERTIFICATE-REVOKED"
    CERTIFICATE_STATUS_UNKNOWN = "CERTIFICATE-STATUS-UNKNOWN"
    CA_CERTIFICATE_OUT_OF_PERIOD = "CA-CERTIFICATE-OUT-OF-PERIOD"
    CA_CERTIFICATE_REVOKED = "CA-CERTIFICATE-REVOKED"
    # The keys.
    KEY_UNAVAILABLE = "KEY-UNAVAILABLE"
    KEY_UNUSABLE = "KEY-UNUSABLE"
    KEY_ANSWER_WRONG = "KEY-ANSWER-WRONG"
    KEY_NOT_FOR_AGENCY = "KEY-NOT-FOR-AGENCY"
    KEY_NOT_FOR_HASHES = "KEY-NOT-FOR-HASHES"
    KEY_OUTSIDE_HOURS = "KEY-OUTSIDE-HOURS"
    KEY_QUOTA_REACHED = "KEY-QUOTA-REACHED"
    # The time stamps and the evidence.
    TIMESTAMP_NOT_CONFIGURED = "TIMESTAMP-NOT-CONFIGURED"
    TIMESTAMP_UNAVAILABLE = "TIMESTAMP-UNAVAILABLE"
    TIMESTAMP_REJECTED = "TIMESTAMP-REJECTED"
    TIMESTAMP_QUOTA = "TIMESTAMP-QUOTA"
    EVIDENCE_INCOMPLETE = "EVIDENCE-INCOMPLETE"
    # The result.
    PREFIX_CHANGED = "PREFIX-CHANGED"
    EARLIER_SIGNATURE_HARMED = "EARLIER-SIGNATURE-HARMED"
    SELF_CHECK_FAILED = "SELF-CHECK-FAILED"


class SealRefused(Exception):  # noqa: N818 - it is an answer, not an error: nothing is broken, nothing was handed out
    """Nothing is handed out, and this is why.

    Picklable, because the work on the PDF happens in another process.
    """

    def __init__(self, code: RefusalCode, parameters: tuple[tuple[str, str], ...] = ()) -> None:
        """``parameters`` are (name, text) pairs for the placeholders of the code's sentence."""
        super().__init__(code, parameters)
        self.code = code
        self.parameters = parameters

    def __str__(self) -> str:
        details = ", ".join(f"{name}={value}" for name, value in self.parameters)
        return f"{self.code}: {details}" if details else str(self.code)
