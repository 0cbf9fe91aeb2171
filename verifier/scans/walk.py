"""What a page's content paints, in order, each thing with its true matrix (ISO 32000-2 8, 9). Worker process only.

Form XObjects, tiling patterns and Type 3 glyphs are entered. Nothing is decoded: the cost is bounded by operations and
nesting. Whether a thing can be seen is not decided here (``overlay.py`` draws the page).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

import pikepdf

from verifier.guard import Failure, attempt
from verifier.scans.geometry import IDENTITY, Box, Matrix, around, ordered, point, times, unit_square
from verifier.scans.layers import HiddenContent

MAX_OPERATIONS = 300_000
"""Of one page, forms included: a dense map has 100,000."""
MAX_DEPTH = 12
"""Of forms in forms."""
INVISIBLE_MODES = (3, 7)
"""Text rendering modes that paint nothing: invisible, and clipping only (ISO 32000-2 table 104)."""
OPAQUE = 0.02
"""A constant alpha below it paints nothing that can be seen."""

_FILL_COLOUR = frozenset({"g", "rg", "k", "cs", "sc", "scn"})
_PATH_PAINTING = frozenset({"f", "F", "f*", "B", "B*", "b", "b*", "S", "s"})
_PATH_FILLING = _PATH_PAINTING - {"S", "s"}
_TEXT_SHOWING = frozenset({"Tj", "TJ", "'", '"'})


class Thing(StrEnum):
    """What was painted."""

    IMAGE = "image"
    TEXT = "text"
    INVISIBLE_TEXT = "invisible-text"
    DRAWING = "drawing"


@dataclass(frozen=True)
class Painted:
    """One painted thing.

    ``box`` is None where it is not worked out (text). ``source`` is the image (a stream, or an inline image's object),
    ``resources`` the dictionary that its names refer to, ``fill`` the operators that set the colour of a stencil.
    ``hidden``: switched off by optional content; ``switchable``: it can be switched.
    """

    thing: Thing
    box: Box | None
    matrix: Matrix
    source: Any = None
    resources: Any = None
    fill: tuple[Any, ...] = ()
    alpha: float = 1.0
    hidden: bool = False
    switchable: bool = False
    in_pattern: bool = False


@dataclass
class Walk:
    """What a page paints, and why the walk ended early, if it did."""

    painted: list[Painted] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    operations: int = 0


@dataclass(frozen=True)
class _State:
    """The part of the graphics state that matters here."""

    matrix: Matrix
    text_mode: int = 0
    font: str = ""
    fill: tuple[Any, ...] = ()
    alpha: float = 1.0
    pattern: str = ""


@dataclass(frozen=True)
class _Place:
    """Where content stands: how deep, in which streams, in a pattern, switched off."""

    resources: Any
    base: Matrix
    depth: int = 0
    entered: frozenset[tuple[int, int]] = frozenset()
    hidden: bool = False
    switchable: bool = False
    in_pattern: bool = False


def walk_page(page: Any, hidden: HiddenContent) -> Walk:
    """Everything that a page's own content paints, annotations left out."""
    walk = Walk()
    resources = attempt("resources", lambda: page.resources)
    found = pikepdf.Dictionary() if isinstance(resources, Failure) else resources
    _Walker(walk, hidden).run(page, _Place(found, IDENTITY), IDENTITY)
    return walk


class _Walker:
    def __init__(self, walk: Walk, hidden: HiddenContent) -> None:
        self._walk = walk
        self._hidden = hidden

    def run(self, stream: Any, place: _Place, matrix: Matrix) -> None:
        """Walk one content stream."""
        content = attempt("content", lambda: pikepdf.parse_content_stream(stream))
        if isinstance(content, Failure):
            self._walk.failures.append(content.detail)
            return
        _Stream(self, self._walk, self._hidden, place, matrix).run(content)

    def enter(self, stream: Any, place: _Place, matrix: Matrix, *, pattern: bool = False, hidden: bool = False) -> None:
        """Walk a form, a pattern cell or a glyph unless it is nested too deep or in itself."""
        number = attempt("number", lambda: tuple(stream.objgen))
        if isinstance(number, Failure) or number in place.entered:
            return
        if place.depth >= MAX_DEPTH:
            self._walk.failures.append("nesting")
            return
        own = stream.get("/Resources")
        inner = replace(
            place,
            resources=place.resources if own is None else own,
            depth=place.depth + 1,
            entered=place.entered | {number},
            hidden=place.hidden or hidden,
            in_pattern=place.in_pattern or pattern,
            base=place.base if pattern else matrix,
        )
        self.run(stream, inner, matrix)


class _Stream:
    """One content stream being walked."""

    def __init__(self, walker: _Walker, walk: Walk, hidden: HiddenContent, place: _Place, matrix: Matrix) -> None:
        self._walker, self._walk, self._hidden, self._place = walker, walk, hidden, place
        self._state = _State(matrix)
        self._saved: list[_State] = []
        self._marked: list[tuple[bool, bool]] = []
        self._path: list[tuple[float, float]] = []

    def run(self, content: Any) -> None:
        """Every operation in order; one that is malformed is passed over, as viewers do."""
        for operation in content:
            self._walk.operations += 1
            if self._walk.operations > MAX_OPERATIONS:
                self._walk.failures.append("operations")
                return
            done = attempt("operation", lambda operation=operation: self._do(operation))  # type: ignore[misc]
            if isinstance(done, Failure):
                self._walk.failures.append(done.detail)

    def _do(self, operation: Any) -> None:
        if isinstance(operation, pikepdf.ContentStreamInlineImage):
            self._paint(Thing.IMAGE, unit_square(self._state.matrix), operation)
            return
        name, operands = str(operation.operator), operation.operands
        if name in _FILL_COLOUR:
            self._set_fill(name, operation)
        elif name in _TEXT_SHOWING:
            self._show_text(operands)
        elif name in _PATH_PAINTING:
            self._paint_path(name)
        else:
            handler = _HANDLERS.get(name)
            if handler is not None:
                handler(self, operands)

    # --- graphics state ---

    def _save(self, _: Any) -> None:
        self._saved.append(self._state)

    def _restore(self, _: Any) -> None:
        if self._saved:
            self._state = self._saved.pop()

    def _concatenate(self, operands: Any) -> None:
        self._state = replace(self._state, matrix=times(_matrix(operands), self._state.matrix))

    def _set_graphics(self, operands: Any) -> None:
        found = self._resource("/ExtGState", operands[0])
        if found is not None and found.get("/ca") is not None:
            self._state = replace(self._state, alpha=float(found.get("/ca")))
        if found is not None and found.get("/Font") is not None:
            self._state = replace(self._state, font="")

    def _set_fill(self, name: str, operation: Any) -> None:
        kept = tuple(op for op in self._state.fill if str(op.operator) == "cs") if name in ("sc", "scn") else ()
        last = operation.operands[-1] if name == "scn" and len(operation.operands) else None
        pattern = str(last) if isinstance(last, pikepdf.Name) else ""
        self._state = replace(self._state, fill=(*kept, operation), pattern=pattern)

    def _set_mode(self, operands: Any) -> None:
        self._state = replace(self._state, text_mode=int(operands[0]))

    def _set_font(self, operands: Any) -> None:
        self._state = replace(self._state, font=str(operands[0]))

    # --- optional content ---

    def _begin_marked(self, operands: Any) -> None:
        hidden = switchable = False
        if len(operands) > 1 and operands[0] == "/OC" and isinstance(operands[1], pikepdf.Name):
            group = self._resource("/Properties", operands[1])
            hidden, switchable = self._hidden.is_hidden(group), True
        self._marked.append((hidden, switchable))

    def _end_marked(self, _: Any) -> None:
        if self._marked:
            self._marked.pop()

    # --- paths ---

    def _rectangle(self, operands: Any) -> None:
        x, y, width, height = (float(value) for value in operands)
        self._path += [point(self._state.matrix, x + dx * width, y + dy * height) for dx in (0, 1) for dy in (0, 1)]

    def _to(self, operands: Any) -> None:
        values = [float(value) for value in operands]
        pairs = zip(values[::2], values[1::2], strict=False)
        self._path += [point(self._state.matrix, x, y) for x, y in pairs]

    def _forget_path(self, _: Any) -> None:
        self._path = []

    def _paint_path(self, name: str) -> None:
        box = around(self._path) if self._path else None
        self._path = []
        if box is None:
            return
        self._paint(Thing.DRAWING, box)
        if name in _PATH_FILLING and self._state.pattern:
            self._enter_pattern()

    def _shade(self, _: Any) -> None:
        self._paint(Thing.DRAWING, None)

    def _enter_pattern(self) -> None:
        pattern = self._resource("/Pattern", self._state.pattern)
        if isinstance(pattern, pikepdf.Stream):
            own = _matrix(pattern.get("/Matrix")) if pattern.get("/Matrix") is not None else IDENTITY
            self._walker.enter(pattern, self._inside(), times(own, self._place.base), pattern=True)

    # --- text, forms, images ---

    def _show_text(self, operands: Any) -> None:
        last = operands[-1]
        strings = last if isinstance(last, pikepdf.Array) else [last]
        if not any(bytes(part).strip(b" \x00") for part in strings if isinstance(part, pikepdf.String)):
            return
        glyphs = self._type3()
        if glyphs is None:
            silent = self._state.text_mode in INVISIBLE_MODES
            self._paint(Thing.INVISIBLE_TEXT if silent else Thing.TEXT, None)
            return
        painting = [glyph for glyph in glyphs if _paints(glyph)]  # a Type 3 font ignores the rendering mode (9.3.6)
        self._paint(Thing.TEXT if painting else Thing.INVISIBLE_TEXT, None)

    def _type3(self) -> list[Any] | None:
        """The glyph procedures of the current font if it is a Type 3 font."""
        font = self._resource("/Font", self._state.font) if self._state.font else None
        if not isinstance(font, pikepdf.Dictionary) or font.get("/Subtype") != "/Type3":
            return None
        procedures = font.get("/CharProcs")
        return [] if procedures is None else [glyph for _, glyph in procedures.items()]

    def _do_object(self, operands: Any) -> None:
        found = self._resource("/XObject", operands[0])
        if not isinstance(found, pikepdf.Stream):
            self._walk.failures.append("missing XObject")
            return
        group = found.get("/OC")
        hidden = group is not None and self._hidden.is_hidden(group)
        inside = self._inside(hidden=hidden, switchable=group is not None)
        if found.get("/Subtype") == "/Image":
            self._paint(Thing.IMAGE, unit_square(self._state.matrix), found, inside)
        elif found.get("/Subtype") == "/Form":
            own = _matrix(found.get("/Matrix")) if found.get("/Matrix") is not None else IDENTITY
            self._walker.enter(found, inside, times(own, self._state.matrix))

    def _inside(self, *, hidden: bool = False, switchable: bool = False) -> _Place:
        return replace(
            self._place,
            hidden=self._place.hidden or hidden or any(off for off, _ in self._marked),
            switchable=self._place.switchable or switchable or any(can for _, can in self._marked),
        )

    def _paint(self, thing: Thing, box: Box | None, source: Any = None, place: _Place | None = None) -> None:
        where = place or self._inside()
        self._walk.painted.append(
            Painted(
                thing,
                box,
                self._state.matrix,
                source,
                self._place.resources,
                self._state.fill,
                self._state.alpha,
                where.hidden,
                where.switchable,
                where.in_pattern,
            )
        )

    def _resource(self, kind: str, name: Any) -> Any:
        if not isinstance(self._place.resources, pikepdf.Dictionary):
            return None
        table = self._place.resources.get(kind)
        return table.get(str(name)) if isinstance(table, pikepdf.Dictionary) else None


_HANDLERS = {
    "q": _Stream._save,
    "Q": _Stream._restore,
    "cm": _Stream._concatenate,
    "gs": _Stream._set_graphics,
    "Tr": _Stream._set_mode,
    "Tf": _Stream._set_font,
    "BDC": _Stream._begin_marked,
    "BMC": _Stream._begin_marked,
    "EMC": _Stream._end_marked,
    "re": _Stream._rectangle,
    "m": _Stream._to,
    "l": _Stream._to,
    "c": _Stream._to,
    "v": _Stream._to,
    "y": _Stream._to,
    "n": _Stream._forget_path,
    "sh": _Stream._shade,
    "Do": _Stream._do_object,
}


def _matrix(values: Any) -> Matrix:
    a, b, c, d, e, f = (float(value) for value in values)
    return (a, b, c, d, e, f)


_SILENT_IN_GLYPHS = frozenset({"d0", "d1", "q", "Q", "cm", "n", "w", "W", "W*", "re", "gs", "BMC", "BDC", "EMC"})


def _paints(glyph: Any) -> bool:
    """Does a Type 3 glyph paint anything (those of character recognition are empty)."""
    names = attempt("glyph", lambda: list(_operators(glyph)))
    return isinstance(names, Failure) or any(name not in _SILENT_IN_GLYPHS for name in names)


def _operators(glyph: Any) -> Iterator[str]:
    for operation in pikepdf.parse_content_stream(glyph):
        yield "BI" if isinstance(operation, pikepdf.ContentStreamInlineImage) else str(operation.operator)


def page_box(page: Any) -> Box:
    """The crop box within the media box, as viewers show it."""
    crop, media = ordered(map(float, page.cropbox)), ordered(map(float, page.mediabox))
    shared = (max(crop[0], media[0]), max(crop[1], media[1]), min(crop[2], media[2]), min(crop[3], media[3]))
    return shared if shared[0] < shared[2] and shared[1] < shared[3] else media
