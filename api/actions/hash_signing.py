"""Agency seals by digest for other software (server side of the CSC API): authorised for exactly these digests, once.

The service does not see the document, so it cannot judge what comes of it (ADR 0010): only keys whose table says
``remote_hash_signing = true`` are used, by callers who may seal for the agency, under the key's quotas and hours, and
every use is in the record of acts with the digest. Signature activation data (SAD) are random, kept as a digest only,
bound to caller, key, algorithm and digests, good for five minutes and one use.

Needs the package ``signer``, which comes through ``services.sealing``.
"""

from __future__ import annotations

import hashlib
import secrets
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from api.callers import Caller
from api.refused import RefusalKind, Refused
from api.services import Services
from api.storage.database import Transaction
from api.storage.hash_authorizations import (
    AuthorizationRow,
    delete_expired_authorizations,
    find_authorization,
    insert_authorization,
    use_authorization,
)
from api.storage.journal import Plain, add_act

if TYPE_CHECKING:
    from api.sealing import Sealing
    from api.sealing_values import Credential

LIFETIME = timedelta(minutes=5)
"""Other software signs at once; whoever waits longer asks again."""

KEPT = timedelta(days=1)
"""Used and expired authorisations are kept this long, so that a replay is named as one."""

MAX_DIGESTS = 20
"""Digests of one authorisation; each is a use of the key."""

DIGEST_BYTES = {"sha256": 32, "sha384": 48, "sha512": 64}


@dataclass(frozen=True)
class Authorization:
    """An authorisation at the only moment its SAD is known."""

    sad: str = field(repr=False)
    lifetime_s: int


def credentials(services: Services, caller: Caller) -> list[str]:
    """The agencies whose key this caller may have sign digests."""
    sealing = services.sealing
    if sealing is None:
        return []
    return [agency for agency in sealing.hashes.permitted() if caller.may_seal_for(agency)]


def credential(services: Services, caller: Caller, agency: str) -> Credential:
    """The certificate of an agency's key, with its issuers.

    Raises:
        Refused: INVALID_REQUEST (no such credential, or not for this caller), TEMPORARILY_UNAVAILABLE.
    """
    return _sealing(services, caller, agency).hashes.credential(agency, services.clock())


def authorize(
    services: Services, caller: Caller, agency: str, digests: tuple[bytes, ...], algorithm: str
) -> Authorization:
    """Allow the signing of exactly these digests, once, soon.

    Raises:
        Refused: INVALID_REQUEST, SEAL_REFUSED or TEMPORARILY_UNAVAILABLE (the key's rules).
    """
    sealing = _sealing(services, caller, agency)
    check_digests(digests, algorithm)
    sealing.hashes.check_rules(agency, caller.id)
    sad, now = secrets.token_urlsafe(32), services.clock()
    row = AuthorizationRow(
        id=str(uuid.uuid4()),
        sad_sha256=_digest(sad),
        caller=caller.id,
        agency=agency,
        digests=[digest.hex() for digest in digests],
        algorithm=algorithm,
        created_at=now,
        expires_at=now + LIFETIME,
        used_at=None,
    )
    with services.database.writing() as transaction:
        delete_expired_authorizations(transaction, now - KEPT)
        insert_authorization(transaction, row)
        facts: dict[str, Plain] = {"agency": agency, "count": len(digests), "authorization": row.id}
        add_act(transaction, caller.id, "hash-signing.authorized", now, f"agency:{agency}", facts)
    return Authorization(sad, int(LIFETIME.total_seconds()))


def sign_digests(
    services: Services, caller: Caller, agency: str, sad: str, digests: tuple[bytes, ...], algorithm: str
) -> list[bytes]:
    """Signature values over digests that were authorised, in their order; each verified with the certificate.

    1 the SAD is this caller's, for this key and exactly these digests, in time · 2 it is used up, before anything is
    signed, so that two requests at once cannot both have it · 3 certificates still good, rules, signature.

    Raises:
        Refused: INVALID_REQUEST, ACTIVATION_INVALID (unknown, used, expired, or for something else), SEAL_REFUSED,
            TEMPORARILY_UNAVAILABLE.
    """
    sealing = _sealing(services, caller, agency)
    check_digests(digests, algorithm)
    now = services.clock()
    with services.database.writing() as transaction:
        row = find_authorization(transaction, _digest(sad))
        reason = "unknown" if row is None else _why_not(row, caller, agency, digests, algorithm)  # 1
        if row is not None and reason is None:
            reason = _use_up(transaction, row, now)  # 2
        if reason is not None or row is None:
            subject = f"agency:{agency}"
            add_act(transaction, caller.id, "hash-signing.refused", now, subject, {"reason": reason, "agency": agency})
    if reason is not None or row is None:
        raise Refused(RefusalKind.ACTIVATION_INVALID)
    return sealing.hashes.sign(agency, digests, algorithm, caller.id, f"hash-authorization:{row.id}", now)  # 3


def check_digests(digests: tuple[bytes, ...], algorithm: str) -> None:
    """One to twenty different digests, each as long as its algorithm's.

    Raises:
        Refused: INVALID_REQUEST.
    """
    if algorithm not in DIGEST_BYTES:
        raise Refused(RefusalKind.INVALID_REQUEST, field="hashAlgorithmOID", reason="malformed")
    fine = 0 < len(digests) <= MAX_DIGESTS and len(set(digests)) == len(digests)
    if not fine or any(len(digest) != DIGEST_BYTES[algorithm] for digest in digests):
        raise Refused(RefusalKind.INVALID_REQUEST, field="hash", reason="malformed")


def _use_up(transaction: Transaction, row: AuthorizationRow, now: datetime) -> str | None:
    if now >= row.expires_at:
        return "expired"
    return None if use_authorization(transaction, row, now) else "used"


def _why_not(
    row: AuthorizationRow, caller: Caller, agency: str, digests: tuple[bytes, ...], algorithm: str
) -> str | None:
    """Why an authorisation does not cover a request; one answer to the caller, the reason only in the record."""
    if row.caller != caller.id:
        return "another-caller"
    if row.agency != agency:
        return "another-agency"
    if row.algorithm != algorithm or row.digests != [digest.hex() for digest in digests]:
        return "other-digests"
    return None


def _sealing(services: Services, caller: Caller, agency: str) -> Sealing:
    """No difference is made between a credential that does not exist and one that is not this caller's."""
    if services.sealing is None or agency not in credentials(services, caller):
        raise Refused(RefusalKind.INVALID_REQUEST, field="credentialID", reason="unknown")
    return services.sealing


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
