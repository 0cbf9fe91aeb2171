"""Purposes: validation data and what the catalog declares (ISO 32000-2 §12.8.4.3, §7.12; EN 319 142-1 §5.4.2)."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pikepdf

from verifier.changes.comparison import Comparison, Difference, dictionary_of
from verifier.changes.kinds import conforms
from verifier.changes.revision_objects import items, name_of, number_of
from verifier.changes.signing import Changes
from verifier.changes.vocabulary import Change, ChangeKind

_VRI_KEY = re.compile(r"/[0-9A-Fa-f]{40}")
_VERSION = re.compile(r"/(\d+)\.(\d+)")
_SIGNATURES_ONLY = frozenset({"/ESIC"})
"""Prefixes of extensions that say how a document is signed (EN 319 142-1 §5.1), and nothing of what it shows."""
_Declaration = tuple[tuple[int, int], float]
"""Base version and level of an extension."""


def explain_validation_data(_: Comparison, difference: Difference) -> Changes | None:
    """A document security store of certificates, CRLs and responses, by its known keys."""
    if difference.key != "/DSS":
        return None
    if difference.after is None:
        return (Change(ChangeKind.VALIDATION_DATA_REMOVED, "/DSS"),)
    named = dictionary_of(dictionary_of(difference.after).get("/VRI"))
    if not conforms(difference.after, "dss") or not all(_VRI_KEY.fullmatch(key) for key in named):
        return None
    return (Change(ChangeKind.VALIDATION_DATA, "/DSS"),)


def explain_declarations(_: Comparison, difference: Difference) -> Changes | None:
    """A version or an extension that is raised or added: whoever uses a later feature declares it."""
    before, after = difference.before, difference.after
    if difference.key == "/Version":
        known = after is not None and _VERSION.fullmatch(name_of(after)) is not None
        return (Change(ChangeKind.METADATA, "/Version"),) if known and _version(after) >= _version(before) else None
    if difference.key != "/Extensions" or (after is not None and not conforms(after, "extensions")):
        return None
    declared, kept = dict(_extensions(before)), dict(_extensions(after))
    for prefix, one in declared.items():
        covered = all(any(_covers(other, old) for other in kept.get(prefix, [])) for old in one)
        if not covered and prefix not in _SIGNATURES_ONLY:
            return (Change(ChangeKind.EXTENSIONS, f"/Extensions{prefix}"),)
    return (Change(ChangeKind.METADATA, "/Extensions"),)


def _extensions(declared: pikepdf.Object | None) -> Iterator[tuple[str, list[_Declaration]]]:
    """The extensions by the developer's prefix; one developer may declare several (§7.12.3)."""
    for prefix, value in dictionary_of(declared).items():
        entries = items(value) if isinstance(value, pikepdf.Array) else [value]
        found = [_declaration(entry) for entry in entries if isinstance(entry, pikepdf.Dictionary)]
        if found:
            yield prefix, found


def _declaration(entry: pikepdf.Object) -> _Declaration:
    return _version(entry.get("/BaseVersion")), number_of(entry.get("/ExtensionLevel")) or 0.0


def _covers(after: _Declaration, before: _Declaration) -> bool:
    return after[0] >= before[0] and after[1] >= before[1]


def _version(value: object) -> tuple[int, int]:
    found = _VERSION.fullmatch(name_of(value))
    return (int(found[1]), int(found[2])) if found else (0, 0)
