"""The second person's side: what waits, released one by one or as a list, or refused with a reason; then sealed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from api.actions.identities import present_caller
from api.actions.recording import EventType, shown_name
from api.actions.release_requests import tell
from api.actions.seal_order import BATCH_PREFIX, SealOrder, order_of_facts
from api.actions.seals import seal
from api.callers import Caller, Right
from api.dossiers.release import ReleaseState, is_second_person, may_release, state_at
from api.refused import RefusalKind, Refused
from api.services import Services
from api.storage.batches import starters_of
from api.storage.database import Transaction
from api.storage.releases import ReleaseRow, change_release, find_release, releases_waiting

MAX_LISTED = 500
MAX_REASON_CHARACTERS = 500


@dataclass(frozen=True)
class Release:
    """A request as those who decide see it; ``own`` where the viewer asked for it and so cannot release it.

    ``issued_on``, ``valid_until``, ``copy_form`` (None: no copy) and ``attachment_of`` (the main document's result
    code; None: no attachment) are what the register will say of it; ``number`` is empty and ``issued_on`` None where
    they are given at issue.
    """

    id: str
    state: ReleaseState
    agency: str
    dossier: str
    title: str
    number: str
    holder_name: str
    signatory: str
    issued_on: date | None
    valid_until: date | None
    copy_form: str | None
    attachment_of: str | None
    document_sha256: str
    requested_by: str
    requested_at: datetime
    expires_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    reason: str | None
    own: bool


@dataclass(frozen=True)
class Released:
    """What became of a release: the result's code, or why it is not sealed yet. The release stands either way."""

    id: str
    result_code: str | None
    refusal: Refused | None = None


def waiting(services: Services, caller: Caller) -> list[Release]:
    """What waits for a second person in the agencies whose seals this caller may order, oldest first."""
    now = services.clock()
    with services.database.reading() as transaction:
        rows = releases_waiting(transaction, _since(services, caller, now), MAX_LISTED)
        askers = _askers(transaction, rows)
    return [_shown(services, caller, row, askers[row.id], now) for row in rows]


def get_release(services: Services, caller: Caller, release_id: str) -> Release:
    """One request.

    Raises:
        Refused: UNKNOWN_RELEASE, also where its agency is not the caller's.
    """
    with services.database.reading() as transaction:
        row = _visible(transaction, caller, release_id)
        return _shown(services, caller, row, _askers(transaction, [row])[row.id], services.clock())


def release_document(services: Services, caller: Caller, release_id: str) -> tuple[str, bytes]:
    """File name and bytes of what is to be sealed: who releases it reads it first.

    Raises:
        Refused: UNKNOWN_RELEASE.
    """
    with services.database.reading() as transaction:
        row = _visible(transaction, caller, release_id)
    name = shown_name(str(row.order.get("filename", "")))  # a batch's order holds it as it came
    return name or "van-ban.pdf", services.documents.get(row.document_sha256)


def release(services: Services, caller: Caller, release_id: str) -> Released:
    """Release one seal and have it made at once, as ordered by whoever asked for it.

    Raises:
        Refused: UNKNOWN_RELEASE, RIGHT_MISSING, SAME_PERSON, RELEASE_DECIDED.
    """
    row = _decide(services, caller, release_id, ReleaseState.RELEASED, None)
    if row.idempotency_key.startswith(BATCH_PREFIX):  # the batch's worker comes for it within a minute
        return Released(row.id, None)
    with services.database.reading() as transaction:
        orderer = present_caller(transaction, row.caller)
    if orderer is None:
        return Released(row.id, None, Refused(RefusalKind.AGENCY_NOT_ALLOWED, agency=row.agency))
    try:
        return Released(row.id, seal(services, orderer, row.idempotency_key, _order(services, row)).result_code)
    except Refused as refused:  # the same order again, from whoever asked, is sealed without another release
        return Released(row.id, None, refused)


def refuse(services: Services, caller: Caller, release_id: str, reason: str) -> Release:
    """Refuse one seal, with the reason that whoever asked will read.

    Raises:
        Refused: as ``release``, and INVALID_REQUEST (``reason``).
    """
    if not 0 < len(reason.strip()) <= MAX_REASON_CHARACTERS:
        raise Refused(RefusalKind.INVALID_REQUEST, field="reason", reason="length")
    _decide(services, caller, release_id, ReleaseState.REFUSED, reason.strip())
    return get_release(services, caller, release_id)


