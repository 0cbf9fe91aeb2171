"""Cross-reference tables and streams: what an entry is, which numbers there may be, and where the two disagree."""

from __future__ import annotations

import pytest

from verifier.pdf.updates.chain import read_chain
from verifier.pdf.updates.defects import DefectError, Rule
from verifier.pdf.updates.grammar import Ref
from verifier.pdf.updates.references import check_references
from verifier.pdf.updates.sections import (
    COMPRESSED,
    FREE,
    IN_USE,
    MAX_NUMBER,
    Entry,
    Section,
    plain_number,
    read_section,
)

HEAD_OF_THE_FREE = b"0000000000 65535 f \n"
USED = b"0000000017 00000 n \n"


def table(lines: bytes, trailer: bytes = b"/Size 9") -> bytes:
    return b"xref\n" + lines + b"trailer\n<< %s >>" % trailer


def rules(section: Section) -> list[Rule]:
    return [defect.rule for defect in section.defects]


def refused(data: bytes, at: int = 0) -> Rule:
    with pytest.raises(DefectError) as error:
        read_section(data, at)
    return error.value.defect.rule


def test_a_table() -> None:
    text = table(b"0 2\n" + HEAD_OF_THE_FREE + USED + b"7 1\r\n0000000099 00003 n\r\n")
    section = read_section(b" \r\n" + text + b"...", 1)
    assert section.entries == {0: Entry(FREE, 0, 65535), 1: Entry(IN_USE, 17, 0), 7: Entry(IN_USE, 99, 3)}
    assert (section.start, section.end, section.trailer, section.prev) == (1, 3 + len(text), {b"Size": 9}, None)
    assert (section.stream, section.hybrid, rules(section), section.merged) == (None, None, [], section.entries)


@pytest.mark.parametrize("at", [-1, 3, 4, 2**63])
def test_an_offset_outside_of_the_file(at: int) -> None:
    assert refused(b"abc", at) is Rule.CHAIN


@pytest.mark.parametrize(
    "text",
    [
        b"xref",
        b"xrefs\n",
        b"xref 0 1\n",
        b"xref\n",
        table(b"0 2\n" + HEAD_OF_THE_FREE),
        table(b"0 1\n0000000000 65535 f\n"),
        table(b"0 1\n0000000000 65535 x \n"),
        table(b"0 1\n0000000000 6553 f \n"),
        table(b"0  1\n" + HEAD_OF_THE_FREE),
        b"xref\n0 1\n" + HEAD_OF_THE_FREE,
        b"xref\n0 4\n" + HEAD_OF_THE_FREE,
        b"xref\n0 9999999999\n" + HEAD_OF_THE_FREE,
        b"xref\n0 0\ntrailers << /Size 1 >>",
    ],
)
def test_a_table_that_some_viewer_reads_otherwise(text: bytes) -> None:
    assert refused(text) is Rule.SECTION


def test_a_table_without_entries() -> None:
    for lines in (b"", b"0 0\n", b"1 0\n"):
        section = read_section(table(lines, b"/Size 1"), 0)
        assert (section.entries, rules(section)) == ({}, [])


def test_the_head_of_the_free_list_is_object_0() -> None:
    assert rules(read_section(table(b"0 1\n" + USED), 0)) == [Rule.OBJECT_ZERO]
    assert rules(read_section(table(b"1 1\n" + HEAD_OF_THE_FREE), 0)) == [Rule.OBJECT_ZERO]
    assert rules(read_section(table(b"1 1\n" + USED), 0)) == []
    assert rules(read_section(table(b"2 1\n" + HEAD_OF_THE_FREE), 0)) == []


def test_an_entry_stands_once() -> None:
    assert rules(read_section(table(b"3 1\n" + USED + b"3 1\n" + USED), 0)) == [Rule.ENTRY_TWICE]
    assert rules(read_section(table(b"3 2\n" + USED * 2 + b"4 1\n" + USED), 0)) == [Rule.ENTRY_TWICE]
    assert rules(read_section(table(b"3 1\n" + USED + b"4 1\n" + USED), 0)) == []


