"""Keys in files and in a real PKCS#11 token (SoftHSM 2): what they sign verifies, and they give nothing away."""

from __future__ import annotations

import ctypes
import hashlib
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from asn1crypto import x509
from cryptography import x509 as cx509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from pkcs11.exceptions import PKCS11Error, SessionCount

from demo.pki import PASSPHRASE, DemoPki
from signer.keyring import FileKeyReference, KeyRing, TokenKeyReference
from signer.keys import KeyUnavailable, SigningKey, signature_mechanism
from signer.keys_file import FileKey
from signer.keys_hsm import TokenKey
from signer.refusal import RefusalCode, SealRefused
from signer.request import SealLevel
from signer.secret import SecretSource
from signer.sign import sign_document
from signer.token_module import (
    CKF_OS_LOCKING_OK,
    CKR_CANT_LOCK,
    CKR_OK,
    MAX_SESSIONS,
    FunctionList,
    InitializeArguments,
    start,
    token_module,
)
from tests.unit.signer.sealing import Desk, now
from verifier.report import Conclusion

MODULE = "/usr/lib/softhsm/libsofthsm2.so"
TOKEN = "antin-test"
PIN = "a-pin-nobody-may-see"
DATA = b"what is signed"


def verifies(certificate: x509.Certificate, signature: bytes) -> None:
    """Raises where it does not."""
    public_key = cx509.load_der_x509_certificate(certificate.dump()).public_key()
    if isinstance(public_key, rsa.RSAPublicKey):
        public_key.verify(signature, DATA, padding.PKCS1v15(), hashes.SHA256())
    else:
        assert isinstance(public_key, ec.EllipticCurvePublicKey)
        public_key.verify(signature, DATA, ec.ECDSA(hashes.SHA256()))


@pytest.mark.parametrize("slug", ["officer", "citizen-ec"])
def test_a_file_key_signs(slug: str, file_key: Callable[[str], FileKey]) -> None:
    key = file_key(slug)
    verifies(key.certificate, key.sign(DATA, "sha256"))
    assert key.chain


def test_a_file_key_needs_its_passphrase_and_its_own_certificate(pki: DemoPki) -> None:
    data = pki.pkcs12_path("officer").read_bytes()
    with pytest.raises(KeyUnavailable, match="cannot be opened") as raised:
        FileKey.from_pkcs12(data, b"wrong-passphrase")
    assert "wrong-passphrase" not in str(raised.value)
    with pytest.raises(KeyUnavailable, match="cannot be opened"):
        FileKey.from_pkcs12(b"not PKCS#12", None)
    holder, other = pki.holder("officer"), pki.holder("agency")
    mixed = pkcs12.serialize_key_and_certificates(b"x", holder.key, None, None, NoEncryption())
    with pytest.raises(KeyUnavailable, match="no RSA or EC key with its certificate"):
        FileKey.from_pkcs12(mixed, None)
    with pytest.raises(KeyUnavailable, match="does not belong"):
        FileKey(holder.key, x509.Certificate.load(other.certificate.public_bytes(Encoding.DER)), ())._check_pair(
            other.certificate.public_key()
        )


def test_a_file_key_shows_nothing_secret(file_key: Callable[[str], FileKey]) -> None:
    key = file_key("officer")
    assert "Phạm Thị Mẫu" in repr(key)
    assert "rivate" not in repr(key)


def test_weak_and_foreign_kinds_of_key_are_refused(pki: DemoPki) -> None:
    weak = pki.issue("weak", like="plain", key=rsa.generate_private_key(65537, 1024))
    with pytest.raises(SealRefused) as refused:
        signature_mechanism(x509.Certificate.load(weak.certificate.public_bytes(Encoding.DER)), "sha256")
    assert refused.value.code is RefusalCode.KEY_UNUSABLE


def test_a_secret_comes_from_one_place_and_is_never_shown(tmp_path: Path) -> None:
    path = tmp_path / "pin"
    path.write_text("s3cret\nsecond line\n", encoding="utf-8")
    assert SecretSource(path=path).read({}) == "s3cret"
    assert SecretSource("PIN").read({"PIN": "s3cret"}) == "s3cret"
    assert "s3cret" not in repr(SecretSource(path=path))
    with pytest.raises(KeyUnavailable, match="PIN is not set"):
        SecretSource("PIN").read({})
    with pytest.raises(KeyUnavailable, match="cannot be read"):
        SecretSource(path=tmp_path / "missing").read({})
    for variable, place in ((None, None), ("PIN", path)):
        with pytest.raises(ValueError, match="one environment variable"):
            SecretSource(variable, place)


