"""PDF's objects as every viewer reads them alike (ISO 32000-2 §7.2, §7.3); whatever else is refused with its place.

An allow-list of tokens: what one viewer takes for a separator, a number or a comment and another for something else is
no token here. Values are plain: ``None``, booleans, numbers, ``Ref``, ``Name``, bytes (a string, not decoded), lists,
dictionaries by decoded name.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias, TypeGuard

from verifier.pdf.updates.defects import DefectError, Rule

MAX_DEPTH = 50
"""PDFium stops at 64 levels."""
MAX_INTEGER = 2**31 - 1
"""Larger ones overflow in some viewers (annex C)."""
WHITE = rb"\x00\t\n\x0c\r "
_SPACE = rb"[" + WHITE + rb"]"
_END = rb"(?=[" + WHITE + rb"/<>\[\]()%]|\Z)"
_TOKEN = re.compile(
    _SPACE
    + rb"*(?:"
    + rb"(?P<ref>(0|[1-9]\d{0,9})" + _SPACE + rb"+(0|[1-9]\d{0,4})" + _SPACE + rb"+R" + _END + rb")"
    + rb"|(?P<number>[+-]?(?:\d+\.?\d*|\.\d+)" + _END + rb")"
    + rb"|(?P<name>/[^\x00-\x20()<>\[\]{}/%\x7f]*)" + _END
    + rb"|(?P<open><<)|(?P<close>>>)|(?P<array>\[)|(?P<end>\])"
    + rb"|(?P<hex><[0-9A-Fa-f" + WHITE + rb"]*>)|(?P<string>\()"
    + rb"|(?P<word>true|false|null)" + _END
    + rb")"
)  # fmt: skip
_IN_STRING = re.compile(rb"[()\\]")
_ESCAPE = re.compile(rb"#(..?)?", re.DOTALL)
_HEX_PAIR = re.compile(rb"[0-9A-Fa-f]{2}")
AHEAD = re.compile(rb"[\r\n ]*")
"""White space before an object or a section: an offset short by a line end leads all five viewers to the same place."""
_HEAD = re.compile(AHEAD.pattern + rb"([1-9]\d{0,9}) (0|[1-9]\d{0,4}) obj" + _END)
_STREAM = re.compile(_SPACE + rb"*stream(?:\r\n|\n)")
_END_STREAM = re.compile(rb"(?:\r\n|\n|\r)?endstream" + _SPACE + rb"*endobj" + _END)
_END_OBJECT = re.compile(_SPACE + rb"*endobj" + _END)
_WORDS = {b"true": True, b"false": False, b"null": None}

Value: TypeAlias = Any
Dictionary = dict[bytes, Value]


class Ref(NamedTuple):
    """A reference: object number and generation."""

    number: int
    generation: int


class Name(bytes):
    """A name without its slash, ``#xx`` decoded."""


@dataclass(frozen=True)
class IndirectObject:
    """One indirect object: where it stands and what it says; ``data`` is the stretch of its stream's bytes."""

    number: int
    generation: int
    value: Value
    start: int
    end: int
    data: tuple[int, int] | None = None


def is_count(value: object) -> TypeGuard[int]:
    """Whether a value is a whole number that is not negative, as lengths, offsets and sizes have to be."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def behind_line_ends(text: bytes, at: int) -> int:
    """The offset behind the line ends and spaces that stand at ``at``; the text's end for one that is outside of it."""
    ahead = AHEAD.match(text, min(at, len(text)))
    assert ahead is not None  # it matches nothing, too
    return ahead.end()


def parse_value(text: bytes, at: int, stop: int | None = None) -> tuple[Value, int]:
    """The value that stands at ``at``, white space before it passed over, and the offset behind it.

    Raises:
        DefectError: not every viewer reads it alike.
    """
    return _Parser(text, at, len(text) if stop is None else stop).value()


def parse_dictionary(text: bytes, at: int) -> tuple[Dictionary, int]:
    """The same for a dictionary.

    Raises:
        DefectError: as ``parse_value``, or it is none.
    """
    value, end = parse_value(text, at)
    if not isinstance(value, dict):
        raise DefectError(Rule.OBJECT, at)
    return value, end


