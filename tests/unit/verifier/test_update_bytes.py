"""One update, byte by byte: what its section names stands where it says, once, and nothing stands between."""

from __future__ import annotations

import re
from typing import Any

import pytest

from verifier.pdf.updates.defects import Defect, DefectError, Rule
from verifier.pdf.updates.grammar import Ref
from verifier.pdf.updates.reading import StrictReading, UpdateReader
from verifier.pdf.updates.sections import COMPRESSED, FREE, IN_USE, Entry, Section, State, read_section
from verifier.pdf.updates.update import Update, explain_update

SIGNED = b"%PDF-1.7\n1 0 obj 7 endobj\n"
BEFORE: State = {1: Entry(IN_USE, 9, 0)}
PLAIN = b"5 0 obj (x) endobj\n"
ENDING = b"startxref\n%d\n%%%%EOF"


def row(kind: int, first: int, second: int = 0) -> bytes:
    return bytes([kind]) + first.to_bytes(2, "big") + bytes([second])


def outcome(
    *parts: bytes,
    entries: dict[int, Entry] | None = None,
    more: dict[int, Entry] | None = None,
    trailer: bytes = b"/Size 30 /Root 1 0 R",
    ending: bytes = ENDING,
    stream: int | None = None,
    between: bytes = b"",
    before: State | None = None,
    previous: dict[bytes, Any] | None = None,
) -> Rule | None:
    """The rule that an update of these parts breaks; each part that begins with an object's head gets its entry.

    ``entries`` are in place of those, ``more`` beside them; with ``stream`` the section is a cross-reference stream of
    this number, which has its own entry where ``more`` does not say otherwise.
    """
    data, named = SIGNED, dict[int, Entry]()
    for part in parts:
        head = re.match(rb"\s*(\d+) (\d+) obj", part)
        if head is not None:
            named[int(head[1])] = Entry(IN_USE, len(data), int(head[2]))
        data += part
    named = (named if entries is None else entries) | (more or {})
    at = len(data)
    if stream is None:
        lines = b"".join(
            b"%d 1\n%010d %05d %s \n" % (number, entry.first, entry.second, b"fn"[entry.kind :][:1])
            for number, entry in named.items()
        )
        data += b"xref\n" + lines + b"trailer\n<< %s >>\n" % trailer
    else:
        named = {stream: Entry(IN_USE, at, 0)} | named
        rows = b"".join(row(*named[number]) for number in sorted(named))
        index = b" ".join(b"%d 1" % number for number in sorted(named))
        said = b"<< /Type /XRef /W [1 2 1] /Index [%s] /Length %d %s >>" % (index, len(rows), trailer)
        data += b"%d 0 obj %s stream\n%s\nendstream endobj\n" % (stream, said, rows)
    data += between + (ending % at if b"%d" in ending else ending)
    older = Section(0, 0, {}, {b"Root": Ref(1, 0)} if previous is None else previous)
    update = Update(len(SIGNED), BEFORE if before is None else before, read_section(data, at), older)
    try:
        end = explain_update(data, update, None)
    except DefectError as error:
        return error.defect.rule
    assert data[end - 5 : end] == b"%%EOF"
    return None


def test_an_update_that_is_explained() -> None:
    assert outcome() is None
    assert outcome(PLAIN) is None
    assert outcome(PLAIN, b"% iText\n", b"6 3 obj << /A 5 0 R >> endobj\n") is None
    assert outcome(PLAIN, stream=8) is None
    assert outcome(PLAIN, between=b"% a comment\n\r\n") is None
    assert outcome(b"\r\n" + PLAIN) is None, "the offset leads to the line end before it"


# Trailers


def test_the_trailers_of_an_update_and_before_it_agree() -> None:
    assert outcome(trailer=b"/Size 30") is Rule.TRAILER
    assert outcome(trailer=b"/Size 30 /Root 1 0 R /Encrypt 2 0 R") is Rule.TRAILER
    locked = {b"Encrypt": Ref(2, 0), b"ID": [b"a", b"b"]}
    assert outcome(previous=locked) is Rule.TRAILER
    said = b"/Size 30 /Root 1 0 R /Encrypt 2 0 R "
    assert outcome(trailer=said + b"/ID [(a) (c)]", previous=locked) is None
    assert outcome(trailer=said + b"/ID [(c) (b)]", previous=locked) is Rule.TRAILER
    assert outcome(trailer=said, previous=locked) is Rule.TRAILER
    assert outcome(trailer=said + b"/ID []", previous=locked) is Rule.TRAILER
    assert outcome(trailer=said + b"/ID 5", previous={**locked, b"ID": None}) is None
    assert outcome(trailer=b"/Size 30 /Root 1 0 R /ID [(c) (d)]", previous={b"ID": [b"a", b"b"]}) is None


# The end


