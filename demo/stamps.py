"""Time stamps of the demo's authorities (RFC 3161), honest ones and the lies a client has to catch."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from asn1crypto import core, keys, tsp
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from demo.issuing import Holder
from demo.pki import DemoPki

DAY = timedelta(days=1)
FOREIGN_POLICY = "1.3.6.1.4.1.99999.1"


class Lie(StrEnum):
    """How a time stamp authority can be wrong."""

    WRONG_IMPRINT = "wrong-imprint"
    WRONG_NONCE = "wrong-nonce"
    EXPIRED_CERTIFICATE = "expired-certificate"
    NO_PURPOSE = "no-purpose"
    """A certificate without the extended key usage for time stamps."""
    UNTRUSTED = "untrusted"
    WRONG_POLICY = "wrong-policy"
    YESTERDAY = "yesterday"
    TOMORROW = "tomorrow"
    REJECTION = "rejection"
    GARBAGE = "garbage"
    HUGE = "huge"


class _Rejection(core.Sequence):  # type: ignore[misc]  # asn1crypto ships no types
    """A TimeStampResp without a token; asn1crypto's own insists on one (RFC 3161 §2.4.2: it is optional)."""

    _fields = [("status", tsp.PKIStatusInfo)]  # noqa: RUF012 - asn1crypto's protocol


def answer_time_stamp(pki: DemoPki, regime: str, request: bytes, now: datetime, lie: Lie | None = None) -> bytes:
    """A TimeStampResp (DER) to this TimeStampReq by the regime's authority, at ``now``.

    Raises:
        ValueError: the request cannot be read.
        KeyError: there is no authority of that regime.
    """
    if lie is Lie.GARBAGE:
        return b"this is not a time stamp"
    if lie is Lie.HUGE:
        return bytes(1 << 20)
    if lie is Lie.REJECTION:
        status = {"status": "rejection", "status_string": ["no more stamps today"]}
        return bytes(_Rejection({"status": status}).dump())
    asked = tsp.TimeStampReq.load(request, strict=True)
    holder = _holder(pki, regime, lie)
    now += {Lie.YESTERDAY: -DAY, Lie.TOMORROW: DAY}.get(lie, timedelta()) if lie is not None else timedelta()
    if lie is Lie.WRONG_IMPRINT:
        imprint = asked["message_imprint"]
        imprint["hashed_message"] = bytes(len(imprint["hashed_message"].native))
    if lie is Lie.WRONG_NONCE:
        asked["nonce"] = (asked["nonce"].native or 0) + 1
    policy = FOREIGN_POLICY if lie is Lie.WRONG_POLICY else asked["req_policy"].native
    response = _stamper(holder, now, policy).request_tsa_response(asked)
    return bytes(response.dump())


def _holder(pki: DemoPki, regime: str, lie: Lie | None) -> Holder:
    """Whose certificate signs the token."""
    like = f"tsa-{regime}"
    match lie:
        case Lie.EXPIRED_CERTIFICATE:
            return pki.holder("tsa-expired")
        case Lie.NO_PURPOSE:
            return pki.issue("tsa-no-purpose", like, extended_usage=())
        case Lie.UNTRUSTED:
            return pki.issue("tsa-untrusted", like, issuer="stranger-root")
        case _:
            return pki.holder(like)


class _Stamper(DummyTimeStamper):
    """pyHanko's own, which names one policy, whatever was asked."""

    policy: str | None = None

    def _build_tst_info(self, message_imprint: Any, dt: datetime, req: Any) -> Any:
        info = super()._build_tst_info(message_imprint, dt, req)
        if self.policy is not None:
            info["policy"] = self.policy
        return info


def _stamper(holder: Holder, now: datetime, policy: str | None) -> _Stamper:
    """pyHanko's own time stamper, which builds the TSTInfo and its CMS."""
    chain = SimpleCertificateStore()
    chain.register_multiple(holder.asn1_chain[:-1])
    der = holder.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    key = keys.PrivateKeyInfo.load(der)
    stamper = _Stamper(holder.asn1, key, certs_to_embed=chain, fixed_dt=now.replace(microsecond=0))
    stamper.policy = policy
    return stamper
