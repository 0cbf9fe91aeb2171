"""What differs in the form: its dictionary, fields that were there, fields gone or added (ISO 32000-2 §12.7)."""

from __future__ import annotations

from collections.abc import Iterator

import pikepdf

from verifier.changes.comparison import Comparison, Difference, FieldPair, Part, dictionary_of
from verifier.changes.form import FormField
from verifier.changes.revision_objects import RevisionObjects, name_of, number_of, ref_of, refs_in
from verifier.changes.vocabulary import ChangeKind

_STRUCTURE = frozenset({"/Kids", "/Parent"})
_FREE_FLAGS = 0b111
"""ReadOnly, Required, NoExport: how a field may be used. All others (password, comb, a kind of button) are its look."""
VALUE = frozenset({"/V", "/RV", "/I"})
APPEARANCE = frozenset({"/AP", "/AS", "/F", "/DA", "/Q", "/MK", "/DS", "/BS", "/Border"})
_ACTIONS = frozenset({"/A", "/AA"})


def form_differences(comparison: Comparison) -> Iterator[Difference]:
    """1 the form dictionary · 2 fields that both have · 3 fields removed · 4 fields added."""
    old, new = comparison.old_form, comparison.new_form
    yield from _dictionary_differences(comparison)
    for field in old.fields.values():
        if field.ref not in new.fields:
            yield Difference(Part.FIELD, ChangeKind.FIELD_REMOVED, field.name)
            continue
        if field.listed and not new.fields[field.ref].listed:
            yield Difference(Part.FIELD, ChangeKind.FIELD_REMOVED, field.name)
        if _is_top(field):
            yield from _field_differences(comparison, field)
    yield from _added_fields(comparison)
    for name in sorted({name for name, _ in new.unread ^ old.unread}):
        yield Difference(Part.FORM, ChangeKind.FORM, name)  # a field of a shape that nobody can compare


def _is_top(field: FormField) -> bool:
    """A field, or a widget without a field; widgets are compared with the field that they belong to."""
    return field.own_name or field.parent is None


def _dictionary_differences(comparison: Comparison) -> Iterator[Difference]:
    before, after = (dictionary_of(form.dictionary) for form in (comparison.old_form, comparison.new_form))
    for key in sorted((before.keys() | after.keys()) - {"/Fields"}):
        if comparison.same(before.get(key), after.get(key)):
            continue
        kind = ChangeKind.XFA if key == "/XFA" else ChangeKind.FORM
        for told in comparison.kinds(before.get(key), kind):
            yield Difference(Part.FORM, told, key, key, before.get(key), after.get(key))


def _field_differences(comparison: Comparison, field: FormField) -> Iterator[Difference]:
    """One difference for a field with its widgets; what no purpose could ever explain stands apart."""
    old, new = comparison.old_form, comparison.new_form
    family = [field, *(one for one in _widgets_below(comparison, field) if one.ref in new.fields)]
    pairs: list[FieldPair] = []
    for one in family:
        later = new.fields[one.ref]
        yield from _structure_differences(comparison, one, later)
        before, after = old.objects.get(one.ref), new.objects.get(one.ref)
        keys = comparison.differing_keys(before, after) - _STRUCTURE
        if "/Ff" in keys and _look(old.objects, one) == _look(new.objects, later):
            keys.discard("/Ff")
        if "/Type" in keys and _type_written_out(before, after):
            keys.discard("/Type")
        if one.kind == "/Sig" and one.filled and _is_rewritten(comparison, one):
            keys.add("/AP")
        pairs.append(FieldPair(one, later, frozenset(keys)))
    changed = frozenset(key for pair in pairs for key in pair.keys)
    if changed:
        yield Difference(Part.FIELD, _told(comparison, field, pairs, changed), field.name, pairs=tuple(pairs))


def _type_written_out(before: pikepdf.Object | None, after: pikepdf.Object | None) -> bool:
    """Whether a widget only says now that it is an annotation (table 166: optional, one value); PDFBox writes that."""
    added = "/Type" not in dictionary_of(before) and name_of(dictionary_of(after).get("/Type")) == "/Annot"
    return added and name_of(dictionary_of(after).get("/Subtype")) == "/Widget"


def _is_rewritten(comparison: Comparison, field: FormField) -> bool:
    """Whether anything that a signature's field leads to was written anew, be it as an equal copy: nobody needs to."""
    start = [ref for text in field.values.values() for ref in refs_in(text)]
    written = comparison.dirty - comparison.equality.grown
    return bool(comparison.old.reach(start, frozenset(comparison.equality.paired), set(), written))


