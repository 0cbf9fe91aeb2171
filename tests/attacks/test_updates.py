"""Updates that one viewer reads and another repairs: none is green, whatever it does or does not show."""

from __future__ import annotations

import dataclasses
import functools
import io
import re
import struct
from collections.abc import Callable

import pikepdf
import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko_certvalidator.registry import SimpleCertificateStore

from tests.attacks.making import (
    assert_no_alarm,
    assert_unknown,
    changed,
    codes_of,
    facts_of,
    identity,
    paper,
    sign,
    update,
    with_validation_data,
)
from tests.attacks.update_maker import METADATA, HandUpdate, Paper, body, last_section, stream
from verifier.pdf.updates.chain import read_chain
from verifier.pdf.updates.defects import Rule
from verifier.pdf.updates.reading import StrictReading, UpdateReader
from verifier.pdf.updates.sections import COMPRESSED as IN_STREAM
from verifier.report import ChangesAfter

FORGED = b"BT /F1 16 Tf 60 780 Td (Dieu 0 trang 1: so tien 999 trieu dong) Tj ET"
GREEN = (ChangesAfter.NONE, ChangesAfter.EXTENSION, ChangesAfter.PERMITTED)


@functools.cache
def signed() -> Paper:
    return Paper(sign(paper()))


def forged(number: int | bytes, generation: int | bytes = 0) -> bytes:
    return body(number, stream(FORGED), generation)


def with_metadata(entries: bytes, **said: bytes) -> HandUpdate:
    """The harmless update with this text for its metadata stream."""
    made = HandUpdate(signed())
    made.parts[1] = (made.parts[1][0], body(signed().size, entries))
    return dataclasses.replace(made, **said)


def with_catalog(change: Callable[[bytes], bytes]) -> HandUpdate:
    made = HandUpdate(signed())
    made.parts[0] = (made.parts[0][0], change(made.parts[0][1]))
    return made


def strict(data: bytes) -> StrictReading:
    """What the strict reader finds behind the signed paper."""
    return UpdateReader(data).read(len(signed().data))


