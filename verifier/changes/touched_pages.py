"""Which pages an update can have touched, from the objects alone: just those are drawn, and all of them.

A page is touched where any way leads from it to an object that differs: resources of its own and inherited ones,
contents, annotations with their appearances and fields. What is the document's as a whole (page tree, layers, output
intents) touches every page, a form's defaults every page with a field.
"""

from __future__ import annotations

from collections.abc import Iterable

import pikepdf

from verifier.changes.comparison import PageTree, entry_of
from verifier.changes.revision_objects import Ref, RevisionObjects, entries, items, name_of, ref_of, refs_in, same_text

STEPS_PER_OBJECT = 8
"""Steps of the search for each object of the document; a tangle that needs more touches every page."""
_DRAWS_NOTHING = frozenset(
    {
        "/Type",
        "/DSS",
        "/Extensions",
        "/Version",
        "/Metadata",
        "/MarkInfo",
        "/StructTreeRoot",
        "/Outlines",
        "/PageLabels",
    }
    | {"/PageMode", "/PageLayout", "/ViewerPreferences", "/Names", "/Dests", "/OpenAction", "/AA", "/URI", "/Lang"}
    | {"/SpiderInfo", "/PieceInfo", "/Legal", "/Requirements", "/Collection", "/AF", "/Perms", "/Threads"}
)
"""Entries of the catalog (table 29) that no page's picture hangs on; any other that changes touches every page."""
_FORM_DRAWS = ("/DR", "/DA", "/Q", "/NeedAppearances", "/XFA")
"""Entries of the form from which a viewer may draw fields anew (§12.7.4.3)."""


def touched_pages(old: RevisionObjects, new: RevisionObjects, dirty: frozenset[Ref]) -> tuple[int, ...]:
    """The pages, counted from 0, of either revision that what differs between them (``dirty``) can show on."""
    before, after = _Ways(old, dirty), _Ways(new, dirty)
    every = tuple(range(max(len(before.tree.pages), len(after.tree.pages))))
    moved = before.tree.pages != after.tree.pages or before.tree.shape != after.tree.shape
    if moved or ref_of(old.root) != ref_of(new.root):
        return every
    if any(node in dirty for node in before.tree.nodes) or _document_changed(before, after):
        return every
    touched = {index for ways in (before, after) for index, page in enumerate(ways.tree.pages) if ways.lead(page)}
    if _form_changed(before, after):
        touched |= {index for ways in (before, after) for index in ways.pages_with_fields()}
    return every if before.tangled or after.tangled else tuple(sorted(touched))


class _Ways:
    """One revision's objects, and which of them lead to one that differs."""

    def __init__(self, objects: RevisionObjects, dirty: frozenset[Ref]) -> None:
        self.objects, self.dirty = objects, dirty
        self.tree = PageTree(objects)
        self.form = objects.root.get("/AcroForm")
        roles = (objects.root, self.form, objects.root.get("/StructTreeRoot"))
        self._stop = {*self.tree.pages, *self.tree.nodes, *(ref for ref in map(ref_of, roles) if ref is not None)}
        self._clean: set[Ref] = set()
        self._steps = STEPS_PER_OBJECT * (len(objects.texts) + 1)

    @property
    def tangled(self) -> bool:
        """Whether the search took more steps than it may."""
        return self._steps < 0

    def lead(self, page: Ref) -> bool:
        """Whether a way leads from a page, or from what it inherits, to an object that differs."""
        if page in self.dirty or self.reach(refs_in(self.objects.texts.get(page, b""))):
            return True
        return any(self.reach(refs_in(text)) for node in self._ancestors(page) for text in self._inherited(node))

    def reach(self, start: Iterable[Ref]) -> bool:
        """Whether one of these, or what they lead to, differs; pages, the catalog and the form are looked at apart."""
        seen: set[Ref] = set()
        front = list(start)
        while front and not self.tangled:
            ref = front.pop()
            if ref in seen or ref in self._stop or ref in self._clean:
                continue
            if ref in self.dirty:
                return True
            seen.add(ref)
            self._steps -= 1
            front.extend(refs_in(self.objects.texts.get(ref, b"")))
        self._clean |= seen
        return False

    def pages_with_fields(self) -> Iterable[int]:
        """Pages with a widget."""
        for index, page in enumerate(self.tree.pages):
            annotations = items(entry_of(self.objects, page, "/Annots"))
            if any(
                name_of(one.get("/Subtype")) == "/Widget" for one in annotations if isinstance(one, pikepdf.Dictionary)
            ):
                yield index

    def _ancestors(self, page: Ref) -> Iterable[Ref]:
        seen: set[Ref] = set()
        node = ref_of(entry_of(self.objects, page, "/Parent"))
        while node is not None and node not in seen:
            seen.add(node)
            yield node
            node = ref_of(entry_of(self.objects, node, "/Parent"))

    def _inherited(self, node: Ref) -> Iterable[bytes]:
        return (text for key, text in entries(self.objects.get(node)).items() if key not in ("/Kids", "/Parent"))


def _document_changed(before: _Ways, after: _Ways) -> bool:
    ignored = _DRAWS_NOTHING | {"/Pages", "/AcroForm"}
    first, second = entries(before.objects.root), entries(after.objects.root)
    return any(
        _differs(before, after, first.get(key), second.get(key)) for key in (first.keys() | second.keys()) - ignored
    )


def _form_changed(before: _Ways, after: _Ways) -> bool:
    first, second = entries(before.form), entries(after.form)
    return any(_differs(before, after, first.get(key), second.get(key)) for key in _FORM_DRAWS)


def _differs(before: _Ways, after: _Ways, first: bytes | None, second: bytes | None) -> bool:
    if not same_text(first, second):
        return True
    return before.reach(refs_in(first or b"")) or after.reach(refs_in(second or b""))
