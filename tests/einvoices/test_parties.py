"""Who signs in which place, and whether whoever issues such a paper signed it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from cryptography.x509.oid import NameOID
from lxml import etree

from demo.issuing import name
from demo.pki import DemoPki
from tests.einvoices.making import Paper, Signer
from tests.einvoices.papers import certificate, declaration, enveloped, htkk_declaration, invoice, minutes, notice
from tests.unit.verifier.signing import codes, judge
from tests.unit.verifier.xml_maker import ENVELOPED, Ref, XmlMake, edited, sign_xml
from verifier.inputs import Environment
from verifier.report import Conclusion, SubIndication, ValidationReport

N = 17


def alone(paper: Paper, signer: Signer) -> Paper:
    return replace(paper, signers=(signer,))


def told(report: ValidationReport) -> set[str]:
    return {finding.code for finding in report.findings} | {code for v in report.verdicts for code in codes(v)}


@pytest.mark.parametrize(
    ("paper", "signer"),
    [
        pytest.param(invoice(N), Signer("buyer", "DSCKS/NMua", (f"_{N}",)), id="an invoice by its buyer"),
        pytest.param(
            invoice(N), Signer("other-company", "DSCKS/CCKSKhac", (f"_{N}",)), id="an invoice by a third party"
        ),
        pytest.param(minutes(N), Signer("buyer", "DSCKS/NMua", (f"_{N}",)), id="minutes by the buyer"),
        pytest.param(declaration(N, "100"), Signer("other-company", "DSCKS/CCKSKhac", (f"_{N}",)), id="a declaration"),
        pytest.param(certificate(N), Signer("other-company", "DSCKS/CCKSKhac", (f"_{N}",)), id="a certificate"),
    ],
)
def test_without_whoever_issues_it_an_officer_decides(
    paper: Paper, signer: Signer, known: DemoPki, environment: Environment
) -> None:
    report = judge(alone(paper, signer).signed(known), environment)
    assert report.conclusion is Conclusion.INDETERMINATE
    assert report.verdicts[0].sub_indication is SubIndication.SIG_CONSTRAINTS_FAILURE
    assert {code for code in codes(report.verdicts[0]) if code.startswith("EINVOICE")} == {"EINVOICE-NO-ISSUER"}


class TestANoticeOfTheDepartmentThatTheTaxpayerSigned:
    """He is who the notice is for, and his number stands in it: his signature makes it no notice of the department."""

    def _own(self, kind: str) -> Paper:
        made = notice(N, kind)
        xml = made.xml if "<NNT/>" in made.xml else made.xml.replace("<DSCKS>", "<DSCKS><NNT/>")
        return replace(made, xml=xml)

    @pytest.mark.parametrize("kind", ["102", "103", "204", "301", "302"])
    def test_in_its_own_place(self, kind: str, known: DemoPki, environment: Environment) -> None:
        made = self._own(kind)
        by_taxpayer = Signer("company", "DSCKS/NNT", made.signers[-1].ids)
        report = judge(alone(made, by_taxpayer).signed(known), environment)
        assert report.conclusion is Conclusion.INDETERMINATE
        assert {"EINVOICE-NO-ISSUER", "EINVOICE-OF-TAX-DEPARTMENT"} <= told(report)

    def test_with_all_of_its_message(self, known: DemoPki, environment: Environment) -> None:
        report = judge(enveloped(notice(N, "301"), 301, N, taxpayer="company").signed(known), environment)
        assert report.conclusion is Conclusion.INDETERMINATE
        assert "EINVOICE-NO-ISSUER" in told(report)

    def test_his_own_notice_is_his(self, known: DemoPki, environment: Environment) -> None:
        report = judge(notice(N, "300").signed(known), environment)
        assert report.conclusion is Conclusion.TOTAL_PASSED
        assert "EINVOICE-OF-TAXPAYER" in told(report) and "EINVOICE-OF-TAX-DEPARTMENT" not in told(report)


def test_the_head_of_a_tax_office_signs_beside_the_office(known: DemoPki, environment: Environment) -> None:
    made = notice(N, "103")
    assert judge(made.signed(known), environment).conclusion is Conclusion.TOTAL_PASSED
    head, office = made.signers
    by_head = judge(alone(made, head).signed(known), environment)
    assert by_head.conclusion is Conclusion.INDETERMINATE and "EINVOICE-NO-ISSUER" in told(by_head)
    for slug in ("officer", "agency", "company"):  # officials of other agencies, and a company
        report = judge(made.signed(known, tax_officer=slug), environment)
        assert "EINVOICE-NOT-BY-TAX-DEPARTMENT" in codes(report.verdicts[0])
    in_the_offices_place = replace(office, slug="tax-officer")
    report = judge(replace(made, signers=(head, in_the_offices_place)).signed(known), environment)
    assert "EINVOICE-NOT-BY-TAX-DEPARTMENT" in codes(report.verdicts[1])


def test_only_an_official_certificate_of_a_tax_office_is_the_departments(
    known: DemoPki, environment: Environment
) -> None:
    """Another agency of the official regime, a company, and a company that calls itself the department."""
    for slug in ("agency", "other-company", "false-department"):
        report = judge(notice(N, "301").signed(known, tax_department=slug), environment)
        assert "EINVOICE-NOT-BY-TAX-DEPARTMENT" in codes(report.verdicts[0])
        assert report.conclusion is Conclusion.INDETERMINATE


def test_an_employee_of_the_seller_is_not_the_seller(known: DemoPki, environment: Environment) -> None:
    report = judge(invoice(N).signed(known, company="employee"), environment)
    assert "EINVOICE-NOT-BY-SELLER" in codes(report.verdicts[0])


class TestTheBuyersNumbers:
    """The tax number where there is one; without it, the card that names him."""

    def _signed(self, known: DemoPki, slug: str, without_number: bool) -> bytes:
        made = invoice(N)
        xml = made.xml.replace("<MST>0901171226</MST>", "" if without_number else "<MST>0901171226</MST>")
        buyer = Signer(slug, "DSCKS/NMua", (f"_{N}",))
        return replace(made, xml=xml, signers=(*made.signers, buyer)).signed(known)

    @pytest.mark.parametrize(
        ("slug", "without_number", "is_buyer"),
        [("buyer", False, True), ("citizen", False, False), ("citizen", True, True), ("buyer", True, False)],
    )
    def test_which_counts(
        self, slug: str, without_number: bool, is_buyer: bool, known: DemoPki, environment: Environment
    ) -> None:
        report = judge(self._signed(known, slug, without_number), environment)
        assert ("EINVOICE-NOT-BY-BUYER" not in told(report)) is is_buyer
        assert (report.conclusion is Conclusion.TOTAL_PASSED) is is_buyer


def test_whoever_has_no_number_in_the_signed_part_cannot_be_matched(known: DemoPki, environment: Environment) -> None:
    made = invoice(N)
    nameless = replace(made, xml=made.xml.replace("<MST>6200000000</MST>", "", 1))
    report = judge(nameless.signed(known), environment)
    assert report.conclusion is Conclusion.INDETERMINATE and "EINVOICE-PARTY-NOT-NAMED" in told(report)


class TestASignatureOverTheWholeFile:
    """In no place of the type: the issuer's own, or nobody knows in which role he signed."""

    def _signed(self, known: DemoPki, slug: str) -> bytes:
        make = XmlMake(known.holder(slug), (Ref("", (ENVELOPED,)),))
        return sign_xml(invoice(N).xml.encode(), make, None)

    def test_of_the_seller(self, known: DemoPki, environment: Environment) -> None:
        assert judge(self._signed(known, "company"), environment).conclusion is Conclusion.TOTAL_PASSED

    @pytest.mark.parametrize("slug", ["citizen", "buyer", "other-company"])
    def test_of_anybody_else(self, slug: str, known: DemoPki, environment: Environment) -> None:
        report = judge(self._signed(known, slug), environment)
        assert report.conclusion is Conclusion.INDETERMINATE and "EINVOICE-NO-ISSUER" in told(report)