def parse_object(text: bytes, at: int, length_of: Callable[[Ref], int | None]) -> IndirectObject:
    """The indirect object at this very offset (§7.3.10), its stream by its ``/Length`` alone (§7.3.8).

    Raises:
        DefectError: not every viewer reads it alike.
    """
    head = _HEAD.match(text, min(at, len(text)))
    if head is None:
        raise DefectError(Rule.HEAD, at)
    value, position = parse_value(text, head.end())
    number, generation = int(head[1]), int(head[2])
    end = _END_OBJECT.match(text, position)
    if end is not None:
        return IndirectObject(number, generation, value, at, end.end())
    start = _STREAM.match(text, position)
    if start is None or not isinstance(value, dict):
        raise DefectError(Rule.OBJECT, position)
    length = value.get(b"Length")
    if isinstance(length, Ref):
        length = length_of(length)
    if not is_count(length):
        raise DefectError(Rule.LENGTH, position)
    stop = start.end() + length
    closing = _END_STREAM.match(text, stop)
    if closing is None:
        raise DefectError(Rule.LENGTH, position)
    return IndirectObject(number, generation, value, at, closing.end(), (start.end(), stop))


class _Parser:
    """One value, read token by token; containers on a stack, so depth is a number and not Python's recursion."""

    def __init__(self, text: bytes, at: int, stop: int) -> None:
        self._text, self._at, self._stop = text, at, stop
        self._open: list[list[Value] | _Entries] = []

    def value(self) -> tuple[Value, int]:
        """The next value and the offset behind it.

        Raises:
            DefectError: there is none that every reader takes for the same.
        """
        while True:
            token = _TOKEN.match(self._text, self._at, self._stop)
            if token is None:
                raise DefectError(Rule.OBJECT, self._at)
            self._at = token.end()
            done, value = self._take(token)
            if not done:
                continue
            if not self._open:
                return value, self._at
            self._open[-1].append(value)

    def _take(self, token: re.Match[bytes]) -> tuple[bool, Value]:
        """Whether a value is complete with this token, and which."""
        match token.lastgroup:
            case "ref":
                return True, Ref(int(token[2]), int(token[3]))
            case "number":
                return True, self._number(token["number"])
            case "name":
                return True, self._name(token["name"])
            case "string":
                return True, self._string(token.end())
            case "hex":
                return True, token["hex"]
            case "word":
                return True, _WORDS[token["word"]]
            case "open" | "array":
                if len(self._open) >= MAX_DEPTH:
                    raise DefectError(Rule.DEPTH, self._at)
                self._open.append(_Entries(self._at) if token.lastgroup == "open" else [])
                return False, None
            case _:
                return True, self._closed(token.lastgroup == "close")

    def _closed(self, dictionary: bool) -> Value:
        container = self._open.pop() if self._open else None
        if container is None or isinstance(container, _Entries) is not dictionary:
            raise DefectError(Rule.OBJECT, self._at)
        return container.finish() if isinstance(container, _Entries) else container

    def _number(self, digits: bytes) -> int | float:
        if b"." in digits:
            return float(digits)
        if abs(int(digits)) > MAX_INTEGER:
            raise DefectError(Rule.NUMBER, self._at)
        return int(digits)

    def _name(self, spelled: bytes) -> Name:
        """Decode ``#xx``; a letter or digit spelled so is written by no program, and read as another name by some."""
        if b"#" not in spelled:
            return Name(spelled[1:])

        def decoded(escape: re.Match[bytes]) -> bytes:
            digits = escape[1] or b""
            byte = bytes([int(digits, 16)]) if _HEX_PAIR.fullmatch(digits) else b"\0"
            if byte == b"\0" or byte.isalnum():
                raise DefectError(Rule.NAME, self._at)
            return byte

        return Name(_ESCAPE.sub(decoded, spelled[1:]))

    def _string(self, start: int) -> bytes:
        """A literal string up to the bracket that closes it (§7.3.4.2)."""
        depth, at = 1, start
        while depth:
            found = _IN_STRING.search(self._text, at, self._stop)
            if found is None:
                raise DefectError(Rule.OBJECT, start)
            at = found.end()
            if found[0] == b"\\":
                at += 1
            else:
                depth += 1 if found[0] == b"(" else -1
        self._at = at
        return self._text[start : at - 1]


class _Entries:
    """A dictionary that is being read: keys and values in turn."""

    def __init__(self, at: int) -> None:
        self._at = at
        self._key: Name | None = None
        self._found: Dictionary = {}

    def append(self, value: Value) -> None:
        """The next key, or the value of the key before.

        Raises:
            DefectError: a key that is no name, or one that is there already.
        """
        if self._key is not None:
            self._found[self._key] = value
            self._key = None
            return
        if not isinstance(value, Name) or not value:
            raise DefectError(Rule.OBJECT, self._at)
        if value in self._found:
            raise DefectError(Rule.KEY_TWICE, self._at)
        self._key = value

    def finish(self) -> Dictionary:
        """The entries.

        Raises:
            DefectError: the last key has no value.
        """
        if self._key is not None:
            raise DefectError(Rule.OBJECT, self._at)
        return self._found
