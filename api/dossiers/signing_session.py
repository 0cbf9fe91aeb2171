"""Where a signing session stands and what may happen to it next: one state machine, pure.

::

    waiting ── a value that verifies ──────────────→ signed
       │ ───── refused by whoever was to sign ─────→ refused
       │ ───── the time is over ───────────────────→ expired
       └────── the fifth value that does not fit ──→ failed

Whatever is not ``waiting`` stays as it is.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from enum import StrEnum

LIFETIME = timedelta(minutes=15)
"""Long enough to find the token, read the paper and type a PIN; the certificates were good at the beginning."""

MAX_WRONG_VALUES = 5
"""A program that sends a wrong value five times will not send a right one."""

MATCH_CODE_DIGITS = 6


class SessionState(StrEnum):
    """Where a session stands."""

    WAITING = "waiting"
    SIGNED = "signed"
    REFUSED = "refused"
    EXPIRED = "expired"
    FAILED = "failed"


def state_at(state: SessionState, expires_at: datetime, at: datetime) -> SessionState:
    """The state now: a waiting session whose time is over has expired, whether or not somebody wrote it down."""
    if state is SessionState.WAITING and at >= expires_at:
        return SessionState.EXPIRED
    return state


def after_wrong_value(wrong_values: int) -> SessionState:
    """The state after a value that did not fit; ``wrong_values`` counts this one too."""
    return SessionState.FAILED if wrong_values >= MAX_WRONG_VALUES else SessionState.WAITING


def match_code(session_id: str, digest: bytes) -> str:
    """Six digits that both sides show: whoever signs compares them and knows that this very digest is meant.

    Both can compute it: the first 8 bytes of SHA-256 over ``antin-match-code``, the session's id and the digest, each
    followed by a line feed (the digest in hexadecimal), as a number, modulo a million.
    """
    text = f"antin-match-code\n{session_id}\n{digest.hex()}\n"
    number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
    return f"{number % 10**MATCH_CODE_DIGITS:0{MATCH_CODE_DIGITS}d}"
