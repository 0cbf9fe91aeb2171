"""What may follow a signature: the list of allowed purposes, in order (ISO 32000-2 §12.8.2). Read this file first.

A difference between the signed revision and a later one (``object_changes.py``) is allowed only where a purpose of
this list explains it **entirely**: every entry that differs, and every object newly reached from it (``kinds.toml``).
What no purpose explains is told as what it is, and nothing allows it. How much of what is explained a signature
permits is the affair of its own DocMDP, FieldMDP and lock (``permissions.py``); what a picture may show in the places
that a change names, of ``verifier/drawing``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from verifier.changes.comparison import Comparison, Difference, Part
from verifier.changes.filling import explain_filling
from verifier.changes.form_entries import explain_form_entry
from verifier.changes.metadata import (
    explain_authentication,
    explain_information,
    explain_mark,
    explain_metadata,
    explain_output_intents,
)
from verifier.changes.notes import explain_note
from verifier.changes.signing import Changes, explain_field_signed, explain_new_field, explain_node
from verifier.changes.tag_changes import explain_page_tags, explain_tags
from verifier.changes.validation_data import explain_declarations, explain_validation_data
from verifier.changes.vocabulary import Change


@dataclass(frozen=True)
class Purpose:
    """One reason for which a document may differ from what was signed.

    ``explains`` answers None where the difference is not of this purpose, else what it is: nothing worth telling (an
    empty tuple), a change that permissions then allow or not, or one by name that nothing allows.
    """

    part: Part
    clause: str
    explains: Callable[[Comparison, Difference], Changes | None]


PURPOSES = (
    # Never a change of the document (Tolerance.EXTENSION)
    Purpose(Part.CATALOG, "12.8.4.3: a document security store", explain_validation_data),
    Purpose(Part.CATALOG, "7.12: a version or an extension declared", explain_declarations),
    Purpose(Part.CATALOG, "14.3.2: metadata of the document", explain_metadata),
    Purpose(Part.TRAILER, "14.3.3: the document information dictionary", explain_information),
    Purpose(Part.CATALOG, "14.11.5: output intents where none were", explain_output_intents),
    Purpose(Part.TRAILER, "ISO/TS 32004: the authentication code of an encrypted document", explain_authentication),
    Purpose(Part.TRAILER, "a producer's mark without meaning", explain_mark),
    Purpose(Part.CATALOG, "14.7.1: that the document is tagged", explain_mark),
    # A document time stamp, a further signature, a field filled in (12.8.5, 12.7.5.5, 12.7.5; Tolerance.FORM)
    Purpose(Part.NODE, "12.7.4.2: a node above new signature fields", explain_node),
    Purpose(Part.NEW_FIELD, "12.7.5.5: a field that came with its signature or time stamp", explain_new_field),
    Purpose(Part.FIELD, "12.7.5.5: an empty signature field, signed", explain_field_signed),
    Purpose(Part.FIELD, "12.7.5: an empty field, filled in", explain_filling),
    Purpose(Part.FORM, "12.7.3: what signing and filling write into the form dictionary", explain_form_entry),
    # What comes along with them
    Purpose(Part.TAGS, "14.7.2: structure elements of what was added", explain_tags),
    Purpose(Part.PAGE, "14.7.5.4: a page's part in them", explain_page_tags),
    # Comments, where a certification permits them (table 257, P = 3; Tolerance.ANNOTATION)
    Purpose(Part.ANNOTATION, "12.5.6.4: notes beside the page", explain_note),
)


def explain(comparison: Comparison, difference: Difference) -> Changes:
    """What a difference is, by the first purpose that explains it; else a change that nothing allows."""
    for purpose in PURPOSES:
        if purpose.part is difference.part:
            explained = purpose.explains(comparison, difference)
            if explained is not None:
                return explained
    return (Change(difference.kind, difference.where),)
