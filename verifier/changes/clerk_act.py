"""The clerk's act of a letter, told once: number and date, and which signatures of the agency are one act.

Every earlier signature sees what the clerk wrote after it, so that the drawing rule notes it for each. Here the notes
are taken out of the signatures and said of the document (NĐ 30/2020 Đ.14 to 18: number, date, seal are one errand).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

from verifier.changes.letter_head import tell_head
from verifier.drawing.placed.bodies import is_agency, same_body
from verifier.drawing.placed.clerk import SEALED, WRITTEN
from verifier.drawing.placed.heads import BlankKind, WrittenHead
from verifier.report import Finding, Integrity, Severity, SignatureKind, SignatureVerdict

VIETNAM = timezone(timedelta(hours=7))
ONE_ACT = timedelta(minutes=10)
"""Between two signatures of one act."""
HALF_A_YEAR = timedelta(days=183)
"""By which a day and month without a year may be later than a time and still mean that year."""
_PARTS = (BlankKind.NUMBER, BlankKind.DAY, BlankKind.MONTH)
_DATE = (BlankKind.DAY, BlankKind.MONTH, BlankKind.YEAR)
Verdicts = tuple[SignatureVerdict, ...]


@dataclass(frozen=True)
class _Written:
    """What one signature wrote into one blank; ``read`` is empty where it cannot be read."""

    kind: BlankKind
    field: str
    page: str
    read: str
    printed: tuple[str, str, str]
    """Day, month and year that the line prints beside the blank."""
    sign: str
    """Printed after a number."""


@dataclass(frozen=True)
class _Dated:
    """The date of one page, of which the clerk wrote a part: day, month and year, empty where they cannot be read."""

    parts: tuple[str, str, str]
    fields: frozenset[str]
    """Of the signatures that wrote it."""


def tell_clerk(
    verdicts: Verdicts, first: tuple[Finding, ...] | None = None, printed: WrittenHead | None = None
) -> tuple[Verdicts, tuple[Finding, ...]]:
    """The signatures without the notes on the clerk's work, and what the document says of it instead.

    ``first``: notes on what the first signature drew, where that was looked at. ``printed``: what the letter's head
    prints.
    """
    notes = [*(first or ()), *(f for v in verdicts for f in v.findings if _is_note(f))]
    sealed = {dict(f.parameters)["field"] for f in notes if f.code == SEALED}
    written = _written(notes)
    dates = _dates(written)
    numbers = [w.read + w.sign for w in written if w.kind is BlankKind.NUMBER and w.read and w.sign]
    found = [*tell_head(printed or WrittenHead(), numbers, [one.parts for one in dates]), *_wrote(written)]
    for dated in dates:
        found.extend(_compared(dated, verdicts))
    for act in _acts(verdicts):
        looked = first is not None or act[0] is not verdicts[0]
        found.extend(_act(act, written, sealed if looked else None))
    return tuple(_without_notes(v) for v in verdicts), tuple(found)


def _is_note(finding: Finding) -> bool:
    return finding.code == SEALED or finding.code.startswith(WRITTEN)


def _without_notes(verdict: SignatureVerdict) -> SignatureVerdict:
    if not any(map(_is_note, verdict.findings)):
        return verdict
    facts = dataclasses.replace(verdict.facts, findings=tuple(f for f in verdict.facts.findings if not _is_note(f)))
    return dataclasses.replace(verdict, facts=facts, findings=tuple(f for f in verdict.findings if not _is_note(f)))


def _written(notes: Iterable[Finding]) -> list[_Written]:
    """Each writing once, by its field and its blank, read where any of the comparisons could read it."""
    found: dict[tuple[str, str, str], _Written] = {}
    for note in notes:
        if not note.code.startswith(WRITTEN):
            continue
        kind = BlankKind(note.code.removeprefix(WRITTEN).lower())
        values = dict(note.parameters)
        printed = (values["day"], values["month"], values["year"])
        one = _Written(kind, values["field"], values["page"], values["read"], printed, values["sign"])
        key = (kind.value, one.field, one.page)
        if key not in found or not found[key].read:
            found[key] = one
    return list(found.values())


def _wrote(written: Sequence[_Written]) -> list[Finding]:
    """Number, day and month that could be read as one finding, named by what there is; the pages of the others."""
    read = {kind: "; ".join(w.read for w in written if w.kind is kind and w.read) for kind in BlankKind}
    there = [kind for kind in _PARTS if read[kind]]
    found = []
    if there:
        code = WRITTEN + "-".join(kind.value.upper() for kind in there)
        page = next(w.page for w in written if w.read and w.kind in there)
        found.append(Finding(code, Severity.INFO, (*((kind.value, read[kind]) for kind in there), ("page", page))))
    if read[BlankKind.YEAR]:
        found.append(Finding(f"{WRITTEN}YEAR", Severity.INFO, (("year", read[BlankKind.YEAR]),)))
    unread = dict.fromkeys(w.page for w in written if not w.read)
    if unread:
        found.append(Finding(f"{WRITTEN}UNREAD", Severity.INFO, (("pages", ", ".join(unread)),)))
    return found


def _dates(written: Sequence[_Written]) -> list[_Dated]:
    """The date of each page of which the clerk wrote one day, month or year at most."""
    found = []
    for page in dict.fromkeys(w.page for w in written):
        parts = {kind: [w for w in written if w.page == page and w.kind is kind] for kind in _DATE}
        if all(len(ones) <= 1 for ones in parts.values()) and any(parts.values()):
            there = [one for ones in parts.values() for one in ones]
            told = tuple(_part(parts[kind], there[0].printed[number]) for number, kind in enumerate(_DATE))
            found.append(_Dated((told[0], told[1], _year(told[2])), frozenset(one.field for one in there)))
    return found


def _part(written: Sequence[_Written], printed: str) -> str:
    return written[0].read if written else printed


def _year(read: str) -> str:
    return f"20{read}" if len(read) == 2 else read


def _compared(dated: _Dated, verdicts: Verdicts) -> list[Finding]:
    """The date on the paper beside the proven time of the signatures that wrote it, else the time they claim."""
    day, month, year = dated.parts
    times = [time for v in verdicts if v.facts.field in dated.fields and (time := _time_of(v))]
    if not day or not month or not times:
        return []
    signed = max(times).astimezone(VIETNAM).date()
    on_paper = _calendar(int(year or signed.year), month, day)
    if on_paper is None:
        return [Finding("CLERK-DATE-IS-NONE", Severity.WARNING, (("day", day), ("month", month)))]
    told = (("date", f"{on_paper:%d/%m/%Y}"), ("signed", f"{signed:%d/%m/%Y}"))
    if year and on_paper.year != signed.year:
        return [Finding("CLERK-DATE-OTHER-YEAR", Severity.WARNING, told)]
    if on_paper > signed and (year or on_paper - signed < HALF_A_YEAR):
        return [Finding("CLERK-DATE-AFTER-SIGNING", Severity.WARNING, told)]
    return []


def _calendar(year: int, month: str, day: str) -> date | None:
    try:
        return date(year, int(month), int(day))
    except ValueError:
        return None


def _time_of(verdict: SignatureVerdict) -> datetime | None:
    return verdict.facts.best_signature_time or verdict.facts.claimed_signing_time


def _acts(verdicts: Verdicts) -> list[list[SignatureVerdict]]:
    """Runs of an agency's signatures, one after another within some minutes, two or more."""
    acts: list[list[SignatureVerdict]] = []
    for verdict in verdicts:
        if verdict.facts.kind is not SignatureKind.SIGNATURE or not _is_agencys(verdict):
            continue
        if acts and _goes_on(acts[-1][-1], verdict):
            acts[-1].append(verdict)
        else:
            acts.append([verdict])
    return [act for act in acts if len(act) > 1]


