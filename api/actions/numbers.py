"""Registers of outgoing letters (sổ đăng ký văn bản đi): which series there are, what each holds, what a clerk does.

A clerk records a number that was used on paper, and voids a number with a reason. Numbers of letters that are issued
here are given by ``api.actions.number_giving``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from api.actions.check_result import VIETNAM
from api.actions.recording import EventType
from api.callers import Caller, Right
from api.dossiers.numbering import MAX_JUMP, MAX_NUMBER, NumberOrigin, NumberState, gaps, next_number, paper_number
from api.refused import RefusalKind, Refused
from api.services import Services
from api.storage.database import Transaction
from api.storage.identities import officer_by_id
from api.storage.journal import Plain, add_act, add_event
from api.storage.numbers import (
    NumberRow,
    RegisterKey,
    change_number,
    find_number,
    insert_number,
    last_number,
    lock_register,
    numbers_of,
    recorded_numbers,
    years_of,
)
from api.storage.seals import IntentState, intent_of_id

if TYPE_CHECKING:
    from signer.series import Series

MAX_ENTRIES = 500
"""Of one page of a register."""

MAX_TEXT_CHARACTERS = 500
YEARS = range(2000, 2200)


@dataclass(frozen=True)
class ShownSeries:
    """A series as callers see it. ``next_number`` is what comes next this year, where the service gives the numbers."""

    agency: str
    agency_name: str
    id: str
    name: str
    signs: tuple[str, ...]
    numbers_from: str
    year: int
    last_number: int
    next_number: int | None
    years: tuple[int, ...]


@dataclass(frozen=True)
class RegisterPage:
    """A page of a register. ``gaps`` are ranges that nobody has explained, of the whole register."""

    series: ShownSeries
    year: int
    first_number: int
    last_number: int
    entries: tuple[NumberRow, ...]
    gaps: tuple[tuple[int, int], ...]
    next_after: int | None


@dataclass(frozen=True)
class PaperNumber:
    """A number that was used on paper. ``meant``: record it though it is far above the last one."""

    agency: str
    series: str
    number: int
    sign: str | None
    dated_on: date
    title: str
    recipient: str = ""
    signatory: str = ""
    meant: bool = False


def list_series(services: Services, caller: Caller) -> list[ShownSeries]:
    """The series of the agencies whose seals this caller may order."""
    agencies = {} if services.sealing is None else services.sealing.agencies
    mine = [agency for name, agency in sorted(agencies.items()) if caller.may_seal_for(name)]
    with services.database.reading() as transaction:
        return [_shown(services, transaction, agency.id, one) for agency in mine for one in agency.series]


def read_register(
    services: Services, caller: Caller, agency: str, series: str, year: int, after: int = 0, limit: int = MAX_ENTRIES
) -> RegisterPage:
    """A page of a register, in the order of its numbers, with what nobody has explained.

    Raises:
        Refused: AGENCY_NOT_ALLOWED, UNKNOWN_SERIES, INVALID_REQUEST (``year``).
    """
    found = series_for(services, caller, agency, series)
    key = _register(agency, series, year)
    first = found.first_number(year)
    with services.database.reading() as transaction:
        rows = numbers_of(transaction, key, after, limit)
        shown = _shown(services, transaction, agency, found)
        recorded = recorded_numbers(transaction, key)
        last = last_number(transaction, key)
    more = rows[-1].number if len(rows) == limit else None
    return RegisterPage(shown, year, first, last, tuple(rows), gaps(recorded, first), more)


def record_paper_number(services: Services, caller: Caller, paper: PaperNumber) -> NumberRow:
    """Record a number that was used on paper, so that it is never given again; the same once more changes nothing.

    Raises:
        Refused: AGENCY_NOT_ALLOWED, UNKNOWN_SERIES, RIGHT_MISSING, INVALID_REQUEST, NUMBER_TAKEN.
    """
    series = series_for(services, caller, paper.agency, paper.series)
    _require_right(caller)
    now = services.clock()
    _check_paper(paper, now.astimezone(VIETNAM).date())
    key = _register(paper.agency, paper.series, paper.dated_on.year)
    row = NumberRow(
        agency=key.agency,
        series=key.series,
        year=key.year,
        number=paper.number,
        state=NumberState.PAPER,
        origin=NumberOrigin.PAPER,
        sign=sign_for(series, paper.sign, key.year),
        dated_on=paper.dated_on,
        title=paper.title.strip(),
        recipient=paper.recipient.strip(),
        signatory=paper.signatory.strip(),
        given_at=now,
        given_by=caller.id,
    )
    with services.database.writing() as transaction:
        last = lock_register(transaction, key)
        earlier = find_number(transaction, key, paper.number)
        if earlier is not None:
            if _says_the_same(earlier, row):
                return earlier
            raise number_taken(earlier)
        if paper.number > next_number(last, series.first_number(key.year)) + MAX_JUMP and not paper.meant:
            raise Refused(RefusalKind.INVALID_REQUEST, field="number", reason="far-ahead", expected=str(last))
        insert_number(transaction, row)
        tell(transaction, caller.id, EventType.NUMBER_ON_PAPER, row)
    return row


def void_number(
    services: Services, caller: Caller, agency: str, series: str, year: int, number: int, reason: str
) -> NumberRow:
    """Void a number with a reason: one kept for a letter that will not be issued under it, one used on paper, or one
    that was never used. The same reason again changes nothing.

    Raises:
        Refused: AGENCY_NOT_ALLOWED, UNKNOWN_SERIES, RIGHT_MISSING, INVALID_REQUEST (``reason``), UNKNOWN_NUMBER,
            NUMBER_NOT_VOIDABLE (its letter is out, or is being issued; it is void already).
    """
    found = series_for(services, caller, agency, series)
    _require_right(caller)
    words = reason.strip()
    if not 0 < len(words) <= MAX_TEXT_CHARACTERS:
        raise Refused(RefusalKind.INVALID_REQUEST, field="reason", reason="length")
    key, now = _register(agency, series, year), services.clock()
    with services.database.writing() as transaction:
        last = lock_register(transaction, key)
        row = find_number(transaction, key, number)
        if row is None:
            if not found.first_number(year) <= number <= last:
                raise Refused(RefusalKind.UNKNOWN_NUMBER, number=str(number), year=str(year))
            row = _never_used(key, number, found, caller.id, now)
            insert_number(transaction, row)
        elif row.state is NumberState.VOID and row.void_reason == words:
            return row
        _check_voidable(transaction, row)
        done = replace(row, state=NumberState.VOID, voided_at=now, voided_by=caller.id, void_reason=words)
        if not change_number(transaction, row, done):
            raise RuntimeError(f"{row.register} {number}: changed under the register's lock")
        tell(transaction, caller.id, EventType.NUMBER_VOIDED, done)
    return done


def names_of(services: Services, callers: Collection[str]) -> Mapping[str, str]:
    """The officers among these callers by name, as a register that is read by people says them."""
    with services.database.reading() as transaction:
        found = {one: officer_by_id(transaction, one.removeprefix("officer:")) for one in callers}
    return {caller: officer.name for caller, officer in found.items() if officer is not None}


def series_for(services: Services, caller: Caller, agency: str, series: str) -> Series:
    """A series of an agency whose seals this caller may order.

    Raises:
        Refused: AGENCY_NOT_ALLOWED, UNKNOWN_SERIES.
    """
    if not caller.may_seal_for(agency):
        raise Refused(RefusalKind.AGENCY_NOT_ALLOWED, agency=agency)
    return find_series(services, agency, series)


def find_series(services: Services, agency: str, series: str) -> Series:
    """A series of an agency, whoever asks.

    Raises:
        Refused: UNKNOWN_SERIES.
    """
    agencies = {} if services.sealing is None else services.sealing.agencies
    known = agencies[agency].series if agency in agencies else ()
    for one in known:
        if one.id == series:
            return one
    raise Refused(RefusalKind.UNKNOWN_SERIES, series=series, agency=agency)


def sign_for(series: Series, sign: str | None, year: int) -> str:
    """The sign of a letter in a series: the one asked for, or the only one there is.

    Raises:
        Refused: INVALID_REQUEST (``sign``).
    """
    signs = series.signs_of(year)
    if sign is None and len(signs) == 1:
        return signs[0]
    if sign is None or sign not in signs:
        reason = "required" if sign is None else "enum"
        raise Refused(RefusalKind.INVALID_REQUEST, field="sign", reason=reason, expected=", ".join(signs))
    return sign


def number_taken(earlier: NumberRow) -> Refused:
    """The number stands in the register; the refusal says what for."""
    number = paper_number(earlier.number, earlier.sign)
    named = {
        NumberState.ISSUED: earlier.result_code,
        NumberState.GIVEN: earlier.dossier,
        NumberState.PAPER: None if earlier.dated_on is None else earlier.dated_on.strftime("%d/%m/%Y"),
        NumberState.VOID: earlier.void_reason,
    }[earlier.state]
    return Refused(RefusalKind.NUMBER_TAKEN, number=number, reason=f"number-{earlier.state.value}", earlier=named or "")


def tell(transaction: Transaction, actor: str, kind: EventType, row: NumberRow) -> None:
    """Act and event of a number; titles and reasons may name persons and stay in the register."""
    facts: dict[str, Plain] = {
        "agency": row.agency,
        "series": row.series,
        "year": row.year,
        "number": row.number,
        "sign": row.sign,
        "dossier": row.dossier,
    }
    subject = f"number:{row.agency}/{row.series}/{row.year}/{row.number}"
    at = row.voided_at or row.given_at
    add_act(transaction, actor, kind.value, at, subject, facts)
    add_event(transaction, kind.value, at, subject, facts)


def _shown(services: Services, transaction: Transaction, agency: str, series: Series) -> ShownSeries:
    assert services.sealing is not None
    year = services.clock().astimezone(VIETNAM).year
    last = last_number(transaction, RegisterKey(agency, series.id, year))
    of_service = series.numbers_from == "service"
    return ShownSeries(
        agency=agency,
        agency_name=services.sealing.agencies[agency].name,
        id=series.id,
        name=series.name,
        signs=series.signs_of(year),
        numbers_from=series.numbers_from.value,
        year=year,
        last_number=last,
        next_number=next_number(last, series.first_number(year)) if of_service else None,
        years=tuple(sorted({year, *years_of(transaction, agency).get(series.id, ())}, reverse=True)),
    )


def _register(agency: str, series: str, year: int) -> RegisterKey:
    if year not in YEARS:
        raise Refused(
            RefusalKind.INVALID_REQUEST, field="year", reason="range", expected=f"{YEARS.start}–{YEARS.stop - 1}"
        )
    return RegisterKey(agency, series, year)


def _require_right(caller: Caller) -> None:
    if Right.KEEP_NUMBERS not in caller.rights:
        raise Refused(RefusalKind.RIGHT_MISSING, right=Right.KEEP_NUMBERS.value)


def _check_paper(paper: PaperNumber, today: date) -> None:
    texts = {"title": paper.title, "recipient": paper.recipient, "signatory": paper.signatory}
    for name, text in texts.items():
        least = 1 if name == "title" else 0
        if not least <= len(text.strip()) <= MAX_TEXT_CHARACTERS:
            raise Refused(RefusalKind.INVALID_REQUEST, field=name, reason="length")
    if not 0 < paper.number <= MAX_NUMBER:
        raise Refused(RefusalKind.INVALID_REQUEST, field="number", reason="range", expected=f"1–{MAX_NUMBER}")
    if paper.dated_on > today:
        raise Refused(RefusalKind.INVALID_REQUEST, field="dated_on", reason="future")


def _says_the_same(known: NumberRow, row: NumberRow) -> bool:
    said = ("state", "sign", "dated_on", "title", "recipient", "signatory")
    return all(getattr(known, name) == getattr(row, name) for name in said)


def _never_used(key: RegisterKey, number: int, series: Series, caller: str, now: datetime) -> NumberRow:
    return NumberRow(
        agency=key.agency,
        series=key.series,
        year=key.year,
        number=number,
        state=NumberState.GIVEN,
        origin=NumberOrigin.NOBODY,
        sign=series.signs_of(key.year)[0],
        dated_on=None,
        title="",
        recipient="",
        signatory="",
        given_at=now,
        given_by=caller,
    )


def _check_voidable(transaction: Transaction, row: NumberRow) -> None:
    """An issued letter is withdrawn, its number stays; a letter that is being issued right now may come out yet."""
    intent = None if row.intent is None else intent_of_id(transaction, row.intent)
    running = intent is not None and intent.state is IntentState.PENDING
    if row.state in (NumberState.ISSUED, NumberState.VOID) or (row.state is NumberState.GIVEN and running):
        reason = f"number-{row.state.value}"
        named = {NumberState.ISSUED: row.result_code, NumberState.GIVEN: row.dossier}.get(row.state, row.void_reason)
        raise Refused(
            RefusalKind.NUMBER_NOT_VOIDABLE,
            number=paper_number(row.number, row.sign),
            reason=reason,
            earlier=named or "",
        )
