"""Whether two values say the same in two revisions: by content, not by number; exactly, and wherever they lead."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping

import pytest

from tests.unit.verifier.objects_maker import FIRST, revision_of, stream_of
from verifier.changes import equality
from verifier.changes.equality import Equality, TooManyStepsError, decoded
from verifier.changes.revision_objects import Ref, reading


@pytest.fixture(autouse=True)
def _reading() -> Iterator[None]:
    with reading():
        yield


def compared(
    before: tuple[bytes, ...], after: tuple[bytes, ...], paired: Mapping[Ref, Ref] | None = None, at: int = FIRST
) -> bool:
    """Whether the first objects of two revisions are equal; others have the numbers from 4 on."""
    old, new = revision_of(*before), revision_of(*after)
    made = Equality(old, new, old.differing(new), paired or {})
    found = made.same(old.get((FIRST, 0)), new.get((at, 0)))
    assert made.same(old.get((FIRST, 0)), new.get((at, 0))) is found, "what it has learnt changes nothing"
    old.close()
    new.close()
    return found


@pytest.mark.parametrize(
    ("before", "after", "equal"),
    [
        (b"5", b"5", True),
        (b"5", b"6", False),
        (b"5", b"5.0", True),
        (b"1e-8", b"1e-8", True),
        (b"0.00000001", b"0.00004", False),
        (b"5", b"(5)", False),
        (b"(A)", b"<41>", True),
        (b"(A)", b"/A", False),
        (b"true", b"false", False),
        (b"[1 2]", b"[1 2]", True),
        (b"[1 2]", b"[2 1]", False),
        (b"[1 2]", b"[1]", False),
        (b"[1]", b"1", False),
        (b"1", b"[1]", False),
        (b"[]", b"<< >>", False),
        (b"<< >>", b"[]", False),
        (b"<< /A 1 >>", b"<< /A 1 >>", True),
        (b"<< /A 1 /B 2 >>", b"<< /B 2 /A 1 >>", True),
        (b"<< /A 1 >>", b"<< /A 2 >>", False),
        (b"<< /A 1 >>", b"<< /B 1 >>", False),
        (b"<< /A 1 >>", b"<< /A 1 /B 2 >>", False),
        (b"<< /A 1 /B 2 >>", b"<< /A 1 >>", False),
        (b"<< /A 1 /B null >>", b"<< /A 1 >>", True),
        (b"<< /A 1 >>", b"<< /A 1 /B null >>", True),
        (b"<< /A null >>", b"<< /A 1 >>", False),
        (b"<< /A [<< /B [1 2] >>] >>", b"<< /A [<< /B [1 3] >>] >>", False),
        (b"<< /A 9 0 R >>", b"<< /A null >>", True),
    ],
)
def test_values(before: bytes, after: bytes, equal: bool) -> None:
    assert compared((before,), (after,)) is equal


def test_an_equal_copy_under_another_number_is_equal() -> None:
    held = b"<< /X (one) >>"
    assert compared((b"[4 0 R]", held), (b"[5 0 R]", b"null", held))
    assert not compared((b"[4 0 R]", held), (b"[5 0 R]", held, b"<< /X (two) >>"))
    assert compared((b"[4 0 R]", held), (b"[<< /X (one) >>]", held)), "written directly"
    assert compared((b"[<< /X (one) >>]", held), (b"[4 0 R]", held))


def test_what_changed_further_down_is_a_difference() -> None:
    assert not compared((b"[4 0 R]", b"[5 0 R]", b"(one)"), (b"[4 0 R]", b"[5 0 R]", b"(two)"))
    assert compared((b"[4 0 R]", b"[5 0 R]", b"(one)", b"1"), (b"[4 0 R]", b"[5 0 R]", b"(one)", b"2"))


def test_circles_end_and_differences_in_them_are_found() -> None:
    circle = (b"<< /Next 4 0 R >>", b"<< /Next 3 0 R /V 5 0 R >>")
    assert compared((*circle, b"(a)", b"1"), (*circle, b"(a)", b"2"))
    assert not compared((*circle, b"(a)"), (*circle, b"(b)"))
    moved = (b"<< /Next 6 0 R >>", b"null", b"(a)", b"<< /Next 3 0 R /V 5 0 R >>")
    assert compared((*circle, b"(a)"), moved)


def test_two_ways_to_one_object_are_compared_once_each() -> None:
    """An object that becomes two, and two that become one."""
    assert compared((b"[4 0 R 4 0 R]", b"(a)", b"null"), (b"[4 0 R 5 0 R]", b"(a)", b"(a)"))
    assert not compared((b"[4 0 R 4 0 R]", b"(a)", b"null"), (b"[4 0 R 5 0 R]", b"(a)", b"(b)"))
    assert not compared((b"[4 0 R 5 0 R]", b"(a)", b"(b)"), (b"[4 0 R 4 0 R]", b"(a)", b"(b)"))


@pytest.mark.parametrize("direct", [b"[(a) (b)]", b"[(b) (a)]"])
def test_what_is_written_directly_is_no_object_that_was_met_before(direct: bytes) -> None:
    assert not compared((direct, b"(a)"), (b"[4 0 R 4 0 R]", b"(a)"))
    assert not compared((b"[4 0 R 4 0 R]", b"(a)"), (direct, b"(a)"))


def test_objects_in_a_role_of_their_own_are_equal_by_number() -> None:
    """Fields, pages and notes are compared elsewhere; what names them names them still."""
    before, after = (b"[4 0 R]", b"(a)", b"null"), (b"[4 0 R]", b"(b)", b"null")
    assert not compared(before, after)
    assert compared(before, after, {(4, 0): (4, 0)})
    assert compared(before, (b"[5 0 R]", b"null", b"(b)"), {(4, 0): (5, 0)})
    assert not compared(before, (b"[4 0 R]", b"(a)", b"(a)"), {(4, 0): (5, 0)})
    assert not compared((b"[4 0 R 5 0 R]", b"(a)", b"(a)"), (b"[4 0 R 4 0 R]", b"(a)", b"(a)"), {(4, 0): (4, 0)})
    assert not compared((b"[(a)]", b"(a)"), (b"[4 0 R]", b"(a)"), {(4, 0): (4, 0)}), "not one written directly"
    assert not compared((b"[4 0 R]", b"(a)"), (b"[(a)]", b"(a)"), {(4, 0): (4, 0)})


def test_what_leads_to_a_moved_role_is_looked_at() -> None:
    before = (b"[4 0 R]", b"[5 0 R]", b"(a)", b"null")
    assert not compared(before, (b"[4 0 R]", b"[5 0 R]", b"(a)", b"(a)"), {(5, 0): (6, 0)})
    assert compared(before, (b"[4 0 R]", b"[6 0 R]", b"(a)", b"(a)"), {(5, 0): (6, 0)})


def test_untouched_is_what_is_written_as_before_and_leads_to_nothing_changed() -> None:
    old = revision_of(b"[4 0 R]", b"(a)", b"[6 0 R]", b"(b)", b"5", b"[9 0 R]", b"7")
    new = revision_of(b"[4 0 R]", b"(a)", b"[6 0 R]", b"(c)", b"6", b"[9 0 R]", b"7")
    made = Equality(old, new, old.differing(new), {(4, 0): (4, 0), (9, 0): (8, 0)})
    assert [made.is_untouched((number, 0)) for number in (3, 4, 5, 6, 7, 8, 9, 99)] == [
        *(True, True, False, False, False, False, False),
        True,
    ]
    old.close()
    new.close()


def test_streams_are_their_bytes_and_their_entries() -> None:
    assert compared((stream_of(b"/A 1", b"abc"),), (stream_of(b"/A 1", b"abc"),))
    assert not compared((stream_of(b"/A 1", b"abc"),), (stream_of(b"/A 2", b"abc"),))
    assert not compared((stream_of(b"", b"abc"),), (stream_of(b"", b"abd"),))
    assert not compared((stream_of(b"", b"abc"),), (b"<< /Length 3 >>",))
    assert not compared((b"<< /Length 3 >>",), (stream_of(b"", b"abc"),))
    assert not compared((stream_of(b"/A 4 0 R", b"abc"), b"1"), (stream_of(b"/A 4 0 R", b"abc"), b"2"))


def test_streams_stored_in_another_way_are_equal_by_what_they_hold() -> None:
    plain, packed = stream_of(b"", b"abc"), stream_of(b"/Filter /FlateDecode", zlib.compress(b"abc"))
    assert compared((plain,), (packed,))
    assert compared((packed,), (stream_of(b"/Filter [/Fl] /DL 3", zlib.compress(b"abc", 0)),))
    assert not compared((plain,), (stream_of(b"/Filter /FlateDecode", zlib.compress(b"abd")),))
    assert not compared((plain,), (stream_of(b"/Filter /FlateDecode /A 1", zlib.compress(b"abc")),))
    same_bytes = zlib.compress(b"abc")
    assert not compared((stream_of(b"", same_bytes),), (stream_of(b"/Filter /FlateDecode", same_bytes),))
    rows = zlib.compress(b"\x02ab\x02ab")
    said = b"/Filter /FlateDecode /DecodeParms << /Predictor 15 /Columns %d >>"
    assert not compared((stream_of(said % 2, rows),), (stream_of(said % 5, rows),))
    assert compared((stream_of(b"", b"abab"),), (stream_of(said % 2, zlib.compress(b"\x00ab\x00ab")),))
    odd = b"616263>"
    assert not compared((stream_of(b"/Filter /ASCIIHexDecode", odd),), (plain,)), "not a plain coding"
    assert not compared((stream_of(b"/Filter /ASCIIHexDecode", odd),), (stream_of(b"/Filter /AHx", odd),))


def test_so_much_is_unfolded_and_no_more() -> None:
    made = revision_of(
        stream_of(b"", b"abcd"),
        stream_of(b"/Filter /FlateDecode", zlib.compress(b"abcd" * 40)),
        stream_of(b"/Filter [/FlateDecode /FlateDecode]", zlib.compress(zlib.compress(b"abcd"))),
        stream_of(b"/Filter /FlateDecode", b"no zlib"),
        stream_of(b"/Filter [null /Fl]", zlib.compress(b"abcd")),
        stream_of(b"/Filter []", b"abcd"),
    )
    one, packed, twice, broken, with_null, none = (made.pdf.get_object(number, 0) for number in range(3, 9))
    assert (decoded(one, 4), decoded(one, 3)) == (b"abcd", None)
    assert (decoded(packed, 160), decoded(packed, 159)) == (b"abcd" * 40, None)
    assert (decoded(twice), decoded(broken)) == (None, None)
    assert decoded(none) == b"abcd"
    assert decoded(with_null) in (b"abcd", None)
    made.close()


def test_so_many_steps_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = revision_of(b"[1 2 3]"), revision_of(b"[1 2 3]", b"1")
    for limit, enough in ((4, True), (3, False)):
        monkeypatch.setattr(equality, "MAX_STEPS", limit)
        made = Equality(old, new, frozenset({(FIRST, 0)}), {})
        if enough:
            assert made.same(old.get((FIRST, 0)), new.get((FIRST, 0)))
        else:
            with pytest.raises(TooManyStepsError):
                made.same(old.get((FIRST, 0)), new.get((FIRST, 0)))
    old.close()
    new.close()
