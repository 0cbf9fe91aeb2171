"""Tricks beside wrapping: what two readers read differently, what a digest leaves out, keys that anybody has, bombs."""

from __future__ import annotations

import base64
import copy
import hashlib
import hmac
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from lxml import etree

from api.dossiers.outcomes import Applicant, decide_outcome
from api.dossiers.profiles import load_profiles
from demo.pki import DemoPki
from tests.simulators.listener import listening
from tests.unit.verifier.signing import codes, judge, now, without_status
from tests.unit.verifier.xml_maker import (
    BASE64,
    DECLARATION,
    DS,
    ENVELOPED,
    EXCLUSIVE,
    INVOICE,
    XADES,
    Ref,
    XmlMake,
    canonical,
    edited,
    enveloping,
    sign_xml,
)
from verifier.inputs import Environment, VerificationInput
from verifier.process.workers import LimitedWorkers
from verifier.report import Conclusion, Coverage, Integrity, SubIndication


@pytest.fixture(scope="module")
def environment(pki: DemoPki) -> Environment:
    return without_status(pki)


@pytest.fixture(scope="module")
def invoice(pki: DemoPki) -> bytes:
    return sign_xml(INVOICE, XmlMake(pki.holder("company"), (Ref("#data", (EXCLUSIVE,)),), c14n=EXCLUSIVE))


@pytest.fixture(scope="module")
def declaration(pki: DemoPki) -> bytes:
    return sign_xml(DECLARATION, XmlMake(pki.holder("company"), (Ref("", (ENVELOPED,)),)), "CKyDTu")


class TestTextThatTwoReadersReadDifferently:
    @pytest.mark.parametrize("comment", ["9<!-- -->200000", "<!-- -->9200000", "9200<!--\n-->000"])
    def test_a_comment_in_a_signed_amount_is_for_an_officer(
        self, comment: str, invoice: bytes, environment: Environment
    ) -> None:
        """The digest still holds: canonical XML leaves comments out."""
        report = judge(invoice.replace(b"9200000", comment.encode()), environment)
        (verdict,) = report.verdicts
        assert verdict.facts.integrity is Integrity.INTACT
        assert (report.conclusion, verdict.sub_indication) == (
            Conclusion.INDETERMINATE,
            SubIndication.SIG_CONSTRAINTS_FAILURE,
        )
        assert "XML-COMMENT-IN-TEXT" in codes(verdict)

    def test_a_comment_between_elements_is_no_alarm(self, invoice: bytes, environment: Environment) -> None:
        commented = invoice.replace(b"<NMua>", b"<!-- --><NMua>", 1)
        assert judge(commented, environment).conclusion is Conclusion.TOTAL_PASSED

    @pytest.mark.parametrize("mark", ["<?x y?>", "<![CDATA[]]>"])
    def test_other_marks_in_an_amount_change_the_digest_or_nothing(
        self, mark: str, invoice: bytes, environment: Environment
    ) -> None:
        """An instruction is part of the canonical form; an empty CDATA section is no mark to any reader."""
        report = judge(invoice.replace(b"9200000", f"9{mark}200000".encode()), environment)
        expected = Conclusion.TOTAL_FAILED if mark.startswith("<?") else Conclusion.TOTAL_PASSED
        assert report.conclusion is expected

    @pytest.mark.parametrize("encoding", ["utf-7", "utf-16", "utf-32", "IBM037", "x-unknown"])
    def test_another_declared_encoding_is_no_second_reading(
        self, encoding: str, invoice: bytes, environment: Environment
    ) -> None:
        """The bytes stay UTF-8: a reader that believes the declaration would see another document."""
        declared = invoice.replace(b"encoding='UTF-8'", f"encoding='{encoding}'".encode())
        assert judge(declared, environment).conclusion is not Conclusion.TOTAL_PASSED