def test_the_ring_opens_each_key_once_and_forgets_failures(pki: DemoPki, tmp_path: Path) -> None:
    data = pki.pkcs12_path("officer").read_bytes()
    reference = FileKeyReference(tmp_path / "key.p12", SecretSource("PASS"))
    ring = KeyRing({"PASS": PASSPHRASE.decode()})
    with pytest.raises(KeyUnavailable, match="cannot be read"):
        ring.open(reference)
    reference.path.write_bytes(data)
    key = ring.open(reference)
    reference.path.unlink()
    assert ring.open(reference) is key


@dataclass(frozen=True)
class Token:
    """A SoftHSM token with an RSA and an EC key of the demo PKI."""

    folder: Path

    def reference(self, label: str, pin: str = "PIN") -> TokenKeyReference:
        return TokenKeyReference(MODULE, TOKEN, label, SecretSource(pin), self.folder / f"{label}.pem")


@pytest.fixture(scope="module")
def token(pki: DemoPki, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Token]:
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    configuration = folder / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\n")
    before = os.environ.get("SOFTHSM2_CONF")
    os.environ["SOFTHSM2_CONF"] = str(configuration)
    run("--init-token", "--free", "--label", TOKEN, "--pin", PIN, "--so-pin", "12345678")
    for number, slug in enumerate(("agency", "citizen-ec"), start=1):
        holder = pki.holder(slug)
        pem = folder / "key.pem"
        pem.write_bytes(holder.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        run("--import", str(pem), "--token", TOKEN, "--pin", PIN, "--label", slug, "--id", f"0{number}")
        pem.unlink()
        chain = (holder.certificate, *holder.chain)
        (folder / f"{slug}.pem").write_bytes(b"".join(one.public_bytes(Encoding.PEM) for one in chain))
    token_module(MODULE).restart()  # another test may have initialised the module with its own tokens
    yield Token(folder)
    if before is None:
        del os.environ["SOFTHSM2_CONF"]
    else:
        os.environ["SOFTHSM2_CONF"] = before


def run(*arguments: str) -> None:
    subprocess.run(["softhsm2-util", *arguments], check=True, capture_output=True)


@pytest.fixture
def ring() -> KeyRing:
    return KeyRing({"PIN": PIN, "WRONG": "0000-wrong-pin"})


@pytest.mark.parametrize("slug", ["agency", "citizen-ec"])
def test_a_token_key_signs(slug: str, token: Token, ring: KeyRing) -> None:
    key = ring.open(token.reference(slug))
    verifies(key.certificate, key.sign(DATA, "sha256"))
    assert ring.open(token.reference(slug)) is key
    assert PIN not in repr(key)
    assert slug in repr(key)


def test_a_certificate_in_the_token_is_found_by_the_keys_label(token: Token, pki: DemoPki) -> None:
    holder = pki.holder("agency")
    der = token.folder / "agency.der"
    der.write_bytes(holder.certificate.public_bytes(Encoding.DER))
    command = ["pkcs11-tool", "--module", MODULE, "--token-label", TOKEN, "--login", "--pin", PIN, "--type", "cert"]
    subprocess.run([*command, "--write-object", str(der), "--label", "agency"], check=True, capture_output=True)
    module = token_module(MODULE)
    module.restart()
    key = TokenKey(module, TOKEN, "agency", lambda: PIN)
    assert key.certificate.dump() == der.read_bytes()
    with pytest.raises(KeyUnavailable, match="no certificate"):
        TokenKey(module, TOKEN, "citizen-ec", lambda: PIN)


def test_a_wrong_pin_is_said_once_and_not_shown(token: Token) -> None:
    module = token_module(MODULE)
    module.restart()
    asked = []

    def wrong() -> str:
        asked.append(1)
        return "0000-wrong-pin"

    with pytest.raises(KeyUnavailable, match="PinIncorrect") as raised:
        TokenKey(module, TOKEN, "agency", wrong, x509.Certificate.load(certificate_of(token, "agency")))
    assert asked == [1]
    assert "0000-wrong-pin" not in str(raised.value)
    assert raised.value.__cause__ is None


def certificate_of(token: Token, slug: str) -> bytes:
    pem = (token.folder / f"{slug}.pem").read_bytes()
    return cx509.load_pem_x509_certificates(pem)[0].public_bytes(Encoding.DER)


@pytest.mark.parametrize("missing", ["token", "label"])
def test_what_is_not_there_is_named(missing: str, token: Token, ring: KeyRing) -> None:
    known = token.reference("agency")
    reference = TokenKeyReference(
        MODULE,
        "no-such-token" if missing == "token" else TOKEN,
        "no-such-label" if missing == "label" else "agency",
        known.pin,
        known.certificate,
    )
    with pytest.raises(KeyUnavailable, match=r"NoSuchToken|no-such-label: NoSuchKey"):
        ring.open(reference)


def test_a_module_that_does_not_load_is_named(ring: KeyRing, token: Token) -> None:
    reference = token.reference("agency")
    with pytest.raises(KeyUnavailable, match=r"/nowhere\.so"):
        ring.open(TokenKeyReference("/nowhere.so", TOKEN, "agency", reference.pin, reference.certificate))


def test_a_lost_session_is_opened_again(token: Token, ring: KeyRing) -> None:
    key = ring.open(token.reference("agency"))
    assert isinstance(key, TokenKey)
    key.sign(DATA, "sha256")
    # What a restarted HSM does to its clients: every session and handle is gone.
    key._module._module.reinitialize()
    verifies(key.certificate, key.sign(DATA, "sha256"))


def test_a_token_that_went_away_is_waited_for(token: Token, ring: KeyRing) -> None:
    """While it is away the answer is KeyUnavailable; when it is back the same key object signs again."""
    key = ring.open(token.reference("agency"))
    assert isinstance(key, TokenKey)
    away = token.folder / "away"
    (token.folder / "tokens").rename(away)
    (token.folder / "tokens").mkdir()
    key._module._module.reinitialize()
    with pytest.raises(KeyUnavailable):
        key.sign(DATA, "sha256")
    (token.folder / "tokens").rmdir()
    away.rename(token.folder / "tokens")
    verifies(key.certificate, key.sign(DATA, "sha256"))


def test_a_token_pulled_out_under_an_open_session_is_said_and_waited_for(token: Token, ring: KeyRing) -> None:
    """Nobody tells us: the directory is gone, a signature is asked for; back again, the same key signs, no restart."""
    key = ring.open(token.reference("agency"))
    key.sign(DATA, "sha256")
    away = token.folder / "away"
    (token.folder / "tokens").rename(away)
    try:
        with pytest.raises(KeyUnavailable):
            key.sign(DATA, "sha256")
    finally:
        away.rename(token.folder / "tokens")
    verifies(key.certificate, key.sign(DATA, "sha256"))


@pytest.mark.parametrize("slug", ["agency", "citizen-ec"])
def test_a_bare_digest_is_signed_as_the_data_would_be(slug: str, token: Token, ring: KeyRing) -> None:
    key = ring.open(token.reference(slug))
    verifies(key.certificate, key.sign_digest(hashlib.sha256(DATA).digest(), "sha256"))


def test_threads_share_one_session(token: Token, ring: KeyRing) -> None:
    keys: list[SigningKey] = [ring.open(token.reference(slug)) for slug in ("agency", "citizen-ec")]
    failures: list[BaseException] = []

    def work(key: SigningKey) -> None:
        try:
            for _ in range(10):
                verifies(key.certificate, key.sign(DATA, "sha256"))
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(key,)) for key in keys * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_result_sealed_with_the_key_in_the_token(token: Token, ring: KeyRing, desk: Desk, paper: bytes) -> None:
    agency = replace(desk.agency(), key=ring.open(token.reference("agency")))
    request = desk.request(paper, SealLevel.B_LTA, steps=(desk.person(), agency))
    signed = sign_document(request, desk.environment, now())
    assert signed.report.conclusion is Conclusion.TOTAL_PASSED
    assert PIN.encode() not in signed.data


