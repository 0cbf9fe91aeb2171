"""Purposes: a document time stamp, and a further signature (ISO 32000-2 §12.7.5.5, §12.8.1, §12.8.5).

A field that came with the signature, or an empty one that was there, is a Widget with what signing writes and nothing
else. It may draw where somebody answers for the picture: a signature that the report judges. A time stamp anybody can
have for nothing, and one that is broken lowers no signature; a placeholder has no verdict.
"""

from __future__ import annotations

import pikepdf

from verifier.changes.comparison import Comparison, Difference, FieldPair, dictionary_of
from verifier.changes.drawing_marks import marks
from verifier.changes.form import MAX_DEPTH, FormField
from verifier.changes.form_changes import owns_appearance
from verifier.changes.kinds import conforms, conforms_in
from verifier.changes.revision_objects import Ref, name_of, number_of, ref_of, refs_in
from verifier.changes.vocabulary import Change, ChangeKind, Place

_UNSEEN_FLAGS = 0b1 | 0b10 | 0b100000 | 0b100000000
"""Invisible, Hidden, NoView, ToggleNoView (ISO 32000-2 table 167)."""
_USUAL_FLAGS = _UNSEEN_FLAGS | 0b100 | 0b1000000 | 0b10000000 | 0b1000000000
"""Print, ReadOnly, Locked, LockedContents; under NoZoom and NoRotate a picture lies elsewhere in each window."""
_OF_NO_PICTURE = 0b1000 | 0b10000
"""NoZoom, NoRotate: poppler sets the latter on a field without size, where they mean nothing."""
_SIGNING_WRITES = frozenset(
    {"/V", "/AP", "/Lock", "/SV", "/Rect", "/F", "/MK", "/TU", "/DA", "/DR", "/P", "/Type", "/M", "/T", "/NM"}
    | {"/BS", "/Border", "/H", "/Q", "/StructParent"}
)
"""Into an empty field that is there already."""
Changes = tuple[Change, ...]


def explain_node(comparison: Comparison, difference: Difference) -> Changes | None:
    """A node above new fields: a name and kids, nothing that a page could show."""
    if len(difference.added) != 1:
        return None
    return () if conforms(comparison.new.get(difference.added[0].ref), "node") else None


def explain_new_field(comparison: Comparison, difference: Difference) -> Changes | None:
    """A field that came with its signature or time stamp."""
    if not difference.added or not all(_is_signature_field(comparison, one) for one in difference.added):
        return None
    field = difference.added[0]
    if not field.own_name or field.own_kind != "/Sig" or any(one.has_own_value for one in difference.added[1:]):
        return None
    if field.filled:
        return (_signed(comparison, difference.added, ChangeKind.SIGNATURE_FIELD_ADDED),)
    drawn = any(marks(comparison.new.get(one.ref)) for one in difference.added)
    kind = ChangeKind.PICTURE_WITHOUT_SIGNATURE if drawn else ChangeKind.SIGNATURE_FIELD_EMPTY
    return (Change(kind, field.name),)


def explain_field_signed(comparison: Comparison, difference: Difference) -> Changes | None:
    """An empty signature field that was there when the document was signed, signed now."""
    pairs = difference.pairs
    if not pairs or pairs[0].after.kind != "/Sig" or any(pair.before.filled for pair in pairs):
        return None
    if not all(_as_signing_writes(comparison, pair) for pair in pairs) or not pairs[0].after.filled:
        return None
    if not all(owns_appearance(comparison, pair) for pair in pairs):
        return (Change(ChangeKind.FIELD_APPEARANCE, difference.where),)
    seen_before = any(_is_seen(pair.before) for pair in pairs)
    shown = any(_is_seen(pair.after) for pair in pairs) and not seen_before
    kind = ChangeKind.SIGNATURE_FIELD_ADDED if shown else ChangeKind.SIGNATURE_ADDED
    signed = _signed(comparison, tuple(pair.after for pair in pairs), kind)
    # what nobody saw before is as good as new, and still a field that a lock may name
    return (Change(ChangeKind.SIGNATURE_ADDED, signed.where), signed) if shown else (signed,)


def _is_signature_field(comparison: Comparison, field: FormField) -> bool:
    """Whether a new object of a signature field has what such a one may have, and hangs where it says."""
    value = comparison.new.get(field.ref)
    entries = dictionary_of(value)
    if field.own_kind not in ("/Sig", "") or isinstance(value, pikepdf.Stream):
        return False
    above = ref_of(entries.get("/Parent"))
    if above != field.parent or not _kids_are_new(comparison, field):
        return False
    if "/DV" in entries and not _is_same_object(entries["/DV"], entries.get("/V")):
        return False  # LibreOffice names its signature there too; to that a field is reset (table 226)
    if "/Subtype" not in entries:
        return conforms(value, "signature-field")
    return conforms(value, "signature-widget") and _is_quiet(comparison, field)


