"""From leaf to anchor: generations under one name, leaf-only documents, SHA-1 trees, hostile company."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime, timedelta

import pytest
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.x509.oid import NameOID, ObjectIdentifier

from certs import path as path_module
from certs.anchors import Purpose, TrustAnchor, TrustStore, make_store
from certs.catalogue import Regime
from certs.certificate import fingerprint
from certs.memo import BoundedMemo
from certs.path import PathResult, PathStatus, find_path
from demo.issuing import CA_USAGE, Authority, Profile, build, name, to_asn1
from demo.pki import DemoPki
from tests.pki.statements import garbled_extension

Certificates = tuple[asn1_x509.Certificate, ...]


def seek(
    pki: DemoPki,
    cert: asn1_x509.Certificate,
    store: TrustStore | None = None,
    *,
    embedded: Certificates = (),
    days: int = 0,
    purpose: Purpose = Purpose.SIGNING,
) -> PathResult:
    return find_path(cert, embedded, store or pki.trust_store(), pki.made_at + timedelta(days=days), purpose)


def sub_ca(pki: DemoPki, slug: str, issuer: str, **changes: object) -> Authority:
    """A CA below another one, with a key of the demo's (no new key is made)."""
    key = pki.authority("stranger-root").key
    parts: dict[str, object] = {
        "subject": name((NameOID.COMMON_NAME, f"DEMO {slug}")),
        "not_before": pki.made_at - timedelta(days=100),
        "not_after": pki.made_at + timedelta(days=100),
        "ca": True,
        "usage": CA_USAGE,
    }
    profile = Profile(**(parts | changes))  # type: ignore[arg-type]  # fields by name
    return Authority(slug, build(profile, key.public_key(), pki.authority(issuer)), key)


def leaf_of(pki: DemoPki, authority: Authority, **changes: object) -> asn1_x509.Certificate:
    parts: dict[str, object] = {
        "subject": name((NameOID.COMMON_NAME, "DEMO leaf")),
        "not_before": pki.made_at - timedelta(days=10),
        "not_after": pki.made_at + timedelta(days=10),
    }
    profile = Profile(**(parts | changes))  # type: ignore[arg-type]  # fields by name
    return to_asn1(build(profile, pki.holder("citizen").key.public_key(), authority))


@pytest.mark.parametrize(
    ("slug", "regime", "anchor"),
    [
        ("citizen", Regime.PUBLIC, "public-root"),
        ("citizen-ec", Regime.PUBLIC, "public-root"),
        ("company", Regime.PUBLIC, "public-root"),
        ("officer", Regime.OFFICIAL, "official-root"),
        ("agency", Regime.OFFICIAL, "official-root"),
        ("officer-g1", Regime.OFFICIAL, "g1-root"),
    ],
)
def test_a_leaf_alone_finds_its_way(pki: DemoPki, slug: str, regime: Regime, anchor: str) -> None:
    result = seek(pki, pki.holder(slug).asn1)
    assert result.outcome is PathStatus.TRUSTED, result.detail
    assert result.anchor is not None
    assert result.anchor.regime is regime
    assert result.ca_valid_at_time is True
    assert [fingerprint(c) for c in result.path] == [
        fingerprint(c) for c in (pki.holder(slug).asn1, *pki.holder(slug).asn1_chain)
    ]
    assert fingerprint(result.path[-1]) == fingerprint(pki.authority(anchor).asn1)


def test_generations_under_one_name_are_told_apart_by_key(pki: DemoPki) -> None:
    old, new = pki.authority("public-sub-old").asn1, pki.authority("public-sub").asn1
    assert old.subject == new.subject
    assert fingerprint(seek(pki, pki.holder("citizen").asn1).path[1]) == fingerprint(new)
    assert fingerprint(seek(pki, pki.holder("old-generation").asn1).path[1]) == fingerprint(old)


def test_generations_without_key_identifiers_are_told_apart_by_signature(pki: DemoPki) -> None:
    """RFC 5280 wants identifiers; where they lack, every generation is tried."""
    bare = _without_key_identifiers(pki, "citizen")
    result = seek(pki, bare)
    assert result.outcome is PathStatus.TRUSTED, result.detail
    assert fingerprint(result.path[1]) == fingerprint(pki.authority("public-sub").asn1)


def test_an_expired_ca_is_said_and_not_judged(pki: DemoPki) -> None:
    leaf = pki.holder("old-generation").asn1
    assert seek(pki, leaf, days=-500).ca_valid_at_time is True
    late = seek(pki, leaf)
    assert (late.outcome, late.ca_valid_at_time) == (PathStatus.TRUSTED, False)


