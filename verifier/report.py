"""The vocabulary of a verdict: EN 319 102-1 indications, findings, facts and the report that carries them.

Plain values only: no PDF, no certificate and no crypto object crosses this module, so a report can be printed, stored,
compared and sent between processes. Prose lives in ``api/i18n``; here are codes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NoReturn


class Indication(StrEnum):
    """Outcome of the validation of one signature (EN 319 102-1 §5.1.3, table 5)."""

    TOTAL_PASSED = "TOTAL-PASSED"
    INDETERMINATE = "INDETERMINATE"
    TOTAL_FAILED = "TOTAL-FAILED"

    @property
    def weight(self) -> int:
        """How weak the answer is: 0 passed, 1 indeterminate, 2 failed."""
        return _WEIGHTS[self]


_WEIGHTS = {Indication.TOTAL_PASSED: 0, Indication.INDETERMINATE: 1, Indication.TOTAL_FAILED: 2}


class SubIndication(StrEnum):
    """Why a signature is not passed (EN 319 102-1 §5.1.3, tables 5 and 6); each belongs to one indication."""

    FORMAT_FAILURE = "FORMAT_FAILURE"
    HASH_FAILURE = "HASH_FAILURE"
    SIG_CRYPTO_FAILURE = "SIG_CRYPTO_FAILURE"
    REVOKED = "REVOKED"
    EXPIRED = "EXPIRED"
    NOT_YET_VALID = "NOT_YET_VALID"
    SIG_CONSTRAINTS_FAILURE = "SIG_CONSTRAINTS_FAILURE"
    CHAIN_CONSTRAINTS_FAILURE = "CHAIN_CONSTRAINTS_FAILURE"
    CERTIFICATE_CHAIN_GENERAL_FAILURE = "CERTIFICATE_CHAIN_GENERAL_FAILURE"
    CRYPTO_CONSTRAINTS_FAILURE = "CRYPTO_CONSTRAINTS_FAILURE"
    POLICY_PROCESSING_ERROR = "POLICY_PROCESSING_ERROR"
    SIGNATURE_POLICY_NOT_AVAILABLE = "SIGNATURE_POLICY_NOT_AVAILABLE"
    TIMESTAMP_ORDER_FAILURE = "TIMESTAMP_ORDER_FAILURE"
    NO_SIGNING_CERTIFICATE_FOUND = "NO_SIGNING_CERTIFICATE_FOUND"
    NO_CERTIFICATE_CHAIN_FOUND = "NO_CERTIFICATE_CHAIN_FOUND"
    NO_CERTIFICATE_CHAIN_FOUND_NO_POE = "NO_CERTIFICATE_CHAIN_FOUND_NO_POE"
    REVOKED_NO_POE = "REVOKED_NO_POE"
    REVOKED_CA_NO_POE = "REVOKED_CA_NO_POE"
    OUT_OF_BOUNDS_NOT_REVOKED = "OUT_OF_BOUNDS_NOT_REVOKED"
    OUT_OF_BOUNDS_NO_POE = "OUT_OF_BOUNDS_NO_POE"
    REVOCATION_OUT_OF_BOUNDS_NO_POE = "REVOCATION_OUT_OF_BOUNDS_NO_POE"
    CRYPTO_CONSTRAINTS_FAILURE_NO_POE = "CRYPTO_CONSTRAINTS_FAILURE_NO_POE"
    NO_POE = "NO_POE"
    TRY_LATER = "TRY_LATER"
    SIGNED_DATA_NOT_FOUND = "SIGNED_DATA_NOT_FOUND"

    @property
    def indication(self) -> Indication:
        """The only indication this sub-indication may stand under."""
        return Indication.TOTAL_FAILED if self in _FAILED else Indication.INDETERMINATE


_FAILED = frozenset(
    {
        SubIndication.FORMAT_FAILURE,
        SubIndication.HASH_FAILURE,
        SubIndication.SIG_CRYPTO_FAILURE,
        SubIndication.REVOKED,
        SubIndication.EXPIRED,
        SubIndication.NOT_YET_VALID,
    }
)


class Conclusion(StrEnum):
    """The answer for the whole document (contract): the weakest verdict, or why there is none."""

    TOTAL_PASSED = "TOTAL-PASSED"
    INDETERMINATE = "INDETERMINATE"
    TOTAL_FAILED = "TOTAL-FAILED"
    NO_SIGNATURE = "NO-SIGNATURE"
    UNREADABLE = "UNREADABLE"
    UNSUPPORTED_FORMAT = "UNSUPPORTED-FORMAT"


class DocumentFormat(StrEnum):
    """What the bytes are, by their content, never by their name."""

    PDF = "pdf"
    XML = "xml"
    CMS = "cms"
    OFFICE = "office"
    IMAGE = "image"
    UNKNOWN = "unknown"


class SignatureKind(StrEnum):
    """A person's or agency's signature, or a document time stamp (ISO 32000-2 12.8.5)."""

    SIGNATURE = "signature"
    DOCUMENT_TIMESTAMP = "document-timestamp"


class Integrity(StrEnum):
    """Is what was signed unchanged and made by that key; no trust involved."""

    INTACT = "intact"
    BROKEN = "broken"
    UNKNOWN = "unknown"


class Coverage(StrEnum):
    """How much of the file the signature's byte range covers."""

    WHOLE_FILE = "whole-file"
    WHOLE_REVISION = "whole-revision"
    PARTIAL = "partial"
    NONE = "none"