class TestWhatTheDigestLeavesOut:
    def test_under_base64_the_name_and_attributes_of_an_element_are_not_signed(
        self, pki: DemoPki, environment: Environment
    ) -> None:
        document = b'<BienLai><SoTien Id="data" DonVi="VND">OTIwMDAwMA==</SoTien></BienLai>'
        signed = sign_xml(document, XmlMake(pki.holder("company"), (Ref("#data", (BASE64,)),)), None)
        for shown in (signed, signed.replace(b"VND", b"USD"), signed.replace(b"SoTien", b"TraLai")):
            (verdict,) = judge(shown, environment).verdicts
            assert (verdict.facts.integrity, verdict.facts.coverage) == (Integrity.INTACT, Coverage.PARTIAL)
            assert verdict.sub_indication is SubIndication.FORMAT_FAILURE

    @pytest.mark.parametrize(
        "attribute",
        [
            'xsi:nil="true" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"',
            'xsi:type="x" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"',
            'xml:base="http://elsewhere.invalid/"',
        ],
    )
    def test_attributes_around_that_change_what_is_inside(
        self, attribute: str, invoice: bytes, environment: Environment
    ) -> None:
        report = judge(invoice.replace(b"<HDon>", f"<HDon {attribute}>".encode()), environment)
        assert report.conclusion is Conclusion.TOTAL_FAILED

    def test_a_schema_that_nobody_signed_is_for_an_officer(self, invoice: bytes, environment: Environment) -> None:
        """A program that reads by the schema takes default values from it."""
        told = b'<HDon xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="hd.xsd">'
        report = judge(invoice.replace(b"<HDon>", told), environment)
        assert report.conclusion is Conclusion.INDETERMINATE
        assert "XML-FRAME-NOT-SIGNED" in codes(report.verdicts[0])

    @pytest.mark.parametrize("prefix", ['xmlns="urn:evil"', 'xmlns:ds="urn:evil"'])
    def test_a_namespace_injected_above_never_changes_names(
        self, prefix: str, invoice: bytes, environment: Environment
    ) -> None:
        """A default namespace renames everything below it: the digest notices. A prefix that nobody uses does not."""
        report = judge(invoice.replace(b"<HDon>", f"<HDon {prefix}>".encode()), environment)
        renamed = prefix.startswith('xmlns="')
        assert (report.conclusion is Conclusion.TOTAL_PASSED) is not renamed


class TestIdentifiers:
    @pytest.mark.parametrize(
        "name",
        [
            "{http://www.w3.org/XML/1998/namespace}id",
            "ID",
            "id",
            "iD",
            "{http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd}Id",
        ],
    )
    def test_the_same_value_in_any_dialect_is_one_too_many(
        self, name: str, invoice: bytes, environment: Environment
    ) -> None:
        def clash(root: Any) -> None:
            evil = copy.deepcopy(root[0])
            del evil.attrib["Id"]
            evil.set(name, "data")
            evil.find(".//TgTTTBSo").text = "1"
            root.insert(0, evil)

        report = judge(edited(invoice, clash), environment)
        assert report.conclusion is Conclusion.TOTAL_FAILED
        assert "XML-ID-REPEATED" in codes(report.verdicts[0])

    def test_an_attribute_of_a_foreign_namespace_is_no_identifier(self, pki: DemoPki, environment: Environment) -> None:
        def rename(root: Any) -> None:
            del root[0].attrib["Id"]
            root[0].set("{urn:x}Id", "data")

        signed = sign_xml(INVOICE, XmlMake(pki.holder("company")))
        (verdict,) = judge(edited(signed, rename), environment).verdicts
        assert verdict.facts.integrity_failure is SubIndication.SIGNED_DATA_NOT_FOUND

    @pytest.mark.parametrize(
        "uri",
        [
            "#xpointer(//TgTTTBSo)",
            "#xpointer(id('data')/NDHDon)",
            "#element(/1/1)",
            "#data#data",
            "#",
            "#xpointer(id('data'))#x",
            "?#data",
            "./#data",
        ],
    )
    def test_pointers_that_choose_are_not_followed(self, uri: str, pki: DemoPki, environment: Environment) -> None:
        made = XmlMake(pki.holder("company"), (Ref(uri.replace("'", "&apos;")),))
        (verdict,) = judge(sign_xml(INVOICE, made), environment).verdicts
        assert verdict.facts.integrity is Integrity.UNKNOWN
        assert verdict.facts.integrity_failure is SubIndication.SIGNED_DATA_NOT_FOUND
        assert verdict.facts.coverage is Coverage.NONE


