"""The operators of a content stream, each with its operands and in its place (ISO 32000-2 annex A, §8.2, §9.4).

What is missing, too many, out of range or unknown is read by one viewer as a default, by another not at all.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pikepdf

from verifier.changes.alike.colours import components
from verifier.changes.comparison import dictionary_of
from verifier.changes.revision_objects import items, name_of, number_of

MAX_NUMBER = 1_000_000.0
"""Of a coordinate: viewers that count in fixed or short numbers lose what goes beyond."""
MAX_SAVED = 28
"""States saved within each other (annex C of ISO 32000-1)."""
_OPERANDS = {
    **dict.fromkeys(("q", "Q", "h", "S", "s", "f", "F", "f*", "B", "B*", "b", "b*", "n", "W", "W*"), ""),
    **dict.fromkeys(("BT", "ET", "T*", "EMC"), ""),
    **dict.fromkeys(("w", "J", "j", "M", "i", "Tc", "Tw", "Tz", "TL", "Tr", "Ts", "G", "g"), "n"),
    **dict.fromkeys(("m", "l", "Td", "TD"), "nn"),
    **dict.fromkeys(("RG", "rg"), "nnn"),
    **dict.fromkeys(("v", "y", "re", "K", "k"), "nnnn"),
    **dict.fromkeys(("cm", "c", "Tm"), "nnnnnn"),
    **dict.fromkeys(("ri", "gs", "CS", "cs", "sh", "Do", "BMC", "MP"), "/"),
    **dict.fromkeys(("BDC", "DP"), "/p"),
    **dict.fromkeys(("Tj", "'"), "s"),
    **dict.fromkeys(("SC", "sc", "SCN", "scn"), "*"),
    "Tf": "/n",
    "TJ": "a",
    '"': "nns",
    "d": "dn",
}
_GLYPH = {"d0": "nn", "d1": "nnnnnn"}
_NAMED = {"gs": "/ExtGState", "sh": "/Shading", "Do": "/XObject", "Tf": "/Font"}
_DEVICE = {"g": 1, "rg": 3, "k": 4}
_LIMITS = {"J": (0, 2), "j": (0, 2), "Tr": (0, 7), "w": (0, MAX_NUMBER), "M": (0, MAX_NUMBER)}
_WHOLE = frozenset({"J", "j", "Tr"})
_SHOWS, _FILLS = frozenset({"Tj", "TJ", "'", '"'}), frozenset({"f", "F", "f*", "B", "B*", "b", "b*"})
_PAINTS = _FILLS | {"S", "s"}


@dataclass(frozen=True)
class _State:
    """What ``q`` saves: components of the colours to fill and to stroke with, and whether a font is chosen."""

    fill: int = 1
    stroke: int = 1
    font: bool = False


@dataclass
class Reader:
    """Reads one content; ``paints`` tells afterwards whether it leaves any mark."""

    resources: Mapping[str, pikepdf.Object]
    is_glyph: bool = False
    paints: bool = False
    _state: _State = field(default_factory=_State)
    _saved: list[_State] = field(default_factory=list)
    _in_text: bool = False
    _path: str = ""
    """The last operator of the path that is being made; empty where there is none."""
    _flat: bool = False
    """Whether a rectangle of the path has no area."""

    def reads(self, content: bytes) -> bool:
        """Whether every operator is as it has to be."""
        with pikepdf.new() as pdf, warnings.catch_warnings():
            warnings.simplefilter("error")  # an array or a string that does not end
            try:
                found = pikepdf.parse_content_stream(pdf.make_stream(content))
            except (pikepdf.PdfError, ValueError, UserWarning):
                return False
            return all(self._take(one) for one in found)

    def _take(self, instruction: object) -> bool:
        if not isinstance(instruction, pikepdf.ContentStreamInstruction):
            return False  # a picture within the content: where it ends, viewers guess
        operator, operands = str(instruction.operator), list(instruction.operands)
        kinds = (_OPERANDS | _GLYPH if self.is_glyph else _OPERANDS).get(operator)
        if kinds is None or not _fit(operands, kinds):
            return False
        if operator in _LIMITS and not _within(operator, operands[0]):
            return False
        if operator in _NAMED and str(operands[0]) not in dictionary_of(self.resources.get(_NAMED[operator])):
            return False
        self.paints = self.paints or operator in _PAINTS or operator in _SHOWS or operator in ("Do", "sh")
        return (
            self._saves(operator)
            and self._colours(operator, operands)
            and self._text(operator)
            and (self._makes_path(operator, operands) and (operator != "BDC" or name_of(operands[0]) != "/OC"))
        )

    def _saves(self, operator: str) -> bool:
        if operator == "q":
            self._saved.append(self._state)
        elif operator == "Q":
            if not self._saved:
                return False
            self._state = self._saved.pop()
        return len(self._saved) <= MAX_SAVED

    def _colours(self, operator: str, operands: list[pikepdf.Object]) -> bool:
        """A colour has as many components as its space."""
        which = "fill" if operator.islower() else "stroke"
        match operator.lower():
            case "g" | "rg" | "k" as device:
                self._choose(which, _DEVICE[device])
            case "cs":
                space = operands[0]
                count = components(dictionary_of(self.resources.get("/ColorSpace")).get(str(space), space))
                self._choose(which, count or 0)
                return count is not None
            case "sc" | "scn":
                wanted = self._state.fill if which == "fill" else self._state.stroke
                if operands and name_of(operands[-1]):
                    patterns = dictionary_of(self.resources.get("/Pattern"))
                    return wanted == 0 and str(operands[-1]) in patterns
                return len(operands) == wanted and all(number_of(one) is not None for one in operands)
        return True

    def _choose(self, which: str, count: int) -> None:
        state = self._state
        self._state = replace(state, fill=count) if which == "fill" else replace(state, stroke=count)

    def _text(self, operator: str) -> bool:
        """Text stands between ``BT`` and ``ET``, in a font that was chosen."""
        if operator in ("BT", "ET"):
            was, self._in_text = self._in_text, operator == "BT"
            return was is not self._in_text
        if operator == "Tf":
            self._state = replace(self._state, font=True)
        return operator not in _SHOWS or (self._in_text and self._state.font)

    def _makes_path(self, operator: str, operands: list[pikepdf.Object]) -> bool:
        """A path begins with a point, goes on from it, and has an area where it is filled."""
        if operator in ("m", "re"):
            flat = operator == "re" and not all(number_of(side) for side in operands[2:])
            self._path, self._flat = operator, self._flat or flat
        elif operator in ("l", "c", "v", "y", "h"):
            if not self._path or (operator == "h" and self._path == "m"):
                return False
            self._path = operator
        elif operator in _PAINTS or operator == "n":
            flat, self._path, self._flat = self._flat, "", False
            return not (flat and operator in _FILLS)
        return True


def _fit(operands: list[pikepdf.Object], kinds: str) -> bool:
    if kinds == "*":
        return len(operands) <= 33
    return len(operands) == len(kinds) and all(map(_is_kind, operands, kinds))


def _is_kind(value: pikepdf.Object, kind: str) -> bool:
    """``n`` a number, ``/`` a name, ``s`` a string, ``a`` strings and numbers, ``d`` dashes, ``p`` properties."""
    match kind:
        case "n":
            number = number_of(value)
            return number is not None and abs(number) <= MAX_NUMBER
        case "/":
            return isinstance(value, pikepdf.Name)
        case "s":
            return isinstance(value, pikepdf.String)
        case "p":
            return isinstance(value, (pikepdf.Name, pikepdf.Dictionary))
        case "a":
            within = items(value)
            return isinstance(value, pikepdf.Array) and all(_is_kind(x, "s") or _is_kind(x, "n") for x in within)
        case _:
            dashes = [number_of(one) for one in items(value)]
            lengths = [one for one in dashes if one is not None and one >= 0]
            return isinstance(value, pikepdf.Array) and len(lengths) == len(dashes) and (not dashes or sum(lengths) > 0)


def _within(operator: str, value: pikepdf.Object) -> bool:
    low, high = _LIMITS[operator]
    number = number_of(value)
    return number is not None and low <= number <= high and (operator not in _WHOLE or number == int(number))
