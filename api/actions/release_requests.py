"""The gate before a seal of an agency that asks for two people: the order waits until another person released it."""

from __future__ import annotations

import uuid
from datetime import datetime

from api.actions.dossier_access import require_dossier
from api.actions.recording import EventType
from api.actions.seal_intents import SealDesk
from api.actions.seal_order import order_facts
from api.dossiers.release import ReleaseState, state_at
from api.refused import RefusalKind, Refused
from api.storage.database import Transaction
from api.storage.journal import Plain, add_act, add_event
from api.storage.records import record_document
from api.storage.releases import ReleaseExists, ReleaseRow, change_release, insert_release, release_of_key

RETRY_AFTER_S = 60
"""A person decides; asking every minute is enough."""


def require_release(desk: SealDesk) -> None:
    """Let an order pass that needs no second person, or that one has released; record it as waiting otherwise.

    Raises:
        Refused: SEAL_AWAITS_RELEASE (``release``), RELEASE_REFUSED (``reason``), IDEMPOTENCY_KEY_REUSED,
            UNKNOWN_DOSSIER.
    """
    within = desk.sealing.agencies[desk.order.agency].release_within if _known(desk) else None
    if within is None:
        return
    now = desk.services.clock()
    desk.services.documents.put(desk.order.document)
    try:
        with desk.services.database.writing() as transaction:
            row = release_of_key(transaction, desk.caller, desk.key)
            if row is None:
                row = _ask(transaction, desk, now)
            elif row.order_sha256 != desk.order.sha256:
                raise Refused(RefusalKind.IDEMPOTENCY_KEY_REUSED, key=desk.key)
            state = state_at(row.state, row.requested_at, row.decided_at, within, now)
            if state is ReleaseState.EXPIRED:
                row = _ask_again(transaction, row, now)
                state = row.state
    except ReleaseExists:  # the same order a moment ago
        raise Refused(RefusalKind.SEAL_AWAITS_RELEASE, retry_after_s=RETRY_AFTER_S, release="") from None
    match state:
        case ReleaseState.RELEASED:
            return
        case ReleaseState.REFUSED:
            raise Refused(RefusalKind.RELEASE_REFUSED, explanation=row.reason or "")
        case ReleaseState.WAITING | ReleaseState.EXPIRED:
            raise Refused(RefusalKind.SEAL_AWAITS_RELEASE, retry_after_s=RETRY_AFTER_S, release=row.id)


def tell(transaction: Transaction, actor: str, row: ReleaseRow, kind: EventType, at: datetime) -> None:
    """Act and event of a request; the reason of a refusal may name persons and stays in its row."""
    facts: dict[str, Plain] = {
        "release": row.id,
        "dossier": row.dossier,
        "agency": row.agency,
        "sha256": row.document_sha256,
        "order_sha256": row.order_sha256,
        "requested_by": row.caller,
    }
    add_act(transaction, actor, kind.value, at, f"release:{row.id}", facts)
    add_event(transaction, kind.value, at, f"release:{row.id}", facts)


def _known(desk: SealDesk) -> bool:
    return desk.order.agency in desk.sealing.agencies


def _ask(transaction: Transaction, desk: SealDesk, now: datetime) -> ReleaseRow:
    order = desk.order
    require_dossier(transaction, order.dossier)
    record_document(transaction, order.document_sha256, len(order.document), now)
    row = ReleaseRow(
        id=str(uuid.uuid4()),
        caller=desk.caller,
        idempotency_key=desk.key,
        order_sha256=order.sha256,
        order=order_facts(order),
        document_sha256=order.document_sha256,
        agency=order.agency,
        dossier=order.dossier,
        state=ReleaseState.WAITING,
        requested_at=now,
        decided_by=None,
        decided_at=None,
        reason=None,
    )
    insert_release(transaction, row)
    tell(transaction, desk.caller, row, EventType.RELEASE_REQUESTED, now)
    return row


def _ask_again(transaction: Transaction, row: ReleaseRow, now: datetime) -> ReleaseRow:
    """Nobody decided, or nobody used the release, in time: it waits anew."""
    changes = {"state": ReleaseState.WAITING, "requested_at": now, "decided_by": None, "decided_at": None}
    fresh = change_release(transaction, row, **changes)
    if fresh is None:
        raise Refused(RefusalKind.SEAL_AWAITS_RELEASE, retry_after_s=RETRY_AFTER_S, release=row.id)
    tell(transaction, row.caller, fresh, EventType.RELEASE_REQUESTED, now)
    return fresh
