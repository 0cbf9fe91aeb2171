"""The vocabulary of change: what a later revision did to a signed document, and how much of that is allowed.

ISO 32000-2 §12.8.2.2 (DocMDP), §12.8.2.4 (FieldMDP) and §12.8.4 (document security store) say what may follow a
signature. Plain values; the kinds are finding codes.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum

Rectangle = tuple[float, float, float, float]
"""(left, bottom, right, top) in the page's own coordinates, points."""


class Tolerance(IntEnum):
    """What a change asks for; each step includes those before it."""

    EXTENSION = 1
    """Validation data, document time stamps, metadata: never a change of the document (ISO 32000-2 §12.8.4)."""
    FORM = 2
    """A further signature, or an empty form field filled in (DocMDP P ≥ 2, or no certification)."""
    ANNOTATION = 3
    """A comment added or changed (DocMDP P = 3 only)."""
    NEVER = 4
    """Nothing allows it after signing."""


class ChangeKind(StrEnum):
    """One kind of change; the value is the code of its finding."""

    VALIDATION_DATA = "VALIDATION-DATA-ADDED"
    METADATA = "METADATA-CHANGED"
    TIMESTAMP_ADDED = "DOCUMENT-TIMESTAMP-ADDED"
    SIGNATURE_ADDED = "SIGNATURE-ADDED-LATER"
    """An empty signature field that was there when this signature was made, signed."""
    SIGNATURE_FIELD_ADDED = "SIGNATURE-FIELD-ADDED-LATER"
    """A signature field that came with the later signature."""
    FIELD_FILLED = "FIELD-FILLED-LATER"
    TAGS_ADDED = "TAGS-ADDED-LATER"

    ANNOTATION_ADDED = "ANNOTATION-ADDED"
    ANNOTATION_CHANGED = "ANNOTATION-CHANGED"
    ANNOTATION_REMOVED = "ANNOTATION-REMOVED"
    TAB_ORDER = "TAB-ORDER-CHANGED"
    ANNOTATION_DRAWS = "ANNOTATION-DRAWS-ON-PAGE"
    """An annotation other than a note was added, changed or removed: it is part of what the page shows."""
    ANNOTATION_LINK = "LINK-CHANGED"
    """A link leads elsewhere, or came later; it only leads, and does nothing."""

    PAGES_ADDED = "PAGES-ADDED"
    PAGES_REMOVED = "PAGES-REMOVED"
    PAGES_REORDERED = "PAGES-REORDERED"
    PAGE_TREE = "PAGE-TREE-CHANGED"
    PAGE_CONTENT = "PAGE-CONTENT-CHANGED"
    PAGE_GEOMETRY = "PAGE-GEOMETRY-CHANGED"
    PAGE_OTHER = "PAGE-CHANGED"
    FONT = "FONT-CHANGED"
    OPTIONAL_CONTENT = "OPTIONAL-CONTENT-CHANGED"
    SCRIPT = "SCRIPT-CHANGED"
    EMBEDDED_FILES = "EMBEDDED-FILES-CHANGED"
    XFA = "XFA-CHANGED"
    CATALOG = "CATALOG-CHANGED"
    TRAILER = "TRAILER-CHANGED"
    TAGS = "TAGS-CHANGED"
    EXTENSIONS = "EXTENSIONS-REMOVED"
    """The version of PDF, or an extension of it, that the signed document asks for was lowered or taken away."""
    UNUSED_OBJECTS = "OBJECTS-WITHOUT-USE"
    """An update that does nothing but add objects to which nothing leads: what for, nobody can see."""
    VALIDATION_DATA_REMOVED = "VALIDATION-DATA-REMOVED"
    DESCRIPTION = "DESCRIPTION-CHANGED"
    """What the document says of itself: title, author, subject, keywords."""

    FIELD_VALUE = "FIELD-VALUE-CHANGED"
    FIELD_APPEARANCE = "FIELD-APPEARANCE-CHANGED"
    FIELD_OTHER = "FIELD-CHANGED"
    FIELD_ADDED = "FIELD-ADDED"
    FIELD_REMOVED = "FIELD-REMOVED"
    FIELD_LOCKED = "LOCKED-FIELD-CHANGED"
    FORM = "FORM-CHANGED"
    SIGNATURE_FIELD_EMPTY = "EMPTY-SIGNATURE-FIELD-ADDED"
    """A signature field that came later and that nobody signed: adding fields is not signing (table 257)."""
    SIGNATURE_CHANGED = "EARLIER-SIGNATURE-CHANGED"
    SIGNATURE_REUSED = "SIGNATURE-REUSED"
    PICTURE_WITHOUT_SIGNATURE = "SIGNATURE-FIELD-NOT-SIGNED"
    SIGNATURE_ON_CERTIFIED = "VISIBLE-SIGNATURE-ON-CERTIFIED"
    SIGNED_ON_CERTIFIED = "SIGNED-ON-CERTIFIED"
    """A visible signature by somebody of the letter, on one whose first signer had certified it (``letters.py``)."""
    ON_CERTIFIED_NOT_PASSED = "SIGNED-ON-CERTIFIED-NOT-PASSED"
    ON_CERTIFIED_BY_STRANGER = "SIGNED-ON-CERTIFIED-BY-STRANGER"
    CERTIFICATION = "CERTIFICATION-CHANGED"
    CERTIFICATION_FORBIDS = "CERTIFICATION-FORBIDS-CHANGE"

    @property
    def tolerance(self) -> Tolerance:
        """What this change asks for."""
        return _TOLERANCES.get(self, Tolerance.NEVER)

    @property
    def for_officer(self) -> bool:
        """Whether only a person can say if it is right: nothing of what was signed has changed by it."""
        return self in (ChangeKind.ON_CERTIFIED_NOT_PASSED, ChangeKind.ON_CERTIFIED_BY_STRANGER)


