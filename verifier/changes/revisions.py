"""What changed in a PDF after each signature: extension, permitted, suspicious; and whether anybody could see it.

Green only where it was shown: every byte of the update explained (``pdf/updates``), every object that differs on the
list of what may (``object_changes.py``), every page that it can have touched drawn and alike (``drawing/pictures.py``).
What could not be shown is unknown. The standards of validation are silent here: docs/divergences.md 30 and 31.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from verifier.changes.history import MASKED_KEY, DocumentHistory
from verifier.changes.letters import Letter
from verifier.changes.object_changes import compare_objects
from verifier.changes.one_reading import object_defects
from verifier.changes.permissions import judge, permissions_of
from verifier.changes.redrawing import drawing_changed
from verifier.changes.revision_objects import reading
from verifier.changes.touched_pages import touched_pages
from verifier.changes.vocabulary import Change, ChangeKind, Permissions, Place, Tolerance
from verifier.drawing.pictures import PictureVerdict, compare_pictures
from verifier.drawing.placed.page import Letter as DrawnLetter
from verifier.drawing.placed.printed import printed_names
from verifier.drawing.rendering import Box, RenderedDocument
from verifier.guard import Failure, attempt, plain
from verifier.pdf.signatures import ListedSignature
from verifier.pdf.update_structure import Tail, classify_tail
from verifier.pdf.updates.defects import Defect, Rule
from verifier.report import ChangesAfter, Coverage, Finding, Severity

__all__ = ["ChangeFacts", "ChangedArea", "DocumentHistory", "analyse_changes"]

MAX_NAMES = 12
"""Fields that a finding names."""
MAX_WHERE_CHARS = 80


@dataclass(frozen=True)
class ChangedArea:
    """A box on a page where the viewed document shows something else than the signed one.

    ``page`` counts from 0. ``box`` is (left, top, right, bottom) as fractions of the displayed page, origin top left.
    """

    page: int
    box: Box


@dataclass(frozen=True)
class ChangeFacts:
    """What was added after one signature, for ``SignatureFacts``; ``visible`` is None where nobody could tell."""

    changes_after: ChangesAfter
    visible: bool | None
    findings: tuple[Finding, ...] = ()
    areas: tuple[ChangedArea, ...] = ()
    for_officer: bool = False
    """Suspicious, but only by what a later signature draws in its own field: a person has to say whether it is so."""


@dataclass(frozen=True)
class _ObjectVerdict:
    """What the objects say: what is not allowed, what is, where allowed changes may draw, what may look different."""

    violations: tuple[Change, ...]
    allowed: tuple[Change, ...]
    defects: tuple[Defect, ...]
    touched: tuple[int, ...]
    pages: tuple[int, int]
    """Pages of the signed revision and of the whole file."""
    touched_by_tables: tuple[int, ...] = ()
    """The same as ``touched`` for a reader of the tables of a hybrid file alone."""
    certified: bool = False
    """The signature allows filling in and signing alone, or notes besides (DocMDP P = 2 or 3)."""
    drawn_anew: bool | None = None
    """Whether viewers are now told to draw the fields anew; None where that is as before, or not allowed."""

    @property
    def places(self) -> tuple[Place, ...]:
        """Where a change names a place, allowed or not: what is drawn there is judged as that change's."""
        return tuple(place for change in (*self.allowed, *self.violations) for place in change.places)

    @property
    def drawn(self) -> tuple[int, ...]:
        """Pages to be drawn, counted from 0."""
        return tuple(sorted({*self.touched, *(place.page for place in self.places)}))

    def everywhere(self) -> _ObjectVerdict:
        """The same with every page to be drawn."""
        return dataclasses.replace(self, touched=tuple(range(max(self.pages))))


def analyse_changes(history: DocumentHistory, listed: ListedSignature) -> ChangeFacts:
    """Say what happened to the document after ``listed`` signed it. Never raises for a bad document.

    1 is there anything after the signed bytes · 2 which objects changed, and does the signature allow it · 3 can the
    file be read in one way only · 4 what do the touched pages show, or all where a parser's word is not enough · 5 sum
    up. Nothing after the signed bytes costs nothing.
    """
    if listed.coverage in (Coverage.NONE, Coverage.PARTIAL) or not 0 < listed.revision_end <= len(history.data):
        return ChangeFacts(ChangesAfter.UNKNOWN, visible=None)
    tail = classify_tail(history.data, listed.revision_end)  # 1
    if tail is Tail.NOTHING:
        return ChangeFacts(ChangesAfter.NONE, visible=False)
    if tail is Tail.BLANK:
        return ChangeFacts(ChangesAfter.SUSPICIOUS, False, (Finding("TRAILING-BYTES", Severity.WARNING),))
    objects = attempt("compare", lambda: _judge_objects(history, listed))  # 2
    if isinstance(objects, Failure):
        return ChangeFacts(ChangesAfter.UNKNOWN, None, (*_two_ways(history, listed, ()), *_failed(history, objects)))
    two_ways = _two_ways(history, listed, objects.defects)  # 3
    judged = objects.everywhere() if two_ways else objects
    pictures = attempt("draw", lambda: _judge_pictures(history, listed, judged))  # 4
    return _sum_up(judged, pictures, (*two_ways, *_not_compared(judged, pictures)))  # 5