class ChangesAfter(StrEnum):
    """What was added to the file after this signature; ``extension`` is validation data or time stamps only."""

    NONE = "none"
    EXTENSION = "extension"
    PERMITTED = "permitted"
    SUSPICIOUS = "suspicious"
    UNKNOWN = "unknown"


class Revocation(StrEnum):
    """Status of the signer's path at the time that counts."""

    GOOD = "good"
    REVOKED = "revoked"
    UNKNOWN = "unknown"
    NOT_CHECKED = "not-checked"


ON_HOLD = "certificateHold"
"""The reason of a certificate that is suspended, not revoked: it may come back (RFC 5280 5.3.1)."""


class PathOutcome(StrEnum):
    """What path building and validation (RFC 5280 §6) said, validity periods and revocation left out."""

    TRUSTED = "trusted"
    NO_SIGNING_CERTIFICATE = "no-signing-certificate"
    NO_CHAIN = "no-chain"
    CHAIN_INVALID = "chain-invalid"
    CHAIN_CONSTRAINTS = "chain-constraints"
    CHAIN_WEAK = "chain-weak"
    NOT_EVALUATED = "not-evaluated"


class SignatureLevel(StrEnum):
    """Level reached (EN 319 142-1 §6, EN 319 132-1, EN 319 122-1); the PKCS7 family is ISO 32000's own."""

    PADES_B = "PAdES-BASELINE-B"
    PADES_T = "PAdES-BASELINE-T"
    PADES_LT = "PAdES-BASELINE-LT"
    PADES_LTA = "PAdES-BASELINE-LTA"
    PKCS7_B = "PKCS7-B"
    PKCS7_T = "PKCS7-T"
    PKCS7_LT = "PKCS7-LT"
    PKCS7_LTA = "PKCS7-LTA"
    XADES_B = "XAdES-BASELINE-B"
    XADES_T = "XAdES-BASELINE-T"
    XADES_LT = "XAdES-BASELINE-LT"
    XADES_LTA = "XAdES-BASELINE-LTA"
    XMLDSIG = "XMLDSig"
    CADES_B = "CAdES-BASELINE-B"
    CADES_T = "CAdES-BASELINE-T"
    CADES_LT = "CAdES-BASELINE-LT"
    CADES_LTA = "CAdES-BASELINE-LTA"
    CMS = "CMS"


class Severity(StrEnum):
    """How much a finding weighs for the reader."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class About(StrEnum):
    """Whose a finding is, where it is not the document's or the signature's as a whole (contract)."""

    SIGNER = "signer"
    SIGNATURE_TIMESTAMP = "signature-timestamp"
    DOCUMENT_TIMESTAMP = "document-timestamp"


@dataclass(frozen=True)
class Finding:
    """One thing to tell the reader: a stable code, its weight and the values its sentence needs; no prose.

    ``parameters`` are (name, text) pairs, already plain strings (a finding crosses process and storage borders).
    """

    code: str
    severity: Severity
    parameters: tuple[tuple[str, str], ...] = ()
    about: About | None = None


CODE_NAME = re.compile(r"[A-Z]{1,3}\d{1,3}$")
"""A certificate's name that is the code of an agency ("C07")."""


@dataclass(frozen=True)
class Signer:
    """Whom the signing certificate names, NFC-normalised (``certs.identity``).

    ``numbers`` are labelled numbers other than a well-formed CCCD or MST, as (lower-case label, number): ``cmnd``,
    ``hc``, ``bhxh``, ``mns``. ``units`` are the organisational units. ``mst_of_organization``: ``mst`` is of an
    organisation to which the signer belongs, not the signer's own.
    """

    name: str
    organization: str | None
    cccd: str | None
    mst: str | None
    email: str | None
    issuer: str
    certificate_sha256: str
    serial_number: str
    valid_from: datetime
    valid_until: datetime
    units: tuple[str, ...] = ()
    numbers: tuple[tuple[str, str], ...] = ()
    mst_of_organization: bool = False
    issuer_country: str | None = None
    """Two capital letters (``VN``) where the issuer's name has them."""

    @property
    def called(self) -> str:
        """The name that leads: the organisation's where the certificate's own is a code ("BỘ CÔNG AN (C07)")."""
        is_code = CODE_NAME.match(self.name) is not None
        return f"{self.organization} ({self.name})" if is_code and self.organization else self.name

    @property
    def body(self) -> str | None:
        """The organisation, where it is another name than the one that leads."""
        known = self.organization is None or self.organization.casefold() in self.called.casefold()
        return None if known else self.organization


