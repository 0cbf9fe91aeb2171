"""Which dossiers a caller may see, and which it may change; which verifications it may see.

A dossier belongs to the agency of the caller that recorded it. One recorded by a caller of the whole province
(``{"*"}``), or of several agencies, belongs to none.

================================  ==========================  ====================  =====================
caller                            dossier of its agency       dossier of none       another's dossier
================================  ==========================  ====================  =====================
of the whole province             sees, changes               sees, changes         sees, changes
officer bound to agencies         sees, changes               sees                  unknown
portal key bound to agencies      sees, changes               unknown               unknown
================================  ==========================  ====================  =====================

Who recorded a dossier sees and changes it always. To check a document or seal a result for a dossier it must be seen;
to put it or add papers it must be changed. What is not allowed is answered as if there were no such dossier.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from api.callers import ALL_AGENCIES, Caller, CallerKind
from api.refused import RefusalKind, Refused
from api.storage.database import Transaction
from api.storage.dossiers import DossierRow, find_dossier, find_owners
from api.storage.records import Owners, owners_of


def owning_agency(caller: Caller) -> str | None:
    """The agency that a dossier recorded by this caller belongs to."""
    return next(iter(caller.agencies)) if len(caller.agencies) == 1 and not _of_the_province(caller) else None


def require_dossier(transaction: Transaction, code: str, *, lock: bool = False) -> DossierRow:
    """The dossier of that code, whoever asks; with ``lock`` other writers of it wait for this transaction.

    Raises:
        Refused: UNKNOWN_DOSSIER.
    """
    row = find_dossier(transaction, code, lock=lock)
    if row is None:
        raise _unknown(code)
    return row


def visible_dossier(transaction: Transaction, caller: Caller, code: str) -> DossierRow:
    """The dossier of that code, for a caller that may see it.

    Raises:
        Refused: UNKNOWN_DOSSIER.
    """
    row = require_dossier(transaction, code)
    if not may_see(caller, row.agency, row.created_by):
        raise _unknown(code)
    return row


def changeable_dossier(transaction: Transaction, caller: Caller, code: str, *, lock: bool = False) -> DossierRow:
    """The dossier of that code, for a caller that may change it.

    Raises:
        Refused: UNKNOWN_DOSSIER.
    """
    row = require_dossier(transaction, code, lock=lock)
    if not _may_change(caller, row.agency, row.created_by):
        raise _unknown(code)
    return row


def visible_codes(transaction: Transaction, caller: Caller, codes: Iterable[str]) -> frozenset[str]:
    """Those of the dossier codes that the caller may see."""
    wanted = frozenset(codes)
    if _of_the_province(caller):
        return wanted
    owners = find_owners(transaction, wanted)
    return frozenset(code for code, (agency, by) in owners.items() if may_see(caller, agency, by))


def visible_verifications(transaction: Transaction, caller: Caller, ids: Iterable[str]) -> frozenset[str]:
    """Those of the verifications that the caller may see.

    A portal key sees what came in under it. An officer sees his own, what was recorded for one of his agencies or lies
    in a dossier of theirs, and what belongs to the whole province and to no agency's dossier. What another agency had
    checked or sealed is unknown to him, also in a dossier of none.
    """
    owners = owners_of(transaction, frozenset(ids))
    if caller.kind is CallerKind.PORTAL:
        return frozenset(one for one, owner in owners.items() if owner.caller == caller.id)
    if _of_the_province(caller):
        return frozenset(owners)
    in_dossiers = find_owners(transaction, {owner.dossier for owner in owners.values() if owner.dossier is not None})
    return frozenset(one for one, owner in owners.items() if _is_officers(caller, owner, in_dossiers))


def _is_officers(caller: Caller, owner: Owners, in_dossiers: Mapping[str, tuple[str | None, str]]) -> bool:
    if owner.caller == caller.id or owner.agencies & caller.agencies:
        return True
    agency, created_by = (None, "") if owner.dossier is None else in_dossiers[owner.dossier]
    if agency in caller.agencies or created_by == caller.id:
        return True
    return agency is None and ALL_AGENCIES in owner.agencies


def may_see(caller: Caller, agency: str | None, created_by: str) -> bool:
    """The table's rule for whatever belongs to an agency, or to none, and was made by somebody."""
    shared = agency is None and caller.kind is not CallerKind.PORTAL
    return shared or _may_change(caller, agency, created_by)


def _may_change(caller: Caller, agency: str | None, created_by: str) -> bool:
    return _of_the_province(caller) or created_by == caller.id or agency in caller.agencies


def _of_the_province(caller: Caller) -> bool:
    return ALL_AGENCIES in caller.agencies


def _unknown(code: str) -> Refused:
    return Refused(RefusalKind.UNKNOWN_DOSSIER, dossier=code)
