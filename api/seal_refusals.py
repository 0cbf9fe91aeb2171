"""What the signer refuses, as this service's callers are told."""

from __future__ import annotations

import structlog

from api.refused import RefusalKind, Refused
from signer.keys import KeyUnavailable
from signer.refusal import RefusalCode, SealRefused

log = structlog.get_logger("antin.keys")

PASSING = frozenset(
    {
        RefusalCode.KEY_UNAVAILABLE,
        RefusalCode.KEY_OUTSIDE_HOURS,
        RefusalCode.KEY_QUOTA_REACHED,
        RefusalCode.TIMESTAMP_UNAVAILABLE,
        RefusalCode.TIMESTAMP_REJECTED,
        RefusalCode.TIMESTAMP_QUOTA,
        RefusalCode.CERTIFICATE_STATUS_UNKNOWN,
        RefusalCode.EVIDENCE_INCOMPLETE,
        RefusalCode.WORKERS_UNAVAILABLE,
    }
)
"""Refusals that come from a service that does not answer, not from the order: asking again later makes sense."""

RETRY_AFTER_S = 30


def key_unavailable(error: KeyUnavailable) -> Refused:
    """The key's own message stays inside, in the log: it names devices and places."""
    log.warning("key unavailable", reason=str(error))
    code = RefusalCode.KEY_UNAVAILABLE.value
    kind = RefusalKind.TEMPORARILY_UNAVAILABLE
    return Refused(kind, retry_after_s=RETRY_AFTER_S, refusal=code, detail=type(error).__name__)


def refused_by_signer(cause: SealRefused) -> Refused:
    """The refusal with its code and parameters; one that passes says when to ask again."""
    if cause.code in PASSING:
        kind, retry_after_s = RefusalKind.TEMPORARILY_UNAVAILABLE, RETRY_AFTER_S
        refused = Refused(kind, retry_after_s=retry_after_s, refusal=cause.code.value)
    else:
        refused = Refused(RefusalKind.SEAL_REFUSED, refusal=cause.code.value)
    refused.parameters.update((name, text) for name, text in cause.parameters if name != "refusal")
    return refused
