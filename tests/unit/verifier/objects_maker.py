"""A file of these objects and nothing else, and one revision of it as the comparison of revisions reads it."""

from __future__ import annotations

from collections.abc import Mapping

from verifier.changes.object_changes import compare_objects
from verifier.changes.revision_objects import Ref, RevisionObjects, reading
from verifier.changes.vocabulary import Change

FIRST = 3
"""The number of the first object that a test writes: 1 is the catalog, 2 the page tree."""


def file_of(*bodies: bytes, catalog: bytes = b"", numbers: Mapping[int, bytes] | None = None) -> bytes:
    """A PDF whose objects from ``FIRST`` on have these bodies; ``numbers`` are more of them by number."""
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalog,
        2: b"<< /Type /Pages /Kids [] /Count 0 >>",
        **dict(enumerate(bodies, FIRST)),
        **(numbers or {}),
    }
    data, lines = b"%PDF-1.7\n", b"0 1\n0000000000 65535 f \n"
    for number, body in objects.items():
        lines += b"%d 1\n%010d 00000 n \n" % (number, len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\n" % (max(objects) + 1)
    return data + b"xref\n" + lines + trailer + b"startxref\n%d\n%%%%EOF\n" % len(data)


def stream_of(entries: bytes = b"", content: bytes = b"") -> bytes:
    """The body of a stream object."""
    return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (entries, len(content), content)


def revision_of(*bodies: bytes, catalog: bytes = b"") -> RevisionObjects:
    """The objects of such a file; to be used inside ``reading()``."""
    return RevisionObjects(file_of(*bodies, catalog=catalog))


def document(
    objects: Mapping[int, bytes],
    *,
    fields: bytes = b"",
    notes: bytes = b"",
    catalog: bytes = b"",
    form: bytes = b"",
    page: bytes = b"",
) -> bytes:
    """A paper of one page (4) with a form (3) of these fields; the page lists these annotations."""
    whole = {
        1: b"<< /Type /Catalog /Pages 2 0 R /AcroForm 3 0 R %s >>" % catalog,
        2: b"<< /Type /Pages /Kids [4 0 R] /Count 1 >>",
        3: b"<< /Fields [%s] %s >>" % (fields, form),
        4: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Annots [%s] %s >>" % (notes, page),
    }
    return file_of(numbers={**whole, **objects})


def changes_of(before: bytes, after: bytes, judged: frozenset[Ref] | None = None) -> tuple[Change, ...]:
    """What differs between two revisions, as the purposes explain it."""
    with reading():
        old, new = RevisionObjects(before), RevisionObjects(after)
        found = compare_objects(old, new, judged)
        old.close()
        new.close()
    return found