def line_of(offset: int, generation: int = 0, kind: bytes = b"n") -> bytes:
    return b"%010d %05d %s \n" % (offset, generation, kind)


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
def test_what_writers_do(change: dict[str, object]) -> None:
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
    ("entry twice", lambda: HandUpdate(signed(), more_lines=b"%d 1\n" % signed().root + line_of(17)), "cross-reference-entry-twice"),
    ("entry to the signed part", lambda: HandUpdate(signed(), entries={signed().content: line_of(17)}), "cross-reference-entry"),
    ("entry beyond the end", lambda: HandUpdate(signed(), entries={900: line_of(9_999_999)}, size=901), "cross-reference-entry"),
    ("entry at offset 0", lambda: HandUpdate(signed(), entries={900: line_of(0)}, size=901), "cross-reference-entry"),
    ("wrong generation", lambda: HandUpdate(signed(), entries={signed().root: line_of(len(signed().data), 1)}), "cross-reference-entry"),
    ("object 0 in use", lambda: HandUpdate(signed(), entries={0: line_of(17)}), "object-0-not-free"),
    ("a table that begins at 1 with the head of the free list", lambda: HandUpdate(signed(), more_lines=b"1 1\n" + line_of(0, 65535, b"f"), entries={signed().root: b""}), "object-0-not-free"),
    ("size too small", lambda: HandUpdate(signed(), size=signed().size), "size-too-small"),
    ("entries of 19 bytes", lambda: HandUpdate(signed(), entries={signed().root: b"%010d 00000 n\n" % len(signed().data)}), "cross-reference-section"),
    ("entries with a tab", lambda: HandUpdate(signed(), entries={signed().root: b"%010d\t00000 n \n" % len(signed().data)}), "cross-reference-section"),
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
    ("a key twice in another spelling", lambda: HandUpdate(signed(), trailer=b"/R#6fot 1 0 R"), "name-spelled-otherwise"),
    ("a hidden stream beside the table", lambda: HandUpdate(signed(), trailer=b"/XRef#53tm 17"), "name-spelled-otherwise"),
    ("a stream beside the table that is none", lambda: HandUpdate(signed(), trailer=b"/XRefStm 17"), "object-head"),
    ("a key twice", lambda: with_catalog(lambda t: t.replace(b"<<", b"<< /Metadata 1 0 R", 1)), "key-twice"),
    ("a key twice, #xx", lambda: with_catalog(lambda t: t.replace(b"<<", b"<< /P#61ges 1 0 R", 1)), "name-spelled-otherwise"),
    ("a control character as separator", lambda: with_catalog(lambda t: t.replace(b"<< ", b"<< /A\x0bB ", 1)), "object-syntax"),
    ("a comment inside an object", lambda: with_catalog(lambda t: t.replace(b"<<", b"<< % >>\n", 1)), "object-syntax"),
    ("a number that is none", lambda: with_catalog(lambda t: t.replace(b"<<", b"<< /X --5", 1)), "object-syntax"),
    ("a number too large", lambda: with_catalog(lambda t: t.replace(b"<<", b"<< /X 99999999999", 1)), "number-out-of-range"),
    ("a name without letters", lambda: with_catalog(lambda t: t.replace(b"<<", b"<< / 5", 1)), "object-syntax"),
    ("nested deeply", lambda: with_catalog(lambda t: t.replace(b"<<", b"<< /X " + b"[" * 60 + b"]" * 60, 1)), "nested-too-deep"),
    ("no endobj", lambda: with_catalog(lambda t: t.replace(b"endobj", b"endobi")), "object-syntax"),
    ("a reference to nothing", lambda: with_catalog(lambda t: t.replace(b"<<", b"<< /X 900 0 R", 1)), "reference-to-nothing"),
    ("a reference of another generation", lambda: with_catalog(lambda t: t.replace(b"<<", b"<< /X %d 1 R" % signed().page, 1)), "reference-to-nothing"),
    ("an object's number with a zero before it", lambda: with_catalog(lambda t: b"0" + t), "cross-reference-entry"),
    ("an object's number with a sign", lambda: with_catalog(lambda t: b"+" + t), "cross-reference-entry"),
    ("a head with two spaces", lambda: with_catalog(lambda t: t.replace(b" 0 obj", b"  0 obj", 1)), "cross-reference-entry"),
    ("a stream that is longer than told", lambda: with_metadata(stream(METADATA, length=len(METADATA) - 4)), "stream-length"),
    ("a stream that is shorter than told", lambda: with_metadata(stream(METADATA, length=len(METADATA) + 40)), "stream-length"),
    ("a stream without length", lambda: with_metadata(b"<< >>\nstream\n\nendstream"), "stream-length"),
    ("a length that leads nowhere", lambda: with_metadata(b"<< /Length 900 0 R >>\nstream\n\nendstream"), "stream-length"),
    ("a stream behind a lone carriage return", lambda: with_metadata(stream(METADATA, before=b"\r")), "object-syntax"),
    ("an object inside a stream", lambda: with_metadata(stream(METADATA + b"\n" + forged(4))), "object-inside-another"),
    ("an object inside a stream, apart", lambda: with_metadata(stream(b"4 %x\n0\robj<<>>endobj")), "object-inside-another"),
    ("an object inside a string", lambda: with_catalog(lambda t: t.replace(b"<<", b"<< /X (\n4 0 obj null endobj)", 1)), "object-inside-another"),
]  # fmt: skip


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


@dataclasses.dataclass
class Lie:
    """What an object stream, or the entry of the catalog in it, says wrongly."""

    header: bytes = b""
    entries: bytes = b""
    lie: tuple[int | str, ...] = ()


COMPRESSED: list[tuple[str, Lie, str]] = [
    ("a header of another number", Lie(header=b"901 0 "), "object-stream"),
    ("a header with a number twice", Lie(header=b"ROOT 0 ROOT 4 "), "object-stream"),
    ("a header that is not of numbers", Lie(header=b"ROOT +0 "), "object-stream"),
    ("an object stream that extends another", Lie(entries=b"/Extends 1 0 R"), "object-stream"),
    ("an index that is another", Lie(lie=(2, "container", 1)), "object-stream"),
    ("an object stream that is none", Lie(lie=(2, "content", 0)), "object-stream"),
    ("an entry of an unknown kind", Lie(lie=(3, 0, 0)), "cross-reference-entry"),
    ("an object that no entry names", Lie(lie=(0, 0, 0)), "object-stream"),
]