@pytest.mark.parametrize(
    ("trailer", "found"),
    [
        (b"/Size 4", []),
        (b"/Size 3", [Rule.SIZE]),
        (b"/Size %d" % (MAX_NUMBER + 1), []),
        (b"/Size %d" % (MAX_NUMBER + 2), [Rule.SIZE]),
        (b"/Size 4.0", [Rule.SIZE]),
        (b"/Size -4", [Rule.SIZE]),
        (b"", [Rule.SIZE]),
        (b"/Size 4 /Root 1 0 R", []),
        (b"/Size 4 /Root << >>", [Rule.TRAILER]),
    ],
)
def test_a_trailer_that_goes_with_its_table(trailer: bytes, found: list[Rule]) -> None:
    assert rules(read_section(table(b"3 1\n" + USED, trailer), 0)) == found


def test_a_size_of_a_table_without_entries() -> None:
    assert rules(read_section(table(b"", b"/Size 0"), 0)) == [Rule.SIZE]
    assert rules(read_section(table(b"", b"/Size true"), 0)) == [Rule.SIZE]
    assert rules(read_section(table(b"", b"/Size 1"), 0)) == []


def stream(rows: bytes, said: bytes, number: int = 8) -> bytes:
    return b"%d 0 obj << /Type /XRef %s /Length %d >> stream\n%s\nendstream endobj" % (number, said, len(rows), rows)


ROWS = bytes([0, 0, 0, 9, 1, 1, 2, 3, 2, 0, 7, 5])


def test_a_stream() -> None:
    text = stream(ROWS, b"/Size 9 /W [1 2 1] /Index [0 1 4 2] /Prev 3")
    section = read_section(text, 0)
    assert section.entries == {0: Entry(FREE, 0, 9), 4: Entry(IN_USE, 258, 3), 5: Entry(COMPRESSED, 7, 5)}
    assert (section.prev, section.end, rules(section)) == (3, len(text), [])
    assert section.stream is not None
    assert section.stream.number == 8


def test_what_a_stream_leaves_out() -> None:
    """Table 17: all numbers from 0, a first field of width 0 is an object in use, others of width 0 are 0."""
    whole = read_section(stream(ROWS, b"/Size 3 /W [1 2 1]"), 0)
    assert list(whole.entries) == [0, 1, 2]
    bare = read_section(stream(bytes([1, 2, 3, 4]), b"/Size 9 /W [0 2 0] /Index [5 2]"), 0)
    assert bare.entries == {5: Entry(IN_USE, 258, 0), 6: Entry(IN_USE, 772, 0)}
    wide = read_section(stream(bytes([1, *range(8), *range(8)]), b"/Size 9 /W [1 8 8] /Index [5 1]"), 0)
    assert wide.entries == {5: Entry(IN_USE, 0x01020304050607, 0x01020304050607)}


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (ROWS, b"/Size 3"),
        (ROWS, b"/Size 3 /W 4"),
        (ROWS, b"/Size 3 /W [2 2]"),
        (ROWS, b"/Size 3 /W [1 1 1 1]"),
        (ROWS, b"/Size 3 /W [1 2.0 1]"),
        (ROWS, b"/Size 3 /W [1 2 true]"),
        (ROWS, b"/Size 3 /W [1 4 -1]"),
        (ROWS, b"/W [1 2 1]"),
        (ROWS, b"/Size 4 /W [1 2 1]"),
        (ROWS, b"/Size 2 /W [1 2 1]"),
        (ROWS, b"/Size 9 /W [1 2 1] /Index 3"),
        (ROWS, b"/Size 9 /W [1 2 1] /Index [0 1 4]"),
        (ROWS, b"/Size 9 /W [1 2 1] /Index [0 3 4]"),
        (ROWS, b"/Size 9 /W [1 2 1] /Index [0 1 4 1]"),
        (ROWS, b"/Size 9 /W [1 2 1] /Index [-1 3]"),
        (ROWS, b"/Size 9 /W [1 2 1] /Index [%d 3]" % (MAX_NUMBER + 1)),
        (b"", b"/Size 0 /W [0 0 0]"),
        (bytes(11), b"/Size 1 /W [1 9 1]"),
    ],
)
def test_a_stream_that_some_viewer_reads_otherwise(rows: bytes, said: bytes) -> None:
    assert refused(stream(rows, said)) is Rule.SECTION


