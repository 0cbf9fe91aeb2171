"""Time stamps (RFC 3161) from a pool of authorities: asked in turn, and nothing embedded that does not check out."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import algos, cms, core, tsp, x509
from pyhanko.sign.general import NonexistentAttributeError, find_unique_cms_attribute
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.validation.generic_cms import validate_sig_integrity

from certs.anchors import Purpose, TrustStore
from certs.certificate import MALFORMED, valid_at
from certs.fetch import Fetcher, FetchFailed, FetchRefused
from certs.path import PathStatus, find_path
from certs.profile import may_time_stamp
from signer.keys import DIGEST
from signer.refusal import RefusalCode, SealRefused

TYPICAL_TOKEN_BYTES = 7168
"""Room first reserved for a token; real ones with their chain take 3 to 6 kB. The pool learns larger ones."""


class StampRejected(Exception):  # noqa: N818 - an answer about the token
    """The authority's answer does not check out; the message says why."""


@dataclass(frozen=True)
class CheckedStamp:
    """A token that checked out: its time, and the path of the authority's certificate to a trusted anchor."""

    token: cms.ContentInfo
    time: datetime
    path: tuple[x509.Certificate, ...]


class TimeStampPool:
    """Several authorities, asked in the order given; the first good answer counts.

    An answer that lies (wrong imprint, wrong nonce, expired or foreign certificate) is passed over like silence, and
    named when nobody gives a good one.
    """

    def __init__(self, urls: Sequence[str], fetcher: Fetcher, trust: TrustStore) -> None:
        self._urls = tuple(urls)
        self._fetcher = fetcher
        self._trust = trust
        self._largest_token = TYPICAL_TOKEN_BYTES

    @property
    def token_bytes(self) -> int:
        """Room that a token needs, by what this pool has seen."""
        return self._largest_token

    def stamp(self, digest: bytes) -> CheckedStamp:
        """Have a SHA-256 digest stamped.

        Raises:
            SealRefused: TIMESTAMP-REJECTED when the only answers were bad ones, else TIMESTAMP-UNAVAILABLE.
        """
        failures: list[str] = []
        code = RefusalCode.TIMESTAMP_UNAVAILABLE
        for url in self._urls:
            nonce = secrets.randbits(63)
            try:
                answer = self._fetcher.post(url, _request(digest, nonce), "application/timestamp-query")
                stamp = check_answer(answer, digest, nonce, self._trust)
            except (FetchFailed, FetchRefused) as error:
                failures.append(f"{url}: {error}")
            except StampRejected as error:
                code = RefusalCode.TIMESTAMP_REJECTED
                failures.append(f"{url}: {error}")
            else:
                self._largest_token = max(self._largest_token, len(stamp.token.dump()))
                return stamp
        raise SealRefused(code, (("detail", "; ".join(failures)),))


class PoolTimeStamper(TimeStamper):
    """pyHanko's view of the pool for one document; remembers the stamps it handed out (for the evidence)."""

    def __init__(self, pool: TimeStampPool) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # a mixed class of pyHanko
        self.pool = pool
        self.stamps: list[CheckedStamp] = []

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        """A checked token for a digest that pyHanko computed."""
        if md_algorithm != DIGEST:
            raise ValueError(f"this pool stamps {DIGEST} digests")
        stamp = self.pool.stamp(message_digest)
        self.stamps.append(stamp)
        return stamp.token


class _Response(core.Sequence):  # type: ignore[misc]  # asn1crypto ships no types
    """TimeStampResp (RFC 3161 §2.4.2): a refusal carries no token, which asn1crypto's own class does not allow."""

    _fields = [  # noqa: RUF012 - asn1crypto's protocol
        ("status", tsp.PKIStatusInfo),
        ("time_stamp_token", cms.ContentInfo, {"optional": True}),
    ]


