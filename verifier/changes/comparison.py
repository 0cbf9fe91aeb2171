"""A signed revision beside a later one: the page trees, the forms, and the objects that have a role of their own.

Pages, annotations, fields and the elements of the structure tree are compared each in its own role and are equal by
their number wherever else they are named (``paired``); everything else is compared by content (``equality.py``).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from functools import cached_property

import pikepdf

from verifier.changes.actions import only_leads
from verifier.changes.equality import Equality
from verifier.changes.form import Form, FormField
from verifier.changes.revision_objects import Ref, RevisionObjects, entries, items, name_of, ref_of, refs_in
from verifier.changes.vocabulary import ChangeKind

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


class Part(Enum):
    """The part of a document in which a difference lies."""

    TRAILER = auto()
    CATALOG = auto()
    PAGE = auto()
    ANNOTATION = auto()
    """Added, removed or changed; widgets of fields are differences of the form."""
    FORM = auto()
    """An entry of the form dictionary."""
    NODE = auto()
    """A node above fields that came later."""
    NEW_FIELD = auto()
    FIELD = auto()
    """A field of the signed revision, with its widgets."""
    TAGS = auto()


@dataclass(frozen=True)
class FieldPair:
    """A field or widget in both revisions, and the entries that differ."""

    before: FormField
    after: FormField
    keys: frozenset[str]


@dataclass(frozen=True, eq=False)
class Difference:
    """One difference: where it lies, and as what it is told where no purpose explains it."""

    part: Part
    kind: ChangeKind
    where: str = ""
    """A field's name, a key, a page number as text."""
    key: str = ""
    before: pikepdf.Object | None = None
    after: pikepdf.Object | None = None
    pairs: tuple[FieldPair, ...] = ()
    """Of a field that was there: it, then its widgets."""
    added: tuple[FormField, ...] = ()
    """Of a field that came later: it, then its widgets."""
    page: int | None = None
    """Counted from 0."""


class Comparison:
    """What the comparison of two revisions rests on.

    ``judged``: the dictionaries that the report judges as signatures of somebody; None where there is no such list.
    """

    def __init__(self, old: RevisionObjects, new: RevisionObjects, judged: frozenset[Ref] | None = None) -> None:
        self.old, self.new, self.judged = old, new, judged
        self.dirty = old.differing(new)
        self.old_tree, self.new_tree = PageTree(old), PageTree(new)
        self.old_form = Form(old, self.old_tree.pages)
        self.new_form = Form(new, self.new_tree.pages)
        self.tags = self._tags()
        self.page_pairs = self.old_tree.paired(self.new_tree)
        self.equality = Equality(old, new, self.dirty, self._paired())

    def same(self, before: pikepdf.Object | None, after: pikepdf.Object | None) -> bool:
        """Whether nothing differs between two values and whatever they lead to."""
        return self.equality.same(before, after)

    def differing_keys(self, before: object, after: object) -> set[str]:
        """The entries of two dictionaries that differ."""
        first, second = dictionary_of(before), dictionary_of(after)
        return {key for key in first.keys() | second.keys() if not self.same(first.get(key), second.get(key))}

    def kinds(self, before: pikepdf.Object | None, kind: ChangeKind) -> list[ChangeKind]:
        """As what a difference below a value is told: by the objects that differ, else as ``kind``."""
        start = refs_in(before.unparse() if before is not None else b"")
        found = self.old.reach(start, frozenset(self.equality.paired), set(), self.dirty)
        leading = {ref for ref in found if all(only_leads(one.get(ref)) for one in (self.old, self.new))}
        types = {name_of(entry_of(self.old, ref, "/Type")) for ref in found - leading}
        return sorted({_OBJECT_KINDS[name] for name in types if name in _OBJECT_KINDS}) or [kind]

    def _tags(self) -> frozenset[Ref]:
        """What differs among the objects below the root of the structure tree (ISO 32000-2 §14.7.2)."""
        start = refs_in(entries(self.old.root).get("/StructTreeRoot", b""))
        annotations = (ref for page in self.old_tree.pages for ref in annotations_of(self.old, page))
        stop = frozenset({*self.old_tree.nodes, *self.old_tree.pages, *self.old_form.fields, *annotations})
        found = self.old.reach(start, stop, set(), self.dirty)
        return frozenset(ref for ref in found if not isinstance(self.old.get(ref), pikepdf.Stream))

    def _paired(self) -> dict[Ref, Ref]:
        """Objects that are compared in a role of their own, each with its number in the later revision.

        Never a stream: one that stands in a list of annotations as well would be compared as a dictionary only.
        """
        found = {ref: ref for ref in self.tags | self.old_form.fields.keys()}
        for before, after in self.page_pairs.items():
            first, second = annotations_of(self.old, before), annotations_of(self.new, after)
            moved = dict(zip(first, second, strict=True)) if len(first) == len(second) else {}
            for ref in first:
                found.setdefault(ref, ref if ref in second or ref not in moved else moved[ref])
        found |= self.page_pairs
        for single in (ref_of(self.old.root), ref_of(self.old.root.get("/AcroForm"))):
            if single is not None:
                found[single] = single
        return {
            ref: later
            for ref, later in found.items()
            if not isinstance(self.old.get(ref), pikepdf.Stream) and not isinstance(self.new.get(later), pikepdf.Stream)
        }

    @cached_property
    def pages_of_widgets(self) -> dict[Ref, int]:
        """The page, counted from 0, in whose list of annotations each object stands later."""
        return {ref: index for index, page in enumerate(self.new_tree.pages) for ref in annotations_of(self.new, page)}