def test_an_entry_of_a_kind_that_there_is_not() -> None:
    assert refused(stream(b"\3\0\1\0", b"/Size 9 /W [1 2 1] /Index [5 1]")) is Rule.ENTRY


def test_the_greatest_number() -> None:
    said = b"/Size %d /W [1 2 1] /Index [%d 1]" % (MAX_NUMBER + 1, MAX_NUMBER)
    assert rules(read_section(stream(ROWS[4:8], said), 0)) == []


def test_a_stream_is_a_cross_reference_stream() -> None:
    assert refused(stream(ROWS, b"/Size 3 /W [1 2 1]").replace(b"/XRef", b"/XRof")) is Rule.SECTION
    assert refused(b"8 0 obj << /Type /XRef /Size 3 >> endobj") is Rule.SECTION
    assert refused(b"8 0 obj 1 endobj") is Rule.SECTION
    assert refused(b"8 0 obj [/Type /XRef] endobj") is Rule.SECTION


class TestHybrid:
    """A table and a stream beside it (§7.5.8.4)."""

    def both(self, rows: bytes, said: bytes = b"", lines: bytes = b"1 1\n" + USED, trailer: bytes = b"") -> Section:
        beside = stream(rows, b"/Size 9 /W [1 2 1] " + said) + b"\n"
        return read_section(beside + table(lines, b"/Size 9 /XRefStm 0 " + trailer), len(beside))

    def test_the_stream_defines_what_the_table_leaves_out_or_frees(self) -> None:
        left_out = self.both(bytes([2, 0, 7, 5]), b"/Index [5 1]")
        assert (rules(left_out), left_out.merged) == ([], {1: Entry(IN_USE, 17, 0), 5: Entry(COMPRESSED, 7, 5)})
        freed = self.both(bytes([2, 0, 7, 5]), b"/Index [5 1]", b"5 1\n" + HEAD_OF_THE_FREE)
        assert (rules(freed), freed.merged) == ([], {5: Entry(COMPRESSED, 7, 5)})

    def test_otherwise_both_say_the_same(self) -> None:
        assert rules(self.both(bytes([1, 0, 17, 0]), b"/Index [1 1]")) == []
        assert rules(self.both(bytes([1, 0, 18, 0, 1, 0, 18, 0]), b"/Index [1 2]")) == [Rule.HYBRID]
        assert rules(self.both(bytes([2, 0, 17, 0]), b"/Index [1 1]")) == [Rule.HYBRID]

    @pytest.mark.parametrize(
        ("said", "trailer", "found"),
        [
            (b"/Root 1 0 R", b"/Root 1 0 R", []),
            (b"", b"/Root 1 0 R", []),
            (b"/Root 2 0 R", b"/Root 1 0 R", [Rule.HYBRID]),
            (b"/Encrypt 2 0 R", b"", [Rule.HYBRID]),
            (b"/Encrypt 2 0 R", b"/Encrypt 2 0 R", []),
        ],
    )
    def test_their_trailers_agree(self, said: bytes, trailer: bytes, found: list[Rule]) -> None:
        assert rules(self.both(ROWS[4:8], b"/Index [5 1] " + said, trailer=trailer)) == found

    def test_a_defect_of_the_stream_is_one_of_both(self) -> None:
        assert rules(self.both(bytes([1, 0, 17, 0]), b"/Index [0 1]")) == [Rule.OBJECT_ZERO]

    @pytest.mark.parametrize("place", [b"(x)", b"-5", b"1.5", b"true"])
    def test_a_place_that_is_no_offset(self, place: bytes) -> None:
        assert refused(table(b"", b"/Size 1 /XRefStm " + place)) is Rule.HYBRID