def test_the_section_and_the_end_marker() -> None:
    assert outcome(ending=b"startxref\n5\n%%EOF") is Rule.START
    assert outcome(ending=b"startxrex\n%d\n%%%%EOF") is Rule.START
    assert outcome(ending=b"startxref\n%d\n%%%%EOFx") is Rule.START
    assert outcome(between=b"x\n") is Rule.START
    room = 1024 - len(ENDING % len(SIGNED))
    assert outcome(ending=ENDING.replace(b"\n%%%%", b"\n" * (room + 1) + b"%%%%")) is None
    assert outcome(ending=ENDING.replace(b"\n%%%%", b"\n" * (room + 2) + b"%%%%")) is Rule.START


# Objects


def test_an_entry_that_leads_back_says_what_was_said() -> None:
    assert outcome(more=BEFORE) is None
    assert outcome(more={2: Entry(IN_USE, 9, 0)}) is Rule.ENTRY
    assert outcome(more={1: Entry(IN_USE, 10, 0)}) is Rule.ENTRY
    assert outcome(more={1: Entry(FREE, 0, 1)}) is None


def test_an_object_is_what_its_entry_says() -> None:
    at = len(SIGNED)
    assert outcome(PLAIN, entries={5: Entry(IN_USE, at, 0)}) is None
    assert outcome(PLAIN, entries={6: Entry(IN_USE, at, 0)}) is Rule.HEAD
    assert outcome(PLAIN, entries={5: Entry(IN_USE, at, 1)}) is Rule.HEAD
    assert outcome(PLAIN, entries={5: Entry(IN_USE, at + 2, 0)}) is Rule.HEAD
    assert outcome(PLAIN, entries={}) is Rule.UNNAMED_BYTES
    assert outcome(PLAIN, more={7: Entry(FREE, 0, 0)}) is None


def test_an_object_behind_the_end_is_none_of_the_update() -> None:
    ending = ENDING + b"\n" + PLAIN
    place = len(SIGNED) + len(b"xref\n5 1\n0000000000 00000 n \ntrailer\n<< /Size 30 /Root 1 0 R >>\n")
    place += len(ENDING % len(SIGNED)) + 1
    assert outcome(entries={5: Entry(IN_USE, place, 0)}, ending=ending) is Rule.HEAD


def test_objects_do_not_overlap() -> None:
    inner = b"6 0 obj 1 endobj"
    outer = b"5 0 obj << /Length %d >> stream\n%s\nendstream endobj\n" % (len(inner), inner)
    inside = Entry(IN_USE, len(SIGNED) + outer.index(inner), 0)
    assert outcome(outer, more={6: inside}) is Rule.UNNAMED_BYTES
    assert outcome(outer) is Rule.HIDDEN_OBJECT


# A section that is a stream


def test_a_cross_reference_stream_and_its_own_entry() -> None:
    at = len(SIGNED)
    assert outcome(stream=8) is None
    assert outcome(stream=8, more={8: Entry(FREE, 0, 0)}) is None
    assert outcome(stream=8, more={8: Entry(IN_USE, at + 1, 0)}) is Rule.ENTRY
    assert outcome(stream=8, more={8: Entry(COMPRESSED, 7, 0)}) is Rule.ENTRY
    assert outcome(holder(b"8 0 (x)", 1, 4), stream=8, more={8: Entry(COMPRESSED, 9, 0)}) is Rule.ENTRY
    assert outcome(stream=8, before={**BEFORE, 8: Entry(IN_USE, 9, 0)}) is None


def test_a_cross_reference_stream_without_an_entry_of_its_own() -> None:
    """Where its number named something before, some readers take the old object still."""
    said = b"<< /Type /XRef /W [1 2 1] /Index [7 1] /Length 4 /Size 30 /Root 1 0 R >>"
    data = SIGNED + b"8 0 obj %s stream\n%s\nendstream endobj\n" % (said, row(0, 0))
    data += ENDING % len(SIGNED)
    section = read_section(data, len(SIGNED))
    older = Section(0, 0, {}, {b"Root": Ref(1, 0)})
    for known, rule in (
        ({}, None),
        ({8: Entry(FREE, 0, 0)}, None),
        ({8: Entry(IN_USE, 9, 0)}, Rule.ENTRY),
        ({8: Entry(COMPRESSED, 4, 0)}, Rule.ENTRY),
    ):
        update = Update(len(SIGNED), {**BEFORE, **known}, section, older)
        if rule is None:
            assert explain_update(data, update, None) == len(data)
        else:
            with pytest.raises(DefectError) as error:
                explain_update(data, update, None)
            assert error.value.defect.rule is rule


