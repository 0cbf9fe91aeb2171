"""The words that a field's appearance draws, read through the encodings of its fonts (ISO 32000-2 §9.4, §12.7.4.3).

Only what form fillers write is understood: text in visible size and colour, in one or several lines, over rectangles as
large as the field. Everything else (objects, images, paths, invisible text, other fonts' tricks) has no reading.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pikepdf

from verifier.changes.comparison import dictionary_of
from verifier.changes.font_reading import reader_of
from verifier.changes.form import MAX_APPEARANCE_BYTES, unfolds_twice
from verifier.changes.revision_objects import number_of, rectangle_of

MIN_POINTS = 2.0
"""Size of letters below which they are hidden."""
MAX_LIGHTNESS = 0.85
"""Of each colour component; lighter letters are hidden on paper."""
_MIN_GROUND, _MIN_CLIP = 0.8, 0.3
"""Share of the field's width and height that a painted rectangle, or one to clip by, has at least."""
_NO_MEANING = frozenset(
    {"q", "Q", "BT", "ET", "BMC", "EMC", "Td", "TD", "T*", "TL", "Tc", "Tw", "w", "J", "j", "M", "d", "i", "ri"}
    | {"G", "RG", "K", "Ts"}
)
_SHOWS = frozenset({"Tj", "TJ", "'", '"'})
_STATE = frozenset({"Tf", "Tm", "g", "rg", "k"})
_PAINTS = frozenset({"f", "F", "f*", "S", "s", "B", "B*", "b", "b*"})
_Operands = Sequence[pikepdf.Object]


class NoReadingError(Exception):
    """The appearance holds something else than plain text on a ground."""


def shown_text(normal: pikepdf.Object, form: pikepdf.Object | None) -> str | None:
    """The text that a normal appearance draws, None where it has no reading; ``form`` has the default fonts."""
    if not isinstance(normal, pikepdf.Stream):
        return None
    try:
        if len(normal.read_raw_bytes()) > MAX_APPEARANCE_BYTES or unfolds_twice(normal):
            return None
        instructions = pikepdf.parse_content_stream(normal)
        state = _State(normal, _fonts(normal, form))
        for instruction in instructions:
            state.take(str(getattr(instruction, "operator", "BI")), list(getattr(instruction, "operands", ())))
    except (NoReadingError, pikepdf.PdfError, ValueError, IndexError, TypeError):
        return None
    return "".join(state.text)


def _fonts(normal: pikepdf.Object, form: pikepdf.Object | None) -> dict[str, pikepdf.Object]:
    defaults = dictionary_of(dictionary_of(dictionary_of(form).get("/DR")).get("/Font"))
    return {**defaults, **dictionary_of(dictionary_of(normal.get("/Resources")).get("/Font"))}


@dataclass
class _State:
    """What has been drawn so far, and how the next letters would be."""

    normal: pikepdf.Object
    fonts: dict[str, pikepdf.Object]
    text: list[str] = field(default_factory=list)
    read: Callable[[bytes], str] | None = None
    points: float = 0.0
    scale: float = 1.0
    path: list[tuple[float, float]] = field(default_factory=list)
    """Shares of the field's width and height, of the rectangles of the path that is being made."""
    visible: bool = True

    def take(self, operator: str, operands: _Operands) -> None:
        """One instruction.

        Raises:
            NoReadingError: it is none that a plain filling has.
        """
        if operator in _PAINTS:
            self._paint()
        elif operator in _SHOWS:
            self._show(operands[-1])
        elif operator in _STATE:
            self._set(operator, operands)
        elif operator == "re":
            self.path.append(self._shares(operands))
        elif operator in ("W", "W*"):
            self._clip()
        elif operator == "n":
            self.path.clear()
        elif operator not in _NO_MEANING and not _has_no_effect(operator, operands):
            raise NoReadingError

    def _set(self, operator: str, operands: _Operands) -> None:
        """How the next letters are drawn."""
        if operator == "Tf":
            font = self.fonts.get(str(operands[0]))
            self.read, self.points = reader_of(font) if font is not None else None, abs(_number(operands[1]))
        elif operator == "Tm":
            self.scale = max(abs(_number(one)) for one in operands[:4])
        else:
            self.visible = _is_dark(operator, [_number(one) for one in operands])

    def _shares(self, operands: _Operands) -> tuple[float, float]:
        box = rectangle_of(self.normal.get("/BBox"))
        if box is None or box[2] <= box[0] or box[3] <= box[1]:
            raise NoReadingError
        return abs(_number(operands[2])) / (box[2] - box[0]), abs(_number(operands[3])) / (box[3] - box[1])

    def _paint(self) -> None:
        if self.text or not self.path or any(min(shares) < _MIN_GROUND for shares in self.path):
            raise NoReadingError
        self.path.clear()

    def _clip(self) -> None:
        if not self.path or any(min(shares) < _MIN_CLIP for shares in self.path):
            raise NoReadingError

    def _show(self, shown: pikepdf.Object) -> None:
        parts = shown.as_list() if isinstance(shown, pikepdf.Array) else [shown]
        words = [bytes(part) for part in parts if isinstance(part, pikepdf.String)]
        if not any(words):
            return
        if self.read is None or not self.visible or self.points * self.scale < MIN_POINTS:
            raise NoReadingError
        self.text.extend(self.read(word) for word in words)


def _has_no_effect(operator: str, operands: _Operands) -> bool:
    """Text drawn as ever (``Tr``, ``Tz``), a turn by right angles, marked content that says no other words."""
    match operator:
        case "Tr" | "Tz":
            return number_of(operands[0]) == (0 if operator == "Tr" else 100)
        case "cm":
            return all(_number(one) in (-1, 0, 1) for one in operands[:4])
        case "BDC":
            return isinstance(operands[1], pikepdf.Dictionary) and "/ActualText" not in dictionary_of(operands[1])
        case _:
            return False


def _is_dark(operator: str, components: list[float]) -> bool:
    if operator == "k":
        return max(components) > 1 - MAX_LIGHTNESS
    return min(components) < MAX_LIGHTNESS


def _number(value: pikepdf.Object) -> float:
    found = number_of(value)
    if found is None:
        raise NoReadingError
    return found
