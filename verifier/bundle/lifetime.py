"""Until when the evidence in a document holds by itself, and what ends it. Pure: from a report, no PDF, no network.

A passed document stays provable while the certificate of its newest document time stamp holds: every older piece is
covered by that stamp (EN 319 102-1 §5.6). Without one, each signature holds with its own time stamp's certificate, or,
where it has none, with its signer's.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import resources

from verifier.report import Indication, SignatureKind, SignatureVerdict, ValidationReport


@dataclass(frozen=True)
class Lifetime:
    """When the evidence ends, and the name of what ends it: a certificate, or an algorithm."""

    until: datetime
    ends_with: str


@dataclass(frozen=True)
class RenewalPolicy:
    """How long before its end evidence is renewed (``renewal.toml``).

    ``before``: for certificates and algorithms; ``spread``: renewals that would all fall due at one moment are spread
    over so many days before it; ``digest_ends``: until when the digests in use are relied on.
    """

    before: timedelta
    spread: timedelta
    digest_ends: tuple[tuple[str, datetime], ...]


def load_renewal_policy() -> RenewalPolicy:
    """The shipped policy."""
    values = tomllib.loads(resources.files("verifier").joinpath("renewal.toml").read_text("utf-8"))
    ends = tuple((name, datetime.combine(day, datetime.min.time(), UTC)) for name, day in values["digest"].items())
    days = values["days"]
    return RenewalPolicy(timedelta(days=days["before"]), timedelta(days=days["spread"]), ends)


def lifetime_of(report: ValidationReport, policy: RenewalPolicy) -> Lifetime | None:
    """Until when the document's evidence holds; None where nothing in it is passed."""
    passed = [one for one in report.verdicts if one.indication is Indication.TOTAL_PASSED and one.facts.signer]
    stamps = [one for one in passed if one.facts.kind is SignatureKind.DOCUMENT_TIMESTAMP]
    signatures = [one for one in passed if one.facts.kind is SignatureKind.SIGNATURE]
    bearing = stamps[-1:] or signatures
    if not bearing:
        return None
    ends = [_end(one) for one in bearing]
    ends += [Lifetime(end, name) for name, end in policy.digest_ends]
    return min(ends, key=lambda end: end.until)


def _end(verdict: SignatureVerdict) -> Lifetime:
    signer = verdict.facts.signer
    assert signer is not None, "only verdicts with a signer are asked"
    return Lifetime(signer.valid_until, signer.name)