def _decide(services: Services, caller: Caller, release_id: str, state: ReleaseState, reason: str | None) -> ReleaseRow:
    """1 it is there for this caller · 2 the right · 3 another person than who asked · 4 it still waits · 5 record."""
    now = services.clock()
    with services.database.writing() as transaction:
        row = _visible(transaction, caller, release_id)  # 1
        if not may_release(caller, row.agency):  # 2
            raise Refused(RefusalKind.RIGHT_MISSING, right=Right.RELEASE_SEALS.value)
        askers = _askers(transaction, [row])[row.id]
        if not is_second_person(caller, askers):  # 3
            raise Refused(RefusalKind.SAME_PERSON)
        shown = _shown(services, caller, row, askers, now)
        if shown.state is not ReleaseState.WAITING:  # 4
            raise Refused(RefusalKind.RELEASE_DECIDED, state=shown.state.value)
        changes = {"state": state, "decided_by": caller.id, "decided_at": now, "reason": reason}
        decided = change_release(transaction, row, **changes)  # 5
        if decided is None:
            raise Refused(RefusalKind.RELEASE_DECIDED, state="?")
        kind = EventType.RELEASE_GIVEN if state is ReleaseState.RELEASED else EventType.RELEASE_REFUSED
        tell(transaction, caller.id, decided, kind, now)
    return decided


def _visible(transaction: Transaction, caller: Caller, release_id: str) -> ReleaseRow:
    row = find_release(transaction, release_id)
    if row is None or not caller.may_seal_for(row.agency):
        raise Refused(RefusalKind.UNKNOWN_RELEASE, release=release_id)
    return row


def _order(services: Services, row: ReleaseRow) -> SealOrder:
    return order_of_facts(row.order, services.documents.get(row.document_sha256))


def _askers(transaction: Transaction, rows: Sequence[ReleaseRow]) -> dict[str, frozenset[str]]:
    """Who asked, for each request by its id: its caller, and for an item of a batch whoever started that batch."""
    of = {row.id: row.idempotency_key.split(":")[1] for row in rows if row.idempotency_key.startswith(BATCH_PREFIX)}
    starters = starters_of(transaction, set(of.values()))
    asked = {row.id: (row.caller, starters.get(of.get(row.id, ""))) for row in rows}
    return {release: frozenset(one for one in people if one is not None) for release, people in asked.items()}


def _since(services: Services, caller: Caller, now: datetime) -> dict[str, datetime]:
    """The caller's agencies that ask for two people, and since when what nobody decided there still waits."""
    agencies = {} if services.sealing is None else services.sealing.agencies
    asking = {name: agency.release_within for name, agency in agencies.items() if caller.may_seal_for(name)}
    return {name: now - within for name, within in asking.items() if within is not None}


def _shown(services: Services, caller: Caller, row: ReleaseRow, askers: Collection[str], now: datetime) -> Release:
    agency = None if services.sealing is None else services.sealing.agencies.get(row.agency)
    within = None if agency is None else agency.release_within
    state = row.state if within is None else state_at(row.state, row.requested_at, row.decided_at, within, now)
    until, copy, dated = row.order["valid_until"], row.order.get("copy"), row.order["issued_on"]
    return Release(
        id=row.id,
        state=state,
        agency=row.agency,
        dossier=row.dossier,
        title=row.order["title"],
        number=row.order["number"],
        holder_name=row.order["holder_name"],
        signatory=row.order["signatory"],
        issued_on=None if dated is None else date.fromisoformat(dated),
        valid_until=None if until is None else date.fromisoformat(until),
        copy_form=None if copy is None else copy["form"],
        attachment_of=row.order.get("attachment_of"),
        document_sha256=row.document_sha256,
        requested_by=row.caller,
        requested_at=row.requested_at,
        expires_at=row.requested_at if within is None else row.requested_at + within,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        reason=row.reason,
        own=not is_second_person(caller, askers),
    )
