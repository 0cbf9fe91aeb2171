"""Tricks with bare CMS files: content that nobody signed as content, other encodings, parameters that contradict."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from asn1crypto import algos, cms, core
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from pyhanko.sign.general import as_signing_certificate_v2

from demo.issuing import Holder
from demo.pki import DemoPki
from tests.unit.verifier.cms_maker import Make, make_cms
from tests.unit.verifier.signing import (
    Signing,
    append_page_change,
    blank_paper,
    codes,
    judge,
    only,
    sign,
    without_status,
)
from verifier.inputs import Environment
from verifier.report import (
    Conclusion,
    Coverage,
    DocumentFormat,
    Integrity,
    SubIndication,
)

LETTER = b"Kinh gui So Tai nguyen va Moi truong"
DATA = core.ObjectIdentifier("1.2.840.113549.1.7.1").dump()
NO_DATA = core.ObjectIdentifier("1.2.840.113549.1.7.127").dump()
PLAIN_ECDSA_SHA256 = "0.4.0.127.0.7.1.1.4.1.3"


@pytest.fixture(scope="module")
def environment(pki: DemoPki) -> Environment:
    return without_status(pki)


@pytest.fixture(scope="module")
def citizen(pki: DemoPki) -> Holder:
    return pki.holder("citizen")


def signed_data(data: bytes) -> Any:
    return cms.ContentInfo.load(data)["content"]


def file_of(data: Any) -> bytes:
    return bytes(cms.ContentInfo({"content_type": "signed_data", "content": data.copy()}).dump(force=True))


class TestAttributesAndContent:
    def test_stripped_attributes_are_no_content(self, citizen: Holder, environment: Environment) -> None:
        """The value of an honest signature is over its attributes: shown as a file of their own they would "verify"."""
        data = signed_data(make_cms(Make(citizen), LETTER))
        info = data["signer_infos"][0]
        attributes = info["signed_attrs"].untag().dump()
        info["signed_attrs"] = None
        verdict = only(file_of(data), environment, content=attributes)
        assert verdict.facts.integrity is Integrity.INTACT, "else this test shows nothing"
        assert verdict.sub_indication is SubIndication.FORMAT_FAILURE
        assert "SIGNED-ATTRIBUTES-AS-CONTENT" in codes(verdict)

    def test_stripped_attributes_inside_are_none_either(self, citizen: Holder, environment: Environment) -> None:
        data = signed_data(make_cms(Make(citizen), LETTER))
        info = data["signer_infos"][0]
        attributes = info["signed_attrs"].untag().dump()
        info["signed_attrs"] = None
        data["encap_content_info"] = {"content_type": "data", "content": attributes}
        assert only(file_of(data), environment).sub_indication is SubIndication.FORMAT_FAILURE

    def test_a_letter_that_begins_like_a_set_is_a_letter(self, citizen: Holder, environment: Environment) -> None:
        for letter in (b"1. Kinh gui", b"1", core.SetOf([core.Integer(1)], spec=core.Integer).dump()):
            made = make_cms(Make(citizen, with_attributes=False), letter)
            assert only(made, environment, content=letter).sub_indication is None

    def test_without_attributes_the_content_must_be_data(self, citizen: Holder, environment: Environment) -> None:
        """RFC 5652 §5.3."""
        made = make_cms(Make(citizen, with_attributes=False, encapsulated=LETTER), b"")
        assert only(made, environment).sub_indication is None
        renamed = made.replace(DATA, NO_DATA)
        verdict = only(renamed, environment)
        assert verdict.sub_indication is SubIndication.FORMAT_FAILURE
        assert "CONTENT-TYPE-ATTRIBUTE" in codes(verdict)

    def test_a_content_type_that_contradicts_is_wrong(self, citizen: Holder, environment: Environment) -> None:
        """The attribute says data, the structure something else: it would be read as what was not signed."""
        made = make_cms(Make(citizen, encapsulated=LETTER), b"")
        assert made.count(DATA) == 2, "in the structure, then in the attribute"
        verdict = only(made.replace(DATA, NO_DATA, 1), environment)
        assert verdict.sub_indication is SubIndication.FORMAT_FAILURE


class TestEncodings:
    def test_indefinite_lengths_with_content_in_pieces(self, citizen: Holder, environment: Environment) -> None:
        """BER as streaming signers write it (``openssl cms -stream``): the content in several OCTET STRINGs."""
        made = make_cms(Make(citizen, encapsulated=LETTER), b"")
        whole = core.OctetString(LETTER).dump()
        pieces = b"".join(core.OctetString(part).dump() for part in (LETTER[:5], LETTER[5:20], LETTER[20:]))
        streamed = _indefinite(made, {whole: b"\x24\x80" + pieces + b"\0\0"})
        report = judge(streamed, environment)
        assert report.conclusion is Conclusion.TOTAL_PASSED, report.verdicts
        changed = streamed.replace(LETTER[5:20], LETTER[5:19] + b"X")
        assert only(changed, environment).sub_indication is SubIndication.HASH_FAILURE

    def test_certificates_alone_are_no_signature(self, citizen: Holder, environment: Environment) -> None:
        """A ``.p7b``: a SignedData without signers."""
        data = signed_data(make_cms(Make(citizen), LETTER))
        data["signer_infos"] = []
        report = judge(file_of(data), environment)
        assert report.conclusion is Conclusion.UNREADABLE
        assert [finding.code for finding in report.findings] == ["CMS-FILE-UNREADABLE"]

    def test_a_thousand_signers_are_not_all_judged_and_do_not_pass(
        self, citizen: Holder, environment: Environment
    ) -> None:
        report = judge(make_cms(Make(citizen, encapsulated=LETTER, signers=1000), b""), environment)
        assert report.conclusion is not Conclusion.TOTAL_PASSED
        assert "TOO-MANY-SIGNATURES" in {finding.code for finding in report.findings}

    def test_a_counter_signature_is_said_and_vouches_for_nothing(
        self, pki: DemoPki, citizen: Holder, environment: Environment
    ) -> None:
        data = signed_data(make_cms(Make(citizen, encapsulated=LETTER), b""))
        info = data["signer_infos"][0]
        value = info["signature"].native
        counter = signed_data(make_cms(Make(pki.holder("officer")), value))["signer_infos"][0]
        info["unsigned_attrs"] = [{"type": "counter_signature", "values": [counter]}]
        verdict = only(file_of(data), environment)
        assert "CMS-COUNTER-SIGNATURE" in codes(verdict)
        assert verdict.sub_indication is None
        assert verdict.facts.signer is not None and verdict.facts.signer.cccd == "012345678901"


class TestAlgorithms:
    @pytest.mark.parametrize(
        ("salt", "mask", "declared", "passes"),
        [
            (32, "sha256", "sha256", True),
            (20, "sha256", "sha256", False),
            (32, "sha1", "sha256", False),
            (32, "sha256", "sha512", False),
        ],
    )
    def test_pss_parameters_are_those_of_the_value(
        self, salt: int, mask: str, declared: str, passes: bool, citizen: Holder, environment: Environment
    ) -> None:
        """Made with SHA-256, MGF1 with SHA-256 and 32 bytes of salt; what the structure declares varies."""
        parameters = {
            "hash_algorithm": {"algorithm": declared},
            "mask_gen_algorithm": {"algorithm": "mgf1", "parameters": {"algorithm": mask}},
            "salt_length": salt,
        }

        def value(signed: bytes) -> bytes:
            key = citizen.key
            assert isinstance(key, rsa.RSAPrivateKey)
            return key.sign(signed, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())

        algorithm = {"algorithm": "rsassa_pss", "parameters": parameters}
        verdict = only(_cms(citizen, algorithm, value), environment)
        assert (verdict.sub_indication is None) is passes, verdict.findings
        if not passes:
            assert verdict.facts.integrity is not Integrity.INTACT

    @pytest.mark.parametrize("flip", [False, True])
    def test_plain_ecdsa(self, flip: bool, pki: DemoPki, environment: Environment) -> None:
        """BSI TR-03111: r ‖ s."""
        holder = pki.holder("citizen-ec")

        def value(signed: bytes) -> bytes:
            key = holder.key
            assert isinstance(key, ec.EllipticCurvePrivateKey)
            r, s = decode_dss_signature(key.sign(signed, ec.ECDSA(hashes.SHA256())))
            size = (key.curve.key_size + 7) // 8
            return (s if flip else r).to_bytes(size) + (r if flip else s).to_bytes(size)

        verdict = only(_cms(holder, {"algorithm": PLAIN_ECDSA_SHA256}, value), environment)
        expected = Integrity.BROKEN if flip else Integrity.INTACT
        assert verdict.facts.integrity is expected, verdict.findings

    @pytest.mark.parametrize("digest", ["sha512", "sha256"])
    def test_eddsa_with_attributes(self, digest: str, pki: DemoPki, environment: Environment) -> None:
        """RFC 8419 §3.1: Ed25519 over the attributes; the digest of the content is to be SHA-512."""
        key = ed25519.Ed25519PrivateKey.generate()
        holder = pki.issue("citizen-ed", key=key)  # type: ignore[arg-type]  # the demo's plans use RSA and EC
        made = _cms(holder, {"algorithm": "ed25519"}, key.sign, digest)
        verdict = only(made, environment)
        own = digest == "sha512"
        assert verdict.facts.integrity is (Integrity.INTACT if own else Integrity.UNKNOWN), verdict.findings
        assert ("DIGEST-NOT-OF-EDDSA" in codes(verdict)) is not own
        if not own:
            return
        changed = only(made.replace(LETTER, LETTER[:-1] + b"X"), environment)
        assert changed.sub_indication is SubIndication.HASH_FAILURE

    def test_a_value_of_another_kind_of_key_is_no_signature(
        self, pki: DemoPki, citizen: Holder, environment: Environment
    ) -> None:
        verdict = only(
            _cms(citizen, {"algorithm": "sha256_ecdsa"}, lambda _: b"\x30\x06\x02\x01\x01\x02\x01\x01"), environment
        )
        assert verdict.facts.integrity is not Integrity.INTACT

    @pytest.mark.parametrize("value", [b"\x30\x06\x02\x01\x00\x02\x01\x00", b"", b"\x00" * 64])
    def test_a_null_signature_of_a_curve_is_none(self, value: bytes, pki: DemoPki, environment: Environment) -> None:
        """CVE-2022-21449: r = s = 0 verified everything."""
        for algorithm in ("sha256_ecdsa", PLAIN_ECDSA_SHA256):
            made = _cms(pki.holder("citizen-ec"), {"algorithm": algorithm}, lambda _: value)
            assert only(made, environment).facts.integrity is not Integrity.INTACT


LOGINS = {
    "json web signature": b"eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIwMTIzNDU2Nzg5MDEifQ",
    "tls 1.3": b" " * 64 + b"TLS 1.3, client CertificateVerify\0" + bytes(range(32)),
    "a paper's ranges": b"%PDF-1.7 /ByteRange\0[ +0 00000000000000000040 90 20]" + b"." * 8,
}


@pytest.mark.parametrize("kind", LOGINS)
def test_what_a_key_signs_elsewhere_is_no_letter(kind: str, citizen: Holder, environment: Environment) -> None:
    """A value without signed attributes is over these very bytes: made for another protocol, shown as a file."""
    made = make_cms(Make(citizen, with_attributes=False, encapsulated=LOGINS[kind]), b"")
    verdict = only(made, environment)
    assert verdict.facts.integrity is Integrity.INTACT
    assert verdict.sub_indication is SubIndication.FORMAT_FAILURE
    assert "CONTENT-OF-ANOTHER-PROTOCOL" in codes(verdict)


@pytest.mark.parametrize("words", [b"eyJ la ba chu cai. Kinh gui", b"TLS 1.3, client CertificateVerify"])
def test_a_letter_about_them_is_a_letter(words: bytes, citizen: Holder, environment: Environment) -> None:
    made = make_cms(Make(citizen, with_attributes=False, encapsulated=words), b"")
    assert only(made, environment).sub_indication is None


def _cms(holder: Holder, algorithm: dict[str, Any], value: Any, digest: str = "sha256") -> bytes:
    """An attached CMS whose value ``value(signed attributes)`` makes, under the named algorithm."""
    attributes = [
        cms.CMSAttribute({"type": "content_type", "values": ["data"]}),
        cms.CMSAttribute({"type": "message_digest", "values": [hashlib.new(digest, LETTER).digest()]}),
        cms.CMSAttribute({"type": "signing_certificate_v2", "values": [as_signing_certificate_v2(holder.asn1)]}),
    ]
    body = b"".join(sorted(one.dump() for one in attributes))
    signed = core.Asn1Value(class_=0, tag=17, method=1, contents=body).dump()
    certificate = holder.asn1
    info = {
        "version": "v1",
        "sid": {"issuer_and_serial_number": {"issuer": certificate.issuer, "serial_number": certificate.serial_number}},
        "digest_algorithm": {"algorithm": digest},
        "signed_attrs": cms.CMSAttributes.load(signed),
        "signature_algorithm": algos.SignedDigestAlgorithm(algorithm),
        "signature": value(signed),
    }
    data = {
        "version": "v1",
        "digest_algorithms": [{"algorithm": digest}],
        "encap_content_info": {"content_type": "data", "content": LETTER},
        "certificates": [cms.CertificateChoices({"certificate": certificate})],
        "signer_infos": [info],
    }
    return bytes(cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(data)}).dump())


def _indefinite(der: bytes, replaced: dict[bytes, bytes]) -> bytes:
    """The outer structures (ContentInfo, SignedData, content) with indefinite lengths, some elements written anew."""
    info = cms.ContentInfo.load(der)
    data = info["content"]
    content = data["encap_content_info"]
    inner = content["content_type"].dump() + b"\xa0\x80" + _new(content["content"].untag().dump(), replaced) + b"\0\0"
    parts = [data["version"].dump(), data["digest_algorithms"].dump(), b"\x30\x80" + inner + b"\0\0"]
    parts += [data["certificates"].dump(), data["signer_infos"].dump()]
    signed = b"\x30\x80" + b"".join(parts) + b"\0\0"
    return b"\x30\x80" + bytes(info["content_type"].dump()) + b"\xa0\x80" + signed + b"\0\0" + b"\0\0"


def _new(element: bytes, replaced: dict[bytes, bytes]) -> bytes:
    for old, new in replaced.items():
        element = element.replace(old, new)
    return element


@pytest.mark.parametrize("garbage", [b"\x30\x03abc", b"\x30\x80\x00\x00", b"\x30\x04\x06\x02\x2a\x03", b"\x05\x00"])
def test_a_garbled_time_stamp_is_no_stamp_of_this_signature(
    garbage: bytes, citizen: Holder, environment: Environment
) -> None:
    data = signed_data(make_cms(Make(citizen, encapsulated=LETTER), b""))
    kind = core.ObjectIdentifier("1.2.840.113549.1.9.16.2.14").dump()
    values = bytes(core.Asn1Value(class_=0, tag=17, method=1, contents=garbage).dump())
    attribute = core.Asn1Value(class_=0, tag=16, method=1, contents=kind + values).dump()
    added = core.Asn1Value(class_=2, tag=1, method=1, contents=attribute).dump()
    info = data["signer_infos"][0]
    body = b"".join(info[name].dump() for name in INFO_FIELDS) + added
    whole = file_of(data)
    old = info.dump()
    new = core.Asn1Value(class_=0, tag=16, method=1, contents=body).dump()
    verdict = only(_grown(whole, old, new), environment)
    assert verdict.facts.integrity is Integrity.INTACT
    assert verdict.sub_indication is SubIndication.SIG_CONSTRAINTS_FAILURE
    assert {"TIMESTAMP-FALSE", "TIMESTAMP-UNREADABLE"} <= codes(verdict)
    assert verdict.facts.best_signature_time is None


INFO_FIELDS = ("version", "sid", "digest_algorithm", "signed_attrs", "signature_algorithm", "signature")


def _grown(data: bytes, old: bytes, new: bytes) -> bytes:
    """The file with one element written anew, in structures of indefinite length so that no length has to be mended."""
    info = cms.ContentInfo.load(data)
    content = info["content"]
    names = ("version", "digest_algorithms", "encap_content_info", "certificates", "signer_infos")
    parts = [content[name].dump() for name in names]
    assert parts[-1].endswith(old)
    parts[-1] = b"\x31\x80" + new + b"\0\0"
    signed = b"\x30\x80" + b"".join(parts) + b"\0\0"
    return b"\x30\x80" + bytes(info["content_type"].dump()) + b"\xa0\x80" + signed + b"\0\0" + b"\0\0"


class TestPdfInside:
    """An attached signature over a PDF: the PDF's header stands near the start, so the file is two files to viewers."""

    def test_it_is_judged_as_what_it_is(self, citizen: Holder, environment: Environment) -> None:
        paper = sign(blank_paper(), Signing(citizen))
        report = judge(make_cms(Make(citizen, encapsulated=paper), b""), environment)
        assert (report.format, report.conclusion) == (DocumentFormat.CMS, Conclusion.TOTAL_PASSED)

    @pytest.mark.parametrize("place", ["behind", "in an unsigned attribute", "among the certificates"])
    def test_another_pdf_in_what_nobody_signed_is_noticed(
        self, place: str, citizen: Holder, environment: Environment
    ) -> None:
        made = make_cms(Make(citizen, encapsulated=blank_paper()), b"")
        data = signed_data(made)
        shown = append_page_change(blank_paper())[len(blank_paper()) :]
        if place == "behind":
            evil = made + shown
        elif place == "among the certificates":
            other = cms.OtherCertificateFormat(
                {"other_cert_format": "1.2.3.4", "other_cert": core.Any(core.OctetString(shown))}
            )
            data["certificates"].append(cms.CertificateChoices({"other": other}))
            evil = file_of(data)
        else:
            odd = cms.CMSAttribute({"type": "1.2.3.4.5", "values": [core.OctetString(shown)]})
            data["signer_infos"][0]["unsigned_attrs"] = cms.CMSAttributes([odd])
            evil = file_of(data)
        verdict = only(evil, environment)
        assert (verdict.facts.integrity, verdict.facts.coverage) == (Integrity.INTACT, Coverage.PARTIAL)
        assert verdict.sub_indication is SubIndication.FORMAT_FAILURE

    @pytest.mark.parametrize("padding_bytes", [b"\n", b"\r\n", bytes(16)])
    def test_blanks_behind_the_structure_are_for_an_officer(
        self, padding_bytes: bytes, citizen: Holder, environment: Environment
    ) -> None:
        """DER ends with its structure; zeros are for the reserved space of a PDF alone."""
        made = make_cms(Make(citizen, encapsulated=blank_paper()), b"")
        assert judge(made, environment).conclusion is Conclusion.TOTAL_PASSED
        verdict = only(made + padding_bytes, environment)
        assert verdict.sub_indication is SubIndication.SIG_CONSTRAINTS_FAILURE
        assert verdict.facts.coverage is Coverage.WHOLE_FILE
