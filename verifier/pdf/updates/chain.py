"""All cross-reference sections of a file, from the newest back to the first, and whether their entries hold.

ISO 32000-2 §7.5.4 to §7.5.8; annex F for a linearised file, whose first revision has two sections.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from verifier.pdf.updates.defects import Defect, DefectError, Rule
from verifier.pdf.updates.grammar import WHITE, behind_line_ends
from verifier.pdf.updates.sections import COMPRESSED, IN_USE, Entry, Section, State, read_section

MAX_SECTIONS = 2_000
START_WINDOW_BYTES = 1_024
"""Where viewers look for ``startxref`` (annex I of ISO 32000-1; PDFium looks further, pdf.js no further)."""
HEADER_WINDOW_BYTES = 1_024
_START = re.compile(
    rb"startxref[" + WHITE + rb"]+(\d{1,10})[" + WHITE + rb"]+%%EOF[" + WHITE + rb"]*\Z"
)  # fmt: skip
_LINEARISED = re.compile(rb"/Linearized[" + WHITE + rb"]")
_LENGTH = re.compile(rb"/L[" + WHITE + rb"]+(\d{1,12})")


@dataclass(frozen=True)
class Chain:
    """The sections, oldest first, with what is wrong in each; ``broken`` where the way back ends before the first."""

    sections: tuple[Section, ...]
    defects: tuple[tuple[Defect, ...], ...]
    broken: Defect | None = None
    header: tuple[Defect, ...] = ()

    def state(self, count: int) -> State:
        """Where the objects are after the first ``count`` sections."""
        state: State = {}
        for section in self.sections[:count]:
            state.update(section.merged)
        return state


def last_start(data: bytes, end: int) -> int | None:
    """The offset that the revision ending at ``end`` gives as its newest section; None where it gives none."""
    found = _START.search(data, max(0, end - START_WINDOW_BYTES), end)
    return int(found[1]) if found else None


def read_chain(data: bytes) -> Chain:
    """Follow ``/Prev`` from the newest section to the first, and look at every entry on the way."""
    sections: list[Section] = []
    broken: Defect | None = None
    try:
        _walk(data, sections)
    except DefectError as error:
        broken = error.defect
    sections.reverse()
    defects = tuple(
        (*section.defects, *_order(section, sections[:index]), *_entries(data, section))
        for index, section in enumerate(sections)
    )
    return Chain(tuple(sections), defects, broken, _header(data))


def is_linearised_revision(data: bytes, end: int) -> bool:
    """Whether the bytes up to ``end`` are a linearised file's first revision: two sections, one revision."""
    signed = [section for section in read_chain(data).sections if section.start < end]
    if len(signed) != 2:
        return False
    main, first = signed
    forward = first.start < main.start  # annex F's main section alone is led to so, and ends the chain (``_walk``)
    return forward and max(main.end, first.end) <= end and first.start == last_start(data, end)


def _walk(data: bytes, sections: list[Section]) -> None:
    at = last_start(data, len(data))
    if at is None:
        raise DefectError(Rule.START, len(data))
    while at is not None:
        if len(sections) >= MAX_SECTIONS:
            raise DefectError(Rule.TOO_MUCH, at)
        section = read_section(data, at)
        if sections and not at < sections[-1].start and not _is_linearised(data, section):
            raise DefectError(Rule.CHAIN, at)
        sections.append(section)
        at = section.prev


def _is_linearised(data: bytes, main: Section) -> bool:
    """Annex F: the first page's section leads forward to the main one, which is the first of the file's history."""
    return main.prev is None and _LINEARISED.search(data, 0, HEADER_WINDOW_BYTES) is not None


def _header(data: bytes) -> tuple[Defect, ...]:
    """Offsets count from ``%PDF-``; a linearised file of this very length would be read from its front."""
    defects = [] if data.startswith(b"%PDF-") else [Defect(Rule.HEADER, 0)]
    if _LINEARISED.search(data, 0, HEADER_WINDOW_BYTES) is not None:
        length = _LENGTH.search(data, 0, HEADER_WINDOW_BYTES)
        if length is not None and int(length[1]) == len(data):
            defects.append(Defect(Rule.CHAIN, length.start()))
    return tuple(defects)


def _order(section: Section, older: list[Section]) -> list[Defect]:
    """A table never leads back to a stream (§7.5.8.4): Ghostscript does not open such a file, PDFium repairs it."""
    mixed = bool(older) and section.stream is None and older[-1].stream is not None
    return [Defect(Rule.ORDER, section.start)] if mixed else []


def _entries(data: bytes, section: Section) -> list[Defect]:
    """Every object that the section names stands where it says, and object streams are objects of the file."""
    entries = section.merged
    for number, entry in entries.items():
        if entry.kind == IN_USE:
            if not _stands_at(data, number, entry):
                return [Defect(Rule.ENTRY, entry.first)]
        elif entry.kind == COMPRESSED and entry.first in entries and entries[entry.first].kind != IN_USE:
            return [Defect(Rule.ENTRY, section.start)]
    return []


def _stands_at(data: bytes, number: int, entry: Entry) -> bool:
    return data.startswith(b"%d %d obj" % (number, entry.second), behind_line_ends(data, entry.first))
