"""The key that seals XML reports, where one is configured; imports ``signer`` as ``api/sealing.py`` does."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from api.refused import RefusalKind, Refused
from api.report_xml import Element
from api.settings import Settings, SettingsError
from signer.agencies import key_reference
from signer.keyring import KeyReference, KeyRing
from signer.keys import KeyUnavailable, SigningKey
from signer.refusal import SealRefused
from signer.report_seal import seal_report

RETRY_AFTER_S = 30


class ReportSealing:
    """Seals reports with one key, opened at its first use. Thread-safe."""

    def __init__(self, reference: KeyReference, keys: KeyRing) -> None:
        self._reference = reference
        self._keys = keys

    def certificate(self) -> bytes:
        """DER of the certificate whose key will seal.

        Raises:
            Refused: TEMPORARILY_UNAVAILABLE, the key cannot be opened now.
        """
        return bytes(self._key().certificate.dump())

    def seal(self, root: Element, at: datetime) -> None:
        """Append the seal to a report.

        Raises:
            Refused: TEMPORARILY_UNAVAILABLE, the key cannot be used now.
        """
        try:
            seal_report(root, self._key(), at)
        except (KeyUnavailable, SealRefused) as error:
            raise _unavailable(error) from error

    def _key(self) -> SigningKey:
        try:
            return self._keys.open(self._reference)
        except KeyUnavailable as error:
            raise _unavailable(error) from error


def build_report_sealing(settings: Settings, environ: Mapping[str, str]) -> ReportSealing:
    """Read where the report key is; it is opened at its first use.

    Raises:
        SettingsError: the setting ``report_key`` is malformed.
    """
    try:
        reference = key_reference(settings.report_key or {}, settings.home)
    except (KeyError, ValueError) as error:
        raise SettingsError(f"report_key: {type(error).__name__} {error}") from error
    return ReportSealing(reference, KeyRing(environ))


def _unavailable(error: Exception) -> Refused:
    return Refused(RefusalKind.TEMPORARILY_UNAVAILABLE, retry_after_s=RETRY_AFTER_S, detail=type(error).__name__)
