"""What a signature allows after it, and pyHanko's levels in our words."""

from __future__ import annotations

import pytest

from tests.unit.verifier.objects_maker import FIRST, revision_of
from verifier.changes.permissions import judge, permissions_of
from verifier.changes.revision_objects import reading
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


def read(*references: bytes, lock: bytes | None = None, value: bytes | None = None) -> Permissions:
    """What a signature with these signature references says, and its field with this lock."""
    said = b"<< /Type /Sig /Reference [%s] >>" % b" ".join(references) if value is None else value
    field = b"<< /FT /Sig /V 3 0 R >>" if lock is None else b"<< /FT /Sig /V 3 0 R /Lock %s >>" % lock
    with reading():
        made = revision_of(said, field)
        found = permissions_of(made, (FIRST, 0), [(FIRST + 1, 0)])
        made.close()
    return found


def transform(method: bytes, parameters: bytes | None = None) -> bytes:
    told = b"" if parameters is None else b"/TransformParams << %s >>" % parameters
    return b"<< /Type /SigRef /TransformMethod /%s %s >>" % (method, told)


ALL = FieldLock("All")


@pytest.mark.parametrize(
    ("references", "lock", "expected"),
    [
        ((), None, Permissions()),
        ((transform(b"DocMDP", b"/P 1"),), None, Permissions(1)),
        ((transform(b"DocMDP", b"/P 2"),), None, Permissions(2)),
        ((transform(b"DocMDP", b"/P 3"),), None, Permissions(3)),
        ((transform(b"DocMDP", b"/P 9"),), None, Permissions(2)),
        ((transform(b"DocMDP", b"/P 1.5"),), None, Permissions(2)),
        ((transform(b"DocMDP", b""),), None, Permissions(2)),
        ((transform(b"DocMDP"),), None, Permissions(2)),
        ((transform(b"Identity", b"/P 1"),), None, Permissions()),
        ((transform(b"FieldMDP", b"/Action /All /P 1"),), None, Permissions(1, ALL)),
        ((transform(b"FieldMDP", b"/P 1"),), None, Permissions(1)),
        (
            (transform(b"FieldMDP", b"/Action /Include /Fields [(a) (b)]"),),
            None,
            Permissions(None, FieldLock("Include", frozenset({"a", "b"}))),
        ),
        ((transform(b"DocMDP", b"/P 3"), transform(b"FieldMDP", b"/Action /All /P 1")), None, Permissions(3, ALL)),
        ((transform(b"FieldMDP", b"/Action /All /P 1"), transform(b"DocMDP", b"/P 3")), None, Permissions(3, ALL)),
        (
            (transform(b"FieldMDP", b"/Action /All"), transform(b"FieldMDP", b"/Action /Include /Fields [(a)]")),
            None,
            Permissions(None, ALL),
        ),
        ((b"5", transform(b"DocMDP", b"/P 1")), None, Permissions(1)),
        ((), b"<< /Action /All /P 1 >>", Permissions(1, ALL)),
        ((), b"<< /Action /All >>", Permissions(None, ALL)),
        ((), b"/All", Permissions()),
        ((transform(b"DocMDP", b"/P 3"),), b"<< /Action /All /P 1 >>", Permissions(3, ALL)),
        (
            (transform(b"FieldMDP", b"/Action /Include /Fields [(a)]"),),
            b"<< /Action /All /P 2 >>",
            Permissions(2, FieldLock("Include", frozenset({"a"}))),
        ),
    ],
)
def test_what_a_signature_allows(references: tuple[bytes, ...], lock: bytes | None, expected: Permissions) -> None:
    assert read(*references, lock=lock) == expected


def test_a_signature_that_is_none_allows_what_its_field_says() -> None:
    assert read(value=b"(x)", lock=b"<< /Action /All >>") == Permissions(None, ALL)
    with reading():
        made = revision_of(b"5", b"<< /Lock << /Action /All >> >>")
        assert permissions_of(made, None, [(4, 0)]) == Permissions(None, ALL)
        assert permissions_of(made, (9, 0), [(9, 0), (3, 0)]) == Permissions()
        made.close()


@pytest.mark.parametrize("kind", [ChangeKind.FIELD_FILLED, ChangeKind.SIGNATURE_ADDED])
def test_a_locked_field_is_told_as_such(kind: ChangeKind) -> None:
    lock = FieldLock("Include", frozenset({"a"}))
    forbidden, allowed = judge([Change(kind, "a.b"), Change(kind, "b")], Permissions(None, lock))
    assert forbidden == (Change(ChangeKind.FIELD_LOCKED, "a.b"),)
    assert allowed == (Change(kind, "b"),)
    other = Change(ChangeKind.METADATA, "a")
    assert judge([other], Permissions(None, lock)) == ((), (other,))
    assert judge([Change(kind, "a")], Permissions()) == ((), (Change(kind, "a"),))


def test_what_nothing_allows_is_not_the_affair_of_a_certification() -> None:
    assert [c.kind for c in judge([Change(ChangeKind.PAGES_ADDED, "2")], Permissions(1))[0]] == [ChangeKind.PAGES_ADDED]
    forbidden, _ = judge([Change(ChangeKind.ANNOTATION_ADDED, "1")], Permissions())
    assert [c.kind for c in forbidden] == [ChangeKind.ANNOTATION_ADDED]
    forbidden, _ = judge([Change(ChangeKind.PAGES_ADDED), Change(ChangeKind.ANNOTATION_ADDED)], Permissions(2))
    assert forbidden[-1] == Change(ChangeKind.CERTIFICATION_FORBIDS, "2")


def test_what_is_not_allowed_has_no_place_of_its_own() -> None:
    place = (Place(0, (0, 0, 1, 1)),)
    forbidden, _ = judge([Change(ChangeKind.FIELD_FILLED, "a", place)], Permissions(1))
    assert forbidden[0] == Change(ChangeKind.FIELD_FILLED, "a")
    _, allowed = judge([Change(ChangeKind.FIELD_FILLED, "a", place)], Permissions(2))
    assert allowed == (Change(ChangeKind.FIELD_FILLED, "a", place),)
