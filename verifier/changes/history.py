"""One document with all its revisions, read and drawn once for all its signatures. What it may cost is counted.

Objects and pixels, never seconds: the same file gets the same answer on a quiet machine and on a busy one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pikepdf

from verifier.changes.redrawing import told_to_draw
from verifier.changes.revision_objects import Ref, RevisionObjects, RevisionUnreadableError
from verifier.drawing.pictures import Pictures
from verifier.drawing.rendering import RenderedDocument, comparison_scale
from verifier.guard import Failure, attempt
from verifier.pdf.updates.defects import DefectError, Rule
from verifier.pdf.updates.reading import UpdateReader
from verifier.report import SignatureVerdict, Signer

MAX_OBJECTS_READ = 400_000
"""Objects of all revisions together, some eight seconds; a paper with ten signatures has a few thousand."""
MAX_PIXELS_DRAWN = 400_000_000
"""Of all comparisons together: some 400 pages of A4 in both versions."""
HYBRID_KEY, MASKED_KEY = b"/XRefStm", b"/-------"


@dataclass
class DocumentHistory:
    """Close it when done (``with DocumentHistory(data) as history``). Lives in the worker process only."""

    data: bytes
    password: str | None = None
    judged: frozenset[Ref] | None = None
    """Dictionaries that the report judges as signatures of somebody; None where the listing did not come to its end."""
    later: Mapping[Ref, SignatureVerdict] = field(default_factory=dict)
    """Verdicts of the signatures newer than the one looked at, by their dictionaries; grows as they are made."""
    signers: Mapping[Ref, Signer] = field(default_factory=dict)
    """Whom the signatures of the document name, by their dictionaries."""
    objects_left: int = MAX_OBJECTS_READ
    pixels_left: int = MAX_PIXELS_DRAWN
    _objects: RevisionObjects | Failure | None = field(default=None, repr=False)
    _pictures: Pictures | Failure | None = field(default=None, repr=False)
    _updates: UpdateReader | None = field(default=None, repr=False)
    _table_reading: DocumentHistory | None = field(default=None, repr=False)

    def __enter__(self) -> DocumentHistory:
        return self

    def __exit__(self, *_: object) -> None:
        for opened in (self._objects, self._pictures):
            if opened is not None and not isinstance(opened, Failure):
                opened.close()
        self._objects = self._pictures = None
        if self._table_reading is not None:
            self._table_reading.__exit__()

    @property
    def objects(self) -> RevisionObjects | Failure:
        """The whole file as qpdf reads it."""
        if self._objects is None:
            self._objects = attempt("objects", lambda: self.read_objects(None))
        return self._objects

    def read_objects(self, end: int | None) -> RevisionObjects:
        """A revision as qpdf reads it; the caller closes it.

        Raises:
            RevisionUnreadableError: qpdf cannot open it, or the revisions have too many objects together.
        """
        if self.objects_left <= 0:
            raise RevisionUnreadableError(f"more than {MAX_OBJECTS_READ} objects in all revisions")
        objects = RevisionObjects(self.data, end, self.password)
        self.objects_left -= len(objects.texts)
        return objects

    @property
    def updates(self) -> UpdateReader:
        """The strict reader of what follows a signature."""
        if self._updates is None:
            viewed = self.objects
            encrypted = not isinstance(viewed, Failure) and viewed.pdf.is_encrypted
            self._updates = UpdateReader(self.data, self._decrypted if encrypted else None)
        return self._updates

    def _decrypted(self, number: int) -> bytes:
        stream = None if isinstance(self.objects, Failure) else self.objects.get((number, 0))
        if not isinstance(stream, pikepdf.Stream):
            raise DefectError(Rule.OBJECT_STREAM)
        try:
            return bytes(stream.read_bytes())
        except pikepdf.PdfError as problem:
            raise DefectError(Rule.OBJECT_STREAM) from problem

    @property
    def pictures(self) -> Pictures | Failure:
        """The whole file as PDFium draws it."""
        if self._pictures is None:
            self._pictures = attempt("draw", lambda: Pictures(RenderedDocument(self.data, None, self.password)))
        return self._pictures

    def signed_pictures(self, end: int, drawn_anew: bool | None) -> RenderedDocument:
        """A signed revision as PDFium draws it; as if it told viewers to draw its fields anew, or no more, where asked.

        Raises:
            RenderingError: PDFium cannot open it.
        """
        if drawn_anew is None:
            return RenderedDocument(self.data, end, self.password)
        return RenderedDocument(told_to_draw(self.data[:end], drawn_anew, self.password), None, self.password)

    def affordable(self, signed: RenderedDocument, pages: Sequence[int]) -> tuple[int, ...]:
        """The first of these pages whose pictures, in two versions, are still within ``pixels_left``; it shrinks."""
        for count, index in enumerate(pages):
            if index < signed.page_count:
                size = signed.page_size(index)
                self.pixels_left -= round(2 * size[0] * size[1] * comparison_scale(size) ** 2)
            if self.pixels_left < 0:
                return tuple(pages[:count])
        return tuple(pages)

    @property
    def table_reading(self) -> DocumentHistory | None:
        """The file as a reader of PDF 1.4 sees it, by its tables alone (§7.5.8.4); None where it is no hybrid."""
        if self._table_reading is None and HYBRID_KEY in self.data:
            masked = self.data.replace(HYBRID_KEY, MASKED_KEY)
            self._table_reading = DocumentHistory(
                masked, self.password, self.judged, self.later, self.signers, self.objects_left, self.pixels_left
            )
        return self._table_reading
