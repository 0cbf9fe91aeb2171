"""The real CA certificates ($ANTIN_SHARED/trust): catalogue, import, and the way of every sub-CA to its root."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from certs.anchors import NotInCatalogue, Purpose, Regime, TrustDirectory, load_directories, make_store
from certs.catalogue import Entry, Role, load_catalogue
from certs.certificate import Certificate, display_name, fingerprint, read_certificates, valid_at
from certs.path import PathStatus, find_path

CATALOGUE = load_catalogue()
SUBS = [entry for entry in CATALOGUE.entries if entry.role is Role.SUB]


def certificates(shared: Path) -> dict[str, tuple[Path, Certificate]]:
    found = {}
    for path in sorted((shared / "trust").rglob("*.pem")):
        (certificate,) = read_certificates(path.read_bytes())
        found[fingerprint(certificate)] = (path, certificate)
    return found


def test_the_catalogue_states_what_the_certificates_say(shared: Path) -> None:
    real = certificates(shared)
    assert {entry.sha256 for entry in CATALOGUE.entries} == set(real)
    lines = [line.split() for line in (shared / "trust" / "FINGERPRINTS").read_text("utf-8").splitlines()]
    published = {name: digest for digest, name in lines}
    for entry in CATALOGUE.entries:
        path, certificate = real[entry.sha256]
        assert published[f"{path.parent.name}/{path.name}"] == entry.sha256
        assert entry.subject == display_name(certificate)
        assert entry.ski == certificate.key_identifier.hex()
        assert (entry.not_before, entry.not_after) == (certificate.not_valid_before, certificate.not_valid_after)
        assert entry.regime is (Regime.OFFICIAL if path.parent.name == "government" else Regime.PUBLIC)
        assert entry.role is (Role.ROOT if certificate.subject == certificate.issuer else Role.SUB)


def test_every_address_in_the_certificates_is_listed(shared: Path) -> None:
    listed = CATALOGUE.addresses()
    for _path, certificate in certificates(shared).values():
        points = certificate.crl_distribution_points_value or ()
        urls = {name.native for point in points for name in point["distribution_point"].chosen}
        access = certificate.authority_information_access_value or ()
        urls |= {description["access_location"].native for description in access}
        assert urls <= listed


def test_every_certificate_imports_and_the_store_has_four_anchors(shared: Path, tmp_path: Path) -> None:
    directory = TrustDirectory(tmp_path / "trust")
    for path, certificate in certificates(shared).values():
        (imported,) = directory.import_certificate(path.read_bytes(), CATALOGUE)
        assert imported.entry.sha256 == fingerprint(certificate)
    store = directory.load(CATALOGUE)
    assert (len(store.anchors), len(store.intermediates)) == (4, 18)
    assert store.sha256 == load_directories([shared / "trust"], CATALOGUE).sha256


@pytest.mark.parametrize("position", [-1, 200, 700])
def test_a_changed_byte_is_refused(shared: Path, tmp_path: Path, position: int) -> None:
    for _path, certificate in certificates(shared).values():
        changed = bytearray(certificate.dump())
        changed[position] ^= 0x01
        with pytest.raises(Exception, match=r"looks like|not in the catalogue|not a certificate"):
            TrustDirectory(tmp_path).import_certificate(bytes(changed), CATALOGUE)
    assert list(tmp_path.iterdir()) == []


def test_a_lookalike_is_named(shared: Path, tmp_path: Path) -> None:
    _path, certificate = certificates(shared)[SUBS[0].sha256]
    changed = bytearray(certificate.dump())
    changed[-1] ^= 0x01
    with pytest.raises(NotInCatalogue, match=f"looks like .*{SUBS[0].sha256}"):
        TrustDirectory(tmp_path).import_certificate(bytes(changed), CATALOGUE)


@pytest.mark.parametrize("entry", SUBS, ids=lambda entry: entry.name)
def test_each_sub_ca_chains_to_its_regimes_root(shared: Path, entry: Entry) -> None:
    _path, certificate = certificates(shared)[entry.sha256]
    store = load_directories([shared / "trust"], CATALOGUE)
    at = entry.not_before + (entry.not_after - entry.not_before) / 2
    result = find_path(certificate, (), store, at, Purpose.SIGNING)
    assert result.outcome is PathStatus.TRUSTED, result.detail
    assert result.ca_valid_at_time is True
    assert result.anchor is not None
    assert result.anchor.regime is entry.regime
    assert valid_at(certificate, at)


@pytest.mark.parametrize("entry", SUBS, ids=lambda entry: entry.name)
def test_sha1_is_accepted_on_pinned_certificates_of_the_old_trees_only(shared: Path, entry: Entry) -> None:
    _path, certificate = certificates(shared)[entry.sha256]
    store = load_directories([shared / "trust"], CATALOGUE)
    at = entry.not_before + (entry.not_after - entry.not_before) / 2
    expected = PathStatus.CHAIN_WEAK if certificate.hash_algo == "sha1" else PathStatus.TRUSTED

    unpinned = make_store(store.anchors, [])
    assert find_path(certificate, (), unpinned, at, Purpose.SIGNING).outcome is expected

    no_exception = [replace(anchor, sha1_tree=False) for anchor in store.anchors]
    strict = make_store(no_exception, store.intermediates)
    assert find_path(certificate, (), strict, at, Purpose.SIGNING).outcome is expected


def test_outside_its_validity_a_path_says_so(shared: Path) -> None:
    store = load_directories([shared / "trust"], CATALOGUE)
    root = next(anchor for anchor in store.anchors if "2014" in anchor.name)
    before = root.certificate.not_valid_before - timedelta(days=1)
    sub = next(c for c in store.intermediates if "FastCA" in display_name(c))
    assert find_path(sub, (), store, before, Purpose.SIGNING).ca_valid_at_time is False