@pytest.mark.usefixtures("token")
class TestSessionsSideBySide:
    def test_as_many_are_open_as_there_may_be_and_the_next_one_waits(self) -> None:
        module, together = token_module(MODULE), threading.Barrier(MAX_SESSIONS)
        inside: list[int] = []

        def use() -> None:
            with module.session(TOKEN, lambda: PIN):
                together.wait(timeout=20)
                inside.append(len(inside))

        with ThreadPoolExecutor(2 * MAX_SESSIONS) as threads:  # two full rounds: nobody is left waiting
            list(threads.map(lambda _: use(), range(2 * MAX_SESSIONS)))
        assert module.at_once == MAX_SESSIONS
        assert len(inside) == 2 * MAX_SESSIONS

    def test_many_threads_sign_with_the_keys_of_two_rings_and_every_value_verifies(self, token: Token) -> None:
        """Two rings of one process share the module, as its log-in and its locks are the process's."""
        rings = [KeyRing({"PIN": PIN}) for _ in range(2)]
        keys = [ring.open(token.reference(slug)) for ring in rings for slug in ("agency", "citizen-ec")]
        with ThreadPoolExecutor(8) as threads:
            list(threads.map(lambda n: verifies(keys[n % 4].certificate, keys[n % 4].sign(DATA, "sha256")), range(64)))

    def test_a_token_that_goes_away_under_many_threads_gives_no_wrong_value_and_comes_back(
        self, token: Token, ring: KeyRing
    ) -> None:
        key = ring.open(token.reference("agency"))
        away, over, refused = token.folder / "away", threading.Event(), threading.Event()

        def sign() -> int:
            signed = 0
            while not over.is_set():
                try:
                    verifies(key.certificate, key.sign(DATA, "sha256"))
                    signed += 1
                except KeyUnavailable:
                    refused.set()
            return signed

        with ThreadPoolExecutor(6) as threads:
            working = [threads.submit(sign) for _ in range(6)]
            (token.folder / "tokens").rename(away)
            was_refused = refused.wait(20)
            away.rename(token.folder / "tokens")
            verifies(key.certificate, _patiently(key))
            over.set()
            counts = [one.result(timeout=20) for one in working]
        assert was_refused
        assert sum(counts) > 0

    def test_a_token_that_has_no_more_sessions_to_give_is_used_by_those_there_are(self) -> None:
        module = token_module(MODULE)
        module.restart()
        opened: list[int] = []

        def pin() -> str:
            opened.append(1)
            if len(opened) > 1:
                raise SessionCount
            return PIN

        def use() -> int:
            with module.session(TOKEN, pin):
                return module.at_once

        with ThreadPoolExecutor(1) as threads:
            with module.session(TOKEN, pin):
                waiting = threads.submit(use)
                with pytest.raises(TimeoutError):
                    waiting.result(timeout=0.5)
            assert waiting.result(timeout=20) == 1, "it was given the one session there is"
        assert len(opened) == 2
        module.restart()


