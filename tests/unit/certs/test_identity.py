"""Whom a certificate names, in the profiles seen in the field."""

from __future__ import annotations

import unicodedata

import pytest
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.x509.oid import NameOID, ObjectIdentifier

from certs.identity import identify, plain_text
from demo.issuing import USER_ID, name
from demo.pki import DemoPki


def test_a_citizen_is_named_by_cccd(pki: DemoPki) -> None:
    who = identify(pki.holder("citizen").asn1)
    assert (who.name, who.cccd, who.mst, who.organization) == ("Nguyễn Văn Mẫu", "012345678901", None, None)
    assert who.issuer == "DEMO CA RS"


def test_a_company_is_named_by_mst(pki: DemoPki) -> None:
    who = identify(pki.holder("company").asn1)
    assert (who.name, who.mst, who.cccd) == ("CÔNG TY TNHH DEMO", "6200000000", None)


def test_a_person_in_a_company_has_organisation_and_title(pki: DemoPki) -> None:
    who = identify(pki.holder("employee").asn1)
    assert (who.name, who.organization, who.title) == ("Trần Thị Mẫu", "CÔNG TY TNHH DEMO", "Giám đốc")
    assert who.cccd == "098765432109"


def test_mst_written_into_o_is_a_number_and_no_organisation(pki: DemoPki) -> None:
    who = identify(pki.holder("bank").asn1)
    assert (who.mst, who.organization) == ("0100000000", None)


def test_an_officer_has_no_number_but_an_address(pki: DemoPki) -> None:
    who = identify(pki.holder("officer").asn1)
    assert (who.cccd, who.mst, who.email) == (None, None, "giamdoc.stnmt@demo.gov.vn.invalid")
    assert who.organization == "UBND tỉnh DEMO"


def test_the_units_of_an_officer_are_read_in_their_order(pki: DemoPki) -> None:
    assert identify(pki.holder("officer").asn1).units == ("Sở Tài nguyên và Môi trường DEMO",)
    parts = [(NameOID.ORGANIZATIONAL_UNIT_NAME, unit) for unit in ("Phòng A", "MST:0100000000", "Sở B")]
    deep = pki.issue("deep", subject=name((NameOID.COMMON_NAME, "A"), *parts))
    assert identify(deep.asn1).units == ("Phòng A", "Sở B")


def test_an_agency_is_named_by_its_common_name(pki: DemoPki) -> None:
    assert identify(pki.holder("agency").asn1).name == "Sở Tài nguyên và Môi trường DEMO"


@pytest.mark.parametrize(
    ("uid", "cccd", "mst", "other"),
    [
        ("cccd: 012345678901", "012345678901", None, {}),
        ("MST:0100000000-001", None, "0100000000-001", {}),
        ("CMND:123456789", None, None, {"cmnd": "123456789"}),
        ("HC:B1234567", None, None, {"hc": "B1234567"}),
        ("BHXH:0123456789", None, None, {"bhxh": "0123456789"}),
        ("MNS:1234567", None, None, {"mns": "1234567"}),
        ("CCCD:12345", None, None, {"cccd": "12345"}),
        ("MST:12", None, None, {"mst": "12"}),
        ("someone", None, None, {}),
    ],
)
def test_labelled_numbers(pki: DemoPki, uid: str, cccd: str | None, mst: str | None, other: dict[str, str]) -> None:
    holder = pki.issue("numbered", subject=name((NameOID.COMMON_NAME, "A"), (USER_ID, uid)))
    who = identify(holder.asn1)
    assert (who.cccd, who.mst, who.other) == (cccd, mst, other)


def test_two_numbers_are_both_read(pki: DemoPki) -> None:
    subject = name((NameOID.COMMON_NAME, "A"), (USER_ID, "CCCD:012345678901"), (USER_ID, "MST:0100000000"))
    who = identify(pki.issue("two-numbers", subject=subject).asn1)
    assert (who.cccd, who.mst) == ("012345678901", "0100000000")


def test_two_numbers_of_one_kind_identify_nobody(pki: DemoPki) -> None:
    """Which of the two the holder is, only the authority knows; the first may be anybody's."""
    parts = [(USER_ID, "CCCD:012345678901"), (USER_ID, "CCCD:098765432109")]
    who = identify(pki.issue("two-people", subject=name((NameOID.COMMON_NAME, "A"), *parts)).asn1)
    assert (who.cccd, who.other) == (None, {"cccd": "012345678901 / 098765432109"})
    twice = name((NameOID.COMMON_NAME, "A"), (USER_ID, "CCCD:012345678901"), (USER_ID, "cccd: 012345678901"))
    assert identify(pki.issue("twice", subject=twice).asn1).cccd == "012345678901"


def test_a_person_whose_organisation_is_named_by_its_number_belongs_to_it(pki: DemoPki) -> None:
    parts = [(NameOID.ORGANIZATION_NAME, "MST:0100000000"), (USER_ID, "CCCD:012345678901")]
    who = identify(pki.issue("member", subject=name((NameOID.COMMON_NAME, "A"), *parts)).asn1)
    assert (who.cccd, who.mst, who.organization) == ("012345678901", "0100000000", "MST:0100000000")


def test_a_number_in_several_attributes_is_that_of_the_user_id(pki: DemoPki) -> None:
    parts = [(NameOID.ORGANIZATION_NAME, "MST:0100000000"), (USER_ID, "MST:0100000000-001")]
    assert identify(pki.issue("branch", subject=name((NameOID.COMMON_NAME, "A"), *parts)).asn1).mst == "0100000000-001"