def test_the_leafs_own_validity_is_not_judged(pki: DemoPki) -> None:
    assert seek(pki, pki.holder("expired").asn1).outcome is PathStatus.TRUSTED
    assert seek(pki, pki.holder("citizen").asn1, days=-600).outcome is PathStatus.TRUSTED


def test_of_two_certificates_of_one_ca_the_one_valid_then_is_preferred(pki: DemoPki) -> None:
    """The same CA key certified twice (a renewal): each time has its path."""
    early = sub_ca(pki, "renewed", "public-root", not_after=pki.made_at - timedelta(days=50))
    late = sub_ca(pki, "renewed", "public-root", not_before=pki.made_at - timedelta(days=50))
    store = make_store(pki.trust_store().anchors, (early.asn1, late.asn1))
    leaf = leaf_of(pki, early)
    assert fingerprint(seek(pki, leaf, store, days=-80).path[1]) == fingerprint(early.asn1)
    assert fingerprint(seek(pki, leaf, store, days=-20).path[1]) == fingerprint(late.asn1)


def test_a_ca_the_document_brings_is_used_if_it_chains_to_an_anchor(pki: DemoPki) -> None:
    authority = sub_ca(pki, "new-sub", "public-root")
    leaf = leaf_of(pki, authority)
    assert seek(pki, leaf).outcome is PathStatus.NO_CHAIN
    assert seek(pki, leaf, embedded=(authority.asn1,)).outcome is PathStatus.TRUSTED


def test_a_root_the_document_brings_is_not_trusted(pki: DemoPki) -> None:
    root = pki.authority("stranger-root").asn1
    result = seek(pki, pki.holder("stranger").asn1, embedded=(root,))
    assert (result.outcome, result.anchor) == (PathStatus.NO_CHAIN, None)
    assert len(result.path) == 2


def test_a_signature_by_another_key_is_invalid_and_no_missing_trust(pki: DemoPki) -> None:
    impostor = Authority("impostor", pki.authority("public-sub").certificate, pki.authority("stranger-root").key)
    forged = _without_key_identifiers(pki, "citizen", impostor)
    result = seek(pki, forged)
    assert result.outcome is PathStatus.CHAIN_INVALID
    assert "did not sign it" in result.detail


def test_a_self_signed_certificate_in_the_store_is_its_own_path(pki: DemoPki) -> None:
    root = pki.authority("stranger-root").asn1
    anchor = TrustAnchor(root, Regime.UNKNOWN, frozenset(Purpose), sha1_tree=False, name="own")
    result = seek(pki, root, make_store([anchor], []))
    assert (result.outcome, result.path, result.ca_valid_at_time) == (PathStatus.TRUSTED, (root,), True)


def test_an_anchor_is_trusted_for_its_purposes_only(pki: DemoPki) -> None:
    store = pki.trust_store()
    only_stamps = [
        TrustAnchor(a.certificate, a.regime, frozenset({Purpose.TIME_STAMPING}), a.sha1_tree, a.name)
        for a in store.anchors
    ]
    narrowed = make_store(only_stamps, store.intermediates)
    assert seek(pki, pki.holder("citizen").asn1, narrowed).outcome is PathStatus.NO_CHAIN
    stamp = seek(pki, pki.holder("tsa-public").asn1, narrowed, purpose=Purpose.TIME_STAMPING)
    assert stamp.outcome is PathStatus.TRUSTED


class TestSha1:
    """SHA-1 on CA certificates: only pinned, only in a tree the catalogue allows."""

    def test_pinned_in_an_allowed_tree_passes(self, pki: DemoPki) -> None:
        assert pki.authority("g1-sub").asn1.hash_algo == "sha1"
        assert seek(pki, pki.holder("officer-g1").asn1).outcome is PathStatus.TRUSTED

    def test_brought_by_the_document_it_does_not(self, pki: DemoPki) -> None:
        unpinned = make_store(pki.trust_store().anchors, [])
        result = seek(pki, pki.holder("officer-g1").asn1, unpinned, embedded=(pki.authority("g1-sub").asn1,))
        assert result.outcome is PathStatus.CHAIN_WEAK
        assert "sha1 on a ca" in result.detail

    def test_in_another_tree_it_does_not(self, pki: DemoPki) -> None:
        store = pki.trust_store()
        anchors = [
            TrustAnchor(a.certificate, a.regime, a.purposes, sha1_tree=False, name=a.name) for a in store.anchors
        ]
        result = seek(pki, pki.holder("officer-g1").asn1, make_store(anchors, store.intermediates))
        assert result.outcome is PathStatus.CHAIN_WEAK

    def test_below_a_strong_root_it_does_not(self, pki: DemoPki) -> None:
        weak = sub_ca(pki, "weak", "public-root", sha1=True)
        store = make_store(pki.trust_store().anchors, (weak.asn1,))
        assert seek(pki, leaf_of(pki, weak), store).outcome is PathStatus.CHAIN_WEAK


