"""Digests signed with an agency's key for other software (ADR 0010)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from api.key_ledger import KeyLedger
from api.seal_refusals import key_unavailable, refused_by_signer
from api.sealing_values import Credential
from api.validation import Validation
from certs.certificate import valid_at
from signer.agencies import Agency
from signer.evidence import check_signer
from signer.key_rules import KeyUse, Purpose
from signer.key_use import sign_digest_checked
from signer.keyring import KeyRing
from signer.keys import KeyAnswerWrong, KeyUnavailable, SigningKey
from signer.refusal import RefusalCode, SealRefused


@dataclass(frozen=True)
class HashSealing:
    """The seal keys of agencies that permit it, by agency."""

    validation: Validation
    agencies: Mapping[str, Agency]
    keys: KeyRing
    ledger: KeyLedger

    def permitted(self) -> list[str]:
        """The agencies whose seal key may sign digests for other software."""
        return [agency.id for agency in self.agencies.values() if agency.seal_rules.remote_hash_signing]

    def credential(self, agency_id: str, at: datetime) -> Credential:
        """An agency's seal key, by its certificate.

        Raises:
            Refused: TEMPORARILY_UNAVAILABLE.
        """
        agency = self.agencies[agency_id]
        key = self._seal_key(agency)
        issuers = tuple(bytes(issuer.dump()) for issuer in key.chain)
        return Credential(agency.name, bytes(key.certificate.dump()), issuers, valid_at(key.certificate, at))

    def check_rules(self, agency_id: str, caller: str) -> None:
        """May the agency's key sign digests for a caller now; asked again at each use.

        Raises:
            Refused: SEAL_REFUSED, TEMPORARILY_UNAVAILABLE.
        """
        try:
            use = KeyUse(caller, agency_id, Purpose.REMOTE_HASH, "")
            self.ledger.check(self.agencies[agency_id].seal_rules, use)
        except SealRefused as refused:
            raise refused_by_signer(refused) from refused

    def sign(
        self, agency_id: str, digests: Sequence[bytes], algorithm: str, caller: str, subject: str, at: datetime
    ) -> list[bytes]:
        """Sign digests with an agency's seal key: the certificate and its CAs are good, each use is admitted and
        recorded, each value verifies with the certificate before it is handed out.

        Raises:
            Refused: SEAL_REFUSED, TEMPORARILY_UNAVAILABLE; then no value is handed out.
        """
        agency = self.agencies[agency_id]
        use = KeyUse(caller, agency_id, Purpose.REMOTE_HASH, subject)
        key = self.ledger.recorded(self._seal_key(agency), agency.seal_rules, use)
        environment = self.validation.environment()
        try:
            check_signer(key, environment.trust, environment.sources, at)
            return [sign_digest_checked(key, digest, algorithm) for digest in digests]
        except KeyAnswerWrong as error:
            raise refused_by_signer(SealRefused(RefusalCode.KEY_ANSWER_WRONG)) from error
        except KeyUnavailable as error:
            raise key_unavailable(error) from error
        except SealRefused as refused:
            raise refused_by_signer(refused) from refused

    def _seal_key(self, agency: Agency) -> SigningKey:
        try:
            return self.keys.open(agency.seal_key)
        except KeyUnavailable as error:
            raise key_unavailable(error) from error
