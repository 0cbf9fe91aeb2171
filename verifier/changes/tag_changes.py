"""Purpose: structure elements of what was added (ISO 32000-2 §14.7): the tree may grow by what new fields need."""

from __future__ import annotations

from collections.abc import Iterator

import pikepdf

from verifier.changes.comparison import Comparison, Difference, Part, dictionary_of
from verifier.changes.revision_objects import Ref, items, name_of, number_of, ref_of
from verifier.changes.signing import Changes
from verifier.changes.vocabulary import Change, ChangeKind

MAX_DEPTH = 40
MAX_LEAVES = 200_000
_LISTS = ("/K", "/Kids", "/Nums", "/Names", "/Namespaces")
_COUNTERS = ("/ParentTreeNextKey", "/Limits")
_ELEMENT = frozenset({"/Type", "/S", "/P", "/Pg", "/K", "/ID", "/T", "/R", "/NS", "/Alt"})
"""Of a new element. Not here: ``/ActualText`` and ``/E``, which are read in place of what is drawn; attributes."""


def tag_differences(comparison: Comparison) -> Iterator[Difference]:
    """What differs in the structure tree, object by object."""
    before, after = (dictionary_of(objects.root).get("/StructTreeRoot") for objects in (comparison.old, comparison.new))
    if before is None and after is None:
        return
    if before is None or after is None or ref_of(before) != ref_of(after) or ref_of(before) is None:
        if before is None or not comparison.same(before, after):
            yield Difference(Part.CATALOG, ChangeKind.TAGS, "", "/StructTreeRoot", before, after)
        return
    for ref in sorted(comparison.tags):
        yield Difference(Part.TAGS, ChangeKind.TAGS, "", "", comparison.old.get(ref), comparison.new.get(ref))


def explain_tags(comparison: Comparison, difference: Difference) -> Changes | None:
    """An object of the tree that only grew, and by elements that say nothing of their own: those of new widgets."""
    before, after = difference.before, difference.after
    if comparison.same(before, after) and ref_of(before) != ref_of(after):
        return ()
    if isinstance(before, pikepdf.Array) and isinstance(after, pikepdf.Array):
        grown = _is_within(comparison, items(before), items(after))
    else:
        grown = _entries_grew(comparison, before, after)
    if not grown or _says_more(comparison, before, after):
        return None
    return (Change(ChangeKind.TAGS_ADDED),)


def explain_page_tags(_: Comparison, difference: Difference) -> Changes | None:
    """A page that was not tagged gets its key; one with new widgets the structure's order (ISO 14289-1 §7.18.3)."""
    if difference.before is not None:
        return None
    if difference.key == "/Tabs":
        return () if name_of(difference.after) == "/S" else None
    return () if difference.key == "/StructParents" and number_of(difference.after) is not None else None


def _entries_grew(comparison: Comparison, before: object, after: object) -> bool:
    first, second = dictionary_of(before), dictionary_of(after)
    if not first or not second:
        return False
    for key in first.keys() | second.keys():
        old, new = first.get(key), second.get(key)
        if key in _COUNTERS or comparison.same(old, new):
            continue
        if key == "/ParentTree" and _kept(comparison, _leaves(old), _leaves(new)):
            continue  # some writers build the tree anew
        if key not in _LISTS or new is None or not _is_within(comparison, _list_of(old), _list_of(new)):
            return False
    return True


def _says_more(comparison: Comparison, before: object, after: object) -> bool:
    """Whether kids added to this object say words of their own, or content and elements of the page once more."""
    is_list = isinstance(after, pikepdf.Array)  # of kids, or of the number tree: there numbers are no content
    known = items(before) if is_list else _list_of(dictionary_of(before).get("/K"))
    kids = items(after) if is_list else _list_of(dictionary_of(after).get("/K"))
    texts = {kid.unparse() for kid in known}
    added = [kid for kid in kids if kid.unparse() not in texts and (isinstance(kid, pikepdf.Dictionary) or not is_list)]
    seen: set[Ref] = set()
    return any(_speaks(comparison, kid, seen, 0) for kid in added)


def _speaks(comparison: Comparison, kid: pikepdf.Object, seen: set[Ref], depth: int) -> bool:
    """Of a new element: marked content, an element that was there before, or words read in place of what is drawn.

    The element of a new widget may have the alternate text of its field (ISO 32000-2 §14.9.3).
    """
    entries, ref = dictionary_of(kid), ref_of(kid)
    if name_of(entries.get("/Type")) == "/OBJR":
        return not _is_new_widget(comparison, entries)
    if ref is not None and ref in seen:
        return False
    known = ref is not None and comparison.old.has(ref)
    if not entries or name_of(entries.get("/Type")) == "/MCR" or known or depth > MAX_DEPTH:
        return True
    if ref is not None:
        seen.add(ref)
    below = _list_of(entries.get("/K"))
    widget = any(name_of(dictionary_of(one).get("/Type")) == "/OBJR" for one in below)
    if not entries.keys() <= _ELEMENT or ("/Alt" in entries and not (widget and name_of(entries.get("/S")) == "/Form")):
        return True
    return any(_speaks(comparison, one, seen, depth + 1) for one in below)


def _is_new_widget(comparison: Comparison, reference: dict[str, pikepdf.Object]) -> bool:
    """Whether an object reference leads to a widget that is new, or to that of an empty signature field."""
    ref = ref_of(reference.get("/Obj"))
    if ref is None or ref not in comparison.new_form.fields:
        return False
    before = comparison.old_form.fields.get(ref)
    return before is None or (before.kind == "/Sig" and not before.filled and "/StructParent" not in before.values)


def _list_of(value: pikepdf.Object | None) -> list[pikepdf.Object]:
    if value is None:
        return []
    return items(value) if isinstance(value, pikepdf.Array) else [value]


def _is_within(comparison: Comparison, before: list[pikepdf.Object], after: list[pikepdf.Object]) -> bool:
    """Whether ``after`` is ``before`` with items put in."""
    rest = iter(after)
    return all(any(comparison.same(item, one) for one in rest) for item in before)


def _leaves(node: object, depth: int = 0) -> dict[float, pikepdf.Object]:
    """The entries of a number tree (§7.9.7)."""
    found: dict[float, pikepdf.Object] = {}
    if not isinstance(node, pikepdf.Dictionary) or depth > MAX_DEPTH:
        return found
    numbers = items(node.get("/Nums"))
    for key, value in zip(numbers[::2], numbers[1::2], strict=False):
        number = number_of(key)
        if number is not None:
            found[number] = value
    for child in items(node.get("/Kids")):
        if len(found) < MAX_LEAVES:
            found.update(_leaves(child, depth + 1))
    return found


def _kept(comparison: Comparison, before: dict[float, pikepdf.Object], after: dict[float, pikepdf.Object]) -> bool:
    """Whether every entry still leads to the same elements; an empty list of a page may be left out."""
    return all(number in after and comparison.same(value, after[number]) for number, value in before.items())
