"""Purpose: an empty field of a known type filled in, by value and appearance that agree (ISO 32000-2 §12.7.5).

Empty, and seen, when the document was signed; what is hidden and shown later is content. Check boxes and radio buttons
are switched to states that the signed file has. A text field draws its value and nothing else, or leaves the drawing to
the viewer (``/NeedAppearances``), as plain form fillers do.
"""

from __future__ import annotations

import unicodedata

import pikepdf

from verifier.changes.comparison import Comparison, Difference, FieldPair, dictionary_of
from verifier.changes.form import FormField
from verifier.changes.form_changes import owns_appearance
from verifier.changes.kinds import conforms
from verifier.changes.revision_objects import items, name_of, number_of, string_of
from verifier.changes.shown_text import shown_text
from verifier.changes.signing import Changes, places_of
from verifier.changes.vocabulary import Change, ChangeKind

_PUSH_BUTTON, _PASSWORD, _COMBO, _RICH, _FILE = 1 << 16, 1 << 13, 1 << 17, 1 << 25, 1 << 20
_FREE_KEYS = frozenset({"/M", "/NM", "/Type"})
_BUTTON_KEYS = frozenset({"/V", "/AS"}) | _FREE_KEYS
_TEXT_KEYS = frozenset({"/V", "/AP"}) | _FREE_KEYS
_CHOICE_KEYS = _TEXT_KEYS | {"/I"}


def explain_filling(comparison: Comparison, difference: Difference) -> Changes | None:
    """A field filled in, with the places of its widgets."""
    pairs = difference.pairs
    if not pairs or any(pair.before.filled or pair.before.hidden for pair in pairs):
        return None
    keys = frozenset(key for pair in pairs for key in pair.keys)
    if keys <= _FREE_KEYS:
        return () if _are_scalars(comparison, pairs) else None
    match pairs[0].after.kind:
        case "/Btn" if keys <= _BUTTON_KEYS and _is_switched(comparison, pairs):
            pass
        case "/Tx" if keys <= _TEXT_KEYS and _is_written(comparison, pairs, _text_value(comparison, pairs[0].after)):
            pass
        case "/Ch" if keys <= _CHOICE_KEYS and _is_written(comparison, pairs, _chosen(comparison, pairs[0].after)):
            pass
        case _:
            return None
    if not all(owns_appearance(comparison, pair) for pair in pairs):
        return (Change(ChangeKind.FIELD_APPEARANCE, difference.where),)
    places = places_of(comparison, tuple(pair.after for pair in pairs))
    return (Change(ChangeKind.FIELD_FILLED, difference.where, places),)


def _are_scalars(comparison: Comparison, pairs: tuple[FieldPair, ...]) -> bool:
    found = (dictionary_of(comparison.new.get(pair.after.ref)).get(key) for pair in pairs for key in pair.keys)
    return all(value is None or not isinstance(value, (pikepdf.Dictionary, pikepdf.Array)) for value in found)


def _flags(comparison: Comparison, field: FormField) -> int:
    return int(number_of(inherited(comparison, field, "/Ff")) or 0)


def inherited(comparison: Comparison, field: FormField, key: str) -> pikepdf.Object | None:
    """An entry of the field or of those above it, as it stands later."""
    holder: FormField | None = field
    seen: set[object] = set()
    while holder is not None and holder.ref not in seen:
        seen.add(holder.ref)
        value = dictionary_of(comparison.new.get(holder.ref)).get(key)
        if value is not None:
            return value
        holder = comparison.new_form.fields.get(holder.parent) if holder.parent is not None else None
    return None


def _is_switched(comparison: Comparison, pairs: tuple[FieldPair, ...]) -> bool:
    """Whether the value is a state that a widget had when signed, and each widget shows it, or is off."""
    if _flags(comparison, pairs[0].after) & _PUSH_BUTTON:
        return False
    value = name_of(inherited(comparison, pairs[0].after, "/V")) or "/Off"
    shown = False
    for pair in (pair for pair in pairs if pair.after.rectangle is not None):
        widget = dictionary_of(comparison.new.get(pair.after.ref))
        states = dictionary_of(dictionary_of(widget.get("/AP")).get("/N"))
        wanted = value if value in states else "/Off"
        if (name_of(widget.get("/AS")) or "/Off") != wanted:
            return False
        shown = shown or wanted != "/Off"
    return shown or value == "/Off"


def _text_value(comparison: Comparison, field: FormField) -> str | None:
    value = inherited(comparison, field, "/V")
    if _flags(comparison, field) & (_PASSWORD | _RICH | _FILE) or not isinstance(value, pikepdf.String):
        return None
    return string_of(value)


def _chosen(comparison: Comparison, field: FormField) -> str | None:
    """What a choice shows: the words of the option whose value was chosen (§12.7.5.4); ``/I`` has to agree."""
    value = inherited(comparison, field, "/V")
    if not isinstance(value, pikepdf.String):
        return None
    options = items(inherited(comparison, field, "/Opt"))
    exports = [string_of(items(one)[0]) if len(items(one)) == 2 else string_of(one) for one in options]
    words = [string_of(items(one)[1]) if len(items(one)) == 2 else string_of(one) for one in options]
    chosen = string_of(value)
    indices = [int(number_of(one) or 0) for one in items(inherited(comparison, field, "/I"))]
    if chosen not in exports:
        return chosen if _flags(comparison, field) & _COMBO and not indices else None
    at = exports.index(chosen)
    return words[at] if indices in ([], [at]) else None


def _is_written(comparison: Comparison, pairs: tuple[FieldPair, ...], value: str | None) -> bool:
    """Whether every widget shows this value, or the viewer is told to draw it."""
    if value is None or not letters_of(value):
        return False
    left_to_viewer = needs_appearances(comparison)
    drawn = [_is_drawn(comparison, pair, value) for pair in pairs if pair.after.rectangle is not None]
    return bool(drawn) and all(one or (one is None and left_to_viewer) for one in drawn)


def needs_appearances(comparison: Comparison) -> bool:
    """Whether viewers are told to draw the fields anew (§12.7.3)."""
    flag = dictionary_of(comparison.new_form.dictionary).get("/NeedAppearances")
    return flag is not None and flag.unparse(resolved=True) == b"true"


def _is_drawn(comparison: Comparison, pair: FieldPair, value: str) -> bool | None:
    """Whether a widget's new appearance draws the value; None where it has the one of the signed file."""
    if "/AP" not in pair.keys:
        return None
    appearance = dictionary_of(comparison.new.get(pair.after.ref)).get("/AP")
    entries = dictionary_of(appearance)
    if entries.keys() != {"/N"} or not conforms(appearance, "appearance"):
        return False
    shown = shown_text(entries["/N"], comparison.new_form.dictionary)
    return shown is not None and letters_of(shown) == letters_of(value)


def letters_of(text: str) -> str:
    """A text without its white space, which lines and combs divide."""
    return "".join(unicodedata.normalize("NFC", text).split())