def test_the_number_that_an_object_is() -> None:
    data = b"...4 0 obj 77 endobj \n\r 5 2 obj\n8\nendobj 6 0 obj 9 9 endobj"
    state = {
        4: Entry(IN_USE, 3, 0),
        5: Entry(IN_USE, 21, 2),
        6: Entry(IN_USE, data.index(b"6 0"), 0),
        7: Entry(FREE, 3, 0),
        8: Entry(IN_USE, 2**63, 0),
        9: Entry(COMPRESSED, 3, 0),
    }
    assert plain_number(data, state, Ref(4, 0)) == 77
    assert plain_number(data, state, Ref(5, 2)) == 8
    for ref in (Ref(4, 1), Ref(5, 0), Ref(6, 0), Ref(7, 0), Ref(8, 0), Ref(9, 0), Ref(10, 0)):
        assert plain_number(data, state, ref) is None
    assert plain_number(data, {4: Entry(COMPRESSED, 3, 0)}, Ref(4, 0)) is None
    assert plain_number(data.replace(b"4 0", b"4 1"), {4: Entry(IN_USE, 3, 0)}, Ref(4, 1)) is None
    assert plain_number(data, {4: Entry(IN_USE, 2, 0)}, Ref(4, 0)) is None


def test_entries_of_the_chain_lead_to_their_objects() -> None:
    """An offset of eight bytes leads nowhere, as one behind the end does, and raises nothing."""
    place = 9
    for row, rule in (
        (bytes([1, *place.to_bytes(8, "big"), 0]), None),
        (bytes([1, *(place + 1).to_bytes(8, "big"), 0]), Rule.ENTRY),
        (bytes([1, *(place).to_bytes(8, "big"), 1]), Rule.ENTRY),
        (bytes([1, *(2**63).to_bytes(8, "big"), 0]), Rule.ENTRY),
        (bytes([1, *(5000).to_bytes(8, "big"), 0]), Rule.ENTRY),
        (bytes([1, *(0).to_bytes(8, "big"), 0]), Rule.ENTRY),
    ):
        before = b"%PDF-1.5\n4 0 obj 1 endobj\n"
        data = before + stream(row, b"/Size 9 /W [1 8 1] /Index [4 1]") + b"\nstartxref\n%d\n%%%%EOF" % len(before)
        found = read_chain(data)
        assert found.broken is None
        assert [defect.rule for defect in found.defects[0]] == ([] if rule is None else [rule])


@pytest.mark.parametrize(
    ("holder", "rule"),
    [
        (None, None),
        (bytes([1, 0, 9, 0]), None),
        (bytes([0, 0, 0, 0]), Rule.ENTRY),
        (bytes([2, 0, 5, 0]), Rule.ENTRY),
    ],
)
def test_an_object_stream_is_an_object_of_the_file(holder: bytes | None, rule: Rule | None) -> None:
    before = b"%PDF-1.5\n4 0 obj 1 endobj\n"
    row = bytes([2, 0, 4, 0])
    index = b"[6 1]" if holder is None else b"[4 1 6 1]"
    made = stream((holder or b"") + row, b"/Size 9 /W [1 2 1] /Index %s" % index)
    found = read_chain(before + made + b"\nstartxref\n%d\n%%%%EOF" % len(before))
    assert [defect.rule for defect in found.defects[0]] == ([] if rule is None else [rule])


# References (§7.3.10, §7.7.2)

OLD = b"%PDF-1.5\n4 0 obj << /Type /Page /X 90 0 R >> endobj 5 0 obj 7 endobj "
BEFORE = {4: Entry(IN_USE, 9, 0), 5: Entry(IN_USE, OLD.index(b"5 0 obj"), 0), 6: Entry(FREE, 0, 0)}


