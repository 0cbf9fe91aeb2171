"""What is printed, what comes next, which numbers nobody explained."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.dossiers.numbering import gaps, next_number, paper_number, printed_number


@pytest.mark.parametrize(("number", "printed"), [(1, "01"), (9, "09"), (10, "10"), (2118, "2118")])
def test_numbers_below_ten_have_a_zero_before(number: int, printed: str) -> None:
    assert printed_number(number) == printed
    assert paper_number(number, "QĐ-UBND") == f"{printed}/QĐ-UBND"


@pytest.mark.parametrize(("last", "first", "coming"), [(0, 1, 1), (0, 413, 413), (412, 413, 413), (500, 413, 501)])
def test_the_next_number_is_above_all_and_not_below_the_first(last: int, first: int, coming: int) -> None:
    assert next_number(last, first) == coming


def test_gaps_lie_between_the_first_and_the_highest() -> None:
    assert gaps([], 1) == ()
    assert gaps([3], 1) == ((1, 2),)
    assert gaps([1, 2, 5, 6, 9], 1) == ((3, 4), (7, 8))
    assert gaps([2, 415], 413) == ((413, 414),)


@given(st.sets(st.integers(1, 60)), st.integers(1, 60))
def test_every_number_up_to_the_highest_is_recorded_or_in_a_gap(recorded: set[int], first: int) -> None:
    missing = {number for low, high in gaps(recorded, first) for number in range(low, high + 1)}
    assert not missing & recorded
    highest = max(recorded, default=0)
    assert missing | {number for number in recorded if number >= first} == set(range(first, highest + 1))
