"""Whether two names are one: agencies, members of them, persons as a page prints them."""

from __future__ import annotations

import dataclasses

import pytest

from tests.unit.verifier.facts import SIGNER
from verifier.drawing.placed.bodies import is_agency, is_publisher, same_body, same_person
from verifier.report import Signer


def _signer(name: str, organization: str | None = None, *units: str) -> Signer:
    return dataclasses.replace(
        SIGNER, name=name, organization=organization, units=units, mst=None, cccd=None, numbers=()
    )


PERSON = _signer("Phạm Thị Mẫu", "UBND TỈNH A", "SỞ Y TẾ")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (_signer("SỞ Y TẾ", "UBND TỈNH A"), PERSON, True),
        (_signer("UBND TỈNH A", None), PERSON, True),
        (_signer("ỦY BAN NHÂN DÂN TỈNH A", None), PERSON, True),
        (_signer("Vũ Văn B", "Uỷ ban nhân dân  tỉnh A"), PERSON, True),
        (_signer("Sở Y tế", "SỞ Y TẾ"), PERSON, True),
        (_signer("SỞ Y TẾ", "UBND TỈNH B"), PERSON, False),
        (_signer("SỞ Y TÊ", "SỞ Y TÊ"), PERSON, False),
        (_signer("C07", "BỘ CÔNG AN", "V01"), _signer("Lê Văn D", "Bộ Công an", "C07"), True),
        (_signer("C07", "BỘ CÔNG AN", "V01"), PERSON, False),
        (_signer("Trần Văn C", None), PERSON, False),
    ],
)
def test_of_one_body(one: Signer, other: Signer, same: bool) -> None:
    assert same_body(one, other) is same
    assert same_body(other, one) is same


@pytest.mark.parametrize(
    "name", ["Vũ Thị Hoa", "Trương Văn An", "Đoàn Văn Bình", "Bùi Thị Sở", "Phong Văn Cục", "H'Bơ Khăp"]
)
def test_a_person_is_no_agency(name: str) -> None:
    assert not is_agency(_signer(name, "UBND TỈNH A"))


@pytest.mark.parametrize(
    "name", ["Sở Y tế", "UBND XÃ MẪU", "VĂN PHÒNG QUỐC HỘI", "Uỷ ban nhân dân xã A", "C07", "Trường THPT A"]
)
def test_an_agency_by_its_name(name: str) -> None:
    assert is_agency(_signer(name, "TỈNH A"))


def test_a_printed_name() -> None:
    assert same_person("Nguyễn Văn Hoà", "ThS. NGUYỄN VĂN HÒA")
    assert same_person("Nguyễn Văn An", "Đại tá Nguyễn Văn An")
    assert not same_person("Văn An", "Nguyễn Văn An")
    assert not same_person("Nguyễn Văn An", "Nguyễn Văn Ân")
    assert not same_person("An", "An")


def test_a_publisher() -> None:
    assert is_publisher(_signer("CỔNG THÔNG TIN ĐIỆN TỬ CHÍNH PHỦ", "VĂN PHÒNG CHÍNH PHỦ"))
    assert not is_publisher(_signer("VĂN PHÒNG CHÍNH PHỦ", "VĂN PHÒNG CHÍNH PHỦ"))
