"""What a later revision did to the structure tree (ISO 32000-2 §14.7): it may grow by what new fields need."""

from __future__ import annotations

import pikepdf

from verifier.changes.comparison import Comparison
from verifier.changes.revision_objects import Ref, entries, items, name_of, number_of, ref_of, refs_in, same_text
from verifier.changes.vocabulary import ChangeKind

MAX_DEPTH = 40
MAX_LEAVES = 200_000


def compare_tags(comparison: Comparison) -> None:
    """The structure tree may only grow, and only by elements that say nothing of their own: those of new widgets."""
    key = "/StructTreeRoot"
    before, after = entries(comparison.old.root).get(key), entries(comparison.new.root).get(key)
    if before is None and after is None:
        return
    if before is None or before != after:
        comparison.add(ChangeKind.TAGS)
        return
    for ref in comparison.old.reach(refs_in(before), comparison.anchors, set(), comparison.dirty):
        grown = _only_grew(comparison.old.get(ref), comparison.new.get(ref)) and not _says_more(comparison, ref)
        comparison.add(ChangeKind.TAGS_ADDED if grown else ChangeKind.TAGS)


def _only_grew(before: object, after: object) -> bool:
    if isinstance(before, pikepdf.Array) and isinstance(after, pikepdf.Array):
        return _is_within([item.unparse() for item in items(before)], [item.unparse() for item in items(after)])
    if not (isinstance(before, pikepdf.Dictionary) and isinstance(after, pikepdf.Dictionary)):
        return False
    old_entries, new_entries = entries(before), entries(after)
    for key in old_entries.keys() | new_entries.keys():
        if key in ("/ParentTreeNextKey", "/Limits") or old_entries.get(key) == new_entries.get(key):
            continue
        if key == "/ParentTree" and _kept(_leaves(before.get(key)), _leaves(after.get(key))):
            continue  # some writers build the tree anew
        if key not in ("/K", "/Kids", "/Nums", "/Names", "/Namespaces") or key not in new_entries:
            return False
        if not _is_within(_texts(before.get(key)), _texts(after.get(key))):
            return False
    return True


def _says_more(comparison: Comparison, ref: Ref) -> bool:
    """Whether kids added to this object say words of their own, or content and elements of the page once more."""
    before, after = comparison.old.get(ref), comparison.new.get(ref)
    is_list = isinstance(after, pikepdf.Array)  # of kids, or of the number tree: there numbers are no content
    known = _texts(before) if is_list else _texts(_kids(before))
    kids = items(after) if is_list else _list_of(_kids(after))
    added = [kid for kid in kids if kid.unparse() not in known and (isinstance(kid, pikepdf.Dictionary) or not is_list)]
    seen: set[Ref] = set()
    return any(_speaks(comparison, kid, seen, 0) for kid in added)


def _speaks(comparison: Comparison, kid: pikepdf.Object, seen: set[Ref], depth: int) -> bool:
    """Of a new element: marked content, an element that was there before, or words read in place of what is drawn.

    A form element may have the alternate text of its field (ISO 32000-2 §14.9.3), and leads to its widget.
    """
    kind, ref = name_of(kid.get("/Type")) if isinstance(kid, pikepdf.Dictionary) else "", ref_of(kid)
    if kind == "/OBJR" or (ref is not None and ref in seen):
        return False
    known = ref is not None and comparison.old.has(ref)
    if not isinstance(kid, pikepdf.Dictionary) or kind == "/MCR" or known or depth > MAX_DEPTH:
        return True
    if ref is not None:
        seen.add(ref)
    if "/ActualText" in kid or "/E" in kid or ("/Alt" in kid and name_of(kid.get("/S")) != "/Form"):
        return True
    return any(_speaks(comparison, one, seen, depth + 1) for one in _list_of(_kids(kid)))


def _kids(element: object) -> pikepdf.Object | None:
    return element.get("/K") if isinstance(element, pikepdf.Dictionary) else None


def _list_of(value: pikepdf.Object | None) -> list[pikepdf.Object]:
    if value is None:
        return []
    return items(value) if isinstance(value, pikepdf.Array) else [value]


def _texts(value: object) -> list[bytes]:
    if isinstance(value, pikepdf.Array):
        return [item.unparse() for item in items(value)]
    return [value.unparse()] if isinstance(value, pikepdf.Object) else []


def _is_within(before: list[bytes], after: list[bytes]) -> bool:
    """Whether ``after`` is ``before`` with items put in, every added reference an indirect one or a number."""
    rest = iter(after)
    return all(item in rest for item in before)


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


def _kept(before: dict[float, pikepdf.Object], after: dict[float, pikepdf.Object]) -> bool:
    """Whether every entry still leads to the same elements."""
    return all(number in after and _same(value, after[number]) for number, value in before.items())


def _same(before: pikepdf.Object, after: pikepdf.Object) -> bool:
    return before.unparse() == after.unparse() or same_text(before.unparse(resolved=True), after.unparse(resolved=True))
