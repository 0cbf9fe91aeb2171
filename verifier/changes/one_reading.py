"""What the objects themselves say against there being one reading of a file that was added to after signing."""

from __future__ import annotations

import pikepdf

from verifier.changes.alike.drawn import drawn_alike
from verifier.changes.revision_objects import Ref, RevisionObjects, items, name_of, number_of, ref_of, refs_in
from verifier.pdf.updates.defects import Defect, Rule

MAX_TREE_NODES = 100_000


def object_defects(signed: RevisionObjects, viewed: RevisionObjects, dirty: frozenset[Ref]) -> tuple[Defect, ...]:
    """1 qpdf repaired it · 2 the page tree counts wrongly · 3 what is still named was taken away · 4 it is not
    drawn alike."""
    found = []
    if viewed.damaged:  # 1
        found.append(Defect(Rule.REPAIRED))
    if not page_tree_holds(viewed):  # 2
        found.append(Defect(Rule.PAGE_TREE))
    if _freed_in_use(viewed, dirty):  # 3
        found.append(Defect(Rule.DANGLING))
    if not drawn_alike(viewed, dirty):  # 4
        found.append(Defect(Rule.DRAWING))
    return tuple(found)


def page_tree_holds(objects: RevisionObjects) -> bool:
    """Every node once, below its own parent, of its type, and with as many pages as it counts (§7.7.3).

    Viewers find a page by ``/Count``, by walking the tree, or both: where these differ, so do the pages.
    """
    seen: set[Ref] = set()
    counts: dict[Ref, int] = {}
    order: list[tuple[Ref, Ref | None, float | None]] = []
    front: list[tuple[pikepdf.Object | None, Ref | None]] = [(objects.root.get("/Pages"), None)]
    while front:
        node, parent = front.pop()
        ref = ref_of(node)
        if ref is None or ref in seen or not isinstance(node, pikepdf.Dictionary) or len(seen) > MAX_TREE_NODES:
            return False
        seen.add(ref)
        inner = "/Kids" in node
        if name_of(node.get("/Type")) != ("/Pages" if inner else "/Page") or ref_of(node.get("/Parent")) != parent:
            return False
        order.append((ref, parent, number_of(node.get("/Count")) if inner else None))
        counts[ref] = 0 if inner else 1
        if inner:
            front.extend((child, ref) for child in items(node["/Kids"]))
    for ref, parent, told in reversed(order):
        if told is not None and told != counts[ref]:
            return False
        if parent is not None:
            counts[parent] += counts[ref]
    return True


def _freed_in_use(viewed: RevisionObjects, dirty: frozenset[Ref]) -> bool:
    """Whether something still names an object that the update took away."""
    freed = frozenset(ref for ref in dirty if not viewed.has(ref))
    trailer = viewed.pdf.trailer.unparse(resolved=True)
    return bool(freed) and bool(viewed.reach(refs_in(trailer), frozenset(), set(), freed))
