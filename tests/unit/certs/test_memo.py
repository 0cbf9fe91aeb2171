"""The newest used is kept, within the bytes allowed."""

from __future__ import annotations

from certs.memo import BoundedMemo


def test_the_oldest_used_goes_first() -> None:
    memo: BoundedMemo[str, int] = BoundedMemo(10)
    for number, name in enumerate("ab"):
        memo.keep(name, number, 5)
    assert memo.get("a") == 0
    memo.keep("c", 2, 5)
    assert memo.snapshot() == {"a": 0, "c": 2}


def test_a_value_takes_the_place_of_the_one_before() -> None:
    memo: BoundedMemo[str, int] = BoundedMemo(10)
    memo.keep("a", 1, 8)
    memo.keep("a", 2, 3)
    memo.keep("b", 3, 7)
    assert memo.snapshot() == {"a": 2, "b": 3}


def test_one_that_is_too_large_is_not_kept_and_drives_nothing_out() -> None:
    memo: BoundedMemo[str, int] = BoundedMemo(10)
    memo.keep("a", 1, 5)
    memo.keep("b", 2, 11)
    assert memo.snapshot() == {"a": 1}


class Compared(bytes):
    """Bytes that count how often they were compared."""

    times = 0
    __hash__ = bytes.__hash__

    def __eq__(self, other: object) -> bool:
        type(self).times += 1
        return super().__eq__(other)


def test_the_newest_of_equal_keys_is_found_without_comparing() -> None:
    memo: BoundedMemo[bytes, int] = BoundedMemo(10)
    memo.keep(Compared(b"list"), 1, 4)
    fetched_anew = Compared(b"list")
    assert memo.get(fetched_anew) == 1
    Compared.times = 0
    assert [memo.get(fetched_anew) for _ in range(3)] == [1, 1, 1]
    assert Compared.times == 0
    assert memo.snapshot() == {b"list": 1}
