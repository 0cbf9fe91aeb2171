"""A signed revision beside a later one: which objects differ, and by which ways they are reached.

An object of the signed revision that differs later must be reached only through places where a change is expected (an
empty field, validation data, metadata); reached in any other way it is a change of its own kind. Pages, annotations
and fields are compared each in its own role and by identity everywhere else, so one walk over the object graph is
enough.
"""

from __future__ import annotations

from collections.abc import Iterable

import pikepdf

from verifier.changes.form import Form
from verifier.changes.revision_objects import Ref, RevisionObjects, items, name_of, ref_of, refs_in, same_text
from verifier.changes.vocabulary import Change, ChangeKind, Place

MAX_PAGES = 50_000

_OBJECT_KINDS = {
    "/Font": ChangeKind.FONT,
    "/FontDescriptor": ChangeKind.FONT,
    "/OCG": ChangeKind.OPTIONAL_CONTENT,
    "/OCMD": ChangeKind.OPTIONAL_CONTENT,
    "/Filespec": ChangeKind.EMBEDDED_FILES,
    "/EmbeddedFile": ChangeKind.EMBEDDED_FILES,
    "/Action": ChangeKind.SCRIPT,
}


class Comparison:
    """A signed revision beside a later one, and the changes found so far.

    ``judged``: the dictionaries that the report judges as signatures of somebody; None where there is no such list.
    """

    def __init__(self, old: RevisionObjects, new: RevisionObjects, judged: frozenset[Ref] | None = None) -> None:
        self.old, self.new, self.judged = old, new, judged
        self.dirty = old.differing(new)
        self._found: dict[Change, None] = {}
        self.old_tree, self.new_tree = PageTree(old), PageTree(new)
        self.old_form, self.new_form = Form(old), Form(new)
        self.anchors = self._anchors()
        self._strict_seen: set[Ref] = set()
        self._redrawn: dict[Ref, str] = {}
        self._clean: set[Ref] = set()

    def _anchors(self) -> frozenset[Ref]:
        """Objects that are compared in a role of their own, and by identity wherever else they are named.

        Never a stream: one that stands in a list of annotations as well would be compared as a dictionary only.
        """
        found = {*self.old_tree.nodes, *self.old_tree.pages, *self.old_form.fields}
        for page in self.old_tree.pages:
            found |= {ref for ref in map(ref_of, items(entry_of(self.old, page, "/Annots"))) if ref is not None}
        for single in (ref_of(self.old.root), ref_of(self.old.root.get("/AcroForm"))):
            if single is not None:
                found.add(single)
        return frozenset(ref for ref in found if not isinstance(self.old.get(ref), pikepdf.Stream))

    def add(self, kind: ChangeKind, where: str = "", places: Iterable[Place] = ()) -> None:
        """Note a change."""
        self._found[Change(kind, where, tuple(places))] = None

    @property
    def changes(self) -> tuple[Change, ...]:
        """The changes found so far, each once."""
        return tuple(self._found)

    def strict(self, text: bytes, kind: ChangeKind, where: str) -> None:
        """Nothing that this text leads to may differ; whatever does is a change of ``kind`` or of its own."""
        for ref in self.old.reach(refs_in(text), self.anchors, self._strict_seen, self.dirty):
            own = _OBJECT_KINDS.get(name_of(entry_of(self.old, ref, "/Type")))
            self.add(own or kind, where)

    def differs(self, before: bytes | None, after: bytes | None) -> bool:
        """Whether a value changed, itself or anything it leads to (outside the objects with a role of their own)."""
        if not same_text(before, after):
            return True
        if before is None:
            return False
        seen: set[Ref] = set()
        start = [ref for ref in refs_in(before) if ref not in self._clean]
        if self.old.reach(start, self.anchors, seen, self.dirty):
            return True
        self._clean |= seen
        return False

    def redrawn(self, appearance: bytes | None, field: str) -> None:
        """A field that was empty gets another appearance; its old one must have been its own (``find_shared``)."""
        for ref in refs_in(appearance or b""):
            self._redrawn.setdefault(ref, field)

    def find_shared(self) -> None:
        """An appearance dictionary that something else in the document leads to is no field's own: suspicious."""
        for ref, field in self._redrawn.items():
            if ref in self._strict_seen and not isinstance(self.old.get(ref), pikepdf.Stream):
                self.add(ChangeKind.FIELD_APPEARANCE, field)

    def compare_entry(self, before: bytes | None, after: bytes | None, kind: ChangeKind, where: str) -> None:
        """One dictionary entry that must stay as it is."""
        if not same_text(before, after):
            self.add(kind, where)
        if before is not None:
            self.strict(before, kind, where)


class PageTree:
    """The page tree of a revision: inner nodes, pages in order, and the texts of every node's kids."""

    def __init__(self, objects: RevisionObjects) -> None:
        self.nodes: list[Ref] = []
        self.pages: list[Ref] = []
        self.kids: dict[Ref, list[bytes]] = {}
        front = [objects.root.get("/Pages")]
        seen: set[Ref] = set()
        while front and len(self.pages) < MAX_PAGES:
            node = front.pop()
            ref = ref_of(node)
            if ref is None or ref in seen or not isinstance(node, pikepdf.Dictionary):
                continue
            seen.add(ref)
            if "/Kids" in node:
                children = items(node["/Kids"])
                self.nodes.append(ref)
                self.kids[ref] = [child.unparse() for child in children]
                front.extend(reversed(children))
            else:
                self.pages.append(ref)


def entry_of(objects: RevisionObjects, ref: Ref, key: str) -> pikepdf.Object | None:
    """An entry of the dictionary (or stream) of this number; None where there is none."""
    holder = objects.get(ref)
    if isinstance(holder, pikepdf.Stream):
        holder = holder.stream_dict
    return holder.get(key) if isinstance(holder, pikepdf.Dictionary) else None
