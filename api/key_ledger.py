"""The record of every use of a key: admitted by its rules and written down before it happens, its outcome after.

Quotas are counted in the database, so they hold over all processes. Beside ``sealing`` and ``report_sealing`` the only
module of ``api`` that imports ``signer``.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import replace

from api.clock import Clock
from api.settings import SettingsError
from api.storage.database import Database, Transaction
from api.storage.journal import Plain, add_act
from api.storage.key_uses import KeyUseRow, UseState, close_use, count_uses, insert_use, lock_uses
from signer.key_rules import DAY, HOUR, KeyRules, KeyUse, PastUses, check_use
from signer.key_use import RecordedKey
from signer.keyring import FileKeyReference, KeyReference
from signer.keys import SigningKey
from signer.refusal import SealRefused


class KeyLedger:
    """Admits and records uses. Thread-safe."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def recorded(self, key: SigningKey, rules: KeyRules, use: KeyUse) -> RecordedKey:
        """The key, each use of which goes through ``admit`` under these rules."""
        return RecordedKey(key, lambda digest: self.admit(rules, use, digest))

    def check(self, rules: KeyRules, use: KeyUse) -> None:
        """Would a use be admitted now: asked early, before work is done for it; records nothing.

        Raises:
            SealRefused: as ``admit``.
        """
        now = self._clock()
        with self._database.reading() as transaction:
            past = PastUses(
                count_uses(transaction, rules.name, now - HOUR), count_uses(transaction, rules.name, now - DAY)
            )
        check_use(rules, use, past, now)

    def admit(self, rules: KeyRules, use: KeyUse, digest: bytes) -> Callable[[bool], None]:
        """Record a use before it happens; what is given back is told whether it happened.

        Raises:
            SealRefused: the rules forbid it; the refusal is recorded too.
        """
        now = self._clock()
        row = KeyUseRow(
            id=str(uuid.uuid4()),
            key=rules.name,
            at=now,
            caller=use.caller,
            agency=use.agency,
            purpose=use.purpose.value,
            subject=use.subject,
            digest_sha256=digest.hex(),
            state=UseState.STARTED,
            refusal=None,
            closed_at=None,
        )
        refused: SealRefused | None = None
        with self._database.writing() as transaction:
            lock_uses(transaction)
            past = PastUses(
                count_uses(transaction, rules.name, now - HOUR), count_uses(transaction, rules.name, now - DAY)
            )
            try:
                check_use(rules, use, past, now)
            except SealRefused as refusal:
                refused = refusal
                row = replace(row, state=UseState.REFUSED, refusal=refusal.code.value, closed_at=now)
            insert_use(transaction, row)
            self._tell(transaction, row)
        if refused is not None:
            raise refused
        return lambda used: self._close(row, UseState.DONE if used else UseState.FAILED)

    def _close(self, row: KeyUseRow, state: UseState) -> None:
        closed = replace(row, state=state, closed_at=self._clock())
        with self._database.writing() as transaction:
            close_use(transaction, row.id, state, self._clock())
            self._tell(transaction, closed)

    def _tell(self, transaction: Transaction, row: KeyUseRow) -> None:
        facts: dict[str, Plain] = {
            "use": row.id,
            "agency": row.agency,
            "purpose": row.purpose,
            "subject": row.subject,
            "sha256": row.digest_sha256,
            "refusal": row.refusal,
        }
        at = row.closed_at or row.at
        add_act(transaction, row.caller, f"key.use-{row.state.value}", at, f"key:{row.key}", facts)


def refuse_development_keys(owner: str, references: Iterable[KeyReference]) -> None:
    """In production no key lies in a file: TT 15/2025 Phụ lục II asks for a device (FIPS 140-2 or 140-3 level 3).

    Raises:
        SettingsError: one does.
    """
    if any(isinstance(reference, FileKeyReference) for reference in references):
        raise SettingsError(f"{owner}: a PKCS#12 key is for development; with production = true use a token or service")
