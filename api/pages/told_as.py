"""Which sentences fit a reason: one code of the decider may stand for situations that need different words. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from functools import cache
from importlib import resources

from verifier.report import Indication, SignatureVerdict

HOME = "VN"


def told_as(code: str, verdict: SignatureVerdict) -> str:
    """The code whose HEADLINE, DETAIL, STEP and CITIZEN are true of this verdict; mostly ``code`` itself."""
    rule = _RULES.get(code)
    return code if rule is None else rule(verdict) or code


def _untested(verdict: SignatureVerdict) -> str | None:
    """A signature that could not be tested may be damaged itself (failed) or be missing its document (open)."""
    if verdict.indication is Indication.TOTAL_FAILED:
        return "SIGNATURE-DAMAGED"
    return "CONTENT-NEEDED" if _says(verdict, "CONTENT-NEEDED") else None


def _without_certificate(verdict: SignatureVerdict) -> str | None:
    return "SIGNING-CERTIFICATE-MISMATCH" if _says(verdict, "SIGNING-CERTIFICATE-MISMATCH") else None


def _from_abroad(verdict: SignatureVerdict) -> str | None:
    """Somebody there knows the issuer: the way to find out is another one than for an unknown issuer here."""
    signer = verdict.facts.signer
    if signer is None or signer.issuer_country in (None, HOME):
        return None
    return "NOT-TRUSTED-EU" if signer.issuer_country in _european_union() else "NOT-TRUSTED-FOREIGN"


def _without_status(verdict: SignatureVerdict) -> str | None:
    """Of a certificate that has expired an authority says nothing more: asking again cannot help."""
    signer = verdict.facts.signer
    expired = signer is not None and verdict.facts.validation_time > signer.valid_until
    return "REVOCATION-UNKNOWN-EXPIRED" if expired else None


_READS_WITH_SIGNED = frozenset({"SIGNED-INK-LOST", "INK-ON-SIGNED-TEXT", "INK-BESIDE-SIGNED-TEXT"})
_BY_LATER_SIGNATURE = (
    "SIGNED-ON-CERTIFIED-BY-STRANGER",
    "SIGNED-ON-CERTIFIED-NOT-PASSED",
    "INK-IN-ANOTHERS-BLOCK",
    "WORDS-ADDED-BY-SIGNATURE",
    "WORDS-ADDED-UNREAD",
)


def _later_signature(verdict: SignatureVerdict) -> str | None:
    """Why a later signature is for an officer: whose it is or where it stands, unless it touches what was signed."""
    if any(_says(verdict, code) for code in _READS_WITH_SIGNED):
        return None
    return next((code for code in _BY_LATER_SIGNATURE if _says(verdict, code)), None)


def _says(verdict: SignatureVerdict, code: str) -> bool:
    return any(finding.code == code for finding in verdict.findings)


_RULES: dict[str, Callable[[SignatureVerdict], str | None]] = {
    "CHANGED-AFTER-SIGNING-FOR-OFFICER": _later_signature,
    "INTEGRITY-UNKNOWN": _untested,
    "NO-SIGNING-CERTIFICATE": _without_certificate,
    "NOT-TRUSTED": _from_abroad,
    "REVOCATION-UNKNOWN": _without_status,
}


@cache
def _european_union() -> frozenset[str]:
    values = tomllib.loads((resources.files("api") / "pages" / "trusted_lists.toml").read_text(encoding="utf-8"))
    return frozenset(values["european_union"])
