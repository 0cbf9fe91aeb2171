"""The series of an agency, as the agencies' file has them."""

from __future__ import annotations

from typing import Any

import pytest

from signer.series import NumbersFrom, series_of

ONE: dict[str, Any] = {"id": "quyet-dinh", "name": "Quyết định", "signs": ["QĐ-UBND"]}


def test_a_series_has_its_signs_and_the_number_with_which_each_year_begins() -> None:
    (found,) = series_of([ONE | {"signs": ["QĐ-UBND", "{year}/QĐ-UBND"], "first_number": {"2026": 413}}])
    assert found.signs_of(2027) == ("QĐ-UBND", "2027/QĐ-UBND")
    assert (found.first_number(2026), found.first_number(2027)) == (413, 1)
    assert found.numbers_from is NumbersFrom.SERVICE


def test_the_portal_may_give_the_numbers() -> None:
    (found,) = series_of([ONE | {"numbers_from": "portal"}])
    assert found.numbers_from is NumbersFrom.PORTAL


@pytest.mark.parametrize(
    "change",
    [
        {"id": "Quyết định"},
        {"id": ""},
        {"signs": []},
        {"signs": ["/QĐ"]},
        {"signs": ["QĐ UBND"]},
        {"signs": ["QĐ-{nam}"]},
        {"name": " "},
        {"first_number": {"2026": 0}},
        {"first_number": {"2026": True}},
        {"first_number": {"1026": 1}},
        {"numbers_from": "nobody"},
        {"first_numbers": {}},
    ],
)
def test_a_malformed_series_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises((ValueError, KeyError)):
        series_of([ONE | change])


def test_two_series_share_neither_id_nor_sign() -> None:
    with pytest.raises(ValueError, match="quyet-dinh"):
        series_of([ONE, ONE | {"signs": ["TB-UBND"]}])
    with pytest.raises(ValueError, match="QĐ-UBND"):
        series_of([ONE, ONE | {"id": "khac"}])