@pytest.mark.parametrize("own", [b"", b"9 1\n%010d 00000 n \n"])
@pytest.mark.parametrize("shift", [0, 1])
def test_a_stream_beside_a_table(own: bytes, shift: int) -> None:
    """Both name objects of the update; the stream is one of them, whether the table names it or not."""
    one, two = PLAIN, b"6 0 obj 1 endobj\n"
    at = len(SIGNED + one + two)
    said = b"<< /Type /XRef /W [1 2 1] /Index [6 1] /Length 4 /Size 30 /Root 1 0 R >>"
    beside = b"9 0 obj %s stream\n%s\nendstream endobj\n" % (said, row(IN_USE, len(SIGNED + one)))
    lines = b"5 1\n%010d 00000 n \n" % len(SIGNED) + (own % (at - shift) if own else b"")
    data = SIGNED + one + two + beside
    start = len(data)
    data += b"xref\n%strailer\n<< /Size 30 /Root 1 0 R /XRefStm %d >>\n" % (lines, at) + ENDING % start
    update = Update(len(SIGNED), BEFORE, read_section(data, start), Section(0, 0, {}, {b"Root": Ref(1, 0)}))
    if own and shift:
        with pytest.raises(DefectError):
            explain_update(data, update, None)
    else:
        assert explain_update(data, update, None) == len(data)


# Object streams


def holder(content: bytes, count: int, first: int, said: bytes = b"/Type /ObjStm") -> bytes:
    told = b"<< %s /N %d /First %d /Length %d >>" % (said, count, first, len(content))
    return b"9 0 obj %s stream\n%s\nendstream endobj\n" % (told, content)


HOLDER = holder(b"5 0 (x)", 1, 4)


def test_object_streams_of_the_update() -> None:
    held = {5: Entry(COMPRESSED, 9, 0)}
    assert outcome(HOLDER, stream=8, more=held) is None
    assert outcome(HOLDER, stream=8) is Rule.OBJECT_STREAM
    assert outcome(holder(b"5 0 (x)", 1, 4, b""), stream=8, more=held) is Rule.OBJECT_STREAM
    assert outcome(b"9 0 obj 5 endobj\n", stream=8, more=held) is not None
    assert outcome(HOLDER, stream=8, more={5: Entry(COMPRESSED, 7, 0)}) is Rule.OBJECT_STREAM
    assert outcome(stream=8, more={5: Entry(COMPRESSED, 7, 0)}) is Rule.ENTRY


def test_an_object_stream_of_before() -> None:
    """Its objects may be named again as they were; it is not replaced while it holds any."""
    known = {**BEFORE, 7: Entry(IN_USE, 9, 0), 6: Entry(COMPRESSED, 7, 0)}
    assert outcome(stream=8, more={6: Entry(COMPRESSED, 7, 0)}, before=known) is None
    assert outcome(stream=8, more={6: Entry(COMPRESSED, 7, 1)}, before=known) is Rule.ENTRY
    assert outcome(stream=8, more={7: Entry(IN_USE, 9, 0)}, before=known) is None
    assert outcome(stream=8, more={7: Entry(FREE, 0, 0)}, before=known) is Rule.CONTAINER
    assert outcome(b"7 0 obj 1 endobj\n", before=known) is Rule.CONTAINER
    assert outcome(b"7 0 obj 1 endobj\n", before={7: Entry(IN_USE, 9, 0)}) is None


def test_a_reference_from_an_object_of_a_stream() -> None:
    held = {5: Entry(COMPRESSED, 9, 0)}
    assert outcome(holder(b"5 0 [77 0 R]", 1, 4), stream=8, more=held) is Rule.DANGLING
    assert outcome(b"5 0 obj [77 0 R] endobj\n") is Rule.DANGLING


# What stands between


@pytest.mark.parametrize(
    "gap",
    [
        b"x",
        b"% obj\n",
        b"% xref\n",
        b"% trailer\n",
        b"% stream\n",
        b"% %%EOF\n",
        b"% %PDF-\n",
        b"% no line end",
        b"\x0b",
    ],
)
def test_between_objects_stand_white_space_and_plain_comments(gap: bytes) -> None:
    assert outcome(PLAIN, gap, b" 6 0 obj 1 endobj\n") is Rule.UNNAMED_BYTES
    assert outcome(gap, b" 6 0 obj 1 endobj\n") is Rule.UNNAMED_BYTES
    assert outcome(PLAIN, gap + b"\n" * (gap != b"% no line end")) is Rule.UNNAMED_BYTES


def test_behind_the_section_stands_no_hidden_word() -> None:
    assert outcome(between=b"% obj\n") is Rule.UNNAMED_BYTES
    assert outcome(between=b"%%EOF\n") is Rule.UNNAMED_BYTES


