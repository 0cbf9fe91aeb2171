"""Resources that pages and the form share, to which a later signature's program added names that nothing signed uses.

LibreOffice gives the form's ``/DR``, every page and its own signature's appearance one dictionary of resources;
programs that sign later write their fonts and pictures there (ISO 32000-2 §7.8.3, table 224). A name that stands
nowhere in what was signed cannot change what that draws.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pikepdf

from verifier.changes.equality import decoded
from verifier.changes.kinds import conforms
from verifier.changes.revision_objects import Ref, RevisionObjects, name_of, ref_of

_Same = Callable[[pikepdf.Object | None, pikepdf.Object | None], bool]
_CATEGORIES = frozenset({"/Font", "/XObject", "/ExtGState"})
"""What signing programs add."""
_HOLDERS = re.compile(rb"/(?:Resources|DR)[\s]+(\d+)[\s]+(\d+)[\s]+R\b")
_NAME = re.compile(rb"/([^\x00\t\n\f\r ()<>\[\]{}/%]*)")
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_NO_CONTENT = frozenset({"/Image", "/Type1C", "/CIDFontType0C", "/OpenType", "/XML"})


def grown_resources(old: RevisionObjects, new: RevisionObjects, dirty: frozenset[Ref], same: _Same) -> frozenset[Ref]:
    """The dictionaries of resources that differ by names alone that nothing in the older revision uses.

    ``same``: whether nothing differs between two values.
    """
    if not any(isinstance(old.get(ref), pikepdf.Dictionary) and old.has(ref) for ref in dirty):
        return frozenset()
    added: set[bytes] = set()
    grown: set[Ref] = set()
    for ref in _held(old):
        found = _growth(old.get(ref), new.get(ref), same)
        if found is not None:
            added |= found[0]
            grown |= ({ref} | found[1]) & dirty
    if not added or not all(conforms(new.get(ref), "resources") for ref in _held(old) if ref in grown):
        return frozenset()
    used = _used(old)
    return frozenset() if used is None or added & used else frozenset(grown)


def _held(old: RevisionObjects) -> Iterator[Ref]:
    """The dictionaries that stand as somebody's resources and are objects of their own."""
    found = {
        (int(match[1]), int(match[2])): None
        for text in (*old.texts.values(), old.root.unparse(resolved=True))
        for match in _HOLDERS.finditer(text)
    }
    yield from found


def _growth(
    before: pikepdf.Object | None, after: pikepdf.Object | None, same: _Same
) -> tuple[set[bytes], set[Ref]] | None:
    """The names that came, and the objects of categories that they came into; None where anything else differs."""
    if not isinstance(before, pikepdf.Dictionary) or not isinstance(after, pikepdf.Dictionary):
        return None
    added: set[bytes] = set()
    objects: set[Ref] = set()
    for key in {*_keys(before), *_keys(after)}:
        first, second = before.get(key), after.get(key)
        if same(first, second):
            continue
        if key not in _CATEGORIES or not isinstance(second, pikepdf.Dictionary):
            return None
        known = pikepdf.Dictionary() if first is None else first
        if not isinstance(known, pikepdf.Dictionary) or any(
            name not in second or not same(value, second[name]) for name, value in known.items()
        ):
            return None
        added |= {name[1:].encode() for name in _keys(second) if name not in known}
        objects |= {one for one in (ref_of(first),) if one is not None and one == ref_of(second)}
    return added, objects


def _keys(dictionary: pikepdf.Object) -> list[str]:
    return [name for name, _ in dictionary.items()]


def _used(old: RevisionObjects) -> set[bytes] | None:
    """Every name in what the revision draws and in its objects' texts; None where something cannot be read."""
    found: set[bytes] = set()
    for ref, text in old.texts.items():
        found |= _names(text)
        value = old.get(ref)
        if not isinstance(value, pikepdf.Stream) or _is_no_content(value):
            continue
        content = decoded(value)
        if content is None:
            return None
        found |= _names(content)
    return found


def _is_no_content(stream: pikepdf.Stream) -> bool:
    """A picture, a font's file, metadata: nothing that draws by names."""
    entries = stream.stream_dict
    return name_of(entries.get("/Subtype")) in _NO_CONTENT or "/Length1" in entries


def _names(text: bytes) -> set[bytes]:
    """Names as they are meant (§7.3.5: ``#xx``)."""
    return {_ESCAPED.sub(lambda two: bytes([int(two[1], 16)]), match[1]) for match in _NAME.finditer(text)}
