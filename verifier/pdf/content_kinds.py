"""Kinds of content that a signature cannot speak for: it acts, hides, is not in the file, or differs by viewer."""

from __future__ import annotations

from enum import StrEnum


class ActiveContent(StrEnum):
    """A kind of content that a paper has no use for (the clauses are those of ISO 32000-2)."""

    SCRIPT = "script"
    """12.6.4.17."""
    LAUNCH = "launch"
    """12.6.4.6."""
    EXTERNAL_ACTION = "external-action"
    """12.7.6: sends the form away, or brings values from elsewhere."""
    MULTIMEDIA = "multimedia"
    """13: sound, film, models."""
    EMBEDDED_FILES = "embedded-files"
    """7.11.4."""
    HIDDEN_LAYERS = "hidden-layers"
    """8.11."""
    HIDDEN_ANNOTATIONS = "hidden-annotations"
    """12.5.3."""
    EXTERNAL_STREAM = "external-stream"
    """7.3.8.2: the stream's data is another file's."""
    REFERENCE_XOBJECT = "reference-xobject"
    """8.10.4: a page of another file is shown in this one's place."""
    PRINT_ALTERNATE = "print-alternate"
    """8.9.5.4: another picture of the same place, for printing say."""
    XFA_FORM = "xfa-form"
    """Annex K: a second form that only some programs draw, instead of the pages."""
    FIELD_VALUE = "field-value"
    """12.7.4.3: programs that draw fields anew draw their values, others the appearance that the file holds."""
    NO_APPEARANCE = "no-appearance"
    """12.5.5: each program draws the annotation in its own way, or not at all."""
    FOREIGN_FONT = "foreign-font"
    """9.7.4.2: numbers of glyphs in a font that is not in the file, so other letters elsewhere."""


ACTING = frozenset(
    {ActiveContent.SCRIPT, ActiveContent.LAUNCH, ActiveContent.EXTERNAL_ACTION, ActiveContent.MULTIMEDIA}
)
HIDING = frozenset({ActiveContent.HIDDEN_LAYERS, ActiveContent.HIDDEN_ANNOTATIONS})
ELSEWHERE = frozenset({ActiveContent.EXTERNAL_STREAM, ActiveContent.REFERENCE_XOBJECT, ActiveContent.PRINT_ALTERNATE})

WARNINGS: tuple[tuple[str, frozenset[ActiveContent]], ...] = (
    ("ACTIVE-CONTENT", ACTING - {ActiveContent.MULTIMEDIA}),
    ("MULTIMEDIA-CONTENT", frozenset({ActiveContent.MULTIMEDIA})),
    ("HIDDEN-CONTENT", HIDING),
    ("EMBEDDED-FILES", frozenset({ActiveContent.EMBEDDED_FILES})),
    ("EXTERNAL-STREAM", frozenset({ActiveContent.EXTERNAL_STREAM})),
    ("REFERENCE-XOBJECT", frozenset({ActiveContent.REFERENCE_XOBJECT})),
    ("PRINT-ALTERNATE", frozenset({ActiveContent.PRINT_ALTERNATE})),
    ("XFA-FORM", frozenset({ActiveContent.XFA_FORM})),
    ("FIELD-VALUE-NOT-AS-DRAWN", frozenset({ActiveContent.FIELD_VALUE})),
    ("ANNOTATION-WITHOUT-APPEARANCE", frozenset({ActiveContent.NO_APPEARANCE})),
    ("FONT-NOT-IN-FILE", frozenset({ActiveContent.FOREIGN_FONT})),
)
"""Code of the warning, and the kinds that it speaks of; every kind is in one (tested)."""