class TestConstraints:
    """RFC 5280 §6.1 on the path: what the CA certificates forbid."""

    def embedded(self, pki: DemoPki, authority: Authority, **leaf: object) -> PathResult:
        return seek(pki, leaf_of(pki, authority, **leaf), embedded=(authority.asn1,))

    def test_a_leaf_issues_nothing(self, pki: DemoPki) -> None:
        result = self.embedded(pki, sub_ca(pki, "no-ca", "public-root", ca=False))
        assert result.outcome is PathStatus.CHAIN_CONSTRAINTS
        assert "not a CA" in result.detail

    def test_path_length(self, pki: DemoPki) -> None:
        below = sub_ca(pki, "too-deep", "public-sub")
        assert self.embedded(pki, below).outcome is PathStatus.CHAIN_CONSTRAINTS

    def test_key_usage(self, pki: DemoPki) -> None:
        assert self.embedded(pki, sub_ca(pki, "no-sign", "public-root", usage=("crl_sign",))).outcome is (
            PathStatus.CHAIN_CONSTRAINTS
        )

    def test_name_constraints(self, pki: DemoPki) -> None:
        permitted = x509.NameConstraints([x509.DirectoryName(name((NameOID.COUNTRY_NAME, "VN")))], None)
        authority = sub_ca(pki, "constrained", "public-root", extensions=((permitted, True),))
        inside = name((NameOID.COUNTRY_NAME, "VN"), (NameOID.COMMON_NAME, "in"))
        outside = name((NameOID.COUNTRY_NAME, "LA"), (NameOID.COMMON_NAME, "out"))
        assert self.embedded(pki, authority, subject=inside).outcome is PathStatus.TRUSTED
        assert self.embedded(pki, authority, subject=outside).outcome is PathStatus.CHAIN_CONSTRAINTS

    def test_unknown_critical_extension(self, pki: DemoPki) -> None:
        odd = x509.UnrecognizedExtension(ObjectIdentifier("1.2.3.4.5"), b"\x05\x00")
        authority = sub_ca(pki, "odd", "public-root", extensions=((odd, True),))
        assert self.embedded(pki, authority).outcome is PathStatus.CHAIN_CONSTRAINTS
        mild = sub_ca(pki, "mild", "public-root", extensions=((odd, False),))
        assert self.embedded(pki, mild).outcome is PathStatus.TRUSTED

    def test_of_several_paths_one_that_passes_is_enough(self, pki: DemoPki) -> None:
        bad = sub_ca(pki, "twice", "public-root", usage=("crl_sign",))
        good = sub_ca(pki, "twice", "public-root")
        result = seek(pki, leaf_of(pki, bad), embedded=(bad.asn1, good.asn1))
        assert result.outcome is PathStatus.TRUSTED
        assert fingerprint(result.path[1]) == fingerprint(good.asn1)

    def test_a_small_ca_key(self, pki: DemoPki) -> None:
        small = rsa.generate_private_key(public_exponent=65537, key_size=1024)
        profile = Profile(
            subject=name((NameOID.COMMON_NAME, "small")),
            not_before=pki.made_at - timedelta(days=5),
            not_after=pki.made_at + timedelta(days=5),
            ca=True,
            usage=CA_USAGE,
        )
        authority = Authority("small", build(profile, small.public_key(), pki.authority("public-root")), small)
        result = self.embedded(pki, authority)
        assert result.outcome is PathStatus.CHAIN_WEAK
        assert "1024 bits" in result.detail


