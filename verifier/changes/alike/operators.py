"""The operators of a content stream, each with its operands and in its place (ISO 32000-2 annex A, §8.2, §9.4).

What is missing, too many, out of range or unknown is read by one viewer as a default, by another not at all.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pikepdf

from verifier.changes.alike.colours import components
from verifier.changes.alike.fonts import has_codes
from verifier.changes.alike.paths import FILLS, MAKES, PAINTS, STROKES, Path
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
_NAMED = {"gs": "/ExtGState", "sh": "/Shading", "Do": "/XObject", "Tf": "/Font"}
_DEVICE = {"g": 1, "rg": 3, "k": 4}
_LIMITS = {"J": (0, 2), "j": (0, 2), "Tr": (0, 3), "w": (0, MAX_NUMBER), "M": (1, MAX_NUMBER), "i": (0, 1)}
_WHOLE = frozenset({"J", "j", "Tr"})
_OUTLINES = 1
"""Of the ways to draw letters the one that viewers draw unlike: outlines alone, by the width of lines."""
_SHOWS = frozenset({"Tj", "TJ", "'", '"'})
MAX_LIGHTNESS = 0.75
"""Of a colour that is ink."""
DARKENS = "/Multiply"


@dataclass(frozen=True)
class _State:
    """What ``q`` saves: components of the colours to fill and to stroke with, and whether a font is chosen.

    Where a colour space was chosen and no colour yet (``unset``), viewers go on with other colours. ``light`` are those
    of the two that are light, or that nobody can tell; ``darkens``: what is painted leaves what lies below seen, with
    some viewers.
    """

    fill: int = 1
    stroke: int = 1
    font: str = ""
    """The name of the font that was chosen."""
    unset: frozenset[str] = frozenset()
    light: frozenset[str] = frozenset()
    darkens: bool = False


@dataclass
class Reader:
    """Reads one content; ``paints`` tells afterwards whether it leaves any mark."""

    resources: Mapping[str, pikepdf.Object]
    paints: bool = False
    hides: bool = False
    """Whether something light is painted so that one viewer leaves what lies below seen and another one hides it."""
    darkening: set[str] = field(default_factory=set)
    """The names of the forms and pictures that are drawn in that way."""
    _state: _State = field(default_factory=_State)
    _saved: list[_State] = field(default_factory=list)
    _in_text: bool = False
    _path: Path = field(default_factory=Path)

    def reads(self, content: bytes, darkens: bool = False) -> bool:
        """Whether every operator is as it has to be; ``darkens``: it is drawn so that what lies below stays seen."""
        self._state = replace(self._state, darkens=darkens)
        with pikepdf.new() as pdf, warnings.catch_warnings():
            warnings.simplefilter("error")  # an array or a string that does not end
            try:
                found = pikepdf.parse_content_stream(pdf.make_stream(content))
            except (pikepdf.PdfError, ValueError, UserWarning):
                return False
            return all(self._take(one) for one in found) and not self._path.open and not self._in_text

    def _take(self, instruction: object) -> bool:
        if not isinstance(instruction, pikepdf.ContentStreamInstruction):
            return False  # a picture within the content: where it ends, viewers guess
        operator, operands = str(instruction.operator), list(instruction.operands)
        kinds = _OPERANDS.get(operator)
        if kinds is None or not _fit(operands, kinds):
            return False
        if operator in _LIMITS and not _within(operator, operands[0]):
            return False
        if not _is_plain(operator, operands):
            return False
        if operator in _NAMED and str(operands[0]) not in dictionary_of(self.resources.get(_NAMED[operator])):
            return False
        self.paints = self.paints or operator in PAINTS or operator in _SHOWS or operator in ("Do", "sh")
        self._note_darkening(operator, operands)
        numbers = [number_of(one) or 0.0 for one in operands] if operator in MAKES else []
        return (
            self._saves(operator)
            and self._colours(operator, operands)
            and self._text(operator, operands)
            and self._path.takes(operator, numbers)
            and self._is_coloured(operator)
        )

    def _note_darkening(self, operator: str, operands: list[pikepdf.Object]) -> None:
        """What is painted while the blend mode is one that some viewers take for none."""
        if operator == "gs":
            mode = dictionary_of(dictionary_of(self.resources["/ExtGState"])[str(operands[0])]).get("/BM")
            self._state = replace(self._state, darkens=name_of(mode) == DARKENS if mode else self._state.darkens)
        if not self._state.darkens:
            return
        fills, strokes = operator in FILLS or operator in _SHOWS, operator in STROKES or operator in _SHOWS
        light = self._state.light
        self.hides |= operator == "sh" or (fills and "fill" in light) or (strokes and "stroke" in light)
        if operator == "Do":
            self.darkening.add(str(operands[0]))

    def _is_coloured(self, operator: str) -> bool:
        """Whether what paints has its colour; stencils and letters take no pattern."""
        if (operator == "Do" or operator in _SHOWS) and self._state.fill == 0:
            return False
        fills = operator in FILLS or operator in _SHOWS or operator == "Do"
        return not ((fills and "fill" in self._state.unset) or (operator in STROKES and "stroke" in self._state.unset))

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
                self._choose(which, _DEVICE[device], light=_is_light([number_of(one) or 0.0 for one in operands]))
            case "cs":
                named = operands[0]
                space = dictionary_of(self.resources.get("/ColorSpace")).get(str(named), named)
                count = components(space)
                self._choose(which, count or 0, unset=True)
                return count is not None and not any(name_of(one) == "/Indexed" for one in items(space)[:1])
            case "sc" | "scn":
                wanted = self._state.fill if which == "fill" else self._state.stroke
                self._choose(which, wanted, light=True)
                if operands and name_of(operands[-1]):
                    patterns = dictionary_of(self.resources.get("/Pattern"))
                    return wanted == 0 and str(operands[-1]) in patterns
                return len(operands) == wanted and all(number_of(one) is not None for one in operands)
        return True

    def _choose(self, which: str, count: int, unset: bool = False, light: bool = False) -> None:
        held, one = self._state, frozenset({which})
        state = replace(
            held,
            unset=held.unset | one if unset else held.unset - one,
            light=held.light | one if light else held.light - one,
        )
        self._state = replace(state, fill=count) if which == "fill" else replace(state, stroke=count)

    def _text(self, operator: str, operands: list[pikepdf.Object]) -> bool:
        """Text stands between ``BT`` and ``ET``, in a font that was chosen and has its codes."""
        if operator in ("BT", "ET"):
            was, self._in_text = self._in_text, operator == "BT"
            return was is not self._in_text
        if operator == "Tf":
            self._state = replace(self._state, font=str(operands[0]))
        if operator not in _SHOWS:
            return True
        if not self._in_text or not self._state.font:
            return False
        shown = operands[-1]
        words = items(shown) if isinstance(shown, pikepdf.Array) else [shown]
        font = dictionary_of(self.resources.get("/Font")).get(self._state.font)
        return all(has_codes(font, bytes(one)) for one in words if isinstance(one, pikepdf.String))


def _is_plain(operator: str, operands: list[pikepdf.Object]) -> bool:
    """What single operators ask for: a phase ahead, a matrix that keeps two sides, letters filled, no layers."""
    match operator:
        case "d":
            return (number_of(operands[1]) or 0.0) >= 0
        case "cm" | "Tm":
            a, b, c, d = [number_of(one) or 0.0 for one in operands[:4]]
            return a * d != b * c
        case "Tr":
            return number_of(operands[0]) != _OUTLINES
        case "BDC":
            return name_of(operands[0]) != "/OC"
        case _:
            return True


def _is_light(parts: list[float]) -> bool:
    """Whether a colour of a device is light, or beyond the ends."""
    if len(parts) == 4:
        parts = [1 - min(1.0, part + parts[3]) for part in parts[:3]]
    red, green, blue = parts if len(parts) == 3 else parts * 3
    return 0.3 * red + 0.59 * green + 0.11 * blue > MAX_LIGHTNESS


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