@dataclass(frozen=True)
class MadeWith:
    """The algorithms of one signature, in the standards' names and lower case; what is not known is None or absent.

    ``scheme``: rsassa-pss, rsassa-pkcs1-v1_5, ecdsa, dsa, ed25519, ed448, ml-dsa-44, ml-dsa-65, ml-dsa-87. ``digests``:
    of the content and of the signature itself. ``key_bits``: of the modulus or of the curve.
    """

    scheme: str | None = None
    digests: tuple[str, ...] = ()
    key_bits: int | None = None


@dataclass(frozen=True)
class SignatureFacts:
    """Everything known about one signature, before anybody decides (input of ``conclude``).

    Times are aware UTC. ``best_signature_time`` is the earliest proof of existence, None where nothing proves one;
    ``validation_time`` is the time the question is asked for (``--at``).
    """

    kind: SignatureKind
    field: str | None
    validation_time: datetime
    integrity: Integrity = Integrity.UNKNOWN
    integrity_failure: SubIndication | None = None
    coverage: Coverage = Coverage.NONE
    changes_after: ChangesAfter = ChangesAfter.UNKNOWN
    changes_visible: bool | None = None
    changes_for_officer: bool = False
    """What was added draws where a later signature may, in a way of which only a person can say whether it is right."""
    resaved: bool = False
    """The whole file was written anew by another program, so that what was signed cannot be found in it."""
    level: SignatureLevel | None = None
    signer: Signer | None = None
    regime: str = "unknown"
    path: PathOutcome = PathOutcome.NOT_EVALUATED
    ca_valid_at_time: bool | None = None
    revocation: Revocation = Revocation.NOT_CHECKED
    revoked_at: datetime | None = None
    revocation_reason: str | None = None
    """Of the signer's certificate, by RFC 5280 5.3.1: ``keyCompromise``, ``certificateHold``; None: not given."""
    ca_revoked: bool = False
    revocation_required: bool = True
    violations: tuple[tuple[SubIndication, str], ...] = ()
    """Rules of the format or the policy that are broken: what each deserves, and the finding's code that says it."""
    algorithms_acceptable: bool = True
    purpose_allows: bool = True
    claimed_signing_time: datetime | None = None
    best_signature_time: datetime | None = None
    proven_by_receipt: bool = False
    """The best time is the service's own first receipt of the file; how much older it is nobody knows."""
    made_with: MadeWith = MadeWith()
    findings: tuple[Finding, ...] = ()
    evidence: tuple[str, ...] = ()
    signed_sha256: str | None = None
    """Of what the value is over (DER of the signed attributes, canonical SignedInfo): names this very signature."""


@dataclass(frozen=True)
class SignatureVerdict:
    """The decision on one signature, with the facts it rests on.

    Raises:
        ValueError: the sub-indication does not belong to the indication, or one is missing.
        TypeError: on ``bool(verdict)``; compare ``verdict.indication`` instead.
    """

    facts: SignatureFacts
    indication: Indication
    sub_indication: SubIndication | None
    findings: tuple[Finding, ...]

    def __post_init__(self) -> None:
        if self.indication is Indication.TOTAL_PASSED:
            if self.sub_indication is not None:
                raise ValueError("TOTAL-PASSED has no sub-indication")
        elif self.sub_indication is None or self.sub_indication.indication is not self.indication:
            raise ValueError(f"{self.sub_indication} does not belong to {self.indication}")

    def __bool__(self) -> NoReturn:
        raise TypeError("a verdict has three values: compare .indication")

    @property
    def trusted(self) -> bool | None:
        """Does a path lead to a recognised anchor; None where no path was looked for."""
        match self.facts.path:
            case PathOutcome.TRUSTED:
                return True
            case PathOutcome.NOT_EVALUATED:
                return None
            case _:
                return False


@dataclass(frozen=True)
class SignedContent:
    """What was signed of an XML document, to be read; never what was not (contract).

    ``type`` is the root's name of a known type, else ``XML``; ``title`` is empty where the document has none.
    ``fields`` are (code, value), a code with ``/`` before it an element's name; ``columns`` are the codes of ``lines``.
    """

    type: str
    title: str
    fields: tuple[tuple[str, str], ...]
    columns: tuple[str, ...] = ()
    lines: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class ValidationReport:
    """What a document is worth, at one time, under one policy and one trust store.

    ``evidence`` maps the hex SHA-256 of each certificate, CRL, OCSP response and time stamp used to its DER bytes.
    ``received_at`` is the service's own first receipt of the bytes where it was weighed as a proof of existence.
    """

    sha256: str
    size_bytes: int
    format: DocumentFormat
    conclusion: Conclusion
    validation_time: datetime
    policy_id: str
    policy_sha256: str
    trust_store_sha256: str
    findings: tuple[Finding, ...] = ()
    verdicts: tuple[SignatureVerdict, ...] = ()
    pages: int | None = None
    evidence: dict[str, bytes] = field(default_factory=dict)
    received_at: datetime | None = None
    signed_content: SignedContent | None = None

    def __bool__(self) -> NoReturn:
        raise TypeError("a report has more than two values: compare .conclusion")