def _widgets_below(comparison: Comparison, field: FormField) -> Iterator[FormField]:
    """The widgets of a field that are objects of their own."""
    fields = comparison.old_form.fields
    for ref in (ref for text in field.kids for ref in refs_in(text)):
        below = fields.get(ref)
        if below is not None and below.parent == field.ref and not below.own_name:
            yield below
            yield from _widgets_below(comparison, below)


def _structure_differences(comparison: Comparison, before: FormField, after: FormField) -> Iterator[Difference]:
    """Another kind, name or parent, kids lost or others than new signature fields among them."""
    rest, fields = iter(after.kids), comparison.new_form.fields
    lost = not all(kid in rest for kid in before.kids)
    added = [ref for kid in after.kids if kid not in before.kids for ref in refs_in(kid)]
    strange = any(ref not in fields or fields[ref].kind != "/Sig" or not fields[ref].own_name for ref in added)
    direct = any(kid not in before.kids and not list(refs_in(kid)) for kid in after.kids)
    moved = (before.kind, before.name, before.parent) != (after.kind, after.name, after.parent)
    above = (dictionary_of(objects.get(before.ref)).get("/Parent") for objects in (comparison.old, comparison.new))
    if lost or strange or direct or moved or not comparison.same(*above):
        yield Difference(Part.FIELD, ChangeKind.FIELD_OTHER, before.name)


def _look(objects: RevisionObjects, field: FormField) -> int:
    """Those of the field's own flags (``/Ff``) that say how it looks."""
    flags = number_of(dictionary_of(objects.get(field.ref)).get("/Ff"))
    return int(flags or 0) & ~_FREE_FLAGS


def _told(comparison: Comparison, field: FormField, pairs: list[FieldPair], changed: frozenset[str]) -> ChangeKind:
    """As what a change of a field is told where nothing explains it."""
    if changed & _ACTIONS:
        return ChangeKind.SCRIPT
    if changed - VALUE - APPEARANCE:
        return ChangeKind.FIELD_OTHER
    if field.kind == "/Sig":
        if any(pair.before.filled for pair in pairs):
            return ChangeKind.SIGNATURE_CHANGED
        return ChangeKind.PICTURE_WITHOUT_SIGNATURE
    return ChangeKind.FIELD_VALUE if changed & VALUE else ChangeKind.FIELD_APPEARANCE


def _added_fields(comparison: Comparison) -> Iterator[Difference]:
    """New fields with their widgets, and the nodes above them."""
    old, new = comparison.old_form, comparison.new_form
    names = {field.name for field in old.fields.values()}
    for field in new.fields.values():
        if field.ref in old.fields or not (field.own_name or field.parent is None or field.parent in old.fields):
            continue  # a widget: told with its field
        below = list(_added_below(comparison, field))
        node = any(one.own_name for one in below)
        family = (field, *(one for one in below if not one.own_name))
        script = field.kind == "/Sig" and any(one.values.keys() & _ACTIONS for one in family)
        part = Part.FIELD if field.name in names else Part.NODE if node else Part.NEW_FIELD
        yield Difference(part, ChangeKind.SCRIPT if script else ChangeKind.FIELD_ADDED, field.name, added=family)


def _added_below(comparison: Comparison, field: FormField) -> Iterator[FormField]:
    """The kids of a new field, and theirs where they are no fields of their own."""
    fields = comparison.new_form.fields
    for ref in (ref for text in field.kids for ref in refs_in(text)):
        below = fields.get(ref)
        if below is not None and below.parent == field.ref:
            yield below
            if not below.own_name:
                yield from _added_below(comparison, below)


def owns_appearance(comparison: Comparison, pair: FieldPair) -> bool:
    """Whether the appearance dictionary that a field had was its own: one that something else leads to is content."""
    ref = ref_of(dictionary_of(comparison.old.get(pair.before.ref)).get("/AP"))
    if "/AP" not in pair.keys or ref is None:
        return True
    mark, trailer = b"%d %d R" % ref, comparison.old.pdf.trailer.unparse(resolved=True)
    others = [text for other, text in comparison.old.texts.items() if other != pair.before.ref and mark in text]
    return not any(ref in refs_in(text) for text in (*others, trailer))