def check_answer(answer: bytes, digest: bytes, nonce: int, trust: TrustStore) -> CheckedStamp:
    """Check an authority's answer (RFC 3161 §2.2, §2.4.2, EN 319 422).

    1 granted · 2 our imprint and our nonce · 3 signed by the certificate it names · 4 that certificate may time-stamp,
    was valid then and leads to an anchor trusted for time stamps.

    Raises:
        StampRejected: one of these does not hold.
    """
    try:
        response = _Response.load(answer, strict=True)
        if response["status"]["status"].native not in ("granted", "granted_with_mods"):
            raise StampRejected(f"refused: {response['status'].native}")
        token = response["time_stamp_token"]
        signed = token["content"]
        info = signed["encap_content_info"]["content"].parsed
        _check_content(info, digest, nonce)
        certificate = _check_signature(signed)
        time = info["gen_time"].native
        embedded = [choice.chosen for choice in signed["certificates"] if choice.name == "certificate"]
        path = _check_certificate(certificate, embedded, time, trust)
    except MALFORMED as error:
        raise StampRejected(f"malformed: {type(error).__name__}") from error
    return CheckedStamp(token, time, path)


def _request(digest: bytes, nonce: int) -> bytes:
    imprint = {"hash_algorithm": algos.DigestAlgorithm({"algorithm": DIGEST}), "hashed_message": digest}
    request = tsp.TimeStampReq({"version": 1, "message_imprint": imprint, "nonce": nonce, "cert_req": True})
    return bytes(request.dump())


def _check_content(info: tsp.TSTInfo, digest: bytes, nonce: int) -> None:
    imprint = info["message_imprint"]
    if imprint["hash_algorithm"]["algorithm"].native != DIGEST or imprint["hashed_message"].native != digest:
        raise StampRejected("it stamps another imprint than ours")
    if info["nonce"].native != nonce:
        raise StampRejected("it answers another nonce than ours")


def _check_signature(signed: cms.SignedData) -> x509.Certificate:
    """The signature over the token holds, and the signed attributes name the certificate that made it."""
    if signed["encap_content_info"]["content_type"].native != "tst_info" or len(signed["signer_infos"]) != 1:
        raise StampRejected("it is no time-stamp token with one signature")
    signer = signed["signer_infos"][0]
    certificate = _named_certificate(signed, signer)
    content = bytes(signed["encap_content_info"]["content"])
    algorithm = signer["digest_algorithm"]["algorithm"].native
    intact, valid = validate_sig_integrity(signer, certificate, "tst_info", hashlib.new(algorithm, content).digest())
    if not (intact and valid):
        raise StampRejected("its signature does not hold")
    return certificate


def _named_certificate(signed: cms.SignedData, signer: cms.SignerInfo) -> x509.Certificate:
    """The embedded certificate whose digest the signed attributes hold (RFC 5035, RFC 2634 §5.4)."""
    wanted: list[tuple[str, bytes]] = []
    for name, algorithm in (("signing_certificate_v2", None), ("signing_certificate", "sha1")):
        try:
            first = find_unique_cms_attribute(signer["signed_attrs"], name)["certs"][0]
        except NonexistentAttributeError:
            continue
        wanted.append((algorithm or first["hash_algorithm"]["algorithm"].native, first["cert_hash"].native))
    for choice in signed["certificates"]:
        if choice.name == "certificate":
            der = choice.chosen.dump()
            if wanted and all(hashlib.new(algorithm, der).digest() == value for algorithm, value in wanted):
                return choice.chosen
    raise StampRejected("it does not hold the certificate that its signature names")


def _check_certificate(
    certificate: x509.Certificate, embedded: list[x509.Certificate], time: datetime, trust: TrustStore
) -> tuple[x509.Certificate, ...]:
    if not may_time_stamp(certificate):
        raise StampRejected("its certificate is not for time stamps")
    if not valid_at(certificate, time):
        raise StampRejected("its certificate was not valid at the time it states")
    found = find_path(certificate, embedded, trust, time, Purpose.TIME_STAMPING)
    if found.outcome is not PathStatus.TRUSTED or found.ca_valid_at_time is False:
        raise StampRejected(f"its certificate is not trusted for time stamps: {found.detail}")
    return found.path
