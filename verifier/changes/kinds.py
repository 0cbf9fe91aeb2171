"""What an added object may be: each kind of object with the entries it may have, as data (``kinds.toml``).

A change is explained only where everything it leads to is of a kind that its purpose knows. An entry that the table
does not name, a stream in place of a dictionary, or a value of another kind is not explained.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pikepdf

from verifier.changes.comparison import dictionary_of
from verifier.changes.revision_objects import name_of, ref_of

MAX_VALUES = 200_000
"""Values looked at for one change."""
_TABLE = Path(__file__).with_name("kinds.toml")
_Value = pikepdf.Object | None


@functools.cache
def _kinds() -> dict[str, dict[str, str]]:
    return tomllib.loads(_TABLE.read_text(encoding="utf-8"))


def conforms(value: _Value, kind: str) -> bool:
    """Whether a value and all that it leads to is of this kind.

    A kind is written as alternatives (``form|image``), as ``list KIND`` (an array of it, or one), ``plain`` (numbers,
    names, strings and dictionaries and arrays of them, no stream), ``scalar``, ``any-reference`` (not followed), a name
    (``=Form``), or by its name in the table. In the table ``*`` is every other entry, ``stream`` says that it is one.
    """
    seen: set[tuple[object, str]] = set()
    front: list[tuple[_Value, str]] = [(value, kind)]
    count = 0
    while front:
        one, wanted = front.pop()
        count += 1
        ref = ref_of(one)
        if count > MAX_VALUES:
            return False
        if one is None or (ref is not None and (ref, wanted) in seen):
            continue
        seen.add((ref, wanted))
        below = [pairs for part in wanted.split("|") if (pairs := _as(one, part)) is not None]
        if not below:
            return False
        front.extend(below[0])
    return True


def conforms_in(entries: Mapping[str, _Value], kind: str) -> bool:
    """Whether entries of a dictionary, by their keys with the slash, are such as this kind may have."""
    table = _kinds()[kind]
    wanted = {key: table.get(key.removeprefix("/")) for key in entries}
    return all(one is not None and conforms(entries[key], one) for key, one in wanted.items())


def _as(value: pikepdf.Object, kind: str) -> list[tuple[_Value, str]] | None:
    """What has to be of which kind for the value to be of this one; None where it is not."""
    if kind.startswith("list "):
        one = kind.removeprefix("list ").replace("+", "|")
        return [(item, one) for item in value.as_list()] if isinstance(value, pikepdf.Array) else [(value, one)]
    if kind.startswith("="):
        return [] if name_of(value).removeprefix("/") in kind[1:].split(",") else None
    match kind:
        case "any-reference":
            return [] if ref_of(value) is not None else None
        case "scalar":
            return None if isinstance(value, (pikepdf.Dictionary, pikepdf.Array, pikepdf.Stream)) else []
        case "plain":
            return _plain(value)
        case "colour":
            return _colour(value)
        case _:
            return _by_table(value, _kinds()[kind])


def _plain(value: pikepdf.Object) -> list[tuple[_Value, str]] | None:
    if isinstance(value, pikepdf.Stream):
        return None
    if isinstance(value, pikepdf.Dictionary):
        return [(item, "plain") for _, item in value.items()]
    return [(item, "plain") for item in value.as_list()] if isinstance(value, pikepdf.Array) else []


def _colour(value: pikepdf.Object) -> list[tuple[_Value, str]] | None:
    """A colour space: a name, or an array with names, profiles, tables and functions (ISO 32000-2 §8.6)."""
    if isinstance(value, pikepdf.Array):
        return [(item, "colour") for item in value.as_list()]
    parts = (_as(value, kind) for kind in ("scalar", "data", "function-stream", "colour-dictionary", "function"))
    return next((pairs for pairs in parts if pairs is not None), None)


def _by_table(value: pikepdf.Object, table: dict[str, str]) -> list[tuple[_Value, str]] | None:
    is_stream = isinstance(value, pikepdf.Stream)
    if is_stream != ("stream" in table) or not (is_stream or isinstance(value, pikepdf.Dictionary)):
        return None
    found: list[tuple[_Value, str]] = []
    for key, item in dictionary_of(value).items():
        wanted = table.get(key.removeprefix("/"), table.get("*"))
        if wanted is None:
            return None
        if wanted.startswith("=") and _as(item, wanted) is None:
            return None  # so that the next alternative is tried
        found.append((item, wanted))
    return found
