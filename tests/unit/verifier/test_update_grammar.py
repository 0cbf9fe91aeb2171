"""The strict reader's tokens, values and objects: what every viewer reads alike, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from verifier.pdf.updates.defects import Defect, DefectError, Rule
from verifier.pdf.updates.grammar import (
    MAX_DEPTH,
    MAX_INTEGER,
    Name,
    Ref,
    behind_line_ends,
    is_count,
    parse_dictionary,
    parse_object,
    parse_value,
)


def refused(text: bytes) -> Rule:
    with pytest.raises(DefectError) as error:
        parse_value(text, 0)
    return error.value.defect.rule


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"true", True),
        (b"false", False),
        (b"null", None),
        (b" \t\r\n\x00\x0c7", 7),
        (b"-7", -7),
        (b"+7", 7),
        (b"7.", 7.0),
        (b"-.5", -0.5),
        (b"%d" % MAX_INTEGER, MAX_INTEGER),
        (b"-%d" % MAX_INTEGER, -MAX_INTEGER),
        (b"12 3 R", Ref(12, 3)),
        (b"12 3 ", 12),
        (b"/Name", Name(b"Name")),
        (b"/A#20B#2f", Name(b"A B/")),
        (b"/", Name(b"")),
        (b"(a(b)c)", b"a(b)c"),
        (rb"(a\)b\\)", rb"a\)b\\"),
        (b"()", b""),
        (b"<41 4>", b"<41 4>"),
        (b"[]", []),
        (b"[1 2 R [/A] 5]", [1, 2]),
        (b"<<>>", {}),
        (b"<</A<</B[null]>>/C 1 0 R/D true>>", {b"A": {b"B": [None]}, b"C": Ref(1, 0), b"D": True}),
    ],
)
def test_what_every_viewer_reads_alike(text: bytes, value: Any) -> None:
    if b"1 2 R [" in text:
        value = [Ref(1, 2), [Name(b"A")], 5]
    read, _ = parse_value(text, 0)
    assert (read, type(read)) == (value, type(value))


def test_the_offset_behind_the_value() -> None:
    assert parse_value(b"<< /A (x) >> 5", 0)[1] == 12
    assert parse_value(b"<< /A (x) >> 5", 12) == (5, 14)
    assert parse_value(b"(ab) 5", 0)[1] == 4
    assert parse_value(b"12345", 0, 3) == (123, 3)
    with pytest.raises(DefectError):
        parse_value(b"[1 2]", 0, 4)
    with pytest.raises(DefectError):
        parse_value(b"(ab)", 0, 3)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (b"", Rule.OBJECT),
        (b"trueish", Rule.OBJECT),
        (b"1.2.3", Rule.OBJECT),
        (b"%d" % (MAX_INTEGER + 1), Rule.NUMBER),
        (b"-%d" % (MAX_INTEGER + 1), Rule.NUMBER),
        (b"/A#41", Rule.NAME),
        (b"/A#39", Rule.NAME),
        (b"/A#00", Rule.NAME),
        (b"/A#zz", Rule.NAME),
        (b"/A#2", Rule.NAME),
        (b"/A#", Rule.NAME),
        (b"(a(b)", Rule.OBJECT),
        (b"(a\\", Rule.OBJECT),
        (b"<4x>", Rule.OBJECT),
        (b"]", Rule.OBJECT),
        (b">>", Rule.OBJECT),
        (b"[>>", Rule.OBJECT),
        (b"<<]", Rule.OBJECT),
        (b"<< 1 2 >>", Rule.OBJECT),
        (b"<< (A) 2 >>", Rule.OBJECT),
        (b"<< / 2 >>", Rule.OBJECT),
        (b"<< /A >>", Rule.OBJECT),
        (b"<< /A 1 /A 1 >>", Rule.KEY_TWICE),
        (b"<< /A 1 /B#20 1 /B#20 1 >>", Rule.KEY_TWICE),
    ],
)
def test_what_some_viewer_reads_otherwise(text: bytes, rule: Rule) -> None:
    assert refused(text) is rule


@pytest.mark.parametrize(("begin", "end"), [(b"[", b"]"), (b"<< /A ", b" >>")])
def test_so_deep_and_no_deeper(begin: bytes, end: bytes) -> None:
    parse_value(begin * MAX_DEPTH + b"1" + end * MAX_DEPTH, 0)
    assert refused(begin * (MAX_DEPTH + 1) + b"1" + end * (MAX_DEPTH + 1)) is Rule.DEPTH


def test_a_dictionary_and_nothing_else() -> None:
    assert parse_dictionary(b" << /A 1 >>", 0) == ({b"A": 1}, 11)
    with pytest.raises(DefectError):
        parse_dictionary(b"[1]", 0)


LENGTHS = {Ref(5, 0): 3, Ref(6, 0): None}


def read(text: bytes) -> Any:
    return parse_object(text, 0, LENGTHS.get)


def test_an_object_and_its_stream() -> None:
    plain = read(b"4 7 obj\n<< /A 1 >>\nendobj\n")
    assert (plain.number, plain.generation, plain.value, plain.start, plain.end, plain.data) == (
        *(4, 7, {b"A": 1}, 0, 25),
        None,
    )
    for length in (b"3", b"5 0 R"):
        text = b"\r\n4 0 obj << /Length %s >> stream\r\nabc\nendstream endobj" % length
        found = read(text)
        assert found.data is not None
        assert (text[slice(*found.data)], found.start, found.end) == (b"abc", 0, len(text))
    empty = read(b"4 0 obj << /Length 0 >> stream\nendstream\nendobj")
    assert empty.data is not None
    assert empty.data[0] == empty.data[1]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (b"0 0 obj 1 endobj", Rule.HEAD),
        (b"04 0 obj 1 endobj", Rule.HEAD),
        (b"4 00 obj 1 endobj", Rule.HEAD),
        (b"4  0 obj 1 endobj", Rule.HEAD),
        (b"4 0 object 1 endobj", Rule.HEAD),
        (b"4 0 obj endobj", Rule.OBJECT),
        (b"4 0 obj 1 2 endobj", Rule.OBJECT),
        (b"4 0 obj 1 endobjects", Rule.OBJECT),
        (b"4 0 obj 1 stream\nendstream endobj", Rule.OBJECT),
        (b"4 0 obj << /Length 3 >> stream\rabc\nendstream endobj", Rule.OBJECT),
        (b"4 0 obj << >> stream\nendstream endobj", Rule.LENGTH),
        (b"4 0 obj << /Length true >> stream\na\nendstream endobj", Rule.LENGTH),
        (b"4 0 obj << /Length 1.0 >> stream\na\nendstream endobj", Rule.LENGTH),
        (b"4 0 obj << /Length 6 0 R >> stream\nendstream endobj", Rule.LENGTH),
        (b"4 0 obj << /Length 9 0 R >> stream\nendstream endobj", Rule.LENGTH),
        (b"4 0 obj << /Length 5 >> stream\nabc\nendstream endobj", Rule.LENGTH),
        (b"4 0 obj << /Length 2 >> stream\nabc\nendstream endobj", Rule.LENGTH),
    ],
)
def test_an_object_that_some_viewer_reads_otherwise(text: bytes, rule: Rule) -> None:
    with pytest.raises(DefectError) as error:
        read(text)
    assert error.value.defect.rule is rule


def test_a_length_that_leads_back_into_the_dictionary() -> None:
    text = b"4 0 obj << /X (endstream endobj) /Length -%03d >> stream\n"
    back = len(text % 0) - text.index(b"endstream")
    with pytest.raises(DefectError) as error:
        read(text % back)
    assert error.value.defect.rule is Rule.LENGTH


def test_an_offset_outside_of_the_file() -> None:
    for at in (8, 9, 2**63, 2**80):
        with pytest.raises(DefectError):
            parse_object(b"4 0 obj ", at, LENGTHS.get)
        assert behind_line_ends(b"abc\n \n\r ", at) == 8
    assert behind_line_ends(b"abc\n \n\rx", 3) == 7
    assert behind_line_ends(b"abc\tx", 3) == 3


@pytest.mark.parametrize(("value", "counts"), [(0, True), (7, True), (-1, False), (True, False), (1.0, False)])
def test_what_is_a_count(value: Any, counts: bool) -> None:
    assert is_count(value) is counts
    assert not is_count(None)


def test_a_defect_says_its_place_where_it_has_one() -> None:
    assert Defect(Rule.LENGTH, 7).detail == "stream-length @ 7"
    assert Defect(Rule.LENGTH).detail == "stream-length"
