"""A letter made ready for its signatures: the mark and every later field, empty in its place, before the first one.

Runs in the limited worker process (see ``signer.update``).
"""

from __future__ import annotations

from dataclasses import dataclass

from signer.appearance import check_pictures
from signer.fonts import FontFiles
from signer.issuing.entry import HeadEntry
from signer.issuing.head import LetterHead, find_head
from signer.issuing.prepared import OWN_FIELDS, add_empty, check_untouched, field_names, keep_free
from signer.issuing.typed import check_room, field_box, typed_in
from signer.layout import SealWish, examine, laid_out
from signer.places import Pages
from signer.profile import PlacementProfile
from signer.request import ResultMark, SealWording
from signer.update import guarded, open_update, written


@dataclass(frozen=True)
class PreparedFields:
    """A letter with its fields empty in their places, and what its head says; None where it was not asked for.

    ``before``: the service had prepared it already.
    """

    data: bytes
    head: LetterHead | None
    before: bool = False


def prepare_fields(
    document: bytes,
    wishes: tuple[SealWish, ...],
    mark: ResultMark | None,
    wording: SealWording,
    fonts: FontFiles,
    profile: PlacementProfile,
    with_head: bool,
) -> PreparedFields:
    """Lay out mark and seals, and write the fields.

    1 refuse what must not be signed · 2 the head's blanks, where they are asked for · 3 a letter that is signed or
    prepared stays as it is: a field that nobody signed would be a change to it · 4 places of mark and seals ·
    5 the fields.

    Raises:
        SealRefused: as ``lay_out``, HEAD-….
    """

    def work() -> PreparedFields:
        check_pictures(wish.drawing for wish in wishes)
        writer = open_update(document)
        with Pages(writer, document, examine(writer.prev, document)) as pages:  # 1
            found = find_head(pages) if with_head else None  # 2
            for blank in found.places if found is not None else ():
                check_room(blank, fonts)
            head = None if found is None else found.head
            before = bool(OWN_FIELDS & field_names(pages))
            if before or writer.prev.embedded_signatures:  # 3
                return PreparedFields(document, head, before)
            if found is not None:
                keep_free(pages, found)
            layout = laid_out(document, pages, wishes, mark, wording, fonts, profile)  # 4
        update = open_update(layout.data)
        add_empty(update, layout.fields, found)  # 5
        return PreparedFields(written(update), head)

    return guarded(work)


def read_head(document: bytes, entry: HeadEntry | None, fonts: FontFiles) -> LetterHead:
    """What the head says, and that number and date could be written into it; nothing is made.

    Raises:
        SealRefused: DOCUMENT-…, HEAD-….
    """

    def work() -> LetterHead:
        writer = open_update(document)
        with Pages(writer, document, examine(writer.prev, document)) as pages:
            found = find_head(pages)
            check_untouched(pages, found)
            for blank in found.places:
                check_room(blank, fonts)
                if entry is not None:
                    typed_in(blank, entry.texts[blank.kind], field_box(blank), fonts)
            if entry is not None:
                found.head.agrees(entry)
            return found.head

    return guarded(work)