def looked_at(
    value: object, number: int = 4, entries: dict[int, Entry] | None = None
) -> tuple[Rule, int | None] | None:
    try:
        check_references(OLD, BEFORE, {} if entries is None else entries, {number: value}, None)
    except DefectError as error:
        return error.defect.rule, error.defect.offset
    return None


PAGE = {b"Type": b"Page", b"X": Ref(90, 0)}


def test_a_page_is_called_a_page_still() -> None:
    assert looked_at(PAGE) is None
    assert looked_at({}) == (Rule.PAGE_TREE, None)
    assert looked_at({b"Type": b"Font"}, entries={4: Entry(IN_USE, 70, 0)}) == (Rule.PAGE_TREE, 70)
    assert looked_at(7) == (Rule.PAGE_TREE, None)
    assert looked_at({b"Type": b"Font"}, 5) is None


@pytest.mark.parametrize("kind", [b"Page", b"Pages", b"Catalog", b"Font"])
def test_what_the_page_tree_is_made_of(kind: bytes) -> None:
    data = OLD.replace(b"/Page", b"/" + kind)
    assert data.startswith(b"4 0 obj", 9)
    broken = kind != b"Font"
    try:
        check_references(data, {4: BEFORE[4]}, {}, {4: {b"Type": b"Other"}}, None)
    except DefectError as error:
        assert broken
        assert error.defect.rule is Rule.PAGE_TREE
    else:
        assert not broken


def test_a_reference_to_nothing() -> None:
    at = {4: Entry(IN_USE, 70, 0)}
    assert looked_at({**PAGE, b"Y": Ref(90, 0)}) is None, "it was there before"
    assert looked_at({**PAGE, b"Y": Ref(91, 0)}) == (Rule.DANGLING, None)
    assert looked_at({**PAGE, b"Y": [{b"Z": [Ref(91, 0)]}]}, entries=at) == (Rule.DANGLING, 70)
    assert looked_at(Ref(91, 0), 8) == (Rule.DANGLING, None)
    assert looked_at(Ref(90, 0), 8) == (Rule.DANGLING, None), "another object had it"
    assert looked_at(Ref(6, 0), 8) == (Rule.DANGLING, None)
    assert looked_at(Ref(5, 1), 8) == (Rule.DANGLING, None)
    assert looked_at(Ref(5, 0), 8) is None
    held = {7: Entry(COMPRESSED, 9, 3), 9: Entry(IN_USE, 70, 2)}
    assert looked_at([Ref(7, 0), Ref(9, 2)], 8, held) is None
    assert looked_at(Ref(7, 3), 8, held) == (Rule.DANGLING, None)
    assert looked_at(Ref(5, 0), 8, {5: Entry(FREE, 0, 0)}) == (Rule.DANGLING, None)


def test_what_an_object_said_before() -> None:
    """In an object stream; nothing where it was free, leads nowhere or cannot be read."""
    held = b"6 0 8 6 << >> << /X 90 0 R >>"
    text = b"9 0 obj << /Type /ObjStm /N 2 /First 8 /Length %d >> stream\n%s\nendstream endobj" % (len(held), held)
    before = {9: Entry(IN_USE, 0, 0), 8: Entry(COMPRESSED, 9, 1), 6: Entry(COMPRESSED, 9, 0)}
    value = {b"X": Ref(90, 0)}
    check_references(text, before, {}, {8: value}, None)
    for state in (
        {**before, 8: Entry(FREE, 9, 0)},
        {**before, 8: Entry(COMPRESSED, 10, 1)},
        {**before, 9: Entry(IN_USE, 3, 0)},
        {**before, 9: Entry(IN_USE, 2**63, 0)},
        {},
    ):
        with pytest.raises(DefectError):
            check_references(text, state, {}, {8: value}, None)
    with pytest.raises(DefectError):
        check_references(text, before, {}, {6: value}, None)
