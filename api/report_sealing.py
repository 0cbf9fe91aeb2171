"""The key that seals XML reports, where one is configured; imports ``signer`` as ``api/sealing.py`` does."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from api.key_ledger import KeyLedger, refuse_development_keys
from api.refused import RefusalKind, Refused
from api.report_xml import Element
from api.settings import Settings, SettingsError
from signer.key_rules import KeyRules, KeyUse, Purpose
from signer.key_settings import key_reference, key_rules
from signer.keyring import KeyReference, KeyRing
from signer.keys import KeyUnavailable, SigningKey
from signer.refusal import SealRefused
from signer.report_seal import seal_bytes, seal_report

RETRY_AFTER_S = 30


class ReportSealing:
    """Seals reports with one key, opened at its first use. Thread-safe."""

    def __init__(self, reference: KeyReference, rules: KeyRules, keys: KeyRing, ledger: KeyLedger) -> None:
        self._reference = reference
        self._rules = rules
        self._keys = keys
        self._ledger = ledger

    def certificate(self) -> bytes:
        """DER of the certificate whose key will seal.

        Raises:
            Refused: TEMPORARILY_UNAVAILABLE, the key cannot be opened now.
        """
        return bytes(self._key().certificate.dump())

    def seal(self, root: Element, at: datetime, caller: str, subject: str) -> None:
        """Append the seal to a report; the use of the key is recorded as this caller's, for this subject.

        Raises:
            Refused: TEMPORARILY_UNAVAILABLE, the key cannot be used now.
        """
        try:
            use = KeyUse(caller, "", Purpose.REPORT, subject)
            seal_report(root, self._ledger.recorded(self._key(), self._rules, use), at)
        except (KeyUnavailable, SealRefused) as error:
            raise _unavailable(error) from error

    def seal_bytes(self, data: bytes, at: datetime, caller: str, subject: str) -> bytes:
        """A detached CMS signature over ``data``; the use of the key is recorded as this caller's, for this subject.

        Raises:
            Refused: TEMPORARILY_UNAVAILABLE, the key cannot be used now.
        """
        try:
            use = KeyUse(caller, "", Purpose.REPORT, subject)
            return seal_bytes(data, self._ledger.recorded(self._key(), self._rules, use), at)
        except (KeyUnavailable, SealRefused) as error:
            raise _unavailable(error) from error

    def _key(self) -> SigningKey:
        try:
            return self._keys.open(self._reference)
        except KeyUnavailable as error:
            raise _unavailable(error) from error


def build_report_sealing(settings: Settings, environ: Mapping[str, str], ledger: KeyLedger) -> ReportSealing:
    """Read where the report key is; it is opened at its first use.

    Raises:
        SettingsError: the setting ``report_key`` is malformed.
    """
    try:
        entry = settings.report_key or {}
        reference, rules = key_reference(entry, settings.home), key_rules(entry, settings.home)
    except (KeyError, TypeError, ValueError) as error:
        raise SettingsError(f"report_key: {type(error).__name__} {error}") from error
    if settings.production:
        refuse_development_keys("report_key", [reference])
    return ReportSealing(reference, rules, KeyRing(environ), ledger)


def _unavailable(error: Exception) -> Refused:
    return Refused(RefusalKind.TEMPORARILY_UNAVAILABLE, retry_after_s=RETRY_AFTER_S, detail=type(error).__name__)