def test_who_declares_for_the_taxpayer_is_named(known: DemoPki, environment: Environment) -> None:
    """Tax agents and employees sign declarations with certificates of their own."""
    report = judge(htkk_declaration(N).signed(known, company="other-company"), environment)
    assert report.conclusion is Conclusion.TOTAL_PASSED and "DECLARED-BY-ANOTHER" in told(report)
    own = judge(htkk_declaration(N).signed(known), environment)
    assert "DECLARED-BY-ANOTHER" not in told(own)


def test_an_issuers_broken_signature_issues_nothing(known: DemoPki, environment: Environment) -> None:
    made = invoice(N)
    both = replace(made, signers=(*made.signers, Signer("buyer", "DSCKS/NMua", (f"_{N}",))))

    def spoil(root: Any) -> None:
        value = next(root.iter("{*}SignatureValue"))
        value.text = value.text[:-8] + "AAAAAAA="

    report = judge(edited(both.signed(known), spoil), environment)
    assert report.conclusion is Conclusion.TOTAL_FAILED
    buyers = next(v for v in report.verdicts if v.facts.field == "DSCKS/NMua")
    assert "EINVOICE-NO-ISSUER" in codes(buyers)


def test_an_invoice_among_others_is_issued_by_its_own_seller(known: DemoPki, environment: Environment) -> None:
    """A message with two invoices, the second signed by a third party only."""
    first, second = invoice(N), invoice(1904)
    other = replace(second, signers=(Signer("other-company", "DSCKS/CCKSKhac", ("_1904",), key=1),))
    message = enveloped(replace(first, xml=first.xml + second.xml), 203, N)

    def put(root: Any) -> None:
        for body, one in zip(root.findall("DLieu/HDon"), (first, other), strict=True):
            body.getparent().replace(body, etree.fromstring(one.signed(known)))

    unsigned = replace(message, signers=()).signed(known)
    report = judge(edited(unsigned, put), environment)
    assert [("EINVOICE-NO-ISSUER" in codes(verdict)) for verdict in report.verdicts] == [False, True]


