"""The trust store: directories given on the command line, and the pinned one."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from certs.anchors import NotInCatalogue, Purpose, Regime, TrustDirectory, TrustStoreError, load_directories
from certs.catalogue import load_catalogue
from certs.certificate import fingerprint
from certs.path import PathStatus, find_path
from demo.pki import DemoPki


def test_self_signed_become_anchors_and_the_others_known_intermediates(pki: DemoPki) -> None:
    store = pki.trust_store()
    assert {anchor.name.rpartition(" (")[0] for anchor in store.anchors} == {
        "DEMO National Root CA",
        "DEMO RootCA chuyên dùng G2",
        "DEMO Co quan chung thuc so chuyen dung (RootCA)",
    }
    assert len(store.intermediates) == 4
    assert [anchor.regime for anchor in store.anchors].count(Regime.OFFICIAL) == 2
    assert [anchor.sha1_tree for anchor in store.anchors].count(True) == 1


def test_an_anchor_the_catalogue_does_not_know_has_an_unknown_regime_and_no_exception(pki: DemoPki) -> None:
    store = load_directories([pki.trust_directory], load_catalogue())
    assert {anchor.regime for anchor in store.anchors} == {Regime.UNKNOWN}
    assert not any(anchor.sha1_tree for anchor in store.anchors)
    assert all(anchor.purposes == frozenset(Purpose) for anchor in store.anchors)


def test_der_pem_bundles_and_other_files_side_by_side_in_subdirectories(pki: DemoPki, tmp_path: Path) -> None:
    root, sub = pki.authority("public-root").certificate, pki.authority("public-sub").certificate
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "root.cer").write_bytes(root.public_bytes(Encoding.DER))
    both = root.public_bytes(Encoding.PEM) + b"some text between\n" + sub.public_bytes(Encoding.PEM)
    (tmp_path / "both.pem").write_bytes(both)
    (tmp_path / "README").write_text("not a certificate")
    (tmp_path / "half.pem").write_bytes(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    store = load_directories([tmp_path], pki.catalogue())
    assert (len(store.anchors), len(store.intermediates)) == (1, 1)


def test_a_certificate_that_only_claims_to_be_self_signed_is_no_anchor(pki: DemoPki, tmp_path: Path) -> None:
    der = bytearray(pki.authority("public-root").certificate.public_bytes(Encoding.DER))
    der[-1] ^= 1
    (tmp_path / "forged.cer").write_bytes(der)
    store = load_directories([tmp_path], pki.catalogue())
    assert store.anchors == ()


def test_the_digest_names_the_set_whatever_the_file_names(pki: DemoPki, tmp_path: Path) -> None:
    for index, path in enumerate(sorted(pki.trust_directory.iterdir(), reverse=True)):
        (tmp_path / f"{index}.pem").write_bytes(path.read_bytes())
    assert load_directories([tmp_path], pki.catalogue()).sha256 == pki.trust_store().sha256
    assert load_directories([tmp_path], load_catalogue()).sha256 != pki.trust_store().sha256
    (tmp_path / "0.pem").unlink()
    assert load_directories([tmp_path], pki.catalogue()).sha256 != pki.trust_store().sha256


def test_a_missing_or_empty_directory_is_refused(pki: DemoPki, tmp_path: Path) -> None:
    with pytest.raises(TrustStoreError, match="not a directory"):
        load_directories([tmp_path / "none"], pki.catalogue())
    with pytest.raises(TrustStoreError, match="no certificate in it"):
        load_directories([tmp_path], pki.catalogue())


def test_a_store_crosses_process_borders(pki: DemoPki) -> None:
    store = pki.trust_store()
    again = pickle.loads(pickle.dumps(store))
    assert again.sha256 == store.sha256
    assert again.anchor_for(pki.authority("g1-root").asn1).sha1_tree
    assert again.anchor_for(pki.authority("g1-sub").asn1) is None


@pytest.mark.parametrize("encoding", ["pem", "der", "p7b"])
def test_import_pins_by_fingerprint(pki: DemoPki, tmp_path: Path, encoding: str) -> None:
    certificate = pki.authority("official-root").certificate
    data = {
        "pem": certificate.public_bytes(Encoding.PEM),
        "der": certificate.public_bytes(Encoding.DER),
        "p7b": pkcs7.serialize_certificates([certificate], Encoding.DER),
    }[encoding]
    directory = TrustDirectory(tmp_path / "trust")
    (imported,) = directory.import_certificate(data, pki.catalogue())
    assert imported.entry.regime is Regime.OFFICIAL
    assert imported.path.name.startswith("demo-rootca-chuyen-dung-g2-2")
    assert [item.entry.sha256 for item in directory.list(pki.catalogue())] == [fingerprint(imported.certificate)]
    assert len(directory.load(pki.catalogue()).anchors) == 1


def test_roots_load_as_anchors_and_the_rest_as_intermediates(pki: DemoPki, tmp_path: Path) -> None:
    directory = TrustDirectory(tmp_path)
    for path in pki.trust_directory.iterdir():
        directory.import_certificate(path.read_bytes(), pki.catalogue())
    assert directory.load(pki.catalogue()).sha256 == pki.trust_store().sha256


def test_an_unknown_certificate_is_refused_by_name_and_fingerprint(pki: DemoPki, tmp_path: Path) -> None:
    stranger = pki.authority("stranger-root")
    with pytest.raises(NotInCatalogue, match=rf"not in the catalogue: .*DEMO Unknown CA.*{fingerprint(stranger.asn1)}"):
        TrustDirectory(tmp_path).import_certificate(stranger.certificate.public_bytes(Encoding.PEM), pki.catalogue())
    assert list(tmp_path.iterdir()) == []


def test_a_changed_byte_is_refused_as_a_lookalike(pki: DemoPki, tmp_path: Path) -> None:
    der = bytearray(pki.authority("official-root").certificate.public_bytes(Encoding.DER))
    der[-1] ^= 1
    with pytest.raises(NotInCatalogue, match=r"looks like DEMO RootCA chuyên dùng G2 .* but differs"):
        TrustDirectory(tmp_path).import_certificate(bytes(der), pki.catalogue())


def test_a_bundle_with_one_unknown_certificate_imports_none(pki: DemoPki, tmp_path: Path) -> None:
    known = pki.authority("official-root").certificate.public_bytes(Encoding.PEM)
    unknown = pki.authority("stranger-root").certificate.public_bytes(Encoding.PEM)
    with pytest.raises(NotInCatalogue):
        TrustDirectory(tmp_path).import_certificate(known + unknown, pki.catalogue())
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_certificate_is_refused(pki: DemoPki, tmp_path: Path) -> None:
    for data in (b"", b"hello", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"):
        with pytest.raises(TrustStoreError):
            TrustDirectory(tmp_path).import_certificate(data, pki.catalogue())


def test_a_file_changed_after_import_is_noticed(pki: DemoPki, tmp_path: Path) -> None:
    directory = TrustDirectory(tmp_path)
    pem = pki.authority("official-root").certificate.public_bytes(Encoding.PEM)
    (imported,) = directory.import_certificate(pem, pki.catalogue())
    imported.path.write_bytes(pki.authority("stranger-root").certificate.public_bytes(Encoding.PEM))
    with pytest.raises(TrustStoreError, match="not in the catalogue"):
        directory.load(pki.catalogue())
    imported.path.write_bytes(b"")
    with pytest.raises(TrustStoreError, match="not one readable certificate"):
        directory.load(pki.catalogue())


def test_an_empty_store_trusts_nobody(pki: DemoPki, tmp_path: Path) -> None:
    assert TrustDirectory(tmp_path / "none").load(pki.catalogue()).anchors == ()


def test_a_store_crosses_to_a_worker_after_it_was_looked_at(pki: DemoPki) -> None:
    """asn1crypto objects whose parts were read lose some of them when pickled; the store goes as DER."""
    store = pki.trust_store()
    looked_at = [anchor.certificate.native for anchor in store.anchors] + [c.native for c in store.intermediates]
    revived = pickle.loads(pickle.dumps(store))
    assert looked_at == [a.certificate.native for a in revived.anchors] + [c.native for c in revived.intermediates]
    assert revived.sha256 == store.sha256
    leaf, at = pki.holder("citizen").asn1, pki.made_at
    assert find_path(leaf, [], revived, at, Purpose.SIGNING).outcome is PathStatus.TRUSTED
