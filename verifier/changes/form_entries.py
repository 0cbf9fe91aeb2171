"""Purpose: what signing and filling write into the form dictionary itself (ISO 32000-2 table 224)."""

from __future__ import annotations

from verifier.changes.comparison import Comparison, Difference, dictionary_of
from verifier.changes.filling import needs_appearances
from verifier.changes.kinds import conforms
from verifier.changes.redrawing import may_be_drawn_anew
from verifier.changes.revision_objects import number_of
from verifier.changes.signing import Changes

_SIGNATURES_EXIST = 1
"""Bit of ``/SigFlags`` by which a viewer knows a signed document (ISO 32000-2 table 225)."""


def explain_form_entry(comparison: Comparison, difference: Difference) -> Changes | None:
    """Flags that say it is signed, default fonts that come, a default look where none was, viewers told to draw."""
    match difference.key:
        case "/SigFlags":
            before, after = (int(number_of(value) or 0) for value in (difference.before, difference.after))
            return () if after & _SIGNATURES_EXIST or not before & _SIGNATURES_EXIST else None
        case "/DA" | "/Q":
            return () if difference.before is None or not _fillable(comparison) else None
        case "/DR":
            return () if _only_grew(comparison, difference) else None
        case "/NeedAppearances":
            return () if may_be_drawn_anew(comparison) else None
        case _:
            return None


def _fillable(comparison: Comparison) -> bool:
    return not (comparison.old_form.only_signatures and comparison.new_form.only_signatures)


def _only_grew(comparison: Comparison, difference: Difference) -> bool:
    """Fonts and the like may come; none that was there changes, and none changes what a viewer draws anew."""
    before, after = dictionary_of(difference.before), dictionary_of(difference.after)
    if difference.after is not None and not conforms(difference.after, "resources"):
        return False
    if not _fillable(comparison):
        return True
    if needs_appearances(comparison) or not before.keys() <= after.keys():
        return False
    for category, resources in before.items():
        known, later = dictionary_of(resources), dictionary_of(after[category])
        if any(name not in later or not comparison.same(value, later[name]) for name, value in known.items()):
            return bool(category == "/ProcSet")
    return True
