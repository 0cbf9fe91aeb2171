"""What a later revision did to the form: fields filled, signed, changed, added or removed (ISO 32000-2 §12.7).

A field that was empty may be filled and a signature field signed; whatever already showed something stays as it was,
its value and its appearance alike.
"""

from __future__ import annotations

import pikepdf

from verifier.changes.comparison import Comparison
from verifier.changes.form import ANY_MARK, MAX_DEPTH, Form, FormField, draws
from verifier.changes.revision_objects import Ref, RevisionObjects, entries, items, name_of, number_of, ref_of, refs_in
from verifier.changes.vocabulary import ChangeKind, Place

_FREE = frozenset({"/Ff", "/Type", "/M", "/NM"})
_FREE_FLAGS = 0b111
"""ReadOnly, Required, NoExport: how a field may be used. All others (password, comb, a kind of button) are its look."""
_STRUCTURE = frozenset({"/Kids", "/Parent", "/P", "/StructParent"})
_VALUE = frozenset({"/V", "/RV", "/I"})
_APPEARANCE = frozenset({"/AP", "/AS", "/F", "/DA", "/Q", "/MK", "/DS", "/BS", "/Border"})
_ACTIONS = frozenset({"/A", "/AA"})
_TEXTUAL = ("/Tx", "/Ch")
_SIGNATURES_EXIST = 1
"""Bit of ``/SigFlags`` by which a viewer knows a signed document (ISO 32000-2 table 225)."""


def compare_forms(comparison: Comparison) -> None:
    """1 the form dictionary · 2 fields that both have · 3 fields removed · 4 fields added."""
    old, new = comparison.old_form, comparison.new_form
    _compare_dictionaries(comparison)
    pages = _pages_of_widgets(comparison)
    names = {field.name: field for field in old.fields.values()}
    for ref, field in old.fields.items():
        if ref in new.fields:
            _compare_field(comparison, field, new.fields[ref], pages)
        else:
            comparison.add(ChangeKind.FIELD_REMOVED, field.name)
    for ref, field in new.fields.items():
        if ref not in old.fields:
            _added_field(comparison, field, field.name in names, pages)
    for name in sorted({name for name, _ in new.unread ^ old.unread}):
        comparison.add(ChangeKind.FORM, name)  # a field of a shape that nobody can compare


def _compare_dictionaries(comparison: Comparison) -> None:
    old, new = comparison.old_form, comparison.new_form
    before, after = entries(old.dictionary), entries(new.dictionary)
    fillable = not (old.only_signatures and new.only_signatures)
    for key in sorted((before.keys() | after.keys()) - {"/Fields", "/SigFlags"}):
        old_value, new_value = before.get(key), after.get(key)
        match key:
            case "/DR":
                _compare_default_resources(comparison, fillable)
            case "/DA" | "/Q":
                if fillable and old_value is not None and old_value != new_value:
                    comparison.add(ChangeKind.FORM, key)
            case "/NeedAppearances":
                if fillable and new_value == b"true" and old_value != b"true":
                    comparison.add(ChangeKind.FORM, key)
            case "/XFA":
                comparison.compare_entry(old_value, new_value, ChangeKind.XFA, key)
            case _:
                comparison.compare_entry(old_value, new_value, ChangeKind.FORM, key)
    if _says_signed(old) and not _says_signed(new):
        comparison.add(ChangeKind.FORM, "/SigFlags")


def _says_signed(form: Form) -> bool:
    flags = number_of(form.dictionary.get("/SigFlags")) if form.dictionary is not None else None
    return bool(int(flags or 0) & _SIGNATURES_EXIST)


def _compare_default_resources(comparison: Comparison, fillable: bool) -> None:
    """Fonts and the like for fields still to be filled: more may come, none may change while there are such fields."""
    before, after = (_resources(form) for form in (comparison.old_form, comparison.new_form))
    for name, text in before.items():
        if fillable and after.get(name) != text:
            comparison.add(ChangeKind.FORM, f"/DR{name}")
        comparison.strict(text, ChangeKind.FONT, f"/DR{name}")


