"""The file that says which agency seals with which key."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from demo.pki import PASSPHRASE, DemoPki
from signer.agencies import AgenciesError, load_agencies
from signer.keyring import FileKeyReference, KeyRing, TokenKeyReference
from signer.request import Role
from signer.secret import SecretSource

COMPLETE = """
[agency.so-tnmt]
name = "Sở Tài nguyên và Môi trường tỉnh Lai Châu"
code = "H35.16"
seal_picture = "seal.png"
diameter_mm = 34
[agency.so-tnmt.seal_key]
kind = "pkcs12"
path = "agency.p12"
passphrase_env = "PASS"
[[agency.so-tnmt.signatory]]
id = "giam-doc"
name = "Phạm Thị Mẫu"
title = "Giám đốc"
key = { kind = "pkcs12", path = "officer.p12", passphrase_file = "officer.pass" }
[[agency.so-tnmt.signatory]]
id = "pho-giam-doc"
name = "Hoàng Văn Mẫu"
key = { kind = "pkcs11", module = "/m.so", token = "t", label = "l", pin_env = "PIN", certificate = "deputy.pem" }
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "agencies.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_complete_file(tmp_path: Path) -> None:
    agency = load_agencies(written(tmp_path, COMPLETE))["so-tnmt"]
    assert (agency.name, agency.code, agency.diameter_mm) == (
        "Sở Tài nguyên và Môi trường tỉnh Lai Châu",
        "H35.16",
        34.0,
    )
    assert agency.seal_key == FileKeyReference(tmp_path / "agency.p12", SecretSource("PASS"))
    assert agency.signatory().id == "giam-doc"
    deputy = agency.signatory("pho-giam-doc")
    assert deputy.title is None
    assert deputy.key == TokenKeyReference("/m.so", "t", "l", SecretSource("PIN"), tmp_path / "deputy.pem")
    with pytest.raises(KeyError):
        agency.signatory("nobody")


def test_the_steps_of_a_result(tmp_path: Path, pki: DemoPki) -> None:
    for slug in ("agency", "officer"):
        (tmp_path / f"{slug}.p12").write_bytes(pki.pkcs12_path(slug).read_bytes())
    (tmp_path / "officer.pass").write_bytes(PASSPHRASE)
    text = COMPLETE.partition('[[agency.so-tnmt.signatory]]\nid = "pho')[0]
    agency = load_agencies(written(tmp_path, text))["so-tnmt"]
    keys = KeyRing({"PASS": PASSPHRASE.decode()})
    with pytest.raises(AgenciesError, match=r"seal\.png"):
        agency.steps(keys)
    (tmp_path / "seal.png").write_bytes(b"picture")
    person, seal = agency.steps(keys)
    assert (person.role, person.appearance.name, person.appearance.title) == (
        Role.AUTHORISED_PERSON,
        "Phạm Thị Mẫu",
        "Giám đốc",
    )
    assert (seal.role, seal.appearance.picture, seal.appearance.diameter_mm) == (Role.AGENCY, b"picture", 34.0)
    assert agency.authorised(keys) == {person.key.certificate.sha256.hex()}


def test_whose_key_is_elsewhere_signs_before_and_nobody_else_signs_for_them(tmp_path: Path, pki: DemoPki) -> None:
    for slug in ("agency", "officer"):
        (tmp_path / f"{slug}.p12").write_bytes(pki.pkcs12_path(slug).read_bytes())
    (tmp_path / "officer.pass").write_bytes(PASSPHRASE)
    (tmp_path / "seal.png").write_bytes(b"picture")
    deputy = pki.holder("deputy").certificate
    (tmp_path / "deputy.pem").write_bytes(deputy.public_bytes(Encoding.PEM))
    start = COMPLETE.index('{ kind = "pkcs11"')
    elsewhere = '{ kind = "elsewhere", certificate = "deputy.pem" }\n'
    agency = load_agencies(written(tmp_path, COMPLETE[:start] + elsewhere))["so-tnmt"]
    keys, own = KeyRing({"PASS": PASSPHRASE.decode()}), deputy.fingerprint(SHA256()).hex()
    assert not agency.signatory("pho-giam-doc").signs_here
    assert [step.role for step in agency.steps(keys, "pho-giam-doc")] == [Role.AGENCY]
    assert agency.authorised(keys, "pho-giam-doc") == {own}
    assert own in agency.authorised(keys, "giam-doc") and len(agency.authorised(keys, "giam-doc")) == 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('name = "Sở Tài nguyên và Môi trường tỉnh Lai Châu"\n', ""), "agency so-tnmt lacks 'name'"),
        (('passphrase_env = "PASS"', 'passphrase = "s3cret"'), "passphrase_env or passphrase_file"),
        (('kind = "pkcs12"\npath', 'kind = "usb"\npath'), "unknown kind of key: usb"),
        (('kind = "pkcs12"\npath', 'kind = "elsewhere"\npath'), "one that this service can use"),
        ((', pin_env = "PIN"', ""), "needs pin_env or pin_file"),
        (('pin_env = "PIN"', 'pin_env = "PIN", pin_file = "f"'), "one environment variable or from one file"),
        (("diameter_mm = 34", 'diameter_mm = "broad"'), "broad"),
        (("[agency.so-tnmt]", "[agency.so-tnmt"), "agencies"),
    ],
)
def test_what_is_wrong_is_named(change: tuple[str, str], said: str, tmp_path: Path) -> None:
    assert change[0] in COMPLETE
    with pytest.raises(AgenciesError, match=said) as raised:
        load_agencies(written(tmp_path, COMPLETE.replace(*change)))
    assert "s3cret" not in str(raised.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(AgenciesError, match=r"agencies\.toml"):
        load_agencies(tmp_path / "agencies.toml")
