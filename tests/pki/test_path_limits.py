"""Where a path ends: its length, the keys on the way, what the engine cannot process; what is told of half a path."""

from __future__ import annotations

from collections.abc import Generator
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from certs import path as path_module
from certs.anchors import Purpose, make_store
from certs.certificate import MALFORMED, Certificate, fingerprint
from certs.memo import BoundedMemo
from certs.path import MAX_PATH_LENGTH, MAX_SIGNATURE_CHECKS, PathResult, PathStatus, find_path
from demo.issuing import CA_USAGE, Authority, Profile, build, name, to_asn1
from demo.pki import DemoPki
from tests.pki.statements import AT, DAY
from tests.pki.test_compatibility import anchored, path_of, signed_by


def below(pki: DemoPki, issuer: Authority, title: str, **changes: object) -> Authority:
    """A CA below another one, with a key of the demo's."""
    parts: dict[str, object] = {
        "subject": name((NameOID.COMMON_NAME, title)),
        "not_before": AT - DAY,
        "not_after": AT + DAY,
        "ca": True,
        "usage": CA_USAGE,
    }
    key = pki.authority("stranger-root").key
    profile = Profile(**(parts | changes))  # type: ignore[arg-type]  # fields by name
    return Authority(title, build(profile, key.public_key(), issuer), key)


def leaf_below(pki: DemoPki, issuer: Authority, **changes: object) -> Certificate:
    return below(pki, issuer, "leaf", ca=False, usage=("digital_signature",), **changes).asn1


def found(pki: DemoPki, leaf: Certificate, *embedded: Certificate, pinned: tuple[Certificate, ...] = ()) -> PathResult:
    store = pki.trust_store()
    return find_path(leaf, embedded, make_store(store.anchors, (*store.intermediates, *pinned)), AT, Purpose.SIGNING)


@pytest.mark.parametrize(
    ("length", "outcome"), [(MAX_PATH_LENGTH, PathStatus.TRUSTED), (MAX_PATH_LENGTH + 1, PathStatus.NO_CHAIN)]
)
def test_a_path_has_so_many_certificates_and_no_more(length: int, outcome: PathStatus, still: DemoPki) -> None:
    root = still.authority("public-root")
    authorities = [root]
    for index in range(length - 2):  # the root is one, the leaf another
        authorities.append(below(still, authorities[-1], f"CA {index}"))
    result = found(still, leaf_below(still, authorities[-1]), *(one.asn1 for one in authorities[1:]))
    assert result.outcome is outcome, result.detail
    assert len(result.path) == MAX_PATH_LENGTH


def test_so_many_signatures_are_checked_and_no_more(still: DemoPki) -> None:
    """Namesakes whose key did not sign, before the one whose key did."""
    issuer = below(still, still.authority("public-root"), "CA")
    bare = _without_identifiers(leaf_below(still, issuer), issuer)
    others = tuple(
        below(still, still.authority("public-root"), "CA", not_before=AT - timedelta(days=2, seconds=index))
        for index in range(MAX_SIGNATURE_CHECKS)
    )
    wrong = tuple(_with_key_of(one.asn1, still.authority("official-root"), still) for one in others)
    assert found(still, bare, *wrong[2:], issuer.asn1).outcome is PathStatus.TRUSTED
    assert found(still, bare, *wrong, issuer.asn1).outcome is PathStatus.CHAIN_INVALID


def test_of_two_half_paths_the_first_found_is_told(still: DemoPki) -> None:
    """A pinned certificate before its twin from the document."""
    stranger = still.authority("stranger-root")
    pinned = below(still, stranger, "half", not_before=AT - 2 * DAY)
    brought = below(still, stranger, "half")
    leaf = leaf_below(still, brought)
    result = found(still, leaf, brought.asn1, pinned=(pinned.asn1,))
    assert (result.outcome, [fingerprint(c) for c in result.path]) == (
        PathStatus.NO_CHAIN,
        [fingerprint(leaf), fingerprint(pinned.asn1)],
    )
    assert result.detail == "no anchor for the issuer of Common Name: half"


def test_an_issuer_without_key_identifier_is_tried(still: DemoPki) -> None:
    issuer = below(still, still.authority("public-root"), "CA")
    leaf = leaf_below(still, issuer)
    assert leaf.authority_key_identifier is not None
    root = still.authority("public-root")
    assert found(still, leaf, _without_identifiers(issuer.asn1, root)).outcome is PathStatus.TRUSTED


