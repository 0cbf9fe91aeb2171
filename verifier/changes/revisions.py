"""What changed in a PDF after each signature: extension, permitted, suspicious; and whether anybody could see it.

Three parsers look at it, because an attack lives where parsers differ: qpdf says which objects changed
(``object_changes.py``), PDFium draws the signed and the viewed document (``pictures.py``), and pyHanko's difference
analysis answers where qpdf cannot. The standards of validation are silent here: docs/divergences.md.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from verifier.changes.letters import Letter
from verifier.changes.object_changes import compare_objects
from verifier.changes.permissions import judge, permissions_of
from verifier.changes.revision_objects import Ref, RevisionObjects, RevisionUnreadableError, reading
from verifier.changes.second_opinion import SecondOpinion, ask_pyhanko
from verifier.changes.vocabulary import PAGE_KINDS, Change, ChangeKind, Permissions, Place, Tolerance
from verifier.drawing.picture_difference import PageDifference
from verifier.drawing.pictures import Pictures, PictureVerdict, RenderingBudget, compare_pictures
from verifier.drawing.rendering import Box, RenderedDocument
from verifier.guard import Failure, attempt, plain
from verifier.pdf.signatures import ListedSignature
from verifier.pdf.update_structure import Tail, classify_tail
from verifier.report import ChangesAfter, Coverage, Finding, Severity, SignatureVerdict, Signer

HYBRID_KEY = b"/XRefStm"
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


@dataclass
class DocumentHistory:
    """One document with all its revisions: read and drawn once, shared by the analyses of its signatures.

    Close it when done (``with DocumentHistory(data) as history``). Lives in the worker process only.
    """

    data: bytes
    password: str | None = None
    judged: frozenset[Ref] | None = None
    """Dictionaries that the report judges as signatures of somebody; None where the listing did not come to its end."""
    later: Mapping[Ref, SignatureVerdict] = field(default_factory=dict)
    """Verdicts of the signatures newer than the one looked at, by their dictionaries; grows as they are made."""
    signers: Mapping[Ref, Signer] = field(default_factory=dict)
    """Whom the signatures of the document name, by their dictionaries."""
    budget: RenderingBudget = field(default_factory=RenderingBudget)
    object_seconds: float = 2.5
    """Processor time for reading objects, of all signatures together, after which no further revision is read."""
    opinion_seconds: float = 1.5
    """Processor time after which pyHanko is not asked any more: it compares every pair of revisions anew."""
    _objects: RevisionObjects | Failure | None = field(default=None, repr=False)
    _pictures: Pictures | Failure | None = field(default=None, repr=False)
    _old_reading: tuple[PageDifference, ...] | None = field(default=None, repr=False)
    _reading_seconds: float = field(default=0.0, repr=False)
    _asking_seconds: float = field(default=0.0, repr=False)

    def __enter__(self) -> DocumentHistory:
        return self

    def __exit__(self, *_: object) -> None:
        for opened in (self._objects, self._pictures):
            if opened is not None and not isinstance(opened, Failure):
                opened.close()
        self._objects = self._pictures = None

    @property
    def objects(self) -> RevisionObjects | Failure:
        """The whole file as qpdf reads it."""
        if self._objects is None:
            self._objects = attempt("objects", lambda: self.read_objects(None))
        return self._objects

    def read_objects(self, end: int | None) -> RevisionObjects:
        """A revision as qpdf reads it; the caller closes it.

        Raises:
            RevisionUnreadableError: qpdf cannot open it, or the document has cost too much time already.
        """
        if self.exhausted:
            raise RevisionUnreadableError("too many objects for the time allowed")
        start = time.process_time()
        try:
            return RevisionObjects(self.data, end, self.password)
        finally:
            self._reading_seconds += time.process_time() - start

    @property
    def exhausted(self) -> bool:
        """Whether the objects have cost so much that no further revision is read."""
        return self._reading_seconds > self.object_seconds

    def ask(self, listed: ListedSignature) -> SecondOpinion:
        """What pyHanko says of the changes after a signature; no answer where it has cost too much already."""
        if self._asking_seconds > self.opinion_seconds:
            return SecondOpinion(None)
        start = time.process_time()
        try:
            return ask_pyhanko(listed)
        finally:
            self._asking_seconds += time.process_time() - start

    @property
    def pictures(self) -> Pictures | Failure:
        """The whole file as PDFium draws it."""
        if self._pictures is None:
            self._pictures = attempt("draw", lambda: Pictures(RenderedDocument(self.data, None, self.password)))
        return self._pictures

    def old_reading(self) -> tuple[PageDifference, ...]:
        """Where a hybrid-reference file (ISO 32000-2 §7.5.8.4) looks different to a reader of PDF 1.4.

        Raises:
            RenderingError: PDFium cannot draw it.
        """
        if self._old_reading is None:
            differing: tuple[PageDifference, ...] = ()
            if HYBRID_KEY in self.data and not isinstance(self.pictures, Failure):
                old = self.data.replace(HYBRID_KEY, b"/" + b"-" * (len(HYBRID_KEY) - 1))
                with RenderedDocument(old, None, self.password) as document:
                    differing = compare_pictures(document, self.pictures, (), self.budget).differences
            self._old_reading = differing
        return self._old_reading


@dataclass(frozen=True)
class _ObjectVerdict:
    """What the objects say: what is not allowed, what is, and where allowed changes may draw."""

    violations: tuple[Change, ...]
    allowed: tuple[Change, ...]
    damaged: bool
    pages: tuple[int, int]
    """Pages of the signed revision and of the whole file."""

    @property
    def places(self) -> tuple[Place, ...]:
        return tuple(place for change in (*self.allowed, *self.violations) for place in change.places)

    @property
    def suspects(self) -> tuple[int, ...]:
        """Pages, counted from 0, that a forbidden change names: to be looked at first."""
        named = [change.where for change in self.violations if change.kind in PAGE_KINDS and change.where.isdecimal()]
        return tuple(int(number) - 1 for number in named)


def analyse_changes(history: DocumentHistory, listed: ListedSignature) -> ChangeFacts:
    """Say what happened to the document after ``listed`` signed it. Never raises for a bad document.

    1 is there anything after the signed bytes, and is it a proper update · 2 which objects changed, and does the
    signature allow it · 3 what do the pages show · 4 sum up. Nothing after the signed bytes costs nothing.
    """
    if listed.coverage in (Coverage.NONE, Coverage.PARTIAL) or not 0 < listed.revision_end <= len(history.data):
        return ChangeFacts(ChangesAfter.UNKNOWN, visible=None)
    tail = classify_tail(history.data, listed.revision_end)  # 1
    if tail is Tail.NOTHING:
        return ChangeFacts(ChangesAfter.NONE, visible=False)
    if tail is Tail.BLANK:
        return ChangeFacts(ChangesAfter.SUSPICIOUS, False, (Finding("TRAILING-BYTES", Severity.WARNING),))
    objects = attempt("compare", lambda: _judge_objects(history, listed))  # 2
    pictures = attempt("draw", lambda: _judge_pictures(history, listed, objects))  # 3
    parts = _by_pyhanko(objects, history, listed) if isinstance(objects, Failure) else _by_qpdf(objects, pictures)
    return _sum_up(tail, objects, pictures, parts, history.exhausted)  # 4


def _judge_objects(history: DocumentHistory, listed: ListedSignature) -> _ObjectVerdict | Failure:
    viewed = history.objects
    if isinstance(viewed, Failure):
        return viewed
    with reading():
        signed = history.read_objects(listed.revision_end)
        try:
            permissions: Permissions = permissions_of(signed, listed.object_ref, listed.field_refs)
            first = history.signers.get(listed.object_ref) if listed.object_ref is not None else None
            letter = Letter(first, history.later)
            violations, allowed = judge(compare_objects(signed, viewed, history.judged), permissions, letter)
            damaged = viewed.damaged and not signed.damaged
            return _ObjectVerdict(violations, allowed, damaged, (signed.page_count, viewed.page_count))
        finally:
            signed.close()


def _judge_pictures(
    history: DocumentHistory, listed: ListedSignature, objects: _ObjectVerdict | Failure
) -> PictureVerdict | Failure:
    viewed = history.pictures
    if isinstance(viewed, Failure):
        return viewed
    with RenderedDocument(history.data, listed.revision_end, history.password) as signed:
        places, suspects = ((), ()) if isinstance(objects, Failure) else (objects.places, objects.suspects)
        verdict = compare_pictures(signed, viewed, places, history.budget, suspects)
    old = history.old_reading()
    if not old:
        return verdict
    finding = Finding("HYBRID-READINGS-DIFFER", Severity.ERROR, (("page", str(old[0].page + 1)),))
    differences = (*verdict.differences, *old)
    return dataclasses.replace(verdict, differences=differences, findings=(*verdict.findings, finding))


def _sum_up(
    tail: Tail, objects: _ObjectVerdict | Failure, pictures: PictureVerdict | Failure, parts: _Part, exhausted: bool
) -> ChangeFacts:
    """What the bytes, the objects and the pictures say together: the worst of the three.

    Where the objects cost too much (``exhausted``), nobody knows where a further signature may draw: a difference that
    one may have made is no answer.
    """
    problems = [Finding("UPDATE-IMPROPER", Severity.ERROR)] if tail is Tail.IMPROPER else []
    level, found, notes = parts
    problems.extend(found)
    areas: tuple[ChangedArea, ...] = ()
    visible: bool | None = None
    if isinstance(pictures, Failure):
        notes.append(Finding("RENDERING-FAILED", Severity.WARNING, (("detail", pictures.detail),)))
    else:
        areas = tuple(dict.fromkeys(ChangedArea(p.page, box) for p in pictures.differences for box in p.boxes))
        unexplained = exhausted and isinstance(objects, Failure) and not found and level is not Tolerance.EXTENSION
        if areas and unexplained:
            level = None
        else:
            problems.extend(pictures.findings)
        unsure = not pictures.complete or _read_differently(tail, objects)
        visible = bool(areas) or (None if unsure else False)
    if problems:
        persons = (
            {change.kind.value for change in objects.violations if change.kind.for_officer}
            if not isinstance(objects, Failure)
            else set()
        )
        for_officer = {finding.code for finding in problems} <= persons
        return ChangeFacts(ChangesAfter.SUSPICIOUS, visible, (*problems, *notes), areas, for_officer)
    if level is None:
        return ChangeFacts(ChangesAfter.UNKNOWN, None, tuple(notes))
    after = ChangesAfter.EXTENSION if level is Tolerance.EXTENSION else ChangesAfter.PERMITTED
    return ChangeFacts(after, visible, tuple(notes))


def _read_differently(tail: Tail, objects: _ObjectVerdict | Failure) -> bool:
    """Whether other viewers may repair the update in another way than PDFium, and so show something else."""
    return isinstance(objects, Failure) or objects.damaged or (tail is Tail.IMPROPER and bool(objects.violations))


_Part = tuple[Tolerance | None, list[Finding], list[Finding]]
"""The highest tolerance asked for (None: no answer), problems, notes."""


def _by_pyhanko(failure: Failure, history: DocumentHistory, listed: ListedSignature) -> _Part:
    """pyHanko's answer where qpdf has none."""
    opinion = history.ask(listed)
    notes = [Finding("CHANGE-ANALYSIS-FAILED", Severity.WARNING, (("detail", failure.detail),))]
    return opinion.level, list(opinion.findings), notes


