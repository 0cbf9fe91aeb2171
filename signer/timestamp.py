"""Time stamps (RFC 3161) from a pool of authorities: asked in turn, and nothing embedded that does not check out."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from asn1crypto import algos, cms, core, tsp, x509
from pyhanko.sign.general import NonexistentAttributeError, find_unique_cms_attribute
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.validation.generic_cms import validate_sig_integrity

from certs.anchors import Purpose, TrustStore
from certs.certificate import MALFORMED, valid_at
from certs.fetch import Fetcher, FetchFailed, FetchRefused
from certs.path import PathStatus, find_path
from certs.profile import may_time_stamp
from signer.authorities import AuthorityHealth, StampAuthority, StampLedger
from signer.keys import DIGEST
from signer.refusal import RefusalCode, SealRefused

TYPICAL_TOKEN_BYTES = 7168
"""Room first reserved for a token; real ones with their chain take 3 to 6 kB. The pool learns larger ones."""


MAX_ANSWER_BYTES = 128 << 10
"""Twenty times the largest token seen; the fetcher's own limit is for CRLs."""

MAX_SAID_CHARACTERS = 200
"""Of what a foreign server says about its refusal."""

MAX_CLOCK_DIFFERENCE = timedelta(minutes=5)
"""Authority and service both follow UTC to the second (EN 319 421 §7.7.1); more is a wrong clock, theirs or ours."""


class StampRejected(Exception):  # noqa: N818 - an answer about the token
    """The authority's answer does not check out; the message says why."""


@dataclass(frozen=True)
class CheckedStamp:
    """A token that checked out: its time, and the path of the authority's certificate to a trusted anchor."""

    token: cms.ContentInfo
    time: datetime
    path: tuple[x509.Certificate, ...]


class TimeStampPool:
    """Several authorities, asked in the order given, those that failed lately last; the first good answer counts.

    An answer that lies (wrong imprint, wrong nonce, wrong time, expired or foreign certificate) is passed over like
    silence, and named when nobody gives a good one.

    Args:
        authorities: addresses, or authorities with quotas and policies.
        fetcher: the way to them; answers over ``MAX_ANSWER_BYTES`` are failures.
        trust: whose stamps are believed.
        ledger: counts against the quotas; needed where an authority has one.
        health: remembered between pools; a new one remembers nothing.
        background: leave part of each quota to papers that somebody waits for.
    """

    def __init__(
        self,
        authorities: Sequence[str | StampAuthority],
        fetcher: Fetcher,
        trust: TrustStore,
        ledger: StampLedger | None = None,
        health: AuthorityHealth | None = None,
        *,
        background: bool = False,
    ) -> None:
        self._authorities = tuple(StampAuthority(one) if isinstance(one, str) else one for one in authorities)
        self._fetcher = replace(fetcher, max_bytes=min(MAX_ANSWER_BYTES, fetcher.max_bytes))
        self._trust = trust
        self._ledger = ledger
        self._health = health if health is not None else AuthorityHealth()
        self._background = background
        self._largest_token = TYPICAL_TOKEN_BYTES

    @property
    def token_bytes(self) -> int:
        """Room that a token needs, by what this pool has seen."""
        return self._largest_token

    @property
    def ready(self) -> bool:
        """Is there an authority to be asked now; no promise that it answers, or that its quota is not used up."""
        return bool(self._health.in_turn(self._authorities))

    def stamp(self, digest: bytes, expected: datetime) -> CheckedStamp:
        """Have a SHA-256 digest stamped; ``expected`` is the time now.

        Raises:
            SealRefused: TIMESTAMP-REJECTED when the only answers were bad ones, TIMESTAMP-QUOTA when nobody may be
                asked any more, else TIMESTAMP-UNAVAILABLE.
        """
        failures: list[str] = []
        code = RefusalCode.TIMESTAMP_UNAVAILABLE
        in_turn = self._health.in_turn(self._authorities)
        for authority in in_turn:
            if self._ledger is not None and not self._ledger.take(authority, background=self._background):
                failures.append(f"{authority.url}: quota used up")
                continue
            started = time.monotonic()
            try:
                stamp = self._ask(authority, digest, expected)
            except (FetchFailed, FetchRefused, StampRejected) as error:
                if isinstance(error, StampRejected):
                    code = RefusalCode.TIMESTAMP_REJECTED
                failures.append(f"{authority.url}: {error}")
                self._health.failed(authority, time.monotonic() - started)
            else:
                self._health.well(authority, stamp.path[0].not_valid_after)
                self._largest_token = max(self._largest_token, len(stamp.token.dump()))
                return stamp
        paused = [one.url for one in self._authorities if one not in in_turn]
        failures += [f"{url}: failed a moment ago" for url in paused]
        if failures and all(failure.endswith("quota used up") for failure in failures):
            code = RefusalCode.TIMESTAMP_QUOTA
        raise SealRefused(code, (("detail", "; ".join(failures)),))

    def _ask(self, authority: StampAuthority, digest: bytes, expected: datetime) -> CheckedStamp:
        nonce, started = secrets.randbits(63), time.monotonic()
        request = _request(digest, nonce, authority.policy)
        answer = self._fetcher.post(authority.url, request, "application/timestamp-query")
        answered = expected + timedelta(seconds=time.monotonic() - started)
        return check_answer(answer, digest, nonce, self._trust, answered, authority.policy)


