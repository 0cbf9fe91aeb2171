"""What authorities and programs get wrong without harm is read; what could be made to deceive is not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from asn1crypto import core, keys
from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, ObjectIdentifier

from certs.algorithms import acceptable_key
from certs.anchors import TrustAnchor, make_store
from certs.catalogue import ALL_PURPOSES, Purpose, Regime
from certs.certificate import Certificate
from certs.path import PathResult, PathStatus, find_path
from certs.profile import may_sign
from certs.public_keys import holds_without_null, readable_key
from certs.revocation import CertStatus
from certs.signed_bytes import issued_by, signature_holds
from demo.issuing import CA_USAGE, Authority, Holder, Profile, build, name, new_rsa_key, to_asn1
from demo.pki import DemoPki
from tests.pki.statements import AT, DAY, HOUR, ask, crl, response

COMPROMISE = x509.ReasonFlags.key_compromise
REVOKED = ocsp.OCSPCertStatus.REVOKED


def two_answers(pki: DemoPki, first: bytes, second: bytes) -> bytes:
    """One response with the single answers of both, signed by the issuer."""
    outer = asn1_ocsp.OCSPResponse.load(first)
    basic = outer.basic_ocsp_response
    other = asn1_ocsp.OCSPResponse.load(second).basic_ocsp_response
    data = basic["tbs_response_data"].copy()
    data["responses"] = [*data["responses"], *other["tbs_response_data"]["responses"]]
    key = pki.holder("citizen").issuer.key
    value = key.sign(data.dump(force=True), padding.PKCS1v15(), hashes.SHA256())
    made = {"tbs_response_data": data, "signature_algorithm": basic["signature_algorithm"], "signature": value}
    body = {"response_type": "basic_ocsp_response", "response": asn1_ocsp.BasicOCSPResponse(made)}
    return bytes(asn1_ocsp.OCSPResponse({"response_status": "successful", "response_bytes": body}).dump())


class TestTwoAnswers:
    @pytest.mark.parametrize("order", [1, -1])
    def test_the_worst_of_two_counts(self, order: int, still: DemoPki) -> None:
        good = response(still)
        bad = response(still, status=REVOKED, revoked=(AT - 2 * HOUR, COMPROMISE))
        unsure = response(still, status=ocsp.OCSPCertStatus.UNKNOWN)
        later = response(still, status=REVOKED, revoked=(AT + 2 * HOUR, COMPROMISE), stated=AT + 3 * HOUR)
        for pair, status in (
            ((good, bad), CertStatus.REVOKED),
            ((good, unsure), CertStatus.UNKNOWN),
            ((unsure, bad), CertStatus.REVOKED),
            ((good, good), CertStatus.GOOD),
        ):
            answer = ask(still, ocsps=[two_answers(still, *pair[::order])])
            assert answer.status is status
        both = two_answers(still, *(good, later)[::order])
        assert ask(still, ocsps=[both], validation_time=AT + DAY).revoked_at == AT + 2 * HOUR

    def test_an_answer_about_another_certificate_is_not_one_of_two(self, still: DemoPki) -> None:
        other = response(still, "company", status=REVOKED, revoked=(AT - 2 * HOUR, COMPROMISE))
        assert ask(still, ocsps=[two_answers(still, response(still), other)]).status is CertStatus.GOOD


class TestBrokenLists:
    def broken(self, still: DemoPki) -> list[bytes]:
        good = crl(still)
        parsed: Any = asn1_crl.CertificateList.load(good)
        third = parsed["tbs_cert_list"].dump().replace(b"\x02\x01\x01", b"\x02\x01\x02", 1)
        twice = parsed["tbs_cert_list"].copy()
        twice["crl_extensions"] = [*twice["crl_extensions"], *twice["crl_extensions"]]
        key = still.authority("public-sub").key
        made = []
        for tbs in (third, twice.dump(force=True)):
            value = key.sign(tbs, padding.PKCS1v15(), hashes.SHA256())
            body = (
                tbs
                + parsed["signature_algorithm"].dump()
                + core.BitString.load(core.OctetBitString(value).dump()).dump()
            )
            made.append(bytes(core.Sequence(contents=body).dump()))
        return [*made, good[:200], b"\x30\x03abc", b"", good.replace(b"\x17\x0d", b"\x17\x0c", 1)]

    def test_one_takes_no_other_statement_with_it(self, still: DemoPki) -> None:
        for number, broken in enumerate(self.broken(still)):
            for crls in ([broken, crl(still)], [crl(still), broken]):
                assert ask(still, crls=crls).status is CertStatus.GOOD, number
            revoked = crl(still, revoked={"citizen": (AT - 2 * HOUR, COMPROMISE)})
            assert ask(still, crls=[broken, revoked]).status is CertStatus.REVOKED, number
            assert ask(still, crls=[broken], ocsps=[response(still)]).status is CertStatus.GOOD, number

    def test_alone_it_says_nothing(self, still: DemoPki) -> None:
        for broken in self.broken(still):
            assert ask(still, crls=[broken]).status is CertStatus.UNKNOWN


def anchored(pki: DemoPki, *, leaf: dict[str, Any] | None = None, **changes: Any) -> tuple[Holder, Certificate]:
    """A root of its own by these changes of its profile, and a leaf below it."""
    key = new_rsa_key()
    profile = Profile(
        subject=name((x509.NameOID.COMMON_NAME, "Goc rieng")),
        not_before=AT - 30 * DAY,
        not_after=AT + 300 * DAY,
        ca=True,
        usage=CA_USAGE,
    )
    root = build(replace(profile, **changes), key.public_key(), None, key)
    authority = Authority("own", root, key)
    own = new_rsa_key()
    person = Profile(
        subject=name((x509.NameOID.COMMON_NAME, "Nguyen Van A")), not_before=AT - DAY, not_after=AT + 200 * DAY
    )
    certificate = build(replace(person, **(leaf or {})), own.public_key(), authority)
    return Holder("leaf", certificate, own, authority, (root,)), authority.asn1


def path_of(
    leaf: Certificate, anchor: Certificate, purpose: Purpose = Purpose.SIGNING, *known: Certificate
) -> PathResult:
    store = make_store([TrustAnchor(anchor, Regime.UNKNOWN, ALL_PURPOSES, sha1_tree=False, name="own")], known)
    return find_path(leaf, [], store, AT, purpose)


def constraint(
    permitted: str | None = None, excluded: str | None = None
) -> tuple[tuple[x509.ExtensionType, bool], ...]:
    def tree(organization: str | None) -> list[x509.GeneralName] | None:
        if organization is None:
            return None
        return [x509.DirectoryName(name((x509.NameOID.ORGANIZATION_NAME, organization)))]

    return ((x509.NameConstraints(tree(permitted), tree(excluded)), True),)


class TestAnchors:
    """RFC 5937: an anchor is trusted as its certificate stands."""

    def test_an_ordinary_root_is_one(self, still: DemoPki) -> None:
        leaf, root = anchored(still)
        assert path_of(leaf.asn1, root).outcome is PathStatus.TRUSTED

    def test_its_name_constraints_hold(self, still: DemoPki) -> None:
        subject = name((x509.NameOID.ORGANIZATION_NAME, "So A"), (x509.NameOID.COMMON_NAME, "A"))
        inside, outside = constraint(permitted="So A"), constraint(permitted="So B")
        away = constraint(excluded="So A")
        for extensions, outcome in (
            (inside, PathStatus.TRUSTED),
            (outside, PathStatus.CHAIN_CONSTRAINTS),
            (away, PathStatus.CHAIN_CONSTRAINTS),
        ):
            leaf, root = anchored(still, leaf={"subject": subject}, extensions=extensions)
            assert path_of(leaf.asn1, root).outcome is outcome

    @pytest.mark.parametrize(("length", "outcome"), [(0, PathStatus.CHAIN_CONSTRAINTS), (1, PathStatus.TRUSTED)])
    def test_its_path_length_holds(self, length: int, outcome: PathStatus, still: DemoPki) -> None:
        holder, root = anchored(still, leaf={"ca": True, "usage": CA_USAGE}, path_length=length)
        assert isinstance(holder.key, rsa.RSAPrivateKey)
        middle = Authority("middle", holder.certificate, holder.key)
        person = Profile(subject=name((x509.NameOID.COMMON_NAME, "B")), not_before=AT - DAY, not_after=AT + DAY)
        leaf = to_asn1(build(person, new_rsa_key().public_key(), middle))
        assert path_of(leaf, root, Purpose.SIGNING, holder.asn1).outcome is outcome

    @pytest.mark.parametrize(
        ("usages", "signs", "stamps"),
        [
            ((), True, True),
            ((ExtendedKeyUsageOID.EMAIL_PROTECTION,), True, False),
            ((ExtendedKeyUsageOID.TIME_STAMPING,), False, True),
            ((ExtendedKeyUsageOID.SERVER_AUTH,), False, False),
            ((ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,), True, True),
        ],
    )
    def test_its_purposes_hold(
        self, usages: tuple[ObjectIdentifier, ...], signs: bool, stamps: bool, still: DemoPki
    ) -> None:
        leaf, root = anchored(still, extended_usage=usages)
        for purpose, allowed in ((Purpose.SIGNING, signs), (Purpose.TIME_STAMPING, stamps)):
            expected = PathStatus.TRUSTED if allowed else PathStatus.CHAIN_CONSTRAINTS
            assert path_of(leaf.asn1, root, purpose).outcome is expected

    def test_its_validity_holds(self, still: DemoPki) -> None:
        leaf, root = anchored(still, not_after=AT - DAY)
        found = path_of(leaf.asn1, root)
        assert (found.outcome, found.ca_valid_at_time) == (PathStatus.TRUSTED, False)

    @pytest.mark.parametrize("changes", [{"ca": False}, {"usage": ("digital_signature",)}])
    def test_an_end_certificate_is_no_ca(self, changes: dict[str, Any], still: DemoPki) -> None:
        leaf, root = anchored(still, **changes)
        assert path_of(leaf.asn1, root).outcome is PathStatus.CHAIN_CONSTRAINTS
        assert path_of(root, root).outcome is PathStatus.TRUSTED, "it stands for itself"


class TestCertificates:
    def test_an_extension_that_stands_twice_is_refused(self, still: DemoPki) -> None:
        leaf, root = anchored(still)
        tbs = leaf.asn1["tbs_certificate"].copy()
        tbs["extensions"] = [*tbs["extensions"], tbs["extensions"][0]]
        evil = signed_by(leaf.issuer, tbs)
        assert issued_by(evil, root), "else this test shows nothing"
        assert path_of(evil, root).outcome is PathStatus.CHAIN_CONSTRAINTS

    def test_a_curve_by_parameters_of_its_own_is_refused(self, still: DemoPki) -> None:
        """CVE-2020-0601."""
        info: Any = still.holder("citizen-ec").asn1.public_key.copy()
        assert acceptable_key(info)
        field = {"field_type": "prime_field", "parameters": core.Integer(2**256 - 2**224 + 2**192 + 2**96 - 1)}
        base = info["public_key"].contents[1:]
        domain = {
            "version": "ecdpVer1",
            "field_id": field,
            "curve": {"a": bytes(32), "b": bytes(32)},
            "base": base,
            "order": 2**255,
            "cofactor": 1,
        }
        own = keys.PublicKeyInfo(
            {
                "algorithm": {"algorithm": "ec", "parameters": keys.ECDomainParameters("specified", domain)},
                "public_key": keys.ECPointBitString(base),
            }
        )
        assert not acceptable_key(own)
        leaf, root = anchored(still)
        tbs = leaf.asn1["tbs_certificate"].copy()
        tbs["subject_public_key_info"] = own
        assert path_of(signed_by(leaf.issuer, tbs), root).outcome is PathStatus.CHAIN_CONSTRAINTS

    def test_a_modulus_that_was_written_as_a_negative_number_is_read(self, still: DemoPki) -> None:
        key = new_rsa_key()
        numbers = key.public_key().public_numbers()
        octets = numbers.n.to_bytes(256, "big")
        written = core.Asn1Value(class_=0, tag=2, method=0, contents=octets).dump()
        body = core.Sequence(contents=written + core.Integer(numbers.e).dump()).dump()
        info = keys.PublicKeyInfo.wrap(body, "rsa")
        assert info["public_key"].parsed["modulus"].native < 0, "else this test shows nothing"
        assert acceptable_key(info)
        assert readable_key(info)["public_key"].parsed["modulus"].native == numbers.n
        algorithm: Any = still.holder("citizen").asn1["signature_algorithm"]
        value = key.sign(b"x", padding.PKCS1v15(), hashes.SHA256())
        assert signature_holds(info, algorithm, value, b"x")
        assert not signature_holds(info, algorithm, value, b"y")

    @pytest.mark.parametrize(
        ("usages", "critical", "allowed"),
        [
            ((ExtendedKeyUsageOID.OCSP_SIGNING,), False, False),
            ((ExtendedKeyUsageOID.OCSP_SIGNING,), True, False),
            ((ExtendedKeyUsageOID.SERVER_AUTH,), True, False),
            ((ExtendedKeyUsageOID.CODE_SIGNING,), True, False),
            ((ExtendedKeyUsageOID.CLIENT_AUTH,), True, False),
            ((ExtendedKeyUsageOID.SERVER_AUTH,), False, True),
            ((ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.EMAIL_PROTECTION), True, True),
            ((ObjectIdentifier("1.3.6.1.5.5.7.3.36"),), True, True),
            ((ObjectIdentifier("1.3.6.1.4.1.311.10.3.12"),), True, True),
            ((ObjectIdentifier("1.2.840.113583.1.1.5"),), True, True),
            ((ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,), True, True),
        ],
    )
    def test_a_purpose_that_excludes_signing(
        self, usages: tuple[ObjectIdentifier, ...], critical: bool, allowed: bool, still: DemoPki
    ) -> None:
        holder = still.issue("own-purpose", extended_usage=usages, extended_usage_critical=critical)
        assert may_sign(holder.asn1) is allowed

    def test_a_responder_by_its_mark_signs_no_documents(self, still: DemoPki) -> None:
        assert not may_sign(still.issue("marked", extensions=((x509.OCSPNoCheck(), False),)).asn1)
        assert not may_sign(still.holder("ocsp-public-sub").asn1)


def signed_by(issuer: Authority, tbs: Any) -> Certificate:
    """A certificate of these contents, signed anew by its issuer."""
    der = tbs.dump(force=True)
    value = issuer.key.sign(der, padding.PKCS1v15(), hashes.SHA256())
    made = {
        "tbs_certificate": Certificate._fields[0][1].load(der),
        "signature_algorithm": {"algorithm": "sha256_rsa", "parameters": core.Null()},
        "signature_value": value,
    }
    return Certificate.load(Certificate(made).dump())


class TestDigestInfo:
    """PKCS #1 v1.5 without the NULL of the digest algorithm (RFC 8017 §A.2.4), and what it is not."""

    def value(self, key: rsa.RSAPrivateKey, encoded: bytes) -> bytes:
        numbers = key.private_numbers()
        size = (numbers.public_numbers.n.bit_length() + 7) // 8
        return pow(int.from_bytes(encoded, "big"), numbers.d, numbers.public_numbers.n).to_bytes(size, "big")

    def encoded(self, info: bytes, size: int = 256, padding_byte: bytes = b"\xff") -> bytes:
        return b"\0\1" + padding_byte * (size - len(info) - 3) + b"\0" + info

    @pytest.mark.parametrize("digest", ["sha256", "sha384", "sha512"])
    def test_the_older_form_and_no_other(self, digest: str) -> None:
        key = new_rsa_key()
        public = keys.PublicKeyInfo.load(_spki(key))
        size = {"sha256": 32, "sha384": 48, "sha512": 64}[digest]
        identifier = {"sha256": 1, "sha384": 2, "sha512": 3}[digest]
        oid = bytes.fromhex("0609608648016503040200")[:-1] + bytes([identifier])
        hashed = hashes.Hash(getattr(hashes, digest.upper())())
        hashed.update(b"x")
        octets = b"\x04" + bytes([size]) + hashed.finalize()

        def info(parameters: bytes, end: bytes = b"") -> bytes:
            algorithm = b"\x30" + bytes([len(oid) + len(parameters)]) + oid + parameters
            body = algorithm + octets + end
            return b"\x30" + bytes([len(body)]) + body

        def holds(encoded: bytes) -> bool:
            return holds_without_null(public, digest, self.value(key, encoded), b"x")

        assert holds(self.encoded(info(b"")))
        assert not holds(self.encoded(info(b"\x05\x00"))), "that is the standard's form, verified elsewhere"
        assert not holds(self.encoded(info(b"\x04\x00")))
        assert not holds(self.encoded(info(b"", b"\x00")))
        assert not holds(self.encoded(info(b""), padding_byte=b"\xfe"))
        short = b"\0\1" + b"\xff" * 8 + b"\0" + info(b"")
        assert not holds(short + b"\x01" * (256 - len(short))), "CVE-2006-4339: anything behind the digest"
        assert not holds_without_null(public, digest, self.value(key, self.encoded(info(b""))), b"y")
        assert not holds_without_null(public, digest, self.value(key, self.encoded(info(b""))) + b"\0", b"x")

    def test_a_certificate_signed_in_that_form_is_issued(self, still: DemoPki) -> None:
        leaf, root = anchored(still)
        tbs = leaf.asn1["tbs_certificate"].dump()
        hashed = hashes.Hash(hashes.SHA256())
        hashed.update(tbs)
        info = bytes.fromhex("302f300b0609608648016503040201" + "0420") + hashed.finalize()
        value = self.value(leaf.issuer.key, self.encoded(info))
        made = Certificate.load(leaf.asn1.dump())
        made["signature_value"] = value
        old = Certificate.load(made.dump(force=True))
        assert issued_by(old, root)
        assert path_of(old, root).outcome is PathStatus.TRUSTED


def _spki(key: rsa.RSAPrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