def _by_qpdf(objects: _ObjectVerdict, pictures: PictureVerdict | Failure) -> _Part:
    problems = [
        Finding(change.kind.value, Severity.ERROR, (("where", _readable(change.where)),))
        for change in objects.violations
    ]
    if objects.damaged:
        problems.append(Finding("UPDATE-DAMAGED", Severity.ERROR))
    if isinstance(pictures, PictureVerdict) and _count_differently(objects.pages, pictures.pages):
        counts = (("first", str(objects.pages[1])), ("second", str(pictures.pages[1])))
        problems.append(Finding("PARSERS-DISAGREE", Severity.ERROR, counts))
    filled = dict.fromkeys(
        _readable(change.where) for change in objects.allowed if change.kind is ChangeKind.FIELD_FILLED
    )
    notes = (
        [Finding(ChangeKind.FIELD_FILLED.value, Severity.WARNING, (("fields", ", ".join(list(filled)[:MAX_NAMES])),))]
        if filled
        else []
    )
    notes.extend(_signed_on_certified(objects.allowed))
    level = max((change.kind.tolerance for change in objects.allowed), default=Tolerance.EXTENSION)
    return level, problems, notes


def _signed_on_certified(allowed: tuple[Change, ...]) -> list[Finding]:
    """Once for a letter: its first signer had allowed filling in and signing only, and these signed visibly."""
    kind = ChangeKind.SIGNED_ON_CERTIFIED
    names = dict.fromkeys(_readable(change.where) for change in allowed if change.kind is kind)
    if not names:
        return []
    return [Finding(kind.value, Severity.WARNING, (("names", ", ".join(list(names)[:MAX_NAMES])),))]


def _count_differently(first: tuple[int, int], second: tuple[int, int]) -> bool:
    """Whether two parsers see different numbers of pages now, and did not already when the document was signed."""
    return first[1] != second[1] and first[1] - second[1] != first[0] - second[0]


def _readable(where: str) -> str:
    """A place in the document as a line that can be printed; the document chose the names of its fields."""
    line = "".join(char if char.isprintable() else " " for char in where).strip()
    return plain(line[:MAX_WHERE_CHARS]) or "—"