def _is_agencys(verdict: SignatureVerdict) -> bool:
    signer = verdict.facts.signer
    return signer is not None and verdict.facts.integrity is Integrity.INTACT and is_agency(signer)


def _goes_on(last: SignatureVerdict, one: SignatureVerdict) -> bool:
    """Whether two signatures are of one agency and near in time, by proofs where both have one, else by claims."""
    first, second = last.facts, one.facts
    if first.signer is None or second.signer is None or not same_body(first.signer, second.signer):
        return False
    proven = first.best_signature_time, second.best_signature_time
    claimed = first.claimed_signing_time, second.claimed_signing_time
    before, after = proven if None not in proven and not first.proven_by_receipt else claimed
    return before is not None and after is not None and abs(after - before) <= ONE_ACT


def _act(act: Sequence[SignatureVerdict], written: Sequence[_Written], sealed: set[str] | None) -> list[Finding]:
    """One act of the clerk; and that it shows no seal, where the pictures of all its signatures were looked at."""
    signer = act[0].facts.signer
    name = signer.called if signer is not None else ""
    fields = [v.facts.field or "—" for v in act]
    told = (("signer", name), ("count", str(len(act))), ("fields", ", ".join(fields)))
    found = [Finding("CLERK-ACT", Severity.INFO, told)]
    wrote = any(w.field in fields for w in written)
    if wrote and sealed is not None and not sealed.intersection(fields):
        found.append(Finding("CLERK-NO-SEAL-PICTURE", Severity.INFO, (("signer", name),)))
    return found