def _patiently(key: SigningKey) -> bytes:
    """A signature as soon as the token is back."""
    until = time.monotonic() + 20
    while True:
        try:
            return key.sign(DATA, "sha256")
        except KeyUnavailable:
            if time.monotonic() > until:
                raise


@pytest.mark.parametrize(("cannot", "at_once"), [(CKR_OK, MAX_SESSIONS), (CKR_CANT_LOCK, 1)])
def test_a_module_that_cannot_lock_is_used_by_one_thread_at_a_time(cannot: int, at_once: int) -> None:
    """A module is a list of C functions; this one is made of them here."""
    asked: list[bool] = []

    def initialize(arguments: int | None) -> int:
        asked.append(arguments is not None and InitializeArguments.from_address(arguments).flags == CKF_OS_LOCKING_OK)
        return cannot if arguments else CKR_OK

    function = ctypes.CFUNCTYPE(ctypes.c_ulong, ctypes.c_void_p)
    module = FunctionList((2, 40), function(initialize), function(lambda _: CKR_OK))
    assert start(module) == at_once
    assert asked == [True] if at_once > 1 else [True, False]


def test_a_module_that_does_not_start_is_no_module() -> None:
    function = ctypes.CFUNCTYPE(ctypes.c_ulong, ctypes.c_void_p)
    with pytest.raises(PKCS11Error):
        start(FunctionList((2, 40), function(lambda _: 5), function(lambda _: 5)))