_TOLERANCES = {
    ChangeKind.VALIDATION_DATA: Tolerance.EXTENSION,
    ChangeKind.METADATA: Tolerance.EXTENSION,
    ChangeKind.TIMESTAMP_ADDED: Tolerance.EXTENSION,
    ChangeKind.SIGNATURE_ADDED: Tolerance.FORM,
    ChangeKind.SIGNATURE_FIELD_ADDED: Tolerance.FORM,
    ChangeKind.SIGNED_ON_CERTIFIED: Tolerance.FORM,
    ChangeKind.FIELD_FILLED: Tolerance.FORM,
    ChangeKind.TAGS_ADDED: Tolerance.FORM,
    ChangeKind.ANNOTATION_ADDED: Tolerance.ANNOTATION,
    ChangeKind.ANNOTATION_CHANGED: Tolerance.ANNOTATION,
    ChangeKind.ANNOTATION_REMOVED: Tolerance.ANNOTATION,
    ChangeKind.TAB_ORDER: Tolerance.ANNOTATION,
}

PAGE_KINDS = frozenset(kind for kind in ChangeKind if kind.name.startswith(("PAGE_", "ANNOTATION_", "FONT")))
"""Kinds whose place is a page, by its number from 1."""


@dataclass(frozen=True)
class Place:
    """A rectangle on a page where a change may draw; ``page`` counts from 0.

    ``signature`` is the dictionary (object number and generation) of the signature whose field it is; None where it is
    no signature's.
    """

    page: int
    rectangle: Rectangle
    signature: tuple[int, int] | None = None


@dataclass(frozen=True)
class Change:
    """One change: its kind, where (a field's name, a key, a page number as text), and the boxes it may draw in."""

    kind: ChangeKind
    where: str = ""
    places: tuple[Place, ...] = ()


@dataclass(frozen=True)
class Permissions:
    """What one signature allows to change after it (its DocMDP and FieldMDP, or the lock of its field)."""

    certification: int | None = None
    """``/P`` of the DocMDP transform: 1 nothing, 2 forms and signatures, 3 annotations too; None without one."""
    lock: FieldLock | None = None

    def allows(self, tolerance: Tolerance) -> bool:
        """Whether a change of this tolerance may follow."""
        match tolerance:
            case Tolerance.EXTENSION:
                return True
            case Tolerance.FORM:
                return self.certification != 1
            case Tolerance.ANNOTATION:
                return self.certification == 3
            case Tolerance.NEVER:
                return False


@dataclass(frozen=True)
class FieldLock:
    """Which fields a FieldMDP transform locks (ISO 32000-2 table 258)."""

    action: str
    """``All``, ``Include`` or ``Exclude``; anything else locks all."""
    fields: frozenset[str] = frozenset()

    def covers(self, name: str) -> bool:
        """Whether the field of this full name (or a parent of it) is locked."""
        parts = name.split(".")
        named = any(".".join(parts[: count + 1]) in self.fields for count in range(len(parts)))
        match self.action:
            case "Include":
                return named
            case "Exclude":
                return not named
            case _:
                return True
