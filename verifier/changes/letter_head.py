"""The number and the date of a letter as its head shows them, printed or written by the clerk, told once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from verifier.changes.history import DocumentHistory
from verifier.changes.own_places import own_places
from verifier.drawing.placed.heads import WrittenHead, written_head
from verifier.drawing.placed.reading import lines_of
from verifier.guard import Failure, plain
from verifier.pdf.signatures import ListedSignature
from verifier.report import Finding, Severity

MAX_PAGES = 3
"""That are looked at for a head: the first one, and those on which somebody signed."""


def printed_head(history: DocumentHistory, listed: Iterable[ListedSignature]) -> WrittenHead:
    """What the first head prints that can be read and is seen; on a scan nothing is read.

    Raises:
        RenderingError: PDFium cannot draw the page.
    """
    pictures = history.pictures
    if isinstance(pictures, Failure):
        return WrittenHead()
    document = pictures.document
    pages = dict.fromkeys([0, *(place.page for one in listed for place in own_places(history, one))])
    for page in [page for page in pages if page < document.page_count][:MAX_PAGES]:
        may_be = pictures.is_drawn(page) or written_head(lines_of(pictures.text(page).characters())) != WrittenHead()
        head = written_head(pictures.lines(page)) if may_be else WrittenHead()  # for most nothing is drawn
        if head != WrittenHead():
            return head
    return WrittenHead()


def tell_head(printed: WrittenHead, numbers: Sequence[str], dates: Sequence[tuple[str, str, str]]) -> list[Finding]:
    """The letter's number and date: what the clerk wrote (``numbers``, ``dates`` in full), else what is printed."""
    found = []
    number = "; ".join(numbers) or printed.number
    if number:
        found.append(Finding("LETTER-NUMBER", Severity.INFO, (("number", plain(number)),)))
    whole = [date for date in dates if all(date)] or ([printed.date] if printed.date else [])
    if whole:
        told = "; ".join(f"{day.zfill(2)}/{month.zfill(2)}/{year}" for day, month, year in whole)
        found.append(Finding("LETTER-DATE", Severity.INFO, (("date", told),)))
    return found
