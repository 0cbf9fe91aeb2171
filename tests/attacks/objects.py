"""Updates judged by their objects alone: what of a later revision is allowed after a signed one, and what is not."""

from __future__ import annotations

import io
import re

import pikepdf
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from tests.attacks.making import page_of, rectangle
from verifier.changes.object_changes import compare_objects
from verifier.changes.permissions import judge
from verifier.changes.revision_objects import RevisionObjects, reading
from verifier.changes.vocabulary import Permissions

Entries = dict[str, generic.PdfObject]


def judged(signed: bytes, later: bytes, permissions: Permissions | None = None) -> tuple[set[str], set[str]]:
    """The kinds of change that are not allowed, and those that are; every signature dictionary has a verdict.

    Metadata are left out: pyHanko writes the time of an update into them where a second has passed.
    """
    with reading():
        old, new = RevisionObjects(later, len(signed)), RevisionObjects(later)
        forbidden, allowed = judge(compare_objects(old, new), permissions or Permissions())
        old.close()
        new.close()
    return {change.kind.name for change in forbidden}, {change.kind.name for change in allowed} - {"METADATA"}


def rewritten(data: bytes, number: int, body: bytes) -> bytes:
    """An update that writes one object anew, byte by byte: no library has a word in it."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        size, root = len(pdf.objects) + 1, pdf.Root.objgen[0]
    back = int(re.findall(rb"startxref\s+(\d+)", data)[-1])
    written = b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"xref\n%d 1\n%010d 00000 n \n" % (number, len(data))
    trailer = b"trailer\n<< /Size %d /Root %d 0 R /Prev %d >>\n" % (max(size, number + 1), root, back)
    return data + written + table + trailer + b"startxref\n%d\n%%%%EOF\n" % (len(data) + len(written))


def dictionary(**entries: generic.PdfObject) -> generic.DictionaryObject:
    """A dictionary, its keys without the slash."""
    return generic.DictionaryObject({pdf_name(f"/{key}"): value for key, value in entries.items()})


def numbers(*values: float) -> generic.ArrayObject:
    """An array of real numbers."""
    return generic.ArrayObject(generic.FloatObject(str(value)) for value in values)


def text(words: str) -> generic.TextStringObject:
    """A text string."""
    return generic.TextStringObject(words)


def value(writer: IncrementalPdfFileWriter, stamp: bool = False, **more: generic.PdfObject) -> generic.IndirectObject:
    """A signature dictionary that is none of the earlier ones."""
    entries: Entries = {
        "Type": pdf_name("/DocTimeStamp" if stamp else "/Sig"),
        "Filter": pdf_name("/Adobe.PPKLite"),
        "SubFilter": pdf_name("/ETSI.RFC3161" if stamp else "/ETSI.CAdES.detached"),
        "ByteRange": rectangle(0, 10, 20, 10_000_000),  # later than any signed revision
        "Contents": generic.ByteStringObject(bytes(range(64))),
    }
    return writer.add_object(dictionary(**{**entries, **more}))


def widget(writer: IncrementalPdfFileWriter, **more: generic.PdfObject | None) -> Entries:
    """The entries of a signature field with its widget; a value of None takes one away."""
    entries: dict[str, generic.PdfObject | None] = {
        "Type": pdf_name("/Annot"),
        "Subtype": pdf_name("/Widget"),
        "FT": pdf_name("/Sig"),
        "T": text("Moi"),
        "F": generic.NumberObject(132),
        "Rect": rectangle(330, 80, 480, 160),
        "P": page_reference(writer),
        **more,
    }
    return {key: one for key, one in entries.items() if one is not None}


def page_reference(writer: IncrementalPdfFileWriter, index: int = 0) -> generic.IndirectObject:
    """The reference of a page."""
    found = writer.root["/Pages"]["/Kids"].raw_get(index)
    assert isinstance(found, generic.IndirectObject)
    return found


def place(
    writer: IncrementalPdfFileWriter,
    entries: Entries,
    in_form: bool = True,
    on_page: bool = True,
) -> generic.IndirectObject:
    """Add an object to the lists of the form and of the first page."""
    reference = writer.add_object(dictionary(**entries))
    holders = [writer.root["/AcroForm"]["/Fields"]] if in_form else []
    holders += [page_of(writer)["/Annots"]] if on_page else []
    for holder in holders:
        holder.append(reference)
        writer.update_container(holder)
    return reference