class PageTree:
    """The page tree of a revision: inner nodes, pages in order, and the shape of the tree."""

    def __init__(self, objects: RevisionObjects) -> None:
        self.nodes: list[Ref] = []
        self.pages: list[Ref] = []
        self.shape: list[tuple[Ref, int]] = []
        """Nodes and pages in the order of reading, with the number of kids; -1 for a page."""
        self.inherited: dict[Ref, dict[str, pikepdf.Object]] = {}
        """What a page has from the nodes above it (ISO 32000-2 §7.7.3.4)."""
        front: list[tuple[pikepdf.Object | None, dict[str, pikepdf.Object]]] = [(objects.root.get("/Pages"), {})]
        seen: set[Ref] = set()
        while front and len(self.pages) < MAX_PAGES:
            node, above = front.pop()
            ref = ref_of(node)
            if ref is None or ref in seen or not isinstance(node, pikepdf.Dictionary):
                continue
            seen.add(ref)
            if "/Kids" in node:
                children = items(node["/Kids"])
                self.nodes.append(ref)
                self.shape.append((ref, len(children)))
                known = {**above, **{key: node[key] for key in INHERITED if key in node}}
                front.extend((child, known) for child in reversed(children))
            else:
                self.pages.append(ref)
                self.shape.append((ref, -1))
                self.inherited[ref] = above

    def paired(self, later: PageTree) -> dict[Ref, Ref]:
        """Nodes and pages with their numbers later: by place where the tree has kept its shape, else their own."""
        known = {ref for ref, _ in later.shape}
        mine = {ref for ref, _ in self.shape}
        if [kids for _, kids in self.shape] != [kids for _, kids in later.shape]:
            return {ref: ref for ref in mine}
        return {
            ref: other if ref not in known and other not in mine else ref
            for (ref, _), (other, _) in zip(self.shape, later.shape, strict=True)
        }


INHERITED = ("/Resources", "/MediaBox", "/CropBox", "/Rotate")


def annotations_of(objects: RevisionObjects, page: Ref) -> list[Ref]:
    """The annotations of a page that are objects of their own, in order."""
    if b"/Annots" not in objects.texts.get(page, b""):
        return []
    return [ref for ref in map(ref_of, items(entry_of(objects, page, "/Annots"))) if ref is not None]


def dictionary_of(value: object) -> dict[str, pikepdf.Object]:
    """The entries of a dictionary or of a stream that are not null."""
    holder = value.stream_dict if isinstance(value, pikepdf.Stream) else value
    if not isinstance(holder, pikepdf.Dictionary):
        return {}
    return {str(key): item for key, item in holder.items() if item is not None}


def entry_of(objects: RevisionObjects, ref: Ref, key: str) -> pikepdf.Object | None:
    """An entry of the dictionary (or stream) of this number; None where there is none."""
    return dictionary_of(objects.get(ref)).get(key)
