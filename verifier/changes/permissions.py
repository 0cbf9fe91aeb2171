"""What a signature allows to change after it: DocMDP, FieldMDP and the lock of its field (ISO 32000-2 §12.8.2)."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

import pikepdf

from verifier.changes.letters import Letter
from verifier.changes.revision_objects import Ref, RevisionObjects, items, name_of, number_of, string_of
from verifier.changes.vocabulary import Change, ChangeKind, FieldLock, Permissions, Tolerance

_DEFAULT_LEVEL = 2
"""``/P`` of a DocMDP transform where it is absent (table 257)."""
_LEVELS = (1, 2, 3)


def permissions_of(signed: RevisionObjects, signature: Ref | None, fields: Iterable[Ref]) -> Permissions:
    """Read what the signature says in the revision it signed; the lock of its field counts where it says nothing."""
    certification: int | None = None
    lock: FieldLock | None = None
    for method, parameters in _transforms(signed, signature):
        level = _level(parameters)
        if method == "/DocMDP":
            certification = level or _DEFAULT_LEVEL
        elif method == "/FieldMDP":
            certification = certification or level
            lock = lock or _lock(parameters)
    for field in fields:
        holder = signed.get(field)
        declared = holder.get("/Lock") if isinstance(holder, pikepdf.Dictionary) else None
        if isinstance(declared, pikepdf.Dictionary):
            certification = certification or _level(declared)
            lock = lock or _lock(declared)
    return Permissions(certification, lock)


def judge(
    changes: Iterable[Change], permissions: Permissions, letter: Letter | None = None
) -> tuple[tuple[Change, ...], tuple[Change, ...]]:
    """Divide the changes into those that the signature does not allow and those that it does.

    ``letter``: the signatures that came later; without it nobody answers for what a new field draws on a certified one.
    Changes for an officer stand with those that are not allowed, and keep their places.
    """
    forbidden: list[Change] = []
    allowed: list[Change] = []
    for change in changes:
        judged = _as_judged(change, permissions, letter or Letter())
        (allowed if permissions.allows(judged.kind.tolerance) else forbidden).append(judged)
    if permissions.certification is not None and any(c.kind.tolerance is not Tolerance.NEVER for c in forbidden):
        forbidden.append(Change(ChangeKind.CERTIFICATION_FORBIDS, str(permissions.certification)))
    kept = (c if c.kind.for_officer else dataclasses.replace(c, places=()) for c in forbidden)
    return tuple(kept), tuple(allowed)


def _as_judged(change: Change, permissions: Permissions, letter: Letter) -> Change:
    """The change as this signature sees it: of a locked field, or a picture on what it certified."""
    filled = change.kind in (ChangeKind.FIELD_FILLED, ChangeKind.SIGNATURE_ADDED)
    if filled and permissions.lock is not None and permissions.lock.covers(change.where):
        return Change(ChangeKind.FIELD_LOCKED, change.where)
    if change.kind is not ChangeKind.SIGNATURE_FIELD_ADDED or not change.places or permissions.certification is None:
        return change
    if permissions.allows(Tolerance.FORM):
        return letter.of_addition(change)
    return Change(ChangeKind.SIGNATURE_ON_CERTIFIED, change.where)  # the sneaky signature attack (Mladenov et al. 2021)


def _transforms(signed: RevisionObjects, signature: Ref | None) -> list[tuple[str, pikepdf.Object]]:
    value = signed.get(signature) if signature is not None else None
    references = items(value.get("/Reference")) if isinstance(value, pikepdf.Dictionary) else []
    found: list[tuple[str, pikepdf.Object]] = []
    for reference in references:
        if isinstance(reference, pikepdf.Dictionary):
            parameters = reference.get("/TransformParams")
            empty = pikepdf.Dictionary()
            usable = parameters if isinstance(parameters, pikepdf.Dictionary) else empty
            found.append((name_of(reference.get("/TransformMethod")), usable))
    return found


def _level(parameters: pikepdf.Object) -> int | None:
    number = number_of(parameters.get("/P"))
    return int(number) if number in _LEVELS else None


def _lock(parameters: pikepdf.Object) -> FieldLock | None:
    action = name_of(parameters.get("/Action")).removeprefix("/")
    if not action:
        return None
    return FieldLock(action, frozenset(string_of(item) for item in items(parameters.get("/Fields"))))