@pytest.mark.parametrize(
    ("inside", "rule"),
    [
        (b"4 0 obj", Rule.HIDDEN_OBJECT),
        (b"4 0obj", Rule.HIDDEN_OBJECT),
        (b"4\n0 % x\n obj", Rule.HIDDEN_OBJECT),
        (b"4 0" + b" " * 200 + b"obj", Rule.HIDDEN_OBJECT),
        (b"x obj 4 0 obj", Rule.HIDDEN_OBJECT),
        (b"an obj of 4 0", None),
        (b"obj obj", None),
        (b"startxref", Rule.START),
        (b"trailer <<", Rule.TRAILER),
        (b"trailer<<", Rule.TRAILER),
        (b"trailer of 5", None),
    ],
)
@pytest.mark.parametrize("stream", [None, 8])
def test_nothing_inside_that_a_repairing_viewer_would_take(
    inside: bytes, rule: Rule | None, stream: int | None
) -> None:
    assert outcome(b"5 0 obj (%s) endobj\n" % inside, stream=stream) is rule
    packed = b"5 0 obj << /Length %d >> stream\n%s\nendstream endobj\n" % (len(inside), inside)
    assert outcome(packed, stream=stream) is rule


# The reader of all updates (``reading.py``)

TABLE = b"xref\n0 0\ntrailer\n<< /Size 30 /Root 1 0 R %s >>\n"


def file_of(*backs: int | None) -> tuple[bytes, list[int], list[int]]:
    """A file of empty updates, each leading back to the section of this index; the sections' and revisions' offsets."""
    data, starts, ends = SIGNED, list[int](), list[int]()
    for back in backs:
        starts.append(len(data))
        told = b"" if back is None else b"/Prev %d" % starts[back]
        data += TABLE % told + ENDING % starts[-1] + b"\n"
        ends.append(len(data))
    return data, starts, ends


def found(data: bytes, end: int) -> tuple[list[Rule], list[Rule]]:
    reading = UpdateReader(data).read(end)
    return [one.rule for one in reading.update], [one.rule for one in reading.chain]


def test_updates_in_a_row_and_the_signed_part() -> None:
    data, _, ends = file_of(None, 0, 1, 2)
    reader = UpdateReader(data)
    for end in ends[:-1]:
        assert reader.read(end) == StrictReading()
        assert reader.read(end) == StrictReading()


def test_a_revision_that_nothing_follows_has_no_update() -> None:
    data, _, ends = file_of(None, 0)
    assert found(data, ends[-1]) == ([Rule.CHAIN], [])
    assert UpdateReader(data).read(ends[-1]).update == (Defect(Rule.CHAIN, ends[-1]),)


def test_updates_that_pass_over_the_signed_revision() -> None:
    data, _, ends = file_of(None, 0, 0)
    assert found(data, ends[1])[0] == [Rule.CHAIN]
    data, _, ends = file_of(None, None)
    assert found(data, ends[0])[0] == [Rule.CHAIN]


def test_a_signed_revision_whose_start_lies_in_the_update() -> None:
    data = (SIGNED + ENDING % 71 + b"\n").ljust(71)
    whole = data + TABLE % b"" + ENDING % len(data)
    assert (len(data), UpdateReader(whole).read(71).chain) == (71, ())
    assert found(whole, 71)[0] == [Rule.CHAIN]


def test_a_chain_that_breaks_off() -> None:
    """In the signed part it is the chain's defect where the updates lead to it as they have to; else the update's."""
    data, starts, ends = file_of(None, 0, 1)
    lie = data.replace(b"/Prev %d" % starts[0], b"/Prev %d" % (starts[0] + 1))
    assert found(lie, ends[1]) == ([], [Rule.HEAD])
    assert found(lie, ends[0]) == ([Rule.HEAD], [])
    away = data[: ends[1]] + data[ends[1] :].replace(b"/Prev %d" % starts[1], b"/Prev %d" % (starts[1] + 1))
    assert found(away, ends[1]) == ([Rule.HEAD], [])
    broken = data[: starts[1]] + data[starts[1] :].replace(b"xref\n0 0", b"xrex\n0 0", 1)
    assert found(broken, ends[1]) == ([], [Rule.HEAD])
    assert found(data[:-6], ends[1])[0] == [Rule.START]


def test_what_stands_behind_the_last_update() -> None:
    data, _, ends = file_of(None, 0)
    for rest, rules in ((b"\n\0 \t\x0c\r", []), (b"\n" + SIGNED, [Rule.START])):
        assert found(data + rest, ends[0])[0] == rules
    assert found(data + b"startxref\n%d\n%%%%EOF" % ends[0], ends[0])[0] != []


def test_a_defect_of_an_older_section_is_the_chains() -> None:
    data, starts, ends = file_of(None, 0, 1)
    for index, expected in ((0, ([], [Rule.SIZE])), (1, ([], [Rule.SIZE])), (2, ([Rule.SIZE], []))):
        at = starts[index]
        lie = data[:at] + data[at:].replace(b"/Size 30", b"/Size 00", 1)
        assert found(lie, ends[1]) == expected