class TestHostile:
    """Certificates from a document cost bounded work and never raise."""

    def test_a_circle_of_cross_certificates_ends(self, pki: DemoPki) -> None:
        one = sub_ca(pki, "circle", "stranger-root")
        other = Authority("stranger-root", pki.authority("stranger-root").certificate, one.key)
        crossed = build(
            Profile(other.certificate.subject, pki.made_at, pki.made_at + timedelta(days=1), ca=True, usage=CA_USAGE),
            other.key.public_key(),
            one,
        )
        result = seek(pki, leaf_of(pki, one), embedded=(one.asn1, to_asn1(crossed)))
        assert result.outcome is PathStatus.NO_CHAIN

    def test_many_namesakes_cost_bounded_work(self, pki: DemoPki) -> None:
        """Thirty certificates of one name and key that all issue each other: 30! ways, of which 200 steps are gone."""
        key = pki.authority("stranger-root").key
        namesakes = tuple(
            sub_ca(pki, "namesake", "stranger-root", not_before=pki.made_at - timedelta(days=index)).asn1
            for index in range(1, 30)
        )
        mutual = Authority("namesake", x509.load_der_x509_certificate(namesakes[0].dump()), key)
        circles = tuple(
            to_asn1(
                build(
                    Profile(
                        mutual.certificate.subject,
                        pki.made_at - timedelta(days=index),
                        pki.made_at,
                        ca=True,
                        usage=CA_USAGE,
                    ),
                    key.public_key(),
                    mutual,
                )
            )
            for index in range(1, 30)
        )
        started = time.perf_counter()
        result = seek(pki, leaf_of(pki, mutual), embedded=(*namesakes, *circles))
        assert result.outcome is PathStatus.NO_CHAIN
        assert time.perf_counter() - started < 5

    def test_garbled_certificates_are_facts_not_exceptions(self, pki: DemoPki) -> None:
        der, store = pki.holder("citizen").asn1.dump(), pki.trust_store()
        for position in range(0, len(der), 11):
            for value in (der[position] ^ 0xFF, der[position] ^ 0x20):
                broken = bytearray(der)
                broken[position] = value
                certificate = _loaded(bytes(broken))
                if certificate is None:
                    continue
                assert seek(pki, certificate, store).outcome is not PathStatus.TRUSTED
                issuer = seek(pki, pki.holder("citizen").asn1, store, embedded=(certificate,))
                assert issuer.outcome is PathStatus.TRUSTED

    @pytest.mark.parametrize("part", ["authority_key_identifier", "key_identifier", "basic_constraints", "key_usage"])
    def test_a_garbled_namesake_of_the_issuer_spoils_nothing(self, pki: DemoPki, part: str) -> None:
        """Anybody can add a certificate to a signed document."""
        garbled = garbled_extension(pki.authority("public-sub").asn1, part)
        assert garbled.subject == pki.holder("citizen").asn1.issuer
        bare = _without_key_identifiers(pki, "citizen")
        assert seek(pki, bare, embedded=(garbled,)).outcome is PathStatus.TRUSTED

    def test_an_edwards_key_as_issuer_raises_nothing(self, pki: DemoPki) -> None:
        profile = Profile(pki.authority("public-sub").certificate.subject, pki.made_at, pki.made_at, ca=True)
        odd = build(profile, ed25519.Ed25519PrivateKey.generate().public_key(), pki.authority("public-root"))  # type: ignore[arg-type]  # on purpose
        result = seek(pki, _without_key_identifiers(pki, "citizen"), embedded=(to_asn1(odd),))
        assert result.outcome is PathStatus.TRUSTED


def test_the_engine_is_asked_once_about_a_path_in_a_year(pki: DemoPki, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[datetime] = []
    engine = path_module._engine

    def counted(path: Certificates, at: datetime) -> str | None:
        asked.append(at)
        return engine(path, at)

    monkeypatch.setattr(path_module, "_engine", counted)
    monkeypatch.setattr(path_module, "_answers", BoundedMemo(16))
    citizen, agency = (pki.holder(slug).asn1 for slug in ("citizen", "agency"))
    first = seek(pki, citizen)
    assert [seek(pki, citizen).outcome, len(asked)] == [first.outcome, 1]
    seek(pki, citizen, days=400)
    seek(pki, agency)
    assert len(asked) == 3  # another year, another path


def test_inside_a_running_event_loop(pki: DemoPki) -> None:
    """pyHanko's validation is asynchronous, and asks for paths from within."""

    async def asked() -> PathResult:
        return seek(pki, pki.holder("citizen").asn1)

    assert asyncio.run(asked()).outcome is PathStatus.TRUSTED


def _loaded(der: bytes) -> asn1_x509.Certificate | None:
    try:
        return asn1_x509.Certificate.load(der)
    except ValueError:
        return None


def _without_key_identifiers(pki: DemoPki, slug: str, issuer: Authority | None = None) -> asn1_x509.Certificate:
    """The holder's certificate issued anew without authority key identifier."""
    holder = pki.holder(slug)
    signer = issuer or holder.issuer
    certificate = (
        x509.CertificateBuilder()
        .subject_name(holder.certificate.subject)
        .issuer_name(signer.certificate.subject)
        .public_key(holder.certificate.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(holder.certificate.not_valid_before_utc)
        .not_valid_after(holder.certificate.not_valid_after_utc)
        .sign(signer.key, hashes.SHA256())
    )
    return to_asn1(certificate)
