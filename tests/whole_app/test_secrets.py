"""A whole run with every kind of secret: none is in the database, the stores, the log or an answer afterwards."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import logging
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from api.actions import identities
from api.app import create_app
from api.callers import OPERATOR
from api.services import build_services
from demo.pki import PASSPHRASE, DemoPki
from signer.keys_file import FileKey
from signer.token_module import token_module
from tests.contract.test_seals import PERMIT
from tests.installation import OFFICER_PASSWORD, Installation, prepare_home, unsigned_declaration
from tests.sealing_home import sealing_settings
from tests.simulators.csc_service import PIN, TOKEN, CscService, Fault

MODULE = "/usr/lib/softhsm/libsofthsm2.so"
TOKEN_PIN = "pin-of-the-token-7391"
WRONG_PIN = "a-wrong-pin-5512"


@pytest.fixture
def token(pki: DemoPki, tmp_path: Path) -> Iterator[None]:
    """A SoftHSM token with the officer's key; the module is initialised anew, for another test may have used it."""
    (tmp_path / "tokens").mkdir()
    (tmp_path / "softhsm2.conf").write_text(f"directories.tokendir = {tmp_path / 'tokens'}\n")
    before = os.environ.get("SOFTHSM2_CONF")
    os.environ["SOFTHSM2_CONF"] = str(tmp_path / "softhsm2.conf")
    pem = tmp_path / "key.pem"
    key = pki.holder("officer").key
    pem.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    for arguments in (
        ("--init-token", "--free", "--label", "secrets", "--pin", TOKEN_PIN, "--so-pin", "12345678"),
        ("--import", str(pem), "--token", "secrets", "--pin", TOKEN_PIN, "--label", "officer", "--id", "01"),
    ):
        subprocess.run(["softhsm2-util", *arguments], check=True, capture_output=True)
    pem.unlink()
    token_module(MODULE).restart()
    yield
    if before is None:
        del os.environ["SOFTHSM2_CONF"]
    else:
        os.environ["SOFTHSM2_CONF"] = before


def agencies(service: CscService, pki: DemoPki, home: Path) -> str:
    """The agency's key at a remote service, the officer's in a token, another agency's in a file."""
    holder = pki.holder("officer")
    chain = (holder.certificate, *holder.chain)
    (home / "officer.pem").write_bytes(b"".join(one.public_bytes(Encoding.PEM) for one in chain))
    token = f'kind = "pkcs11", module = "{MODULE}", token = "secrets", label = "officer", certificate = "officer.pem"'
    return f"""
[agency.so-tnmt]
name = "Sở Tài nguyên và Môi trường DEMO"
code = "H35.16"
seal_key = {{ kind = "csc", url = "{service.url}", credential = "so-tnmt", access_token_env = "CSC", pin_env = "PIN" }}
[[agency.so-tnmt.signatory]]
id = "giam-doc"
name = "Phạm Thị Mẫu"
key = {{ {token}, pin_env = "TOKEN_PIN" }}
[agency.so-khac]
name = "Sở khác"
code = "H35.17"
seal_key = {{ kind = "pkcs12", path = "agency.p12", passphrase_file = "passphrase", remote_hash_signing = true }}
"""


