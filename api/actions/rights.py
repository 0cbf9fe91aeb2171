"""Who may withdraw, replace and correct results: given and taken by the operator, each time recorded."""

from __future__ import annotations

from collections.abc import Collection

from api.callers import Caller, Right
from api.refused import RefusalKind, Refused
from api.services import Services
from api.storage import identities as stored
from api.storage.database import Transaction
from api.storage.journal import add_act
from api.storage.rights import rights_of, set_rights


def change_rights(
    services: Services, caller: Caller, who: str, give: Collection[Right] = (), take: Collection[Right] = ()
) -> frozenset[Right]:
    """Give and take rights of an officer (by sign-in name) or a portal key (by id); those that hold from now on.

    Raises:
        Refused: INVALID_REQUEST (``who`` is nobody's name).
    """
    now = services.clock()
    with services.database.writing() as transaction:
        holder = _holder(transaction, who)
        before = rights_of(transaction, holder)
        after = (before | frozenset(give)) - frozenset(take)
        if after != before:
            set_rights(transaction, holder, after)
            facts = {"rights": " ".join(sorted(after)), "before": " ".join(sorted(before))}
            add_act(transaction, caller.id, "rights.changed", now, holder, facts)
    return after


def _holder(transaction: Transaction, who: str) -> str:
    key = stored.find_api_key(transaction, who)
    if key is not None:
        return f"portal:{key.id}"
    officer = stored.find_officer(transaction, who.strip().lower())
    if officer is None:
        raise Refused(RefusalKind.INVALID_REQUEST, field="who", reason="unknown")
    return f"officer:{officer.id}"
