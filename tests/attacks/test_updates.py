"""Updates that one viewer reads and another repairs: none is green, whatever it does or does not show."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from tests.attacks.making import (
    assert_no_alarm,
    assert_unknown,
    facts_of,
    with_validation_data,
)
from tests.attacks.update_maker import GREEN, METADATA, HandUpdate, Paper, body, last_section, line_of, signed, stream
from verifier.report import ChangesAfter

FORGED = b"BT /F1 16 Tf 60 780 Td (Dieu 0 trang 1: so tien 999 trieu dong) Tj ET"


def forged(number: int | bytes, generation: int | bytes = 0) -> bytes:
    return body(number, stream(FORGED), generation)


def with_metadata(entries: bytes) -> HandUpdate:
    """The harmless update with this text for its metadata stream."""
    made = HandUpdate(signed())
    made.parts[1] = (made.parts[1][0], body(signed().size, entries))
    return made


def with_catalog(change: Callable[[bytes], bytes]) -> HandUpdate:
    made = HandUpdate(signed())
    made.parts[0] = (made.parts[0][0], change(made.parts[0][1]))
    return made


def test_the_update_by_hand_is_harmless() -> None:
    made = HandUpdate(signed())
    assert_no_alarm(made.with_table(), ChangesAfter.EXTENSION)
    assert_no_alarm(made.with_stream(), ChangesAfter.EXTENSION)
    number = signed().size
    only = dataclasses.replace(made, parts=[made.parts[1]])
    assert_no_alarm(only.with_stream({signed().root: signed().with_metadata(number)}), ChangesAfter.EXTENSION)


@pytest.mark.parametrize(
    "change",
    [
        {"before_start": b"%iText-9.1.0\n"},
        {"before_table": b"% a comment\n\r\n"},
        {"before_end": b"\r\n"},
        {"end": b"%%EOF\r\n\n"},
        {"more_lines": b"0 1\n0000000000 65535 f \n"},
        {"entries": {900: b"0000000000 00000 f\r\n"}, "size": 901},
        {"shift": {1: 0}},
    ],
)
def test_what_writers_do(change: dict[str, Any]) -> None:
    assert_no_alarm(dataclasses.replace(HandUpdate(signed()), **change).with_table(), ChangesAfter.EXTENSION)


def test_an_offset_short_by_a_line_end_leads_every_viewer_to_the_same_object() -> None:
    made = HandUpdate(signed(), shift={signed().size: -1})
    assert_no_alarm(made.with_table(), ChangesAfter.EXTENSION)


def test_several_updates_in_a_row() -> None:
    once = HandUpdate(signed()).with_table()
    assert_no_alarm(HandUpdate(Paper(with_validation_data(once))).with_table(), ChangesAfter.EXTENSION)
    broken = HandUpdate(signed(), before_table=b"1 0 obj null endobj\n").with_table()
    assert_unknown(with_validation_data(broken), "UPDATE-READ-IN-TWO-WAYS", "bytes-without-meaning")


EACH: list[tuple[str, Callable[[], HandUpdate], str]] = [
    (
        "entry twice",
        lambda: HandUpdate(signed(), more_lines=b"%d 1\n" % signed().root + line_of(17)),
        "cross-reference-entry-twice",
    ),
    (
        "entry to the signed part",
        lambda: HandUpdate(signed(), entries={signed().content: line_of(17)}),
        "cross-reference-entry",
    ),
    (
        "entry beyond the end",
        lambda: HandUpdate(signed(), entries={900: line_of(9_999_999)}, size=901),
        "cross-reference-entry",
    ),
    ("entry at offset 0", lambda: HandUpdate(signed(), entries={900: line_of(0)}, size=901), "cross-reference-entry"),
    (
        "wrong generation",
        lambda: HandUpdate(signed(), entries={signed().root: line_of(len(signed().data), 1)}),
        "cross-reference-entry",
    ),
    ("object 0 in use", lambda: HandUpdate(signed(), entries={0: line_of(17)}), "object-0-not-free"),
    (
        "a table that begins at 1 with the head of the free list",
        lambda: HandUpdate(signed(), more_lines=b"1 1\n" + line_of(0, 65535, b"f"), entries={signed().root: b""}),
        "object-0-not-free",
    ),
    ("size too small", lambda: HandUpdate(signed(), size=signed().size), "size-too-small"),
    (
        "entries of 19 bytes",
        lambda: HandUpdate(signed(), entries={signed().root: b"%010d 00000 n\n" % len(signed().data)}),
        "cross-reference-section",
    ),
    (
        "entries with a tab",
        lambda: HandUpdate(signed(), entries={signed().root: b"%010d\t00000 n \n" % len(signed().data)}),
        "cross-reference-section",
    ),
    ("offset off by one", lambda: HandUpdate(signed(), shift={signed().size: 1}), "cross-reference-entry"),
    ("unnamed object", lambda: _with_part(None, forged(signed().content)), "bytes-without-meaning"),
    ("object twice, the last unnamed", lambda: _with_part(None, body(signed().size, b"null")), "bytes-without-meaning"),
    ("comment with an object", lambda: HandUpdate(signed(), before_table=b"% 4 0 obj\n"), "bytes-without-meaning"),
    ("comment with a trailer", lambda: HandUpdate(signed(), before_start=b"%trailer\n"), "bytes-without-meaning"),
    ("second end marker", lambda: HandUpdate(signed(), before_start=b"%%EOF\n"), "bytes-without-meaning"),
    ("second startxref", lambda: HandUpdate(signed(), before_start=b"startxref\n17\n"), "startxref"),
    ("startxref elsewhere", lambda: HandUpdate(signed(), start=last_section(signed().data)), "chain-of-sections"),
    ("startxref far from the end", lambda: HandUpdate(signed(), before_end=b" " * 1100 + b"\n"), "startxref"),
    ("end marker far from the end", lambda: HandUpdate(signed(), end=b"%%EOF\n" + b"\0" * 1100), "startxref"),
    ("no end marker", lambda: HandUpdate(signed(), end=b""), "startxref"),
    ("data behind the end", lambda: HandUpdate(signed(), end=b"%%EOF\n% more\n"), "startxref"),
    ("prev to itself", lambda: HandUpdate(signed(), prev=len(signed().data) + 1), "object-head"),
    ("prev to no section", lambda: HandUpdate(signed(), prev=17), "object-head"),
    ("second section", lambda: HandUpdate(signed(), before_table=b"xref\n0 0\n"), "bytes-without-meaning"),
    ("a key twice in the trailer", lambda: HandUpdate(signed(), trailer=b"/Root 1 0 R"), "key-twice"),
    (
        "a key twice in another spelling",
        lambda: HandUpdate(signed(), trailer=b"/R#6fot 1 0 R"),
        "name-spelled-otherwise",
    ),
    (
        "a hidden stream beside the table",
        lambda: HandUpdate(signed(), trailer=b"/XRef#53tm 17"),
        "name-spelled-otherwise",
    ),
    ("a stream beside the table that is none", lambda: HandUpdate(signed(), trailer=b"/XRefStm 17"), "object-head"),
    ("a key twice", lambda: with_catalog(lambda t: t.replace(b"<<", b"<< /Metadata 1 0 R", 1)), "key-twice"),
    (
        "a key twice, #xx",
        lambda: with_catalog(lambda t: t.replace(b"<<", b"<< /P#61ges 1 0 R", 1)),
        "name-spelled-otherwise",
    ),
    (
        "a control character as separator",
        lambda: with_catalog(lambda t: t.replace(b"<< ", b"<< /A\x0bB ", 1)),
        "object-syntax",
    ),
    ("a comment inside an object", lambda: with_catalog(lambda t: t.replace(b"<<", b"<< % >>\n", 1)), "object-syntax"),
    ("a number that is none", lambda: with_catalog(lambda t: t.replace(b"<<", b"<< /X --5", 1)), "object-syntax"),
    (
        "a number too large",
        lambda: with_catalog(lambda t: t.replace(b"<<", b"<< /X 99999999999", 1)),
        "number-out-of-range",
    ),
    ("a name without letters", lambda: with_catalog(lambda t: t.replace(b"<<", b"<< / 5", 1)), "object-syntax"),
    (
        "nested deeply",
        lambda: with_catalog(lambda t: t.replace(b"<<", b"<< /X " + b"[" * 60 + b"]" * 60, 1)),
        "nested-too-deep",
    ),
    ("no endobj", lambda: with_catalog(lambda t: t.replace(b"endobj", b"endobi")), "object-syntax"),
    (
        "a reference to nothing",
        lambda: with_catalog(lambda t: t.replace(b"<<", b"<< /X 900 0 R", 1)),
        "reference-to-nothing",
    ),
    (
        "a reference of another generation",
        lambda: with_catalog(lambda t: t.replace(b"<<", b"<< /X %d 1 R" % signed().page, 1)),
        "reference-to-nothing",
    ),
    ("an object's number with a zero before it", lambda: with_catalog(lambda t: b"0" + t), "cross-reference-entry"),
    ("an object's number with a sign", lambda: with_catalog(lambda t: b"+" + t), "cross-reference-entry"),
    (
        "a head with two spaces",
        lambda: with_catalog(lambda t: t.replace(b" 0 obj", b"  0 obj", 1)),
        "cross-reference-entry",
    ),
    (
        "a stream that is longer than told",
        lambda: with_metadata(stream(METADATA, length=len(METADATA) - 4)),
        "stream-length",
    ),
    (
        "a stream that is shorter than told",
        lambda: with_metadata(stream(METADATA, length=len(METADATA) + 40)),
        "stream-length",
    ),
    ("a stream without length", lambda: with_metadata(b"<< >>\nstream\n\nendstream"), "stream-length"),
    (
        "a length that leads nowhere",
        lambda: with_metadata(b"<< /Length 900 0 R >>\nstream\n\nendstream"),
        "stream-length",
    ),
    ("a stream behind a lone carriage return", lambda: with_metadata(stream(METADATA, before=b"\r")), "object-syntax"),
    ("an object inside a stream", lambda: with_metadata(stream(METADATA + b"\n" + forged(4))), "object-inside-another"),
    (
        "an object inside a stream, apart",
        lambda: with_metadata(stream(b"4 %x\n0\robj<<>>endobj")),
        "object-inside-another",
    ),
    (
        "an object inside a string",
        lambda: with_catalog(lambda t: t.replace(b"<<", b"<< /X (\n4 0 obj null endobj)", 1)),
        "object-inside-another",
    ),
]


def _with_part(number: int | None, part: bytes) -> HandUpdate:
    made = HandUpdate(signed())
    return dataclasses.replace(made, parts=[*made.parts, (number, part)])


@pytest.mark.parametrize(("make", "rule"), [row[1:] for row in EACH], ids=[row[0] for row in EACH])
def test_update_that_can_be_read_in_two_ways(make: Callable[[], HandUpdate], rule: str) -> None:
    facts = facts_of(make().with_table())
    assert facts.changes_after not in GREEN
    told = [dict(f.parameters)["detail"] for f in facts.findings if f.code == "UPDATE-READ-IN-TWO-WAYS"]
    assert told and told[0].startswith(rule), facts
    assert facts.changes_after is ChangesAfter.UNKNOWN or facts.visible is not False