def _judge_objects(history: DocumentHistory, listed: ListedSignature) -> _ObjectVerdict | Failure:
    """The file as viewers read it; of a hybrid one also what the update changed for readers of its tables."""
    verdict = _compare_objects(history, listed)
    tables = history.table_reading
    if tables is None or isinstance(verdict, Failure):
        return verdict
    old = _compare_objects(tables, listed)
    if isinstance(old, Failure):
        return old
    known = {*verdict.violations, Change(ChangeKind.TRAILER, MASKED_KEY.decode())}
    differing = () if known.issuperset(old.violations) else (Defect(Rule.HYBRID),)
    defects = (*verdict.defects, *differing)
    return dataclasses.replace(verdict, defects=defects, touched_by_tables=old.drawn)


def _compare_objects(history: DocumentHistory, listed: ListedSignature) -> _ObjectVerdict | Failure:
    viewed = history.objects
    if isinstance(viewed, Failure):
        return viewed
    with reading():
        signed = history.read_objects(listed.revision_end)
        try:
            permissions: Permissions = permissions_of(signed, listed.object_ref, listed.field_refs)
            first = history.signers.get(listed.object_ref) if listed.object_ref is not None else None
            letter = Letter(first, history.later, lambda place: _printed_names(history, listed.revision_end, place))
            violations, allowed = judge(compare_objects(signed, viewed, history.judged), permissions, letter)
            dirty = signed.differing(viewed)
            defects, touched = object_defects(signed, viewed, dirty), touched_pages(signed, viewed, dirty)
            pages = (signed.page_count, viewed.page_count)
            certified = permissions.certification in (2, 3)
            anew = None if violations else drawing_changed(signed, viewed)
            return _ObjectVerdict(violations, allowed, defects, touched, pages, (), certified, anew)
        finally:
            signed.close()


def _printed_names(history: DocumentHistory, end: int, place: Place) -> tuple[str, ...]:
    """Whose names the block of a place prints; nobody's where the page cannot be drawn or would cost too much."""

    def read() -> tuple[str, ...]:
        with RenderedDocument(history.data, end, history.password) as signed:
            return printed_names(signed, place) if history.affordable(signed, [place.page]) else ()

    names = attempt("blocks", read)
    return () if isinstance(names, Failure) else names


def _judge_pictures(
    history: DocumentHistory, listed: ListedSignature, objects: _ObjectVerdict
) -> PictureVerdict | Failure:
    verdict = _draw(history, listed.revision_end, objects.drawn, objects)
    tables = history.table_reading
    if tables is None or isinstance(verdict, Failure):
        return verdict
    old = _draw(tables, listed.revision_end, objects.touched_by_tables, objects)
    if isinstance(old, Failure):
        return old
    undrawn = (*verdict.undrawn, *old.undrawn)
    if not old.differences:
        return dataclasses.replace(verdict, undrawn=undrawn)
    finding = Finding("HYBRID-READINGS-DIFFER", Severity.ERROR, (("page", str(old.differences[0].page + 1)),))
    return dataclasses.replace(
        verdict,
        differences=(*verdict.differences, *old.differences),
        findings=(*verdict.findings, finding),
        undrawn=undrawn,
        for_officer=False,
    )


def _draw(
    history: DocumentHistory, end: int, pages: Sequence[int], objects: _ObjectVerdict
) -> PictureVerdict | Failure:
    """Compare these pages, as many of them as the document may cost; the others are undrawn."""
    viewed = history.pictures
    if isinstance(viewed, Failure):
        return viewed
    with history.signed_pictures(end, objects.drawn_anew) as signed:
        count = max(signed.page_count, viewed.document.page_count)
        affordable = history.affordable(signed, [page for page in pages if page < count])
        earlier = [signer for ref, signer in history.signers.items() if ref not in history.later]
        letter = DrawnLetter(history.later, tuple(earlier), objects.certified)
        verdict = compare_pictures(signed, viewed, affordable, objects.places, letter)
    return dataclasses.replace(verdict, undrawn=(*verdict.undrawn, *(p for p in pages if p not in affordable)))


def _two_ways(history: DocumentHistory, listed: ListedSignature, objects: tuple[Defect, ...]) -> list[Finding]:
    """What makes viewers repair the file: in the update, or in what it leads back to."""
    strict = attempt("updates", lambda: history.updates.read(listed.revision_end))
    if isinstance(strict, Failure):
        return [Finding("UPDATE-READ-IN-TWO-WAYS", Severity.WARNING, (("detail", strict.detail),))]
    found = []
    update = (*strict.update, *(defect for defect in objects if defect.rule is not Rule.DRAWING))
    if update:
        found.append(Finding("UPDATE-READ-IN-TWO-WAYS", Severity.WARNING, (("detail", update[0].detail),)))
    if len(update) < len(strict.update) + len(objects):
        found.append(Finding("ADDITION-DRAWN-IN-TWO-WAYS", Severity.WARNING))
    if strict.chain:
        found.append(Finding("FILE-READ-IN-TWO-WAYS", Severity.WARNING, (("detail", strict.chain[0].detail),)))
    return found


