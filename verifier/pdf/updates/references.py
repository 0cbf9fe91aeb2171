"""What an update's objects say beside what they said before: references to objects that do not exist (some viewers show
nothing there, some what repair finds), and pages that are called none any more (Ghostscript leaves them out)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from verifier.pdf.updates.defects import DefectError, Rule
from verifier.pdf.updates.grammar import Name, Ref, Value, parse_object
from verifier.pdf.updates.object_streams import Decrypt, compressed_value
from verifier.pdf.updates.sections import COMPRESSED, FREE, IN_USE, State, plain_number

_OF_THE_PAGES = (Name(b"Page"), Name(b"Pages"), Name(b"Catalog"))


def check_references(
    data: bytes, before: State, entries: State, values: Mapping[int, Value], decrypt: Decrypt | None
) -> None:
    """No object of an update names one that does not exist, unless its own earlier version did so already; and what
    was a page, a node of pages or the catalog is called so still (§7.7.2, §7.7.3).

    Raises:
        DefectError: one does.
    """
    after = {**before, **entries}
    for number, value in values.items():
        earlier = _value_before(data, before, number, decrypt)
        if _type_of(earlier) in _OF_THE_PAGES and _type_of(value) != _type_of(earlier):
            raise DefectError(Rule.PAGE_TREE, entries[number].first if number in entries else None)
        missing = {ref for ref in _references_in(value) if _leads_nowhere(ref, after)}
        if not missing <= set(_references_in(earlier)):
            raise DefectError(Rule.DANGLING, entries[number].first if number in entries else None)


def _type_of(value: Value) -> Value:
    return value.get(b"Type") if isinstance(value, dict) else None


def _value_before(data: bytes, before: State, number: int, decrypt: Decrypt | None) -> Value:
    """What the object said before the update; None where it was none, or where not every viewer reads it alike."""
    entry = before.get(number)
    try:
        if entry is None or entry.kind == FREE:
            return None
        holder = entry if entry.kind == IN_USE else before[entry.first]
        found = parse_object(data, holder.first, lambda ref: plain_number(data, before, ref))
        return found.value if entry.kind == IN_USE else compressed_value(data, found, number, decrypt)
    except (DefectError, KeyError):
        return None


def _references_in(value: Value) -> Iterator[Ref]:
    """Every reference in a value, at any depth."""
    front = [value]
    while front:
        item = front.pop()
        if isinstance(item, Ref):
            yield item
        elif isinstance(item, dict):
            front.extend(item.values())
        elif isinstance(item, list):
            front.extend(item)


def _leads_nowhere(ref: Ref, state: State) -> bool:
    """Whether no object of this number and generation is in force (§7.3.10: the same as null)."""
    entry = state.get(ref.number)
    if entry is None or entry.kind == FREE:
        return True
    return ref.generation != (0 if entry.kind == COMPRESSED else entry.second)