def _resources(form: Form) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    resources = form.dictionary.get("/DR") if form.dictionary is not None else None
    if isinstance(resources, pikepdf.Dictionary):
        for category, value in resources.items():
            if isinstance(value, pikepdf.Dictionary):
                found.update({f"{category}{name}": text for name, text in entries(value).items()})
    return found


def _compare_field(comparison: Comparison, before: FormField, after: FormField, pages: dict[Ref, int]) -> None:
    name = before.name
    moved = any(key in before.values and before.values[key] != after.values.get(key) for key in ("/P", "/Parent"))
    if before.kind != after.kind or before.name != after.name or before.parent != after.parent or moved:
        comparison.add(ChangeKind.FIELD_OTHER, name)
    _compare_kids(comparison, before, after)
    changed = {
        key
        for key in (before.values.keys() | after.values.keys()) - _FREE - _STRUCTURE
        if comparison.differs(before.values.get(key), after.values.get(key))
    }
    if changed & _ACTIONS:
        comparison.add(ChangeKind.SCRIPT, name)
    if changed - _ACTIONS - _VALUE - _APPEARANCE or _look(comparison.old, before) != _look(comparison.new, after):
        comparison.add(ChangeKind.FIELD_OTHER, name)
    _compare_strict_entries(comparison, before)
    if not changed & (_VALUE | _APPEARANCE):
        return
    if before.filled:
        comparison.add(_changed_when_filled(before, changed), name)
    elif "/AP" in changed and after.filled and not after.has_value and after.kind in _TEXTUAL:
        comparison.add(ChangeKind.FIELD_APPEARANCE, name)  # words on the page that nobody filled in
    else:
        if "/AP" in changed:
            comparison.redrawn(before.values.get("/AP"), name)
        _filled_later(comparison, after, pages)


def _look(objects: RevisionObjects, field: FormField) -> int:
    """Those of the field's own flags (``/Ff``) that say how it looks."""
    holder = objects.get(field.ref)
    flags = number_of(holder.get("/Ff")) if isinstance(holder, pikepdf.Dictionary) else None
    return int(flags or 0) & ~_FREE_FLAGS


def _compare_strict_entries(comparison: Comparison, field: FormField) -> None:
    """What a field leads to by entries that never change is compared like any other object."""
    fixed = field.values.keys() - _VALUE - _APPEARANCE - _STRUCTURE - _FREE
    for key in sorted(fixed):
        comparison.strict(field.values[key], ChangeKind.FIELD_OTHER, field.name)


def _changed_when_filled(field: FormField, changed: set[str]) -> ChangeKind:
    if field.kind == "/Sig":
        return ChangeKind.SIGNATURE_CHANGED
    return ChangeKind.FIELD_VALUE if changed & _VALUE else ChangeKind.FIELD_APPEARANCE


def _filled_later(comparison: Comparison, after: FormField, pages: dict[Ref, int]) -> None:
    places = _places(comparison.new_form, after, pages)
    if after.kind != "/Sig":
        comparison.add(ChangeKind.FIELD_FILLED, after.name, places)
    elif after.filled:
        _signed_later(comparison, after, ChangeKind.SIGNATURE_ADDED, places)
    elif draws(comparison.new.get(after.ref), ANY_MARK):
        comparison.add(ChangeKind.PICTURE_WITHOUT_SIGNATURE, after.name)


def _compare_kids(comparison: Comparison, before: FormField, after: FormField) -> None:
    rest = iter(after.kids)
    if not all(kid in rest for kid in before.kids):
        comparison.add(ChangeKind.FIELD_OTHER, before.name)
    added = [ref for kid in after.kids if kid not in before.kids for ref in refs_in(kid)]
    fields = comparison.new_form.fields
    if any(ref not in fields or fields[ref].kind != "/Sig" or "/T" not in fields[ref].values for ref in added):
        comparison.add(ChangeKind.FIELD_OTHER, before.name)


