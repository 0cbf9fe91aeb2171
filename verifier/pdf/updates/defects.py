"""Why a file can be read in two ways: the rule that it breaks, and where."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Rule(StrEnum):
    """One rule of ISO 32000-2 §7.2 to §7.5 that viewers rely on; where it is broken, each repairs in its own way."""

    HEADER = "header-not-at-start"
    START = "startxref"
    """No ``startxref`` and ``%%EOF`` in the last 1,024 bytes, or one that points elsewhere (§7.5.5)."""
    SECTION = "cross-reference-section"
    """No table and no stream of the proper form where one has to be (§7.5.4, §7.5.8)."""
    ENTRY_TWICE = "cross-reference-entry-twice"
    ENTRY = "cross-reference-entry"
    """An entry that leads outside the file, to no object or to another one."""
    OBJECT_ZERO = "object-0-not-free"
    SIZE = "size-too-small"
    CHAIN = "chain-of-sections"
    """``/Prev`` that does not lead back section by section to the signed one."""
    ORDER = "table-after-stream"
    TRAILER = "trailers-disagree"
    UNNAMED_BYTES = "bytes-without-meaning"
    """Between the objects stands more than white space and plain comments."""
    HIDDEN_OBJECT = "object-inside-another"
    """What looks like an object's head stands in a stream or a string: a repairing viewer takes it for one."""
    OBJECT = "object-syntax"
    HEAD = "object-head"
    NAME = "name-spelled-otherwise"
    KEY_TWICE = "key-twice"
    NUMBER = "number-out-of-range"
    DEPTH = "nested-too-deep"
    LENGTH = "stream-length"
    OBJECT_STREAM = "object-stream"
    CONTAINER = "object-stream-replaced"
    HYBRID = "table-and-stream-disagree"
    DANGLING = "reference-to-nothing"
    PAGE_TREE = "page-tree"
    REPAIRED = "repaired-when-read"
    TOO_MUCH = "too-many-sections"
    DRAWING = "drawn-in-two-ways"
    """A form or a picture of the update that not every viewer draws, or draws in the same colours."""


@dataclass(frozen=True)
class Defect:
    """A broken rule and the offset in bytes from the start of the file; None where it is no place in the bytes."""

    rule: Rule
    offset: int | None = None

    @property
    def detail(self) -> str:
        """For the operator: the rule and the place."""
        return self.rule.value if self.offset is None else f"{self.rule.value} @ {self.offset}"


class DefectError(Exception):
    """The bytes break a rule; ``defect`` says which."""

    def __init__(self, rule: Rule, offset: int | None = None) -> None:
        super().__init__(rule, offset)
        self.defect = Defect(rule, offset)
