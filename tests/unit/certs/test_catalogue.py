"""The catalogue of facts: the shipped rows, the operator's file, and what is refused."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from certs.catalogue import CatalogueError, Purpose, Regime, Role, load_catalogue

ROW = """
[[authority]]
name = "Sở DEMO"
regime = "official"
role = "root"
sha256 = "{sha256}"
subject = "Common Name: DEMO"
ski = "00"
not_before = 2020-01-01T00:00:00Z
not_after = 2030-01-01T00:00:00Z
crl = ["http://127.0.0.1:9/a.crl"]
"""


def test_shipped_rows_cover_both_regimes_with_their_roots() -> None:
    catalogue = load_catalogue()
    roots = {(entry.regime, entry.name) for entry in catalogue.entries if entry.role is Role.ROOT}
    assert {regime for regime, _ in roots} == {Regime.PUBLIC, Regime.OFFICIAL}
    assert len(roots) == 4
    assert len(catalogue.entries) == 22


def test_sha1_is_allowed_in_the_two_old_trees_only() -> None:
    allowed = {entry.sha256[:8] for entry in load_catalogue().entries if entry.sha1_tree}
    assert allowed == {"f7bc8905", "ca918d63"}  # VGCA G1 2010 and MIC 2008


@pytest.mark.parametrize(
    "address",
    [
        *("http://ocsp.ca.gov.vn/", "http://ca.gov.vn/pki/pub/crl/rootca.crl", "http://ca.gov.vn/pki/pub/crl/cp.crl"),
        *("http://ca.gov.vn/pki/pub/crl/rootcag2.crl", "http://tsa.ca.gov.vn/", "http://ca.gov.vn/tsa"),
        *("https://rootca.gov.vn/crl/vnrca256.crl", "https://rootca.gov.vn/crt/vnrca256.p7b"),
        *("http://ocsp.viettel-ca.vn/", "http://ocsp-smartca.vnpt-ca.vn/responder", "http://ocsp.fastca.vn/"),
        *("http://ocsp.vnpt-ca.vn/", "http://ocsp.bkavca.vn/", "http://ocsp.newca.vn/"),
        *("http://ocsp.smartsign.com.vn/", "http://ocsp.fis.com.vn/", "http://ocsp.efyca.vn/"),
        *("http://crl.viettel-ca.vn/Viettel-CA-RS.crl", "http://crl-smartca.vnpt-ca.vn/vnptca-smartca.crl"),
        "http://crl.fastca.vn/fastca.crl",
    ],
)
def test_published_addresses_are_listed(address: str) -> None:
    assert address in load_catalogue().addresses()


def test_the_operators_file_adds_rows_whose_addresses_alone_may_be_private(tmp_path: Path) -> None:
    own = tmp_path / "catalogue.toml"
    own.write_text(
        ROW.format(sha256="ab" * 32) + '\n[[service]]\nname="t"\nregime="public"\ntsa=["http://10.0.0.5/tsa"]'
    )
    catalogue = load_catalogue(own)
    entry = catalogue.entry("AB" * 32)
    assert entry is not None
    assert entry.purposes == frozenset(Purpose)
    assert catalogue.operator_addresses() == {"http://127.0.0.1:9/a.crl", "http://10.0.0.5/tsa"}
    assert catalogue.operator_addresses() < catalogue.addresses()
    assert catalogue.time_stamping_addresses(Regime.PUBLIC) == ("http://10.0.0.5/tsa",)
    assert pickle.loads(pickle.dumps(catalogue)) == catalogue


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[[authority", "Expected"),
        ("[other]\na=1", "unknown tables"),
        (ROW.format(sha256="xy"), "64 hex digits"),
        (ROW.format(sha256="ab" * 32).replace("official", "provincial"), "provincial"),
        (ROW.format(sha256="ab" * 32).replace("T00:00:00Z", ""), "times with a zone"),
        (ROW.format(sha256="ab" * 32).replace('subject = "Common Name: DEMO"', ""), "subject"),
        (ROW.format(sha256="ab" * 32).replace("http://127", "ldap://127"), "not an http address"),
        (ROW.format(sha256="ab" * 32) * 2, "twice"),
        (
            ROW.format(sha256="f7bc89054cec7f12730d7b8cd3eb7955b163835087e5eb873edfb584763b3f90"),
            "already in the shipped",
        ),
    ],
)
def test_an_unusable_file_is_refused_with_the_reason(tmp_path: Path, text: str, reason: str) -> None:
    own = tmp_path / "catalogue.toml"
    own.write_text(text)
    with pytest.raises(CatalogueError, match=reason):
        load_catalogue(own)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="No such file"):
        load_catalogue(tmp_path / "none.toml")


def test_authorities_that_are_named_and_not_pinned() -> None:
    """A report names the file that is missing; nothing is trusted or fetched for a name."""
    catalogue = load_catalogue()
    found = catalogue.known_issuer("CA2", "4dd1e4d442b82689d93727800195317cd51a445f")
    assert found is not None and found.certificate == "http://cavn.vn/sha256/CA2_2024.crt"
    assert catalogue.known_issuer("CA2", "00" * 20) is None
    assert found.certificate not in catalogue.addresses()
    service = catalogue.data_message_service("FPT.CeCA Time Stamping")
    assert service is not None and service.name == "CeCA"
    assert catalogue.data_message_service("Rececare Ltd", "") is None
