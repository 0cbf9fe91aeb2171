"""The number of a letter, given in the transaction that records what is about to be signed: once, and kept.

Every letter's number hangs on its intent. A sealing that fails keeps its number: the same order again is issued under
the same number and date. A clerk may void it in the meantime; then the order gets another one.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from api.actions.check_result import VIETNAM
from api.actions.issue_order import IssueWish, numbered, sign_of
from api.actions.numbers import find_series, number_taken, tell
from api.actions.recording import EventType
from api.actions.seal_order import SealOrder
from api.dossiers.numbering import MAX_NUMBER, NumberOrigin, NumberState, next_number
from api.refused import RefusalKind, Refused
from api.services import Services
from api.storage.database import Transaction
from api.storage.numbers import (
    NumberRow,
    RegisterKey,
    change_number,
    find_number,
    insert_number,
    last_number,
    lock_register,
    number_of_intent,
)


def give_number(
    transaction: Transaction, services: Services, caller: str, intent: str, order: SealOrder, signatory: str
) -> SealOrder:
    """The order under its number and date: those kept for the intent, those of the portal, or the next of the series.

    ``signatory`` is the name that the register shows.

    Raises:
        Refused: NUMBER_TAKEN, INVALID_REQUEST (the series has no number left), UNKNOWN_SERIES.
    """
    issue = order.issue
    if issue is None:
        return order
    if issue.series is None:  # a series of the portal's own: nothing of it is recorded here
        return _as_portal_says(services, order, issue)
    kept = _kept(transaction, intent)
    if kept is None:
        kept = _new(transaction, services, caller, intent, order, signatory)
    if kept.dated_on is None:
        raise RuntimeError(f"{kept.register} {kept.number}: given without a date")
    return numbered(order, kept.number, kept.sign, kept.dated_on)


def issue_number(transaction: Transaction, intent: str, result_code: str) -> None:
    """The letter is out: its number is issued, in the transaction that records the result.

    Raises:
        RuntimeError: the number is not there any more; nothing may be recorded.
    """
    row = number_of_intent(transaction, intent)
    if row is None or not change_number(
        transaction, row, replace(row, state=NumberState.ISSUED, result_code=result_code)
    ):
        raise RuntimeError(f"intent {intent}: its number was voided while it was being issued")


def likely_number(transaction: Transaction, services: Services, order: SealOrder) -> tuple[int, date]:
    """What the letter would be issued under now: to see whether it fits into the blanks, before it is given."""
    issue, day = order.issue, _today(services)
    if issue is None:
        raise RuntimeError("only a letter with blanks is numbered")
    if issue.number is not None and issue.issued_on is not None:
        return issue.number, issue.issued_on
    series = find_series(services, order.agency, issue.series or "")
    last = last_number(transaction, RegisterKey(order.agency, series.id, day.year))
    return next_number(last, series.first_number(day.year)), day


def _kept(transaction: Transaction, intent: str) -> NumberRow | None:
    """The number that the intent has; looked for once more under the register's lock, for a void may come between."""
    seen = number_of_intent(transaction, intent)
    if seen is None:
        return None
    lock_register(transaction, seen.register)
    return number_of_intent(transaction, intent)


def _new(
    transaction: Transaction, services: Services, caller: str, intent: str, order: SealOrder, signatory: str
) -> NumberRow:
    issue = order.issue
    assert issue is not None and issue.series is not None
    series = find_series(services, order.agency, issue.series)
    key, day, last = _locked(transaction, services, order, issue)
    number = issue.number or next_number(last, series.first_number(key.year))
    if number > MAX_NUMBER:
        raise Refused(RefusalKind.INVALID_REQUEST, field="issue.series", reason="none left")
    earlier = find_number(transaction, key, number)
    if earlier is not None:
        raise number_taken(earlier)
    row = NumberRow(
        agency=key.agency,
        series=key.series,
        year=key.year,
        number=number,
        state=NumberState.GIVEN,
        origin=NumberOrigin.SERVICE if issue.number is None else NumberOrigin.PORTAL,
        sign=sign_of(services, order, day),
        dated_on=day,
        title=order.title,
        recipient=order.holder_name,
        signatory=signatory,
        given_at=services.clock(),
        given_by=caller,
        dossier=order.dossier,
        intent=intent,
    )
    insert_number(transaction, row)
    tell(transaction, caller, EventType.NUMBER_GIVEN, row)
    return row


def _locked(
    transaction: Transaction, services: Services, order: SealOrder, issue: IssueWish
) -> tuple[RegisterKey, date, int]:
    """The register of the letter's year, locked, and the letter's date; the day is looked at once the lock is ours."""
    day = issue.issued_on or _today(services)
    while True:
        key = RegisterKey(order.agency, issue.series or "", day.year)
        last = lock_register(transaction, key)
        day = issue.issued_on or _today(services)
        if day.year == key.year:
            return key, day, last


def _as_portal_says(services: Services, order: SealOrder, issue: IssueWish) -> SealOrder:
    if issue.number is None or issue.issued_on is None:
        raise RuntimeError("an order without series says its number and date")
    return numbered(order, issue.number, sign_of(services, order, issue.issued_on), issue.issued_on)


def _today(services: Services) -> date:
    return services.clock().astimezone(VIETNAM).date()
