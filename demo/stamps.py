"""Time stamps of the demo's authorities (RFC 3161), honest ones and the lies a client has to catch."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from asn1crypto import core, keys, tsp
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from demo.issuing import Holder
from demo.pki import DemoPki


class Lie(StrEnum):
    """How a time stamp authority can be wrong."""

    WRONG_IMPRINT = "wrong-imprint"
    WRONG_NONCE = "wrong-nonce"
    EXPIRED_CERTIFICATE = "expired-certificate"
    REJECTION = "rejection"
    GARBAGE = "garbage"


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
    if lie is Lie.REJECTION:
        status = {"status": "rejection", "status_string": ["no more stamps today"]}
        return bytes(_Rejection({"status": status}).dump())
    asked = tsp.TimeStampReq.load(request, strict=True)
    holder = pki.holder("tsa-expired" if lie is Lie.EXPIRED_CERTIFICATE else f"tsa-{regime}")
    if lie is Lie.WRONG_IMPRINT:
        imprint = asked["message_imprint"]
        imprint["hashed_message"] = bytes(len(imprint["hashed_message"].native))
    if lie is Lie.WRONG_NONCE:
        asked["nonce"] = (asked["nonce"].native or 0) + 1
    response = _stamper(holder, now).request_tsa_response(asked)
    return bytes(response.dump())


def _stamper(holder: Holder, now: datetime) -> DummyTimeStamper:
    """pyHanko's own time stamper, which builds the TSTInfo and its CMS."""
    chain = SimpleCertificateStore()
    chain.register_multiple(holder.asn1_chain[:-1])
    der = holder.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    key = keys.PrivateKeyInfo.load(der)
    return DummyTimeStamper(holder.asn1, key, certs_to_embed=chain, fixed_dt=now.replace(microsecond=0))