class TestKeys:
    def test_the_public_key_as_a_secret_is_no_signature(self, pki: DemoPki, environment: Environment) -> None:
        """Key confusion: HMAC with the signer's public key, which everybody has."""

        def confuse(root: Any) -> None:
            root.find(".//TgTTTBSo").text = "1"
            signature = next(root.iter(f"{{{DS}}}Signature"))
            info = signature.find(f"{{{DS}}}SignedInfo")
            info.find(f"{{{DS}}}SignatureMethod").set("Algorithm", "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256")
            data = root.find("DLHDon")
            info.find(f".//{{{DS}}}DigestValue").text = base64.b64encode(
                hashlib.sha256(canonical(data, EXCLUSIVE)).digest()
            ).decode()
            public = pki.holder("company").certificate.public_key()
            secret = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
            value = hmac.new(secret, canonical(info, EXCLUSIVE), hashlib.sha256).digest()
            signature.find(f"{{{DS}}}SignatureValue").text = base64.b64encode(value).decode()

        made = sign_xml(INVOICE, XmlMake(pki.holder("company"), (Ref("#data", (EXCLUSIVE,)),), c14n=EXCLUSIVE))
        report = judge(edited(made, confuse), environment)
        assert report.conclusion is Conclusion.TOTAL_FAILED
        assert "XML-HMAC" in codes(report.verdicts[0])

    @pytest.mark.parametrize("kind", ["RetrievalMethod", "KeyValue", "KeyName"])
    def test_a_key_without_a_certificate_names_nobody(self, kind: str, pki: DemoPki, environment: Environment) -> None:
        with listening() as listener:
            held = {
                "RetrievalMethod": f'<RetrievalMethod URI="{listener.url}/c.cer" Type="{DS}rawX509Certificate"/>',
                "KeyValue": "<KeyValue><RSAKeyValue><Modulus>AQAB</Modulus></RSAKeyValue></KeyValue>",
                "KeyName": "<KeyName>CÔNG TY TNHH DEMO</KeyName>",
            }[kind]

            def add(signature: Any) -> None:
                signature.append(etree.fromstring(f'<KeyInfo xmlns="{DS}">{held}</KeyInfo>'))

            make = XmlMake(pki.holder("company"), certificates=(), decorate=add)
            (verdict,) = judge(sign_xml(INVOICE, make), environment).verdicts
        assert verdict.sub_indication is SubIndication.NO_SIGNING_CERTIFICATE_FOUND
        assert listener.connections == 0

    def test_of_several_certificates_the_one_whose_key_signed_counts(
        self, pki: DemoPki, environment: Environment
    ) -> None:
        others = tuple(pki.holder(slug).asn1 for slug in ("citizen", "citizen-ec", "company"))
        (verdict,) = judge(sign_xml(INVOICE, XmlMake(pki.holder("company"), certificates=others)), environment).verdicts
        assert verdict.sub_indication is None
        assert verdict.facts.signer is not None and verdict.facts.signer.mst == "6200000000"
        (foreign,) = judge(
            sign_xml(INVOICE, XmlMake(pki.holder("company"), certificates=others[:2])), environment
        ).verdicts
        assert foreign.facts.integrity is Integrity.BROKEN


class TestSeveralSignatures:
    def _added(self, invoice: bytes, pki: DemoPki, slug: str) -> bytes:
        def add(root: Any) -> None:
            etree.SubElement(root, "GhiChu", Id="note").text = "Đã thanh toán"

        extra = XmlMake(pki.holder(slug), (Ref("#data"), Ref("#note")), identifier="extra")
        return sign_xml(edited(invoice, add), extra, "DSCKS/CCKSKhac")

    def test_a_part_that_only_another_person_signed_is_for_an_officer(
        self, invoice: bytes, pki: DemoPki, environment: Environment
    ) -> None:
        """Both signatures are good; what the applicant signed is less than what the paper shows."""
        report = judge(self._added(invoice, pki, "citizen"), environment)
        assert report.conclusion is Conclusion.TOTAL_PASSED
        applicant = Applicant("CÔNG TY TNHH DEMO", mst="6200000000")
        outcome = decide_outcome(report, applicant, load_profiles()["lao-cai-24-2021"], True)
        assert outcome.reason == "OFFICER-FILLED-LATER"
        agencys = judge(self._added(invoice, pki, "agency"), environment)
        assert decide_outcome(agencys, applicant, load_profiles()["lao-cai-24-2021"], True).code == "ACCEPTED"

    def test_a_strangers_signature_vouches_for_nothing(
        self, invoice: bytes, pki: DemoPki, environment: Environment
    ) -> None:
        report = judge(self._added(invoice, pki, "stranger"), environment)
        assert report.conclusion is Conclusion.INDETERMINATE