def _added_field(comparison: Comparison, field: FormField, name_taken: bool, pages: dict[Ref, int]) -> None:
    if field.kind == "" and field.kids:
        return  # a node above fields; those are looked at themselves
    if field.kind != "/Sig" or name_taken:
        comparison.add(ChangeKind.FIELD_ADDED, field.name)
        return
    if field.values.keys() & _ACTIONS:
        comparison.add(ChangeKind.SCRIPT, field.name)
    if field.parent is not None and "/T" not in field.values and field.parent not in comparison.old_form.fields:
        return  # a widget of a field that is new itself
    places = _places(comparison.new_form, field, pages)
    if field.filled:
        _signed_later(comparison, field, ChangeKind.SIGNATURE_FIELD_ADDED, places)
    elif any(draws(comparison.new.get(widget.ref), ANY_MARK) for widget in comparison.new_form.widgets(field)):
        comparison.add(ChangeKind.PICTURE_WITHOUT_SIGNATURE, field.name)
    else:
        comparison.add(ChangeKind.SIGNATURE_FIELD_EMPTY, field.name)


def _signed_later(comparison: Comparison, field: FormField, kind: ChangeKind, places: tuple[Place, ...]) -> None:
    """The value of a signature field signed later is a signature dictionary of its own, made for it.

    It may draw in its field only where somebody answers for the picture, and a verdict of the report says who. A time
    stamp anybody can have for nothing, and one that is broken lowers no signature; a placeholder has no verdict.
    """
    value_ref = next(iter(refs_in(_value_of(comparison.new_form, field))), None)
    value = comparison.new.get(value_ref) if value_ref is not None else None
    if value_ref is not None and comparison.old.has(value_ref) and value_ref not in comparison.dirty:
        comparison.add(ChangeKind.SIGNATURE_REUSED, field.name)
    elif not isinstance(value, pikepdf.Dictionary) or "/ByteRange" not in value or "/Contents" not in value:
        comparison.add(ChangeKind.PICTURE_WITHOUT_SIGNATURE, field.name)
    elif not places and _is_stamp(value):
        comparison.add(ChangeKind.TIMESTAMP_ADDED, field.name)
    elif _is_stamp(value) or (comparison.judged is not None and value_ref not in comparison.judged):
        drawn = any(draws(comparison.new.get(widget.ref), ANY_MARK) for widget in comparison.new_form.widgets(field))
        comparison.add(ChangeKind.PICTURE_WITHOUT_SIGNATURE if drawn else kind, field.name)
    else:
        comparison.add(kind, field.name, places)


def _value_of(form: Form, field: FormField) -> bytes:
    """The text of the field's value, its own or inherited (ISO 32000-2 §12.7.4.1): a widget apart has its field's."""
    holder: FormField | None = field
    for _ in range(MAX_DEPTH):
        if holder is None or "/V" in holder.values:
            break
        holder = form.fields.get(holder.parent) if holder.parent is not None else None
    return holder.values.get("/V", b"") if holder is not None else b""


def _is_stamp(value: pikepdf.Object) -> bool:
    return name_of(value.get("/Type")) == "/DocTimeStamp" or name_of(value.get("/SubFilter")) == "/ETSI.RFC3161"


def _pages_of_widgets(comparison: Comparison) -> dict[Ref, int]:
    found: dict[Ref, int] = {}
    for index, page in enumerate(comparison.new_tree.pages):
        holder = comparison.new.get(page)
        annotations = holder.get("/Annots") if isinstance(holder, pikepdf.Dictionary) else None
        for item in items(annotations):
            ref = ref_of(item)
            if ref is not None:
                found[ref] = index
    return found


def _places(form: Form, field: FormField, pages: dict[Ref, int]) -> tuple[Place, ...]:
    """Where the field's widgets are seen: those on a page, not hidden, of some size."""
    return tuple(
        Place(pages[widget.ref], widget.rectangle)
        for widget in form.widgets(field)
        if widget.ref in pages and widget.rectangle is not None and not widget.hidden and _area(widget.rectangle) > 0
    )


def _area(rectangle: tuple[float, float, float, float]) -> float:
    return (rectangle[2] - rectangle[0]) * (rectangle[3] - rectangle[1])
