"""What a signature allows after it, and pyHanko's levels in our words."""

from __future__ import annotations

import pytest

from verifier.changes.permissions import judge
from verifier.changes.vocabulary import Change, ChangeKind, FieldLock, Permissions, Place, Tolerance


@pytest.mark.parametrize(
    ("certification", "allowed"),
    [
        (None, {Tolerance.EXTENSION, Tolerance.FORM}),
        (1, {Tolerance.EXTENSION}),
        (2, {Tolerance.EXTENSION, Tolerance.FORM}),
        (3, {Tolerance.EXTENSION, Tolerance.FORM, Tolerance.ANNOTATION}),
    ],
)
def test_docmdp_levels(certification: int | None, allowed: set[Tolerance]) -> None:
    assert {tolerance for tolerance in Tolerance if Permissions(certification).allows(tolerance)} == allowed


@pytest.mark.parametrize(
    ("lock", "covered"),
    [
        (FieldLock("All"), {"a", "a.b", "c"}),
        (FieldLock("Include", frozenset({"a"})), {"a", "a.b"}),
        (FieldLock("Exclude", frozenset({"a"})), {"c"}),
        (FieldLock("Unheard"), {"a", "a.b", "c"}),
    ],
)
def test_field_locks(lock: FieldLock, covered: set[str]) -> None:
    assert {name for name in ("a", "a.b", "c") if lock.covers(name)} == covered


def test_what_a_certification_forbids_is_said_once_beside_the_change() -> None:
    filled = Change(ChangeKind.FIELD_FILLED, "a", (Place(0, (0, 0, 1, 1)),))
    forbidden, allowed = judge([filled, Change(ChangeKind.VALIDATION_DATA)], Permissions(1))
    assert [change.kind for change in forbidden] == [ChangeKind.FIELD_FILLED, ChangeKind.CERTIFICATION_FORBIDS]
    assert [change.kind for change in allowed] == [ChangeKind.VALIDATION_DATA]
