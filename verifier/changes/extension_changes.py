"""What a later revision did to the version of PDF and the developer extensions that the catalog declares.

ISO 32000-2 §7.12: whoever adds a feature of a later version or of an extension declares it, so declarations may be
added and raised. One that is lowered or taken away makes readers treat what was signed as something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pikepdf

from verifier.changes.comparison import Comparison
from verifier.changes.revision_objects import items, name_of, number_of
from verifier.changes.vocabulary import ChangeKind

_VERSION = re.compile(r"/(\d+)\.(\d+)")
_Declaration = tuple[tuple[int, int], float]
"""Base version and level of an extension."""


def compare_declarations(comparison: Comparison) -> None:
    """Note an entry of ``/Version`` or ``/Extensions`` that is lower than before, or gone."""
    old, new = comparison.old.root, comparison.new.root
    if _version(new.get("/Version")) < _version(old.get("/Version")):
        comparison.add(ChangeKind.EXTENSIONS, "/Version")
    before, after = dict(_extensions(old)), dict(_extensions(new))
    for prefix, declared in before.items():
        kept = after.get(prefix, [])
        if not all(any(_covers(other, one) for other in kept) for one in declared):
            comparison.add(ChangeKind.EXTENSIONS, f"/Extensions{prefix}")


def _extensions(root: pikepdf.Object) -> Iterator[tuple[str, list[_Declaration]]]:
    """The extensions by the developer's prefix; one developer may declare several (§7.12.3)."""
    declared = root.get("/Extensions")
    if not isinstance(declared, pikepdf.Dictionary):
        return
    for prefix, value in declared.items():
        entries = items(value) if isinstance(value, pikepdf.Array) else [value]
        found = [_declaration(entry) for entry in entries if isinstance(entry, pikepdf.Dictionary)]
        if found:
            yield str(prefix), found


def _declaration(entry: pikepdf.Object) -> _Declaration:
    return _version(entry.get("/BaseVersion")), number_of(entry.get("/ExtensionLevel")) or 0.0


def _covers(after: _Declaration, before: _Declaration) -> bool:
    return after[0] >= before[0] and after[1] >= before[1]


def _version(value: object) -> tuple[int, int]:
    found = _VERSION.fullmatch(name_of(value))
    return (int(found[1]), int(found[2])) if found else (0, 0)