def test_the_algorithms_of_a_ca_are_judged_wherever_it_stands_and_those_of_a_leaf_are_not(still: DemoPki) -> None:
    root = still.authority("public-root")
    assert found(still, below(still, root, "weak", sha1=True).asn1).outcome is PathStatus.CHAIN_WEAK
    assert found(still, leaf_below(still, root, sha1=True)).outcome is PathStatus.TRUSTED
    small = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    for ca, outcome in ((True, PathStatus.CHAIN_WEAK), (False, PathStatus.TRUSTED)):
        profile = Profile(name((NameOID.COMMON_NAME, "small")), AT - DAY, AT + DAY, ca=ca)
        assert found(still, to_asn1(build(profile, small.public_key(), root))).outcome is outcome


def test_a_constraint_that_the_engine_does_not_know_forbids_the_path(still: DemoPki) -> None:
    constraints = x509.NameConstraints([x509.RegisteredID(x509.ObjectIdentifier("1.2.3"))], None)
    issuer = below(still, still.authority("public-root"), "CA", extensions=((constraints, True),))
    named = x509.SubjectAlternativeName([x509.RegisteredID(x509.ObjectIdentifier("1.2.4"))])
    result = found(still, leaf_below(still, issuer, extensions=((named, False),)), issuer.asn1)
    assert result.outcome is PathStatus.CHAIN_CONSTRAINTS
    assert result.detail.startswith("not processed: ")


@pytest.mark.parametrize("error", [NotImplementedError, AssertionError, *MALFORMED])
def test_whatever_the_engine_raises_forbids_the_path(
    error: type[Exception], still: DemoPki, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def raising(*_: object) -> None:
        raise error("as the engine does of a certificate that it cannot process")

    monkeypatch.setattr(path_module, "async_validate_path", raising)
    monkeypatch.setattr(path_module, "_answers", BoundedMemo(16))
    assert found(still, still.holder("citizen").asn1).outcome is PathStatus.CHAIN_CONSTRAINTS


def test_an_engine_that_waits_for_something_is_an_error(still: DemoPki, monkeypatch: pytest.MonkeyPatch) -> None:
    class Waiting:
        def __await__(self) -> Generator[None, None, None]:
            yield

    async def waiting(*_: object) -> None:
        await Waiting()

    monkeypatch.setattr(path_module, "async_validate_path", waiting)
    monkeypatch.setattr(path_module, "_answers", BoundedMemo(16))
    with pytest.raises(RuntimeError, match="tried to wait"):
        found(still, still.holder("citizen").asn1)


def test_an_anchor_without_key_usage_may_sign_certificates(still: DemoPki) -> None:
    leaf, root = anchored(still, usage=None)
    assert root.key_usage_value is None
    assert path_of(leaf.asn1, root).outcome is PathStatus.TRUSTED


def test_an_anchor_of_version_1_is_what_its_operator_takes_it_for(still: DemoPki) -> None:
    """It has no extensions that could say that it is a CA; a later version that says nothing is none."""
    leaf, root = anchored(still)
    for version, outcome in (("v1", PathStatus.TRUSTED), ("v3", PathStatus.CHAIN_CONSTRAINTS)):
        tbs = root["tbs_certificate"].copy()
        tbs["version"] = version
        tbs["extensions"] = None if version == "v1" else []
        plain = signed_by(leaf.issuer, tbs)
        assert plain.basic_constraints_value is None
        assert path_of(leaf.asn1, plain).outcome is outcome


def _without_identifiers(certificate: Certificate, issuer: Authority) -> Certificate:
    """The certificate signed anew without its key identifiers."""
    tbs = certificate["tbs_certificate"].copy()
    kept = [one for one in tbs["extensions"] if not one["extn_id"].native.endswith("key_identifier")]
    tbs["extensions"] = kept
    return signed_by(issuer, tbs)


def _with_key_of(certificate: Certificate, other: Authority, pki: DemoPki) -> Certificate:
    """The certificate with another authority's key in it, signed anew."""
    tbs = certificate["tbs_certificate"].copy()
    tbs["subject_public_key_info"] = other.asn1["tbs_certificate"]["subject_public_key_info"]
    return _without_identifiers(signed_by(pki.authority("public-root"), tbs), pki.authority("public-root"))
