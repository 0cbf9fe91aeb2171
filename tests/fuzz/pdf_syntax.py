"""A little of the syntax of PDF (ISO 32000-2 §7.3): enough to take an update apart and write it again, right or wrong.

Atoms (numbers, names, strings, keywords) stay the bytes they were; arrays are lists, dictionaries are dicts in their
order. Nothing here is shared with the verifier or its parsers.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple


class Ref(NamedTuple):
    """An indirect reference."""

    number: int
    generation: int = 0


Value = bytes | Ref | list["Value"] | dict[bytes, "Value"]


@dataclass(frozen=True)
class Body:
    """An indirect object's content: a value and, of a stream, its encoded bytes."""

    value: Value
    stream: bytes | None = None

    @property
    def dictionary(self) -> dict[bytes, Value]:
        """A copy of its entries; empty where it is no dictionary."""
        return dict(self.value) if isinstance(self.value, dict) else {}

    def having(self, **entries: Value | None) -> Body:
        """With these entries set, or taken out where None; names without their slash."""
        changed = self.dictionary
        for key, value in entries.items():
            name = b"/" + key.encode()
            if value is None:
                changed.pop(name, None)
            else:
                changed[name] = value
        return Body(changed, self.stream)


_TOKEN = re.compile(
    rb"\s*(?:%[^\r\n]*[\r\n]\s*)*(<<|>>|\[|\]|/[^\s<>\[\]()/%{}]*|<[0-9A-Fa-f\s]*>|\d+\s+\d+\s+R(?![^\s<>\[\]()/%])|\("
    rb"|[^\s<>\[\]()/%{}]+)"
)


def parsed(data: bytes, at: int = 0) -> tuple[Value, int]:
    """The value that begins here, and where it ends.

    Raises:
        ValueError: there is none.
    """
    found = _TOKEN.match(data, at)
    if found is None:
        raise ValueError(f"no value at {at}")
    token, end = found[1], found.end()
    if token == b"<<":
        return _dictionary(data, end)
    if token == b"[":
        items: list[Value] = []
        while (closing := _TOKEN.match(data, end)) is not None and closing[1] != b"]":
            value, end = parsed(data, end)
            items.append(value)
        return items, (closing.end() if closing else end)
    if token == b"(":
        end = _end_of_string(data, end)
        return data[found.start(1) : end], end
    if token.endswith(b"R") and token[:1].isdigit():
        number, generation = token.split()[:2]
        return Ref(int(number), int(generation)), end
    return token, end


def _dictionary(data: bytes, at: int) -> tuple[Value, int]:
    entries: dict[bytes, Value] = {}
    while (key := _TOKEN.match(data, at)) is not None and key[1] != b">>":
        entries[key[1]], at = parsed(data, key.end())
    return entries, (key.end() if key else at)


def _end_of_string(data: bytes, at: int) -> int:
    depth = 1
    while depth:
        char = data[at : at + 1]
        if not char:
            raise ValueError("a string without end")
        if char == b"\\":
            at += 1
        depth += {b"(": 1, b")": -1}.get(char, 0)
        at += 1
    return at


def spelled(value: Value, end: bytes = b" ") -> bytes:
    """A value as bytes; ``end`` stands between the entries of a dictionary."""
    match value:
        case Ref(number, generation):
            return b"%d %d R" % (number, generation)
        case list():
            return b"[" + b" ".join(spelled(item, end) for item in value) + b"]"
        case dict():
            return b"<<" + end.join(key + b" " + spelled(item, end) for key, item in value.items()) + b">>"
        case _:
            return value


def mapped(value: Value, change: Callable[[Ref], Ref]) -> Value:
    """The value with every reference replaced."""
    match value:
        case Ref():
            return change(value)
        case list():
            return [mapped(item, change) for item in value]
        case dict():
            return {key: mapped(item, change) for key, item in value.items()}
        case _:
            return value


def references(value: Value) -> Iterator[Ref]:
    """Every reference in a value."""
    match value:
        case Ref():
            yield value
        case list():
            for item in value:
                yield from references(item)
        case dict():
            for item in value.values():
                yield from references(item)
        case _:
            return


def stream(data: bytes, compressed: bool = False, **entries: Value) -> Body:
    """A stream with these entries, names without slash; its length is written when it is."""
    values: dict[bytes, Value] = {b"/" + key.encode(): value for key, value in entries.items()}
    if compressed:
        return Body({**values, b"/Filter": b"/FlateDecode"}, zlib.compress(data))
    return Body(values, data)


def numbers(*values: float) -> list[Value]:
    """An array of numbers."""
    return [b"%g" % value for value in values]