class TestForms:
    def test_two_sets_of_properties_claim_nothing(self, pki: DemoPki, environment: Environment) -> None:
        """A second set, unsigned, beside the signed one: neither says who signed or when."""
        signed = sign_xml(INVOICE, XmlMake(pki.holder("company"), xades="v2", claimed="2026-01-01T00:00:00Z"))

        def double(root: Any) -> None:
            held = next(root.iter(f"{{{XADES}}}QualifyingProperties")).getparent()
            evil = copy.deepcopy(held)
            next(evil.iter(f"{{{XADES}}}SignedProperties")).set("Id", "other")
            next(evil.iter(f"{{{XADES}}}SigningTime")).text = "2020-01-01T00:00:00Z"
            held.addprevious(evil)

        (verdict,) = judge(edited(signed, double), environment).verdicts
        assert verdict.facts.claimed_signing_time is None

    def test_properties_of_another_signature_are_not_its_own(self, pki: DemoPki, environment: Environment) -> None:
        signed = sign_xml(INVOICE, XmlMake(pki.holder("company"), xades="v2", claimed="2026-01-01T00:00:00Z"))
        other = signed.replace(b'Target="#sig"', b'Target="#another"')
        (verdict,) = judge(other, environment).verdicts
        assert verdict.facts.claimed_signing_time is None

    def test_an_object_added_to_an_enveloping_signature_is_not_signed(
        self, pki: DemoPki, environment: Environment
    ) -> None:
        made = enveloping("<BienLai><SoTien>50000</SoTien></BienLai>", XmlMake(pki.holder("company")))
        assert judge(made, environment).conclusion is Conclusion.TOTAL_PASSED
        evil = f'<ds:Object xmlns:ds="{DS}"><BienLai><SoTien>1</SoTien></BienLai></ds:Object>'
        added = edited(made, lambda root: root.insert(2, etree.fromstring(evil)))
        assert judge(added, environment).conclusion is Conclusion.TOTAL_FAILED
        behind = edited(made, lambda root: root.append(etree.fromstring(evil)))
        assert judge(behind, environment).conclusion is Conclusion.TOTAL_FAILED

    def test_data_and_signature_side_by_side_in_one_document(self, pki: DemoPki, environment: Environment) -> None:
        """The name around both is signed by nobody, and of no type that is known: another could stand there."""
        document = b'<GoiTin><BienLai Id="data"><SoTien>50000</SoTien></BienLai></GoiTin>'
        make = XmlMake(pki.holder("company"), (Ref("#data", (EXCLUSIVE,)),))
        signed = sign_xml(document, make, None)
        for shown in (signed, signed.replace(b"GoiTin", b"GoiTinDaHuy")):
            (verdict,) = judge(shown, environment).verdicts
            assert (verdict.sub_indication, verdict.facts.coverage) == (
                SubIndication.SIG_CONSTRAINTS_FAILURE,
                Coverage.WHOLE_REVISION,
            )
            assert "XML-FRAME-NOT-SIGNED" in codes(verdict)

    def test_a_whole_document_with_its_comments_is_signed_with_them(
        self, pki: DemoPki, environment: Environment
    ) -> None:
        """``#xpointer(/)`` and a canonical form with comments: then a comment is what the signer signed."""
        document = DECLARATION.replace(b"<ct21>", b"<!-- VND --><ct21>")
        make = XmlMake(pki.holder("company"), (Ref("", (ENVELOPED,)),))
        signed = sign_xml(document, make, "CKyDTu")
        assert judge(signed, environment).conclusion is Conclusion.TOTAL_PASSED


BOMBS: dict[str, Callable[[], bytes]] = {
    "one attribute of 20 MB": lambda: b'<HDon a="' + b"x" * 20_000_000 + b'"/>',
    "300,000 attributes": lambda: b"<HDon " + b" ".join(b'a%d=""' % n for n in range(300_000)) + b"/>",
    "100,000 namespaces": lambda: b"<HDon " + b" ".join(b'xmlns:a%d="u:%d"' % (n, n) for n in range(100_000)) + b"/>",
    "a name of 5 MB": lambda: b"<" + b"a" * 5_000_000 + b"/>",
    "a million comments": lambda: b"<HDon>" + b"<!---->" * 1_000_000 + b"</HDon>",
}


@pytest.fixture(scope="module")
def workers() -> Iterator[LimitedWorkers]:
    with LimitedWorkers() as started:
        yield started


@pytest.mark.parametrize("case", BOMBS)
def test_bombs_end_in_time(case: str, workers: LimitedWorkers, environment: Environment) -> None:
    workers.run(len, b"")
    started = time.process_time()
    report = workers.verify(VerificationInput(BOMBS[case]()), environment, now())
    assert report.conclusion in (Conclusion.NO_SIGNATURE, Conclusion.UNREADABLE)
    assert "WORKER-CRASHED" not in {finding.code for finding in report.findings}
    assert time.process_time() - started < 20


def test_a_signed_bomb_of_references_and_namespaces_ends_in_time(pki: DemoPki, environment: Environment) -> None:
    """A hundred references to a large subtree, each to be put into canonical form."""
    spaces = " ".join(f'xmlns:n{n}="urn:{n}"' for n in range(300))
    rows = "".join(f"<n{n % 300}:Dong>{n}</n{n % 300}:Dong>" for n in range(20_000))
    document = f'<HDon {spaces}><DLHDon Id="data">{rows}</DLHDon><DSCKS><NBan/></DSCKS></HDon>'.encode()
    make = XmlMake(pki.holder("company"), tuple(Ref("#data") for _ in range(100)))
    signature = sign_xml(b'<HDon><DLHDon Id="data"/><DSCKS><NBan/></DSCKS></HDon>', make)
    at = document.index(b"<NBan/>")
    inner = signature[signature.index(b"<Signature") : signature.index(b"</Signature>") + 12]
    bomb = document[:at] + b"<NBan>" + inner + b"</NBan>" + document[at + 7 :]
    started = time.process_time()
    with LimitedWorkers() as limited:
        report = limited.verify(VerificationInput(bomb), environment, now())
    assert report.conclusion is not Conclusion.TOTAL_PASSED
    assert time.process_time() - started < 20


def test_a_forgers_own_finished_signature_over_an_edited_copy_is_his(
    pki: DemoPki, environment: Environment, invoice: bytes
) -> None:
    """Replacing the seller's signature by one's own is no forgery: the report names whoever signed."""

    def resign(root: Any) -> None:
        for one in list(root.iter(f"{{{DS}}}Signature")):
            one.getparent().remove(one)

    make = XmlMake(pki.holder("citizen"))
    report = judge(sign_xml(edited(invoice, resign), make), environment)
    signer = report.verdicts[0].facts.signer
    assert signer is not None and (signer.cccd, signer.mst) == ("012345678901", None)


def test_many_documents_under_many_signatures_end_in_time(pki: DemoPki, environment: Environment) -> None:
    """Whether its issuer signed is asked once for each document of a message, not once more for each signature."""
    empty = "<HDon><DLHDon/></HDon>" * 8_000
    message = f'<TDiep><DLieu Id="all"><HDon><DLHDon><MST/></DLHDon></HDon>{empty}</DLieu><CKSNNT/></TDiep>'.encode()
    for number in range(6):
        references = (Ref("#all", (ENVELOPED,)),)
        message = sign_xml(message, XmlMake(pki.holder("company"), references, identifier=f"s{number}"), "CKSNNT")
    started = time.process_time()
    report = judge(message, environment)
    assert len(report.verdicts) == 6
    assert time.process_time() - started < 20
