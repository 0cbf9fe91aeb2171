"""Keys in a real PKCS#11 token (SoftHSM 2): what they sign verifies, tokens go and come back, sessions are shared."""

from __future__ import annotations

import ctypes
import hashlib
import os
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from asn1crypto import x509
from cryptography import x509 as cx509
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from pkcs11.exceptions import PKCS11Error, SessionCount

from demo.pki import DemoPki
from signer.keyring import KeyRing, TokenKeyReference
from signer.keys import KeyUnavailable, SigningKey
from signer.keys_hsm import TokenKey
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
from tests.unit.signer.sealing import DATA, Desk, now, verifies
from verifier.report import Conclusion

MODULE = "/usr/lib/softhsm/libsofthsm2.so"
TOKEN = "antin-test"
PIN = "a-pin-nobody-may-see"


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