@pytest.mark.usefixtures("token")
def test_no_secret_is_left_anywhere(
    pki: DemoPki, tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    keys = [FileKey.from_pkcs12(pki.pkcs12_path(slug).read_bytes(), PASSPHRASE) for slug in ("agency", "deputy")]
    answers: list[str] = []
    with CscService(keys[0], keys[1]) as service:
        home = tmp_path / "home"
        settings = sealing_settings(home, pki)
        prepare_home(settings, pki, agencies(service, pki, home))
        environ = {"CSC": TOKEN, "PIN": PIN, "TOKEN_PIN": TOKEN_PIN}
        with build_services(settings, environ=environ) as services:
            key = identities.create_api_key(services, OPERATOR, "cổng")
            identities.create_officer(services, OPERATOR, "bich.tt", "Bích", OFFICER_PASSWORD)
            app = create_app(services)
            app.testing = False
            installed = Installation(services, app, key.text)
            answers += use_every_key(installed, service, pki)
        environ |= {"TOKEN_PIN": WRONG_PIN}
        token_module(MODULE).restart()  # a log-in belongs to the process: as in a new one
        with build_services(settings, environ=environ) as services:
            installed = Installation(services, create_app(services), key.text)
            refused = installed.seal("wrong-pin", PERMIT, level="B-B", number="119/GP-STNMT")
            assert refused.status_code == 503, refused.text
            answers.append(refused.text)
    out, err = capfd.readouterr()
    sads = [*service.sads, json.loads(answers[-2])["SAD"]]
    answers[-2] = ""  # the one place where an activation is told: to whoever asked for it
    secrets = [TOKEN, PIN, TOKEN_PIN, WRONG_PIN, PASSPHRASE.decode(), key.text, key.text.split("_", 2)[2]]
    secrets += [OFFICER_PASSWORD, *sads, *private_parts(pki)]
    places = {"answers": "".join(answers), "output": out + err, "log": caplog.text, **files(home)}
    guilty = [(place, secret[:4]) for place, text in places.items() for secret in secrets if secret in text]
    assert guilty == []
    assert places["antin.sqlite3"], "the database was looked at"
    assert "key.use-done" in places["antin.sqlite3"]
    assert len(service.sads) >= 2
    digests = [hashlib.sha256(sad.encode()).hexdigest() for sad in sads]
    assert digests[-1] in places["antin.sqlite3"], "our own activation is kept as a digest"


def use_every_key(installed: Installation, service: CscService, pki: DemoPki) -> list[str]:
    """Seal by token and remote service, with failures; sign a digest; open a session. What was answered, in order."""
    installed.put_dossier("SEAL-1")
    sealed = installed.seal("first", PERMIT, level="B-B")
    assert sealed.status_code == 201, sealed.text
    texts = [sealed.text]
    for fault in (Fault.WRONG_SIGNATURE, Fault.UNAUTHORISED, Fault.EXPIRED_SAD):
        service.fault = fault
        refused = installed.seal(f"fault-{fault}", PERMIT, level="B-B", number=f"{fault}/GP")
        assert refused.status_code in (422, 503), refused.text
        texts.append(refused.text)
    service.fault = Fault.NONE
    certificate = base64.b64encode(pki.holder("officer").certificate.public_bytes(Encoding.DER)).decode()
    body = {
        "file": (io.BytesIO(unsigned_declaration()), "to-khai.pdf"),
        "order": json.dumps({"certificates": [certificate], "level": "B-B"}),
    }
    headers = {**installed.headers, "Idempotency-Key": "session"}
    texts.append(installed.client.post("/v1/signing-sessions", data=body, headers=headers).text)
    installed.client.post("/dang-nhap", data={"name": "bich.tt", "password": OFFICER_PASSWORD})
    digest = base64.b64encode(bytes(32)).decode()
    asked = {"credentialID": "so-khac", "hash": [digest]}
    given = installed.app.test_client().post("/csc/v1/credentials/authorize", json=asked, headers=installed.headers)
    assert given.status_code == 200, given.text
    return [*texts, given.text]


def private_parts(pki: DemoPki) -> list[str]:
    """Private keys as they could stand in a text: the secret number in decimal and hexadecimal, PEM in part."""
    parts = []
    for slug in ("agency", "officer"):
        key = pki.holder(slug).key
        assert isinstance(key, rsa.RSAPrivateKey)
        number = key.private_numbers().d
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode().splitlines()
        parts += [str(number), f"{number:x}", pem[5]]
    return parts


def files(home: Path) -> dict[str, str]:
    """What the service wrote: database (with its journal), documents, evidence."""
    own = {"agencies.toml", "passphrase", "antin.toml", "catalogue.toml"}
    found = [path for path in home.rglob("*") if path.is_file() and path.name not in own and path.suffix != ".p12"]
    return {str(path.relative_to(home)): path.read_bytes().decode("latin-1") for path in found}
