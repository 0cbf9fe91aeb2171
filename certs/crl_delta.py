"""A complete CRL brought up to date by a delta CRL (RFC 5280 §5.2.4, §6.3.3 c): which may, and what then stands."""

from __future__ import annotations

from datetime import datetime

from certs.crl_entry import Entry
from certs.crl_list import ParsedCrl

MAX_DELTAS = 16
"""Delta CRLs looked at for one complete CRL; a document may embed any number of them."""


def updates(delta: ParsedCrl, base: ParsedCrl) -> bool:
    """Does the delta start at or before the base, go beyond it, and speak of the same certificates.

    Who signed it is the caller's to check: RFC 5280 asks for the key that signed the base.
    """
    if delta.base_number is None or base.delta or delta.number is None or base.number is None:
        return False
    if not delta.base_number <= base.number < delta.number:
        return False
    return bool(delta.issuer == base.issuer) and delta.scope.encoded == base.scope.encoded


def amended(
    entry: Entry | None, base: ParsedCrl, changed: Entry | None, delta: ParsedCrl, at: datetime
) -> Entry | None:
    """What stands of a certificate at ``at``: its entry in the base as the delta changes it.

    A suspension that was lifted stays one for the time before: TT 15/2025 Đ.6 asks about the time of signing. A
    revocation is for good: nothing lifts it. Of two dates the earlier one counts, whether it suspended or revoked.
    """
    if changed is None:
        return entry
    if not changed.removed:
        since = changed.revoked_at if entry is None else min(entry.revoked_at, changed.revoked_at)
        return Entry(since, changed.reason)
    if entry is None or not entry.suspension:
        return entry
    return None if at >= _lifted_at(base, changed, delta) else entry


def _lifted_at(base: ParsedCrl, removed: Entry, delta: ParsedCrl) -> datetime:
    """When the suspension ended: as the entry says, if that lies between the lists, else when the delta was issued."""
    return removed.revoked_at if base.this_update < removed.revoked_at <= delta.this_update else delta.this_update
