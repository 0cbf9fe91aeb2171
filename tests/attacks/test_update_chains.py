"""Updates with object streams, hybrid ones, and those that lead back to a damaged chain: none of them is green."""

from __future__ import annotations

import dataclasses
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
    changed,
    codes_of,
    facts_of,
    identity,
    listed_in,
    paper,
    sign,
    update,
    with_validation_data,
)
from tests.attacks.update_maker import GREEN, METADATA, HandUpdate, Paper, body, line_of, signed, stream, strict
from verifier.pdf.updates.chain import read_chain
from verifier.pdf.updates.defects import Rule
from verifier.pdf.updates.reading import StrictReading, UpdateReader
from verifier.pdf.updates.sections import COMPRESSED as IN_STREAM
from verifier.report import ChangesAfter, Coverage

FORGED = b"BT /F1 16 Tf 60 780 Td (Dieu 0 trang 1: so tien 999 trieu dong) Tj ET"


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


def test_table_that_leads_back_to_a_stream() -> None:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(paper())) as pdf:
        pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    first = Paper(sign(out.getvalue()))
    assert UpdateReader(HandUpdate(first).with_table()).read(len(first.data)).update[0].rule is Rule.ORDER
    assert strict(HandUpdate(signed()).with_stream()) == StrictReading()  # the other way round all five read


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
    assert UpdateReader(data).read(len(whole.data)).chain[0].rule is rule
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


def test_a_paper_that_was_linearised_and_signed_in_place() -> None:
    """Its two sections are one revision, which the signature covers (ISO 32000-2 annex F)."""

    def prepare(pdf: pikepdf.Pdf) -> None:
        value = pikepdf.Dictionary(Type=pikepdf.Name.Sig, SubFilter=pikepdf.Name("/adbe.pkcs7.detached"))
        value.Contents, value.ByteRange = pikepdf.String(b"01" * 300), pikepdf.Array([0, 1111111, 2222222, 3333333])
        pdf.Root.AcroForm.Fields.append(
            pdf.make_indirect(pikepdf.Dictionary(FT=pikepdf.Name.Sig, T="Ky", V=pdf.make_indirect(value)))
        )

    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(paper(prepare=prepare))) as pdf:
        pdf.save(out, linearize=True)
    data = out.getvalue()
    gap = re.search(rb"<(3031){300}>|\((01){300}\)", data)
    assert gap is not None
    told = b"[ 0 %d %d %d ]" % (gap.start(), gap.end(), len(data) - gap.end())
    made, count = re.subn(rb"\[ 0 1111111 2222222 3333333 \]", told.ljust(29), data)
    assert (count, len(made)) == (1, len(data))
    first = Paper(made)
    assert listed_in(made).coverage is Coverage.WHOLE_FILE
    longer = HandUpdate(first).with_table()
    assert listed_in(longer).coverage is Coverage.WHOLE_REVISION
    assert_no_alarm(longer, ChangesAfter.EXTENSION)


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
