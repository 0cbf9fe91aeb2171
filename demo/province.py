"""A province's installation from nothing: trust pinned, agency keys in a PKCS#11 token, officers, a portal key."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from api.actions.identities import create_api_key, create_officer
from api.actions.rights import change_rights
from api.callers import OPERATOR, Right
from api.services import build_services
from api.settings import Settings
from certs.anchors import TrustDirectory
from certs.catalogue import Regime
from demo.issuing import Holder
from demo.pictures import seal_picture, signature_picture
from demo.pki import PASSPHRASE, DemoPki

AGENCY = "so-tnmt"
SIGNATORY = "giam-doc"
SERIES = "cong-van"
"""In which the department numbers its letters."""
REGULATION = "lai-chau-03-2017"
TOKEN = "antin-demo"  # noqa: S105 - the label of a token, not a secret
PUBLIC_URL = "https://dichvucong.demo.invalid"
"""What QR codes carry: sealed papers need an https address, and this one can never be anybody's (RFC 6761)."""
SOFTHSM_MODULES = (
    Path("/usr/lib/softhsm/libsofthsm2.so"),
    Path("/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"),
    Path("/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so"),
)


@dataclass(frozen=True)
class DemoOfficer:
    """An officer of the demo and how to sign in as one."""

    sign_in_name: str
    name: str
    password: str


@dataclass(frozen=True)
class DemoProvince:
    """An installation ready to serve. ``environment`` is what its processes need besides the usual."""

    home: Path
    pki: DemoPki
    public_url: str
    portal_key: str
    officers: tuple[DemoOfficer, ...]
    environment: dict[str, str]


def make_province(
    home: Path, pki: DemoPki, public_url: str = PUBLIC_URL, extra: Mapping[str, str] | None = None
) -> DemoProvince:
    """Make the installation under ``home``; what was there is removed. The responders of ``pki`` need not run yet.

    ``extra`` goes into its processes' environment, such as another database.
    """
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True, mode=0o700)
    _settings(home, pki, public_url)
    _trust(home, pki)
    _agency(home, pki)
    environment = {"ANTIN_HOME": str(home), "SOFTHSM2_CONF": str(home / "softhsm2.conf"), **(extra or {})}
    # The module reads its configuration once per process, when the first key is opened.
    os.environ["SOFTHSM2_CONF"] = environment["SOFTHSM2_CONF"]
    officers = (
        DemoOfficer("bich.tt", "Trần Thị Bích", secrets.token_urlsafe(12)),
        DemoOfficer("son.lv", "Lò Văn Sơn", secrets.token_urlsafe(12)),
    )
    with build_services(Settings.from_environment(environment), environ=environment) as services:
        for officer in officers:
            create_officer(services, OPERATOR, officer.sign_in_name, officer.name, officer.password, (AGENCY,))
        change_rights(services, OPERATOR, officers[0].sign_in_name, give=[Right.KEEP_NUMBERS])
        key = create_api_key(services, OPERATOR, "Cổng dịch vụ công DEMO", (AGENCY,))
    return DemoProvince(home, pki, public_url, key.text, officers, environment)


def _settings(home: Path, pki: DemoPki, public_url: str) -> None:
    stamps = [pki.tsa_url(Regime.OFFICIAL)]
    (home / "antin.toml").write_text(
        f"public_url = {json.dumps(public_url)}\ntsa_urls = {json.dumps(stamps)}\n", encoding="utf-8"
    )
    shutil.copy(pki.catalogue_path, home / "catalogue.toml")


def _trust(home: Path, pki: DemoPki) -> None:
    """What an operator does with ``antin trust import``: every certificate pinned by its row in the catalogue."""
    directory, catalogue = TrustDirectory(home / "trust"), pki.catalogue()
    for path in sorted(pki.trust_directory.iterdir()):
        directory.import_certificate(path.read_bytes(), catalogue)


def _agency(home: Path, pki: DemoPki) -> None:
    """The department: its seal and its director's key in the token, the deputy's in a file."""
    pin = secrets.token_hex(8)
    _private(home / "token.pin", pin.encode())
    _private(home / "deputy.pass", PASSPHRASE)
    shutil.copy(pki.pkcs12_path("deputy"), home / "deputy.p12")
    (home / "seal.png").write_bytes(seal_picture("SỞ TÀI NGUYÊN VÀ MÔI TRƯỜNG · DEMO · "))
    (home / "signature.png").write_bytes(signature_picture())
    module = _make_token(home, pin)
    keys = {}
    for number, (label, slug) in enumerate((("so-tnmt", "agency"), ("giam-doc", "officer")), 1):
        _into_token(home, pin, label, number, pki.holder(slug))
        keys[label] = (
            f'{{ kind = "pkcs11", module = "{module}", token = "{TOKEN}", label = "{label}", '
            f'pin_file = "token.pin", certificate = "{label}.pem" }}'
        )
    (home / "agencies.toml").write_text(
        f"""\
[agency.{AGENCY}]
name = "Sở Tài nguyên và Môi trường DEMO"
code = "H35.16"
seal_picture = "seal.png"
certifies_first = true
seal_key = {keys["so-tnmt"]}

[[agency.{AGENCY}.signatory]]
id = "{SIGNATORY}"
name = "Phạm Thị Mẫu"
title = "Giám đốc"
signature_picture = "signature.png"
key = {keys["giam-doc"]}

[[agency.{AGENCY}.signatory]]
id = "pho-giam-doc"
name = "Hoàng Văn Mẫu"
title = "Phó Giám đốc"
key = {{ kind = "pkcs12", path = "deputy.p12", passphrase_file = "deputy.pass" }}

[[agency.{AGENCY}.series]]
id = "{SERIES}"
name = "Công văn"
signs = ["STNMT-KL"]
""",
        encoding="utf-8",
    )


def _make_token(home: Path, pin: str) -> Path:
    module = next((path for path in SOFTHSM_MODULES if path.exists()), None)
    if module is None:
        raise FileNotFoundError("SoftHSM 2 is not installed (Debian: softhsm2; `make install` sees to it)")
    (home / "tokens").mkdir()
    (home / "softhsm2.conf").write_text(
        f"directories.tokendir = {home / 'tokens'}\nobjectstore.backend = file\nlog.level = ERROR\n", encoding="utf-8"
    )
    _softhsm(home, "--init-token", "--free", "--label", TOKEN, "--pin", pin, "--so-pin", secrets.token_hex(8))
    return module


def _into_token(home: Path, pin: str, label: str, number: int, holder: Holder) -> None:
    """Move a key into the token; the certificate and its chain lie beside it as PEM."""
    draft = home / f"{label}.key"
    _private(draft, holder.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    try:
        arguments = ("--token", TOKEN, "--label", label, "--id", f"{number:02x}", "--pin", pin)
        _softhsm(home, "--import", str(draft), *arguments)
    finally:
        draft.unlink()
    chain = (holder.certificate, *holder.chain)
    (home / f"{label}.pem").write_bytes(b"".join(certificate.public_bytes(Encoding.PEM) for certificate in chain))


def _softhsm(home: Path, *arguments: str) -> None:
    environment = {**os.environ, "SOFTHSM2_CONF": str(home / "softhsm2.conf")}
    subprocess.run(["softhsm2-util", *arguments], check=True, capture_output=True, env=environment)


def _private(path: Path, data: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