@pytest.mark.parametrize(("change", "rule"), [row[1:] for row in COMPRESSED], ids=[row[0] for row in COMPRESSED])
def test_object_stream_that_can_be_read_in_two_ways(change: Lie, rule: str) -> None:
    made = HandUpdate(signed())
    number = signed().size
    only = dataclasses.replace(made, parts=[made.parts[1]])
    names = {"container": number + 1, "content": signed().content}
    lie = [names.get(str(part), part) for part in change.lie]
    header = change.header.replace(b"ROOT", b"%d" % signed().root) if change.header else None
    lies = {signed().root: (int(lie[0]), int(lie[1]), int(lie[2]))} if lie else {}
    data = only.with_stream({signed().root: signed().with_metadata(number)}, header, lies, change.entries)
    found = strict(data).update
    assert found
    assert found[0].detail.startswith(rule)


@pytest.mark.parametrize(
    "value",
    [b"<< /Type /Sig >>", b"<< /ByteRange [0 1 2 3] >>", b"<< /A 1 /A 2 >>", b"1 0 obj", b"1 2", b"(", b"990 0 R"],
)
def test_object_in_an_object_stream_that_may_not_be_there(value: bytes) -> None:
    only = dataclasses.replace(HandUpdate(signed()), parts=[HandUpdate(signed()).parts[1]])
    assert strict(only.with_stream({signed().root: signed().with_metadata(signed().size)})) == StrictReading()
    made = only.with_stream({signed().root: signed().with_metadata(signed().size), 900: value})
    assert strict(made).update


def test_another_encryption() -> None:
    assert (
        strict(HandUpdate(signed(), trailer=b"/Encrypt << /Filter /X >>").with_table()).update[0].rule is Rule.TRAILER
    )
    assert strict(HandUpdate(signed(), root=b"null").with_table()).update[0].rule is Rule.TRAILER


