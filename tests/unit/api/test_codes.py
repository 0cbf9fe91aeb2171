"""Codes of results: enough randomness, forgiving to read, unforgiving to mistakes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.codes import ALPHABET, CODE_CHARACTERS, CodeError, ResultCode, VerificationCode, is_dossier_code

CODE = VerificationCode.parse("49FM-KMM3-EBE8-PRHY-V7")


def test_a_code_has_eighty_random_bits_in_a_human_alphabet() -> None:
    assert len(ALPHABET) == 32
    assert not set("ILOU") & set(ALPHABET)
    drawn = {VerificationCode.random().text[:16] for _ in range(200)}
    assert len(drawn) == 200
    assert all(len({code[place] for code in drawn}) > 16 for place in range(16))


def test_a_code_is_printed_in_groups_and_read_back() -> None:
    code = VerificationCode.random()
    assert [len(group) for group in str(code).split("-")] == [4, 4, 4, 4, 2]
    assert VerificationCode.parse(str(code)) == code


@pytest.mark.parametrize(
    "typed",
    ["49fm-kmm3-ebe8-prhy-v7", " 49FMKMM3EBE8PRHYV7\n", "49FM KMM3 EBE8 PRHY V7", "49fm–kmm3–ebe8–prhy–v7"],
)
def test_case_spaces_and_dashes_do_not_matter(typed: str) -> None:
    assert VerificationCode.parse(typed) == CODE


def test_letters_that_are_no_part_of_the_alphabet_are_read_as_digits() -> None:
    code = next(c for c in (VerificationCode.random() for _ in range(10_000)) if {"0", "1"} <= set(c.text))
    assert VerificationCode.parse(code.text.replace("0", "o").replace("1", "l")) == code
    assert VerificationCode.parse(code.text.replace("0", "O").replace("1", "I")) == code


@pytest.mark.parametrize(
    ("typed", "reason"),
    [("", "length"), ("49FM", "length"), ("49FM-KMM3-EBE8-PRHY-V77", "length"), ("U9FM-KMM3-EBE8-PRHY-V7", "alphabet")],
)
def test_what_cannot_be_a_code_says_why(typed: str, reason: str) -> None:
    with pytest.raises(CodeError) as caught:
        VerificationCode.parse(typed)
    assert caught.value.reason == reason


@given(st.data())
def test_one_or_two_wrong_characters_are_noticed(data: st.DataObject) -> None:
    wrong = list(CODE.text)
    places = data.draw(st.lists(st.integers(0, CODE_CHARACTERS - 1), min_size=1, max_size=2, unique=True))
    for place in places:
        wrong[place] = data.draw(st.sampled_from([letter for letter in ALPHABET if letter != wrong[place]]))
    with pytest.raises(CodeError, match="check"):
        VerificationCode.parse("".join(wrong))


@pytest.mark.parametrize("place", range(CODE_CHARACTERS - 1))
def test_swapped_neighbours_are_noticed(place: int) -> None:
    text = CODE.text
    swapped = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    if swapped != text:
        with pytest.raises(CodeError, match="check"):
            VerificationCode.parse(swapped)


def test_a_result_code_names_dossier_and_number() -> None:
    code = ResultCode("000.00.12.H35-261118-0042", 3)
    assert str(code) == "000.00.12.H35-261118-0042-KQ3"
    assert ResultCode.parse(str(code)) == code
    assert ResultCode.parse("A-KQ1-KQ2") == ResultCode("A-KQ1", 2)


@pytest.mark.parametrize("typed", ["", "-KQ1", "A-KQ0", "A-KQ01", "A-KQ", "A-kq1", "A B-KQ1", "A/B-KQ1"])
def test_what_is_no_result_code_is_refused(typed: str) -> None:
    with pytest.raises(CodeError):
        ResultCode.parse(typed)


@pytest.mark.parametrize(
    ("code", "is_one"),
    [
        ("H35.16-261118-0001", True),
        ("x" * 64, True),
        ("x" * 65, False),
        ("", False),
        ("a/b", False),
        ("hồ", False),
        (".", False),
        ("...", False),
        ("a.", True),
    ],
)
def test_dossier_codes_are_opaque_and_fit_a_path(code: str, is_one: bool) -> None:
    assert is_dossier_code(code) is is_one