def _kids_are_new(comparison: Comparison, field: FormField) -> bool:
    kids = [ref for text in field.kids for ref in refs_in(text)]
    fields = comparison.new_form.fields
    mine = [ref for ref in kids if ref in fields and fields[ref].parent == field.ref]
    return len(mine) == len(field.kids) == len(set(kids)) and not any(comparison.old.has(ref) for ref in kids)


def _as_signing_writes(comparison: Comparison, pair: FieldPair) -> bool:
    if not pair.keys <= _SIGNING_WRITES:
        return False
    entries = dictionary_of(comparison.new.get(pair.after.ref))
    changed = {key: entries.get(key) for key in pair.keys}
    if not conforms_in(changed, "signature-widget"):
        return False
    moved = "/Rect" in pair.keys and _area(pair.after) > 0
    return not moved and _is_quiet(comparison, pair.after)


def _is_quiet(comparison: Comparison, field: FormField) -> bool:
    """Flags that are known, the page that it says, no second look, and no picture where nothing is to be seen."""
    widget = comparison.new.get(field.ref)
    entries = dictionary_of(widget)
    flags = int(number_of(entries.get("/F")) or 0)
    page, says = comparison.pages_of_widgets.get(field.ref), ref_of(entries.get("/P"))
    own = comparison.new_tree.pages if page is None else [comparison.new_tree.pages[page]]
    usual = _USUAL_FLAGS | (_OF_NO_PICTURE if _area(field) <= 0 else 0)
    if flags & ~usual or (says is not None and says not in own):
        return False
    appearance = dictionary_of(entries.get("/AP"))
    for state in ("/R", "/D"):
        if state in appearance and not _is_same_object(appearance[state], appearance.get("/N")):
            return False
    if "/AS" in entries and not isinstance(appearance.get("/N"), pikepdf.Stream):
        return False  # poppler writes /AS /N beside one stream, where it chooses nothing (§12.5.5)
    unseen = bool(flags & _UNSEEN_FLAGS) or _area(field) <= 0
    bare = "/N" not in appearance and (dictionary_of(entries.get("/MK")) or "/BS" in entries or "/Border" in entries)
    return not (unseen and marks(widget)) and (unseen or not bare)


def _is_same_object(one: pikepdf.Object, other: pikepdf.Object | None) -> bool:
    return ref_of(one) is not None and ref_of(one) == ref_of(other)


def _signed(comparison: Comparison, fields: tuple[FormField, ...], kind: ChangeKind) -> Change:
    """What a signed field is, by its value: a signature dictionary of its own, made for it."""
    name = fields[0].name
    value_ref = next(iter(refs_in(_value_of(comparison, fields[0]))), None)
    value = comparison.new.get(value_ref) if value_ref is not None else None
    if value_ref is not None and comparison.old.has(value_ref) and value_ref not in comparison.dirty:
        return Change(ChangeKind.SIGNATURE_REUSED, name)
    if not isinstance(value, pikepdf.Dictionary) or "/ByteRange" not in value or "/Contents" not in value:
        return Change(ChangeKind.PICTURE_WITHOUT_SIGNATURE, name)
    if not conforms(value, "signature"):
        return Change(ChangeKind.FIELD_OTHER, name)
    drawn = any(marks(comparison.new.get(one.ref)) for one in fields)
    if is_stamp(value):
        return Change(ChangeKind.PICTURE_WITHOUT_SIGNATURE if drawn else ChangeKind.TIMESTAMP_ADDED, name)
    if comparison.judged is not None and value_ref not in comparison.judged:
        return Change(ChangeKind.PICTURE_WITHOUT_SIGNATURE if drawn else kind, name)
    return Change(kind, name, places_of(comparison, fields, value_ref))


def is_stamp(value: pikepdf.Object) -> bool:
    """Whether a signature dictionary is one of a document time stamp."""
    return name_of(value.get("/Type")) == "/DocTimeStamp" or name_of(value.get("/SubFilter")) == "/ETSI.RFC3161"


def _value_of(comparison: Comparison, field: FormField) -> bytes:
    """The text of the field's value, its own or inherited (ISO 32000-2 §12.7.4.1)."""
    holder: FormField | None = field
    for _ in range(MAX_DEPTH):
        if holder is None or "/V" in holder.values:
            break
        holder = comparison.new_form.fields.get(holder.parent) if holder.parent is not None else None
    return holder.values.get("/V", b"") if holder is not None else b""


def places_of(comparison: Comparison, fields: tuple[FormField, ...], signature: Ref | None = None) -> tuple[Place, ...]:
    """Where widgets are seen: those on a page, not hidden, of some size."""
    pages = comparison.pages_of_widgets
    return tuple(
        Place(pages[field.ref], field.rectangle, signature)
        for field in fields
        if field.ref in pages and field.rectangle is not None and _is_seen(field)
    )


def _is_seen(field: FormField) -> bool:
    return not field.hidden and _area(field) > 0


def _area(field: FormField) -> float:
    if field.rectangle is None:
        return 0.0
    left, bottom, right, top = field.rectangle
    return (right - left) * (top - bottom)