def test_digits_of_other_scripts_are_no_number(pki: DemoPki) -> None:
    wide = name((NameOID.COMMON_NAME, "A"), (USER_ID, "CCCD:０１２３４５６７８９０１"))
    assert identify(pki.issue("wide", subject=wide).asn1).cccd is None


def test_an_alternative_name_gives_the_address(pki: DemoPki) -> None:
    assert identify(pki.issue("mailed", emails=("a@demo.invalid",)).asn1).email == "a@demo.invalid"


def test_names_are_nfc_and_without_invisible_characters(pki: DemoPki) -> None:
    decomposed = unicodedata.normalize("NFD", "Nguyễn Thị Mẫu")
    holder = pki.issue("decomposed", subject=name((NameOID.COMMON_NAME, f"\u202e{decomposed}\u200b  \n X")))
    assert identify(holder.asn1).name == "Nguyễn Thị Mẫu X"
    assert plain_text("a\u2066b\u0000c") == "abc"


def test_a_nameless_or_garbled_subject_does_not_raise(pki: DemoPki) -> None:
    nobody = identify(pki.issue("nobody", subject=x509.Name([])).asn1)
    assert (nobody.name, nobody.organization) == ("", None)
    der = pki.holder("citizen").asn1.dump()
    garbled = der.replace("Nguyễn Văn Mẫu".encode(), b"\xff\xfe" + "Nguyễn Văn Mẫu".encode()[2:])
    assert identify(asn1_x509.Certificate.load(garbled)).cccd == "012345678901"


COMPANY = "CÔNG TY TNHH DEMO"
NUMBER = "MST:0100000000"


@pytest.mark.parametrize("where", [NameOID.ORGANIZATION_NAME, NameOID.SERIAL_NUMBER, ObjectIdentifier("2.5.4.97")])
@pytest.mark.parametrize("person", ["CCCD:012345678901", "CMND:123456789", "HC:B1234567", "BHXH:0123456789", None])
def test_an_employee_is_not_the_company(where: ObjectIdentifier, person: str | None, pki: DemoPki) -> None:
    """With a passport, a social insurance number or no number at all: the tax number is the employer's."""
    parts = [(NameOID.COMMON_NAME, "Trần Thị Mẫu"), (where, NUMBER)]
    for extra in ([], [(NameOID.ORGANIZATION_NAME, COMPANY)]):
        subject = name(*parts, *extra, *([(USER_ID, person)] if person else []))
        who = identify(pki.issue("employee-of", subject=subject).asn1)
        assert (who.mst, who.mst_of_organization) == ("0100000000", True)
        assert who.organization in (COMPANY, NUMBER)


@pytest.mark.parametrize(
    "parts",
    [
        [(NameOID.COMMON_NAME, COMPANY), (USER_ID, NUMBER)],
        [(NameOID.COMMON_NAME, COMPANY), (NameOID.SERIAL_NUMBER, NUMBER)],
        [(NameOID.COMMON_NAME, "NGÂN HÀNG DEMO"), (NameOID.ORGANIZATION_NAME, NUMBER)],
        [(NameOID.COMMON_NAME, "HTX Mẫu"), (NameOID.SERIAL_NUMBER, NUMBER)],
        [(NameOID.COMMON_NAME, "DEMO"), (NameOID.ORGANIZATION_NAME, "Demo"), (NameOID.SERIAL_NUMBER, NUMBER)],
        [(NameOID.COMMON_NAME, "Nguyễn Văn Mẫu"), (USER_ID, "CCCD:012345678901"), (USER_ID, NUMBER)],
        [(NameOID.COMMON_NAME, "HỘ KINH DOANH MẪU"), (USER_ID, "MST:012345678901")],
    ],
)
def test_a_number_of_the_holders_own(parts: list[tuple[ObjectIdentifier, str]], pki: DemoPki) -> None:
    who = identify(pki.issue("own-number", subject=name(*parts)).asn1)
    assert who.mst is not None
    assert not who.mst_of_organization


def test_a_name_that_only_begins_with_the_letters_of_a_word_is_a_name(pki: DemoPki) -> None:
    for person in ("Trương Văn Mẫu", "TRUONG VAN MAU", "Bảo Anh", "Sơn Tùng", "Đài Trang", "Cúc Thị Mẫu", "VAN PHONG"):
        subject = name((NameOID.COMMON_NAME, person), (NameOID.SERIAL_NUMBER, NUMBER))
        assert identify(pki.issue("like-a-word", subject=subject).asn1).mst_of_organization, person


def test_an_agencys_code_stands_behind_its_organisation(pki: DemoPki) -> None:
    parts = [(NameOID.ORGANIZATION_NAME, "BỘ CÔNG AN"), (NameOID.ORGANIZATIONAL_UNIT_NAME, "V01")]
    coded = identify(pki.issue("coded", subject=name((NameOID.COMMON_NAME, "C07"), *parts)).asn1)
    assert (coded.name, coded.organization, coded.units) == ("BỘ CÔNG AN (C07)", "BỘ CÔNG AN", ("V01",))
    for plain in ("Vũ C", "C07 A", "DEMO0100", "07"):
        assert identify(pki.issue("plain-name", subject=name((NameOID.COMMON_NAME, plain), *parts)).asn1).name == plain