class TestNamesOfTheTaxDepartment:
    """An official certificate whose holder is named as a tax office, under an office or the ministry."""

    @pytest.mark.parametrize(
        ("organization", "unit", "common_name", "is_office"),
        [
            ("Bộ Tài chính", None, "Tổng cục Thuế", True),
            ("BỘ TÀI CHÍNH", "Cục Thuế tỉnh Lai Châu", "Chi cục Thuế khu vực Tam Đường", True),
            ("Thuế tỉnh Lai Châu", None, "Thuế cơ sở 3", True),
            ("UBND tỉnh Lai Châu", None, "Cục Thuế", False),
            (None, None, "Cục Thuế", False),
            ("Bộ Tài chính", None, "Kho bạc Nhà nước", False),
            ("Bộ Tài chính", "Cục Thuế", "Phó Cục trưởng Vàng Thị Mẫu", False),
        ],
    )
    def test_which_are_the_departments(
        self,
        organization: str | None,
        unit: str | None,
        common_name: str,
        is_office: bool,
        known: DemoPki,
        environment: Environment,
    ) -> None:
        named = (
            (NameOID.ORGANIZATION_NAME, organization),
            (NameOID.ORGANIZATIONAL_UNIT_NAME, unit),
            (NameOID.COMMON_NAME, common_name),
        )
        subject = name((NameOID.COUNTRY_NAME, "VN"), *((kind, value) for kind, value in named if value is not None))
        known.issue("so-named", like="agency", subject=subject)
        report = judge(notice(N, "301").signed(known, tax_department="so-named"), environment)
        assert ("EINVOICE-NOT-BY-TAX-DEPARTMENT" not in told(report)) is is_office
        assert (report.conclusion is Conclusion.TOTAL_PASSED) is is_office

    def test_of_an_unknown_authority_its_name_is_not_the_reason(self, known: DemoPki, environment: Environment) -> None:
        subject = name((NameOID.ORGANIZATION_NAME, "BỘ TÀI CHÍNH"), (NameOID.COMMON_NAME, "CỤC THUẾ"))
        known.issue("stranger-office", like="stranger", subject=subject)
        report = judge(notice(N, "301").signed(known, tax_department="stranger-office"), environment)
        assert report.verdicts[0].sub_indication is SubIndication.NO_CERTIFICATE_CHAIN_FOUND
        assert "EINVOICE-NOT-BY-TAX-DEPARTMENT" not in told(report)


def test_what_is_told_of_a_signer_who_is_not_the_party(known: DemoPki, environment: Environment) -> None:
    report = judge(invoice(N).signed(known, company="other-company"), environment)
    (found,) = [f for f in report.verdicts[0].findings if f.code == "EINVOICE-NOT-BY-SELLER"]
    assert dict(found.parameters) == {"signer": "0109999999", "expected": "6200000000"}
    person = judge(invoice(N).signed(known, company="citizen"), environment)
    (found,) = [f for f in person.verdicts[0].findings if f.code == "EINVOICE-NOT-BY-SELLER"]
    assert dict(found.parameters)["signer"] == "012345678901"


@pytest.mark.parametrize("written", ["0100000017-001", "0100000017001", "0100000017 001"])
def test_a_branchs_number_with_and_without_its_dash_is_one(
    written: str, known: DemoPki, environment: Environment
) -> None:
    subject = name((NameOID.COMMON_NAME, "CHI NHÁNH"), (NameOID.USER_ID, "MST:0100000017-001"))
    known.issue("branch", like="company", subject=subject)
    made = invoice(N)
    branch = replace(made, xml=made.xml.replace("6200000000", written))
    assert judge(branch.signed(known, company="branch"), environment).conclusion is Conclusion.TOTAL_PASSED
    other = replace(made, xml=made.xml.replace("6200000000", "0100000017-002"))
    assert judge(other.signed(known, company="branch"), environment).conclusion is Conclusion.INDETERMINATE