def test_object_stream_of_the_signed_part_replaced() -> None:
    """Every viewer would take the signed objects from the new stream, or none."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(paper())) as pdf:
        pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    first = Paper(sign(out.getvalue()))
    chain = read_chain(first.data)
    container = next(e.first for e in chain.state(len(chain.sections)).values() if e.kind == IN_STREAM)
    made = HandUpdate(first)
    assert_no_alarm(made.with_stream(), ChangesAfter.EXTENSION)
    made = dataclasses.replace(
        made, parts=[*made.parts, (container, body(container, stream(b"", b"/Type /ObjStm /N 0 /First 0")))]
    )
    found = UpdateReader(made.with_stream()).read(len(first.data))
    assert found.update[0].rule is Rule.CONTAINER


@pytest.mark.parametrize("shown", [True, False])
def test_hybrid_update_whose_table_and_stream_disagree(shown: bool) -> None:
    """The same object at two places, by the table and by the stream beside it (ISO 32000-2 §7.5.8.4)."""
    first = signed()
    number = first.size
    one, two = (body(number, stream(METADATA, b"/Type /Metadata /N %d" % n)) for n in (1, 2))
    catalog = body(first.root, first.with_metadata(number))
    at = len(first.data)
    rows = struct.pack(">BIH", 1, at + len(one), 0) + struct.pack(">BIH", 1, at + len(one) + len(two) + len(catalog), 0)
    said = b"/Type /XRef /Size %d /Root %d 0 R /W [1 4 2] /Index [%d 1 %d 1]" % (
        number + 2,
        first.root,
        number,
        number + 1,
    )
    beside = body(number + 1, stream(rows, said))
    made = HandUpdate(
        first,
        [(number if shown else None, one), (None, two), (first.root, catalog), (None, beside)],
        trailer=b"/XRefStm %d" % (at + len(one) + len(two) + len(catalog)),
        size=number + 2,
    )
    found = strict(made.with_table()).update
    assert found[0].rule is (Rule.HYBRID if shown else Rule.UNNAMED_BYTES)


FREE = line_of(0, 0, b"f")
OLDER: list[tuple[Callable[[Paper], HandUpdate], Rule]] = [
    (lambda first: HandUpdate(first, entries={0: line_of(17)}), Rule.OBJECT_ZERO),
    (lambda first: HandUpdate(first, entries={900: line_of(17)}, size=901), Rule.ENTRY),
    (lambda first: HandUpdate(first, entries={900: FREE}, size=500), Rule.SIZE),
    (
        lambda first: HandUpdate(first, entries={900: FREE}, more_lines=b"900 1\n" + FREE, size=901),
        Rule.ENTRY_TWICE,
    ),
]


@pytest.mark.parametrize(("make", "rule"), OLDER, ids=[row[1].value for row in OLDER])
def test_chain_that_can_be_read_in_two_ways(make: Callable[[Paper], HandUpdate], rule: Rule) -> None:
    """Signed so: nothing follows and nothing is said; where an update follows, it leads back to a damaged file."""
    whole = Paper(sign(make(Paper(paper())).with_table()))
    assert facts_of(whole.data).changes_after is ChangesAfter.NONE
    data = HandUpdate(whole).with_table()
    assert [defect.rule for defect in UpdateReader(data).read(len(whole.data)).chain][0] is rule
    facts = facts_of(data)
    assert facts.changes_after not in GREEN
    assert "FILE-READ-IN-TWO-WAYS" in codes_of(facts)


def test_a_header_that_is_not_at_the_start() -> None:
    found = UpdateReader(b"\n" + HandUpdate(signed()).with_table()).read(len(signed().data) + 1)
    assert found.chain[0].rule is Rule.HEADER


def test_a_linearised_revision_is_one() -> None:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(paper())) as pdf:
        pdf.save(out, linearize=True)
    first = Paper(sign(out.getvalue()))
    assert_no_alarm(HandUpdate(first).with_table(), ChangesAfter.EXTENSION)
    data = HandUpdate(first).with_table()
    claimed = re.sub(rb"/L \d+", b"/L %d" % len(data), data)  # PDFium would read it from its front
    assert UpdateReader(claimed).read(len(first.data)).chain[0].rule is Rule.CHAIN


def test_an_encrypted_paper_with_object_streams() -> None:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(paper())) as pdf:
        pdf.save(
            out, encryption=pikepdf.Encryption(owner="o", user=""), object_stream_mode=pikepdf.ObjectStreamMode.generate
        )
    writer = IncrementalPdfFileWriter(io.BytesIO(out.getvalue()), strict=False)
    writer.encrypt("")
    certificate, key = identity()
    signer = signers.SimpleSigner(certificate, key, SimpleCertificateStore())
    once = bytes(signers.sign_pdf(writer, signers.PdfSignatureMetadata(field_name="Ky"), signer).getvalue())
    writer = IncrementalPdfFileWriter(io.BytesIO(once), strict=False)
    writer.encrypt("")
    twice = bytes(signers.sign_pdf(writer, signers.PdfSignatureMetadata(field_name="Ky2"), signer).getvalue())
    assert_no_alarm(twice, ChangesAfter.PERMITTED)


@pytest.mark.parametrize("lie", [1, 3, 1_000_000])
def test_pages_that_are_counted_wrongly(lie: int) -> None:
    """Signed so and nothing after is one reading; with an update it is for nobody to say which pages there are."""

    def prepare(pdf: pikepdf.Pdf) -> None:
        pdf.Root.Marked = True

    honest = sign(update(paper(pages=2, prepare=prepare), lambda writer: _count(writer, lie)))
    assert facts_of(honest).changes_after is ChangesAfter.NONE
    facts = facts_of(with_validation_data(honest))
    assert facts.changes_after is ChangesAfter.UNKNOWN
    assert "UPDATE-READ-IN-TWO-WAYS" in codes_of(facts)


def _count(writer: IncrementalPdfFileWriter, number: int) -> None:
    changed(writer.root["/Pages"], writer, Count=generic.NumberObject(number))