def _failed(history: DocumentHistory, objects: Failure) -> list[Finding]:
    """Where nobody knows which objects differ, any page may."""
    found = [Finding("CHANGE-ANALYSIS-FAILED", Severity.WARNING, (("detail", objects.detail),))]
    pictures = history.pictures
    if not isinstance(pictures, Failure) and pictures.document.page_count:
        found.append(_pages_not_compared(range(pictures.document.page_count)))
    return found


def _not_compared(objects: _ObjectVerdict, pictures: PictureVerdict | Failure) -> list[Finding]:
    """Pages that the update can have touched and that nobody saw in both versions."""
    if isinstance(pictures, Failure):
        failed = Finding("RENDERING-FAILED", Severity.WARNING, (("detail", pictures.detail),))
        return [failed, _pages_not_compared(objects.drawn)] if objects.drawn else [failed]
    found = [_pages_not_compared(pictures.undrawn)] if pictures.undrawn else []
    if _count_differently(objects.pages, pictures.pages):
        counts = (("first", str(objects.pages[1])), ("second", str(pictures.pages[1])))
        found.append(Finding("PARSERS-DISAGREE", Severity.WARNING, counts))
    return found


def _pages_not_compared(pages: Sequence[int]) -> Finding:
    """Their numbers from 1, runs drawn together."""
    runs: list[list[int]] = []
    for page in sorted(set(pages)):
        if runs and page == runs[-1][1] + 1:
            runs[-1][1] = page
        else:
            runs.append([page, page])
    named = [f"{first + 1}" if first == last else f"{first + 1}–{last + 1}" for first, last in runs]
    return Finding("PAGES-NOT-COMPARED", Severity.WARNING, (("pages", ", ".join(named)),))


def _sum_up(objects: _ObjectVerdict, pictures: PictureVerdict | Failure, doubts: tuple[Finding, ...]) -> ChangeFacts:
    """What the objects and the pictures say together, the worse of the two; where in doubt, never that all is well."""
    problems = [
        Finding(change.kind.value, Severity.ERROR, (("where", _readable(change.where)),))
        for change in objects.violations
    ]
    areas: tuple[ChangedArea, ...] = ()
    for_officer = all(change.kind.for_officer for change in objects.violations)
    if isinstance(pictures, PictureVerdict):
        problems.extend(pictures.findings)
        areas = tuple(dict.fromkeys(ChangedArea(p.page, box) for p in pictures.differences for box in p.boxes))
        for_officer = for_officer and (pictures.for_officer or not areas)
    visible = True if areas else None if doubts else False
    notes = (*doubts, *_notes(objects))
    if areas or any(problem.severity is Severity.ERROR for problem in problems):
        return ChangeFacts(ChangesAfter.SUSPICIOUS, visible, (*problems, *notes), areas, for_officer)
    if doubts:
        return ChangeFacts(ChangesAfter.UNKNOWN, None, (*problems, *notes))
    level = max((change.kind.tolerance for change in objects.allowed), default=Tolerance.EXTENSION)
    after = ChangesAfter.EXTENSION if level is Tolerance.EXTENSION else ChangesAfter.PERMITTED
    return ChangeFacts(after, visible, (*problems, *notes))


def _notes(objects: _ObjectVerdict) -> list[Finding]:
    """What is allowed and said all the same: fields that were filled, for nobody signed what they say; and, once for a
    letter, that its first signer had allowed filling in and signing only and these signed visibly."""
    notes = []
    for kind, parameter in ((ChangeKind.FIELD_FILLED, "fields"), (ChangeKind.SIGNED_ON_CERTIFIED, "names")):
        named = dict.fromkeys(_with_pages(change) for change in objects.allowed if change.kind is kind)
        if named:
            notes.append(Finding(kind.value, Severity.WARNING, ((parameter, ", ".join(list(named)[:MAX_NAMES])),)))
    return notes


def _with_pages(change: Change) -> str:
    """What a change is of, and for a signature on a certified letter the numbers of the pages on which it stands."""
    pages = dict.fromkeys(str(place.page + 1) for place in change.places)
    named = _readable(change.where)
    return f"{named} ({', '.join(pages)})" if pages and change.kind is ChangeKind.SIGNED_ON_CERTIFIED else named


def _count_differently(first: tuple[int, int], second: tuple[int, int]) -> bool:
    """Whether two parsers see different numbers of pages now, and did not already when the document was signed."""
    return first[1] != second[1] and first[1] - second[1] != first[0] - second[0]


def _readable(where: str) -> str:
    """A place in the document as a line that can be printed; the document chose the names of its fields."""
    line = "".join(char if char.isprintable() else " " for char in where).strip()
    return plain(line[:MAX_WHERE_CHARS]) or "—"
