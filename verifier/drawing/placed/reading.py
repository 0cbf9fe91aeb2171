"""What a page says, by PDFium's text, where that text is really seen: words and line pieces with their boxes.

Text that is invisible (render mode 3: a scan's OCR), transparent, clipped away, white on white or under a picture is no
text: nobody reads it, so it explains nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter

from verifier.drawing.placed.characters import Character
from verifier.drawing.rendering import Box

WORD_GAP = 0.6
"""Text heights between two words where no space is written."""
PIECE_GAP = 2.0
"""Text heights between two pieces of a line that do not read together."""
HANGING = ",;"
"""Characters that stand below a line's capitals."""
RECIPIENTS_END = re.compile(r"[-–+*•]?\s*lưu\s*[:,]?\s*(\w{1,6}\s*[,;-]\s*)?(vt|văn thư|hc|vp|hs)\b")
"""The last recipient of a letter is its own file (NĐ 30/2020 Phụ lục I mục II.9)."""
LATEST = 8
"""Characters of a line by which the next one is told to be of it."""
_height = itemgetter(0)


@dataclass(frozen=True)
class Word:
    """Characters that stand together."""

    text: str
    box: Box


@dataclass(frozen=True)
class Line:
    """Characters of one line, from left to right; ``height`` is that of its capitals, in points."""

    characters: tuple[Character, ...]
    box: Box
    height: float


@dataclass(frozen=True)
class Piece:
    """Words of one line that read together: no gap of two text heights between them."""

    words: tuple[Word, ...]
    box: Box
    height: float
    """Of its capitals, in points."""

    @property
    def text(self) -> str:
        """The words with single spaces."""
        return " ".join(word.text for word in self.words)

    @property
    def ends_letter(self) -> bool:
        """Whether a letter's text ends here ("./.")."""
        return "".join(word.text for word in self.words).endswith("./.")

    @property
    def ends_recipients(self) -> bool:
        """Whether the list of recipients ends here ("- Lưu: VT, QLN.")."""
        return RECIPIENTS_END.match(unicodedata.normalize("NFC", self.text).casefold()) is not None


def share(box: Box, size: tuple[float, float]) -> Box:
    """A box in points as fractions of the page."""
    return box[0] / size[0], box[1] / size[1], box[2] / size[0], box[3] / size[1]


def lines_of(characters: Sequence[Character]) -> list[Line]:
    """Characters set to lines, each from left to right."""
    lines: list[_Growing] = []
    for character in sorted(characters, key=lambda one: (one.box[1] + one.box[3], one.box[0])):
        line = next((line for line in lines[:-13:-1] if line.takes(character)), None)
        if line is None:
            line = _Growing()
            lines.append(line)
        line.add(character)
    found = []
    for line in lines:
        ordered = tuple(sorted(line.characters, key=lambda one: one.box[0]))
        found.append(Line(ordered, _around([one.box for one in ordered]), text_height(ordered)))
    return found


class _Growing:
    """A line to which characters are added; its latest ones say where it stands."""

    def __init__(self) -> None:
        self.characters: list[Character] = []
        self._latest: deque[tuple[float, float, float]] = deque(maxlen=LATEST)

    def add(self, character: Character) -> None:
        """One more."""
        _, top, _, bottom = character.box
        self.characters.append(character)
        self._latest.append((bottom - top, top, bottom))

    def takes(self, character: Character) -> bool:
        """Whether a character stands on this line: its middle and theirs within each other's height.

        A comma hangs below capitals.
        """
        box = character.box
        height, top, bottom = max(self._latest, key=_height)
        shared = min(bottom, box[3]) - max(top, box[1])
        needed = 0.1 if character.text in HANGING else 0.5
        return shared > needed * min(height, box[3] - box[1])


def pieces_of(lines: Sequence[Line]) -> list[Piece]:
    """The pieces of lines that read together, from top to bottom and left to right."""
    pieces = []
    for line in lines:
        for group in _split(line.characters, PIECE_GAP * line.height):
            words = tuple(
                Word("".join(one.text for one in word), _around([one.box for one in word]))
                for word in _split(group, WORD_GAP * line.height, spaces=True)
            )
            pieces.append(Piece(words, _around([word.box for word in words]), line.height))
    return pieces


def text_height(characters: Sequence[Character]) -> float:
    """The height of capitals and digits among these, in points; their largest letters where there are none."""
    tall = sorted(one.box[3] - one.box[1] for one in characters if one.text.isdigit() or one.text.isupper()) or sorted(
        one.box[3] - one.box[1] for one in characters
    )
    return max(tall[len(tall) // 2], 1.0)


def _split(characters: Sequence[Character], gap: float, spaces: bool = False) -> list[list[Character]]:
    """Groups with less than ``gap`` points between them, split at written spaces too where asked for."""
    groups: list[list[Character]] = []
    right = 0.0
    for character in characters:
        if groups and character.box[0] - right < gap and not (spaces and character.begins):
            groups[-1].append(character)
            right = max(right, character.box[2])
        else:
            groups.append([character])
            right = character.box[2]
    return groups


def _around(boxes: Sequence[Box]) -> Box:
    return (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )
