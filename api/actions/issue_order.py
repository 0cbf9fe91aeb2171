"""What an order leaves to the moment of issue: number and date, from which series, given by whom, and when.

The member ``issue`` of an order stands in place of its ``number`` and ``issued_on``. Where the agency's own series
gives them, they are allotted with the intent; a portal that numbers for itself gives both with the order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from api.actions.numbers import find_series, sign_for
from api.dossiers.numbering import MAX_NUMBER, paper_number
from api.refused import RefusalKind, Refused
from api.services import Services

if TYPE_CHECKING:
    from api.actions.seal_order import SealOrder

MAX_SIGN_CHARACTERS = 60


@dataclass(frozen=True)
class IssueWish:
    """Number and date are written into the letter's blanks when it is issued (NĐ 30/2020 Đ.14 to 16).

    ``series`` is the id of the agency's series; None where the portal numbers in a series of its own. ``sign`` is what
    stands after the number; the series's only one where None. ``number`` and ``issued_on`` are given by the portal, or
    allotted. ``by_clerk``: the leader signs now, and an officer issues the letter later.

    A letter that is signed before it is issued has ``verification_code``, which was printed on it before, and
    ``signed_sha256``, the digest of what the leader signed; the latter is None where the order's document is that.
    """

    series: str | None = None
    sign: str | None = None
    number: int | None = None
    issued_on: date | None = None
    by_clerk: bool = False
    verification_code: str | None = None
    signed_sha256: str | None = None

    @property
    def as_asked(self) -> IssueWish:
        """Without what no caller asks for: an order has the same digest before and after it was allotted."""
        return replace(self, verification_code=None, signed_sha256=None)


def fault(order: SealOrder, today: date) -> tuple[str, str] | None:
    """The member that is wrong and why; None where number and date are well. What the series says is not asked here."""
    issue = order.issue
    if issue is None:
        missing = [name for name in ("number", "issued_on") if not getattr(order, name)]
        return (missing[0], "required") if missing else None
    if order.copy is not None or order.attachment_of is not None:
        return "issue", "issue-not-here"
    told = [name for name in ("number", "issued_on") if getattr(order, name)]
    if told:
        return told[0], "told-at-issue"
    if (issue.number is None) is not (issue.issued_on is None):
        return ("issue.number" if issue.number is None else "issue.issued_on"), "required"
    if issue.number is not None and not 0 < issue.number <= MAX_NUMBER:
        return "issue.number", "range"
    if issue.issued_on is not None and issue.issued_on > today:
        return "issue.issued_on", "future"
    if issue.sign is not None and not 0 < len(issue.sign.strip()) <= MAX_SIGN_CHARACTERS:
        return "issue.sign", "length"
    until = order.valid_until
    return ("valid_until", "malformed") if until is not None and until < (issue.issued_on or today) else None


def check_issue(services: Services, order: SealOrder, today: date) -> None:
    """Does the agency number such a letter so: the series is known, and the number comes from whom it should.

    Raises:
        Refused: UNKNOWN_SERIES, INVALID_REQUEST (``issue.…``).
    """
    issue = order.issue
    if issue is None:
        return
    if issue.series is None:
        for name in ("sign", "number"):
            if getattr(issue, name) is None:
                raise _wrong(f"issue.{name}", "required")
    else:
        series = find_series(services, order.agency, issue.series)
        of_portal = series.numbers_from == "portal"
        if of_portal and issue.number is None:
            raise _wrong("issue.number", "told-by-portal")
        if not of_portal and issue.number is not None:
            raise _wrong("issue.number", "told-by-register")
        try:
            sign_for(series, issue.sign, (issue.issued_on or today).year)
        except Refused as refused:
            raise _wrong("issue.sign", refused.parameters["reason"], refused.parameters["expected"]) from refused
    if issue.by_clerk and issue.number is not None:
        raise _wrong("issue.by_clerk", "clerk-and-portal")


def sign_of(services: Services, order: SealOrder, day: date) -> str:
    """What stands after the letter's number.

    Raises:
        Refused: as ``check_issue``.
    """
    issue = order.issue
    if issue is None:
        raise RuntimeError("a letter without blanks has its sign printed")
    if issue.series is None:
        return issue.sign or ""
    return sign_for(find_series(services, order.agency, issue.series), issue.sign, day.year)


def numbered(order: SealOrder, number: int, sign: str, day: date) -> SealOrder:
    """The order with the number and the date that its letter is issued under."""
    if order.issue is None:
        raise RuntimeError("only a letter with blanks is numbered")
    issue = replace(order.issue, number=number, issued_on=day, sign=sign)
    return replace(order, number=paper_number(number, sign), issued_on=day, issue=issue)


def check_symbol(printed: str, signs: Sequence[str]) -> None:
    """Is the sign that is printed after the blank one that the letter can have in its series.

    Raises:
        Refused: INVALID_REQUEST (``issue.sign``).
    """
    if printed and _plain(printed) not in {_plain(sign) for sign in signs}:
        raise _wrong("issue.sign", "printed-otherwise", printed)


def _plain(sign: str) -> str:
    return "".join(sign.split()).casefold()


def _wrong(field: str, reason: str, expected: str = "") -> Refused:
    return Refused(RefusalKind.INVALID_REQUEST, field=field, reason=reason, expected=expected)