class PoolTimeStamper(TimeStamper):
    """pyHanko's view of the pool for one document; remembers the stamps it handed out (for the evidence)."""

    def __init__(self, pool: TimeStampPool, at: datetime) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # a mixed class of pyHanko
        self.pool = pool
        self.stamps: list[CheckedStamp] = []
        self._at, self._started = at, time.monotonic()

    def stamp(self, digest: bytes) -> CheckedStamp:
        """A checked stamp, remembered.

        Raises:
            SealRefused: as ``TimeStampPool.stamp``.
        """
        now = self._at + timedelta(seconds=time.monotonic() - self._started)
        stamp = self.pool.stamp(digest, now)
        self.stamps.append(stamp)
        return stamp

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        """A checked token for a digest that pyHanko computed."""
        if md_algorithm != DIGEST:
            raise ValueError(f"this pool stamps {DIGEST} digests")
        return self.stamp(message_digest).token


class _Response(core.Sequence):  # type: ignore[misc]  # asn1crypto ships no types
    """TimeStampResp (RFC 3161 §2.4.2): a refusal carries no token, which asn1crypto's own class does not allow."""

    _fields = [  # noqa: RUF012 - asn1crypto's protocol
        ("status", tsp.PKIStatusInfo),
        ("time_stamp_token", cms.ContentInfo, {"optional": True}),
    ]


def check_answer(
    answer: bytes, digest: bytes, nonce: int, trust: TrustStore, now: datetime, policy: str | None = None
) -> CheckedStamp:
    """Check an authority's answer (RFC 3161 §2.2, §2.4.2, EN 319 422).

    1 granted · 2 our imprint, our nonce, the policy asked for, a time that is now · 3 signed by the certificate it
    names · 4 that certificate may time-stamp, was valid then and leads to an anchor trusted for time stamps.

    Raises:
        StampRejected: one of these does not hold.
    """
    try:
        response = _Response.load(answer, strict=True)
        _check_granted(response["status"])
        token = response["time_stamp_token"]
        signed = token["content"]
        info = signed["encap_content_info"]["content"].parsed
        _check_content(info, digest, nonce, policy)
        generated_at = _check_time(info, now)
        certificate = _check_signature(signed)
        embedded = [choice.chosen for choice in signed["certificates"] if choice.name == "certificate"]
        path = _check_certificate(certificate, embedded, generated_at, trust)
    except MALFORMED as error:
        raise StampRejected(f"malformed: {type(error).__name__}") from error
    return CheckedStamp(token, generated_at, path)


def _check_granted(status: tsp.PKIStatusInfo) -> None:
    if status["status"].native in ("granted", "granted_with_mods"):
        return
    said = " ".join(str(line) for line in status["status_string"].native or ())
    raise StampRejected(f"refused: {status['status'].native} {said[:MAX_SAID_CHARACTERS]}".rstrip())


def _request(digest: bytes, nonce: int, policy: str | None) -> bytes:
    imprint = {"hash_algorithm": algos.DigestAlgorithm({"algorithm": DIGEST}), "hashed_message": digest}
    asked = {"version": 1, "message_imprint": imprint, "nonce": nonce, "cert_req": True}
    return bytes(tsp.TimeStampReq(asked if policy is None else asked | {"req_policy": policy}).dump())


def _check_time(info: tsp.TSTInfo, now: datetime) -> datetime:
    """A stamp from another day proves another day, however well it is signed."""
    generated_at: datetime = info["gen_time"].native
    difference = (generated_at - now).total_seconds()
    if abs(difference) > MAX_CLOCK_DIFFERENCE.total_seconds():
        raise StampRejected(f"its time is {difference:+.0f} s from ours")
    return generated_at


def _check_content(info: tsp.TSTInfo, digest: bytes, nonce: int, policy: str | None) -> None:
    imprint = info["message_imprint"]
    if imprint["hash_algorithm"]["algorithm"].native != DIGEST or imprint["hashed_message"].native != digest:
        raise StampRejected("it stamps another imprint than ours")
    if info["nonce"].native != nonce:
        raise StampRejected("it answers another nonce than ours")
    if policy is not None and info["policy"].dotted != policy:
        raise StampRejected(f"it stamps under the policy {info['policy'].dotted}")


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
