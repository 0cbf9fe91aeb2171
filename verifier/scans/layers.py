"""Optional content: what a viewer does not show until somebody switches it on (ISO 32000-2 8.11)."""

from __future__ import annotations

from typing import Any

import pikepdf

from verifier.guard import Failure, attempt


class HiddenContent:
    """Which groups the default configuration switches off."""

    def __init__(self, root: Any) -> None:
        found = attempt("optional content", lambda: _switched_off(root))
        self._off: frozenset[tuple[int, int]] = frozenset() if isinstance(found, Failure) else found

    def is_hidden(self, group: Any) -> bool:
        """Is a group, or every group of a membership dictionary, switched off.

        A membership is judged as ``AnyOn``, the default policy; another policy is not worked out.
        """
        if not isinstance(group, pikepdf.Dictionary):
            return False
        members = group.get("/OCGs")
        if members is None:
            return _number(group) in self._off
        groups = [members] if isinstance(members, pikepdf.Dictionary) else list(members)
        return bool(groups) and all(self.is_hidden(member) for member in groups if member.get("/OCGs") is None)


def _number(group: Any) -> tuple[int, int]:
    number, generation = group.objgen
    return int(number), int(generation)


def _switched_off(root: Any) -> frozenset[tuple[int, int]]:
    properties = root.get("/OCProperties")
    if not isinstance(properties, pikepdf.Dictionary):
        return frozenset()
    default = properties.get("/D", pikepdf.Dictionary())
    every = {_number(group) for group in properties.get("/OCGs", [])}
    off = {_number(group) for group in default.get("/OFF", [])}
    if default.get("/BaseState") == "/OFF":
        off |= every - {_number(group) for group in default.get("/ON", [])}
    return frozenset(off)
