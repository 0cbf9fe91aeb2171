"""Remote keys by the CSC API against a service over real sockets, obedient and lying; nothing secret is said."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from demo.pki import PASSPHRASE, DemoPki
from signer.keyring import KeyRing, RemoteKeyReference
from signer.keys import KeyAnswerWrong, KeyUnavailable
from signer.keys_file import FileKey
from signer.keys_remote import CscVersion, RemoteService, value_fits
from signer.secret import SecretSource
from tests.simulators.csc_service import OTP, PIN, TOKEN, CscService, Fault

DATA = b"what is signed"
SECRETS = {"TOKEN": TOKEN, "PIN": PIN, "OTP": OTP, "WRONG": "111111", "SPLIT": "tok\r\nX: y"}


@pytest.fixture(params=["agency", "citizen-ec"])
def service(request: pytest.FixtureRequest, pki: DemoPki) -> Iterator[CscService]:
    def key(slug: str) -> FileKey:
        return FileKey.from_pkcs12(pki.pkcs12_path(slug).read_bytes(), PASSPHRASE)

    with CscService(key(request.param), key("officer")) as service:
        yield service


@pytest.fixture
def reference(service: CscService, tmp_path: Path) -> Callable[..., RemoteKeyReference]:
    def make(version: CscVersion = CscVersion.V1, **change: str) -> RemoteKeyReference:
        names = {"token": "TOKEN", "pin": "PIN", **change}
        return RemoteKeyReference(
            service.url,
            version,
            "so-tnmt",
            SecretSource(names["token"]),
            SecretSource(names["pin"]) if names["pin"] else None,
            SecretSource(names["otp"]) if "otp" in names else None,
            tmp_path / names["certificate"] if "certificate" in names else None,
            timeout_s=1.0,
        )

    return make


@pytest.fixture
def ring() -> KeyRing:
    return KeyRing(SECRETS)


@pytest.mark.parametrize("version", list(CscVersion))
def test_it_signs_and_asks_anew_for_each_signature(
    version: CscVersion, service: CscService, reference: Callable[..., RemoteKeyReference], ring: KeyRing
) -> None:
    key = ring.open(reference(version))
    assert key.chain
    for data in (DATA, b"another"):
        digest = hashlib.sha256(data).digest()
        assert value_fits(service.key.certificate, key.sign(data, "sha256"), digest, "sha256")
    assert service.calls == ["credentials/info", *(["credentials/authorize", "signatures/signHash"] * 2)]
    assert repr(key) == "RemoteKey(so-tnmt)"
    client = RemoteService(service.url, version, lambda: TOKEN, 1.0)
    assert client.credentials() == ("so-tnmt",)
    assert client.info()["name"] == "simulator"


@pytest.mark.parametrize("version", list(CscVersion))
def test_an_otp_is_given_where_it_is_asked_for(
    version: CscVersion, service: CscService, reference: Callable[..., RemoteKeyReference], ring: KeyRing
) -> None:
    service.otp = True
    with pytest.raises(KeyUnavailable, match="asks for a PIN or OTP"):
        ring.open(reference(version))
    ring.open(reference(version, otp="OTP")).sign(DATA, "sha256")
    assert service.signed == 1


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Fault.UNAUTHORISED, "access token is refused"),
        (Fault.NO_CERTIFICATE, "no certificate"),
        (Fault.GARBAGE_CERTIFICATE, "cannot be read"),
        (Fault.DISABLED, "not enabled"),
        (Fault.NO_JSON, "JSONDecodeError"),
        (Fault.DEEP_JSON, "RecursionError"),
        (Fault.HUGE, "more than"),
        (Fault.SLOW, "Timeout"),
    ],
)
def test_a_service_that_fails_opens_no_key_and_the_next_call_tries_again(
    fault: Fault, said: str, service: CscService, reference: Callable[..., RemoteKeyReference], ring: KeyRing
) -> None:
    service.fault = fault
    with pytest.raises(KeyUnavailable, match=said) as raised:
        ring.open(reference())
    _gives_nothing_away(raised.value)
    service.fault = Fault.NONE
    ring.open(reference()).sign(DATA, "sha256")


@pytest.mark.parametrize(
    ("fault", "kind", "said"),
    [
        (Fault.UNAUTHORISED, KeyUnavailable, "access token is refused"),
        (Fault.EXPIRED_SAD, KeyUnavailable, "expires before"),
        (Fault.REFUSED_SAD, KeyUnavailable, "HTTP status 400"),
        (Fault.WRONG_SIGNATURE, KeyAnswerWrong, "does not fit"),
        (Fault.GARBAGE_SIGNATURE, KeyUnavailable, "cannot be read"),
        (Fault.NO_SIGNATURE, KeyUnavailable, "0 signatures"),
        (Fault.SLOW, KeyUnavailable, "Timeout"),
    ],
)
def test_a_service_that_fails_while_signing_gives_no_signature(
    fault: Fault,
    kind: type[KeyUnavailable],
    said: str,
    service: CscService,
    reference: Callable[..., RemoteKeyReference],
    ring: KeyRing,
) -> None:
    key = ring.open(reference())
    service.fault = fault
    with pytest.raises(kind, match=said) as raised:
        key.sign(DATA, "sha256")
    _gives_nothing_away(raised.value)
    service.fault = Fault.NONE
    key.sign(DATA, "sha256")


def test_a_dead_service_is_said_and_waited_for(
    service: CscService, reference: Callable[..., RemoteKeyReference], ring: KeyRing
) -> None:
    key = ring.open(reference())
    service.stop()
    with pytest.raises(KeyUnavailable, match="ConnectError") as raised:
        key.sign(DATA, "sha256")
    _gives_nothing_away(raised.value)


def test_another_certificate_than_the_pinned_one_is_no_key(
    service: CscService, reference: Callable[..., RemoteKeyReference], ring: KeyRing, tmp_path: Path, pki: DemoPki
) -> None:
    own = service.key.certificate.dump()
    (tmp_path / "own.der").write_bytes(own)
    ring.open(reference(certificate="own.der"))
    (tmp_path / "other.der").write_bytes(pki.holder("deputy").certificate.public_bytes(Encoding.DER))
    with pytest.raises(KeyUnavailable, match="another certificate"):
        ring.open(reference(certificate="other.der"))
    service.fault = Fault.WRONG_CERTIFICATE  # unpinned, the lie comes out at the first signature
    with pytest.raises(KeyUnavailable):
        KeyRing(SECRETS).open(reference()).sign(DATA, "sha256")


@pytest.mark.parametrize("change", [{"pin": "WRONG"}, {"token": "WRONG"}, {"token": "SPLIT"}, {"token": "UNSET"}])
def test_wrong_secrets_sign_nothing_and_are_not_quoted(
    change: dict[str, str], service: CscService, reference: Callable[..., RemoteKeyReference], ring: KeyRing
) -> None:
    with pytest.raises(KeyUnavailable) as raised:
        ring.open(reference(**change)).sign(DATA, "sha256")
    _gives_nothing_away(raised.value)
    assert service.signed == 0


def test_several_threads_sign_at_once(
    service: CscService, reference: Callable[..., RemoteKeyReference], ring: KeyRing
) -> None:
    key = ring.open(reference())
    made: list[bytes] = []
    threads = [threading.Thread(target=lambda: made.append(key.sign(DATA, "sha256"))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == service.signed == 6


def _gives_nothing_away(error: BaseException) -> None:
    told: BaseException | None = error
    while told is not None:
        assert not any(secret in f"{told} {told!r}" for secret in SECRETS.values())
        told = told.__cause__ or (None if told.__suppress_context__ else told.__context__)
