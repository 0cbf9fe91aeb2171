"""Single differences before the purposes that look at nothing else: notes, validation data, declarations, marks."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any

import pikepdf
import pytest

from tests.unit.verifier.objects_maker import revision_of, stream_of
from verifier.changes.comparison import Difference, Part
from verifier.changes.metadata import explain_mark, explain_metadata, explain_output_intents
from verifier.changes.notes import explain_note
from verifier.changes.revision_objects import reading
from verifier.changes.validation_data import explain_declarations, explain_validation_data
from verifier.changes.vocabulary import Change, ChangeKind, Place

ANY: Any = None
"""These purposes do not look at the comparison."""


@pytest.fixture(autouse=True)
def _reading() -> Iterator[None]:
    with reading():
        yield
    while _OPEN:
        _OPEN.pop().close()


def difference(
    key: str = "",
    before: bytes | None = None,
    after: bytes | None = None,
    kind: ChangeKind = ChangeKind.CATALOG,
    page: int | None = None,
) -> Difference:
    """A difference between two values written as in a file; objects 5 and 6 are plain streams."""
    made = revision_of(before or b"null", after or b"null", stream_of(), stream_of())
    values = (made.get((3, 0)), made.get((4, 0)))
    found = Difference(Part.CATALOG, kind, "1", key, *values, page=page)
    _OPEN.append(made)
    return found


_OPEN: list[Any] = []


# Notes


def note(kind: ChangeKind, rectangle: bytes = b"[0 0 20 20]", subtype: bytes = b"/Text", page: int | None = 4) -> Any:
    said = b"<< /Subtype %s /Rect %s >>" % (subtype, rectangle)
    before = None if kind is ChangeKind.ANNOTATION_ADDED else said
    after = None if kind is ChangeKind.ANNOTATION_REMOVED else said
    return explain_note(ANY, difference("", before, after, kind, page))


@pytest.mark.parametrize("kind", [ChangeKind.ANNOTATION_ADDED, ChangeKind.ANNOTATION_REMOVED])
def test_a_note_has_a_place_where_it_has_the_size_of_an_icon(kind: ChangeKind) -> None:
    assert note(kind) == (Change(kind, "1", (Place(4, (0, 0, 20, 20)),)),)
    assert note(kind, b"[1 2 49 50]")[0].places
    for large in (b"[0 0 48.5 20]", b"[0 0 20 48.5]"):
        assert note(kind, large) == (Change(kind, "1"),)


def test_what_is_no_note_has_no_place() -> None:
    kind = ChangeKind.ANNOTATION_ADDED
    assert note(kind, subtype=b"/FreeText") == (Change(kind, "1"),)
    assert note(kind, b"[0 0 20]") == (Change(kind, "1"),)
    changed = ChangeKind.ANNOTATION_CHANGED
    assert note(changed) == (Change(changed, "1"),)


def test_only_comments_on_a_page_are_notes() -> None:
    assert note(ChangeKind.ANNOTATION_DRAWS) is None
    assert note(ChangeKind.ANNOTATION_ADDED, page=None) is None
    assert note(ChangeKind.ANNOTATION_ADDED, page=0)[0].places[0].page == 0


# Validation data and declarations

VRI = b"<< /VRI << /%s << /Cert [5 0 R] >> >> >>"
REMOVED = (Change(ChangeKind.VALIDATION_DATA_REMOVED, "/DSS"),)
ADDED = (Change(ChangeKind.VALIDATION_DATA, "/DSS"),)


@pytest.mark.parametrize(
    ("key", "after", "expected"),
    [
        ("/DSS", b"<< /Type /DSS /Certs [5 0 R 6 0 R] >>", ADDED),
        ("/DSS", b"<< >>", ADDED),
        ("/DSS", VRI % (b"0aF9" * 10), ADDED),
        ("/DSS", VRI % (b"0aF9" * 10 + b"0"), None),
        ("/DSS", VRI % (b"0aG9" * 10), None),
        ("/DSS", b"<< /Type /DSS /Words (x) >>", None),
        ("/DSS", None, REMOVED),
        ("/Names", b"<< >>", None),
        ("/Names", None, None),
    ],
)
def test_validation_data(key: str, after: bytes | None, expected: tuple[Change, ...] | None) -> None:
    assert explain_validation_data(ANY, difference(key, b"<< /Certs [5 0 R] >>", after)) == expected


VERSION, EXTENDED = (Change(ChangeKind.METADATA, "/Version"),), (Change(ChangeKind.METADATA, "/Extensions"),)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (None, b"/1.7", VERSION),
        (b"/1.7", b"/2.0", VERSION),
        (b"/1.7", b"/1.7", VERSION),
        (b"/1.9", b"/1.10", VERSION),
        (b"/1.7", b"/1.6", None),
        (b"/2.0", b"/1.9", None),
        (b"/1.7", None, None),
        (None, None, None),
        (b"/1.7", b"/x", None),
        (b"/1.7", b"/2.0x", None),
        (b"/1.7", b"(2.0)", None),
    ],
)
def test_a_version_is_raised(before: bytes | None, after: bytes | None, expected: tuple[Change, ...] | None) -> None:
    assert explain_declarations(ANY, difference("/Version", before, after)) == expected


def declared(base: bytes, level: int | None) -> bytes:
    return b"<< /BaseVersion /%s %s >>" % (base, b"" if level is None else b"/ExtensionLevel %d" % level)


A = b"<< /ADBE %s >>"
LOST = (Change(ChangeKind.EXTENSIONS, "/Extensions/ADBE"),)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (None, A % declared(b"1.7", 3), EXTENDED),
        (A % declared(b"1.7", 3), A % declared(b"1.7", 3), EXTENDED),
        (A % declared(b"1.7", 3), A % declared(b"1.7", 5), EXTENDED),
        (A % declared(b"1.7", 3), A % declared(b"2.0", 3), EXTENDED),
        (A % declared(b"1.7", 3), A % declared(b"1.7", 2), LOST),
        (A % declared(b"1.7", 3), A % declared(b"1.6", 3), LOST),
        (A % declared(b"1.7", 3), A % declared(b"1.7", None), LOST),
        (A % declared(b"1.7", None), A % declared(b"1.7", 3), EXTENDED),
        (A % declared(b"1.7", 3), A % b"[]", LOST),
        (A % declared(b"1.7", 3), b"<< >>", LOST),
        (A % declared(b"1.7", 3), None, LOST),
        (A % declared(b"1.7", 3), b"<< /ESIC %s >>" % declared(b"1.7", 3), LOST),
        (b"<< /ESIC %s >>" % declared(b"1.7", 3), None, EXTENDED),
        (b"<< /ADBE [] >>", None, EXTENDED),
        (A % b"[%s %s]" % (declared(b"1.7", 3), declared(b"2.0", 1)), A % declared(b"2.0", 3), EXTENDED),
        (A % b"[%s %s]" % (declared(b"1.7", 3), declared(b"2.0", 1)), A % declared(b"1.7", 3), LOST),
        (A % declared(b"2.0", 1), A % b"[%s %s]" % (declared(b"1.7", 3), declared(b"2.0", 1)), EXTENDED),
        (None, A % b"<< /BaseVersion /1.7 /Words (x) /JS (y) >>", None),
        (None, b"(x)", None),
    ],
)
def test_an_extension_is_added_or_raised(
    before: bytes | None, after: bytes | None, expected: tuple[Change, ...] | None
) -> None:
    assert explain_declarations(ANY, difference("/Extensions", before, after)) == expected


def test_another_entry_declares_nothing() -> None:
    assert explain_declarations(ANY, difference("/Lang", b"/1.7", b"/2.0")) is None


# Marks

MARKED = (Change(ChangeKind.METADATA, "/MarkInfo"),)


@pytest.mark.parametrize(
    ("key", "before", "after", "expected"),
    [
        ("/DocChecksum", None, b"/0A1B", ()),
        ("/DocChecksum", b"/0A1B", None, ()),
        ("/DocChecksum", None, b"[1]", None),
        ("/DocChecksum", None, b"<< >>", None),
        ("/MarkInfo", None, b"<< /Marked true >>", MARKED),
        ("/MarkInfo", None, b"<< /Marked true /Suspects false /UserProperties false >>", MARKED),
        ("/MarkInfo", b"<< /Marked true >>", b"<< /Marked true /Suspects true >>", MARKED),
        ("/MarkInfo", b"<< /Marked false >>", b"<< >>", MARKED),
        ("/MarkInfo", b"<< /Marked true >>", b"<< /Marked false >>", None),
        ("/MarkInfo", b"<< /Marked true >>", b"<< >>", None),
        ("/MarkInfo", b"<< /Marked true >>", None, None),
        ("/MarkInfo", None, b"<< /Marked true /JS (x) >>", None),
        ("/Lang", None, b"<< /Marked true >>", None),
    ],
)
def test_marks_of_producers(
    key: str, before: bytes | None, after: bytes | None, expected: tuple[Change, ...] | None
) -> None:
    assert explain_mark(ANY, difference(key, before, after)) == expected


# Metadata

XMP = (
    "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>"
    "<rdf:Description xmlns:dc='http://purl.org/dc/elements/1.1/'>%s</rdf:Description></rdf:RDF></x:xmpmeta>"
)
SAID = (Change(ChangeKind.METADATA, "/Metadata"),)


def packet(inside: str = "", text: bytes | None = None, entries: bytes = b"/Type /Metadata /Subtype /XML") -> bytes:
    return stream_of(entries, (XMP % inside).encode() if text is None else text)


def says(name: str, words: str) -> str:
    return f"<dc:{name}><rdf:Seq><rdf:li>{words}</rdf:li></rdf:Seq></dc:{name}>"


@pytest.mark.parametrize("name", ["title", "creator", "description", "subject"])
def test_what_the_metadata_say_is_said_still(name: str) -> None:
    one, other = packet(says(name, "Giay phep 1")), packet(says(name, "Giay phep 2"))
    assert explain_metadata(ANY, difference("/Metadata", one, other)) is None
    assert explain_metadata(ANY, difference("/Metadata", one, packet())) is None
    assert explain_metadata(ANY, difference("/Metadata", one, packet(says(name, " Giay \n phep 1 ")))) == SAID
    assert explain_metadata(ANY, difference("/Metadata", packet(), other)) == SAID
    assert explain_metadata(ANY, difference("/Metadata", packet(says(name, "  ")), other)) == SAID
    assert explain_metadata(ANY, difference("/Metadata", None, other)) == SAID


@pytest.mark.parametrize(
    "after",
    [
        packet(text=b"no packet"),
        packet(text=b"<a/>"),
        packet(text=b"<!DOCTYPE a [<!ENTITY b 'c'>]>" + XMP.encode()),
        packet(text=b"<!DOCTYPE x:xmpmeta>" + XMP.replace("%s", "").encode()),
        packet(entries=b"/Type /Metadata /Subtype /XML /JS (x)"),
        packet(entries=b"/Type /Metadata /Subtype /Text"),
        stream_of(b"/Type /Metadata /Subtype /XML /Filter /FlateDecode", b"no zlib"),
        b"(x)",
        b"<< /Type /Metadata /Subtype /XML >>",
    ],
)
def test_metadata_that_are_none(after: bytes) -> None:
    assert explain_metadata(ANY, difference("/Metadata", packet(), after)) is None


def test_metadata_are_a_packet_however_it_is_stored() -> None:
    packed = zlib.compress(b"\xef\xbb\xbf" + (XMP % "").encode() + b"\n\0")
    after = stream_of(b"/Type /Metadata /Subtype /XML /Filter /FlateDecode", packed)
    assert explain_metadata(ANY, difference("/Metadata", packet(text=b"never any"), after)) == SAID
    assert explain_metadata(ANY, difference("/Info", packet(), after)) is None


# Output intents

PROFILED = b"[<< /Type /OutputIntent /S /GTS_PDFA1 /OutputConditionIdentifier (sRGB) >>]"
INTENDED = (Change(ChangeKind.METADATA, "/OutputIntents"),)


@pytest.mark.parametrize(
    ("key", "before", "after", "expected"),
    [
        ("/OutputIntents", None, PROFILED, INTENDED),
        ("/OutputIntents", b"[]", PROFILED, INTENDED),
        ("/OutputIntents", PROFILED, PROFILED, None),
        ("/OutputIntents", None, None, None),
        ("/OutputIntents", None, b"[<< /Type /OutputIntent /JS (x) >>]", None),
        ("/OutputIntents", None, b"[<< /Type /OutputIntent /DestOutputProfile 5 0 R >>]", None),
        ("/Lang", None, PROFILED, None),
    ],
)
def test_output_intents_where_none_were(
    key: str, before: bytes | None, after: bytes | None, expected: tuple[Change, ...] | None
) -> None:
    assert explain_output_intents(ANY, difference(key, before, after)) == expected


def test_a_value_that_is_no_object_of_the_file() -> None:
    made = Difference(Part.CATALOG, ChangeKind.CATALOG, "", "/DocChecksum", None, pikepdf.Array([]))
    assert explain_mark(ANY, made) is None
