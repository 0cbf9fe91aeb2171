"""Whether two values say the same in two revisions: graphs compared by content, not by object number.

Two values are equal where no way from them leads to a difference (bisimulation): a pair of objects that is met again is
taken for equal until something shows that it is not, so cycles end and shared objects are compared once. Streams are
equal by their bytes as stored under equal filters, or as decoded; numbers by their exact value; strings by their bytes;
an entry that is null by being absent (ISO 32000-2 §7.3.9).
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping

import pikepdf

from verifier.changes.revision_objects import Ref, RevisionObjects, name_of, ref_of, refs_in, same_text

MAX_STEPS = 3_000_000
"""Pairs of values of one comparison; an honest paper of 60 pages takes some thousands."""
MAX_DECODED_BYTES = 16 << 20
"""Of a stream that is decoded because it was stored in another way; a larger one counts as changed."""
_CODING = frozenset({"/Filter", "/DecodeParms", "/Length", "/DL"})
_Value = pikepdf.Object | None


class TooManyStepsError(Exception):
    """Two revisions are so entangled that their comparison was given up."""


class Equality:
    """Equality of values of an older and a newer revision.

    ``paired``: objects that are compared in a role of their own, each with its later number. Wherever else they are
    named they are equal by that number alone. ``grown``: objects whose difference was found to say nothing.
    """

    def __init__(
        self, old: RevisionObjects, new: RevisionObjects, dirty: frozenset[Ref], paired: Mapping[Ref, Ref]
    ) -> None:
        self.old, self.new, self.paired = old, new, paired
        self.steps = 0
        self.grown: frozenset[Ref] = frozenset()
        self._dirty = dirty
        self._later = frozenset(paired.values())
        self._touched = self._leading_to(dirty)
        self._known: set[tuple[Ref, Ref]] = set()

    def _leading_to(self, dirty: frozenset[Ref]) -> frozenset[Ref]:
        """The objects of the older revision from which something may lead to a difference; all others are equal."""
        moved = {ref for ref, later in self.paired.items() if ref != later}
        front = [ref for ref in dirty if ref not in self.paired] + list(moved)
        if not front:
            return frozenset()
        before: dict[Ref, list[Ref]] = {}
        for ref, text in self.old.texts.items():
            if ref not in self.paired:
                for target in set(refs_in(text)):
                    before.setdefault(target, []).append(ref)
        found = set(front)
        while front:
            for ref in before.get(front.pop(), ()):
                if ref not in found:
                    found.add(ref)
                    front.append(ref)
        return frozenset(found)

    def is_untouched(self, ref: Ref) -> bool:
        """Whether an object is written as before, and nothing that it leads to, roles apart, has changed."""
        if ref in self._dirty or self.paired.get(ref, ref) != ref:
            return False
        return self._touched.isdisjoint(refs_in(self.old.texts.get(ref, b"")))

    def same(self, before: _Value, after: _Value) -> bool:
        """Whether nothing differs between the two values and whatever they lead to.

        Raises:
            TooManyStepsError: it took more than ``MAX_STEPS``.
        """
        assumed: set[tuple[Ref, Ref]] = set()
        front: list[tuple[_Value, _Value]] = [(before, after)]
        while front:
            one, other = front.pop()
            self.steps += 1
            if self.steps > MAX_STEPS:
                raise TooManyStepsError
            verdict = self._by_number(one, other, assumed)
            if verdict is None:
                below = self._one_level(one, other)
                if below is None:
                    return False
                front.extend(below)
            elif not verdict:
                return False
        self._known |= assumed
        return True

    def _by_number(self, one: _Value, other: _Value, assumed: set[tuple[Ref, Ref]]) -> bool | None:
        """What the objects' numbers say; None where their content has to be looked at."""
        first, second = ref_of(one), ref_of(other)
        if first in self.paired or (second in self._later):
            return first is not None and self.paired.get(first) == second
        if first is None or second is None:
            return None
        if first == second and (first not in self._touched or first in self.grown):
            return True
        if (first, second) in self._known or (first, second) in assumed:
            return True
        assumed.add((first, second))
        return None

    def _one_level(self, one: _Value, other: _Value) -> list[tuple[_Value, _Value]] | None:
        """The pairs one step below two values; None where they differ themselves."""
        if isinstance(one, pikepdf.Stream) or isinstance(other, pikepdf.Stream):
            return self._streams(one, other)
        if isinstance(one, pikepdf.Dictionary) and isinstance(other, pikepdf.Dictionary):
            return _entries_of(one, other, frozenset())
        if isinstance(one, pikepdf.Array) and isinstance(other, pikepdf.Array):
            first, second = one.as_list(), other.as_list()
            return list(zip(first, second, strict=True)) if len(first) == len(second) else None
        return [] if _same_scalar(one, other) else None

    def _streams(self, one: _Value, other: _Value) -> list[tuple[_Value, _Value]] | None:
        if not isinstance(one, pikepdf.Stream) or not isinstance(other, pikepdf.Stream):
            return None
        raw = self.old.raw_digest(ref_of(one)) == self.new.raw_digest(ref_of(other))
        if raw and same_coding(one, other):
            return _entries_of(one.stream_dict, other.stream_dict, _CODING)
        first, second = decoded(one), decoded(other)
        if first is None or first != second:
            return None
        return _entries_of(one.stream_dict, other.stream_dict, _CODING)


def _entries_of(
    one: pikepdf.Object, other: pikepdf.Object, left_out: frozenset[str]
) -> list[tuple[_Value, _Value]] | None:
    """Values under the same keys; None where one has a key that the other has not."""
    first = {key: value for key, value in one.items() if value is not None and key not in left_out}
    second = {key: value for key, value in other.items() if value is not None and key not in left_out}
    if first.keys() != second.keys():
        return None
    return [(value, second[key]) for key, value in first.items()]


def _same_scalar(one: _Value, other: _Value) -> bool:
    if one is None or other is None:
        return one is other
    if isinstance(one, (pikepdf.Dictionary, pikepdf.Array)) or isinstance(other, (pikepdf.Dictionary, pikepdf.Array)):
        return False
    return same_text(one.unparse(resolved=True), other.unparse(resolved=True))


def same_coding(one: pikepdf.Object, other: pikepdf.Object) -> bool:
    """Whether two streams name the same filters with the same parameters."""
    return all(_written(one.get(key)) == _written(other.get(key)) for key in ("/Filter", "/DecodeParms"))


def _written(value: _Value) -> bytes:
    return b"" if value is None else value.unparse(resolved=True)


def decoded(stream: pikepdf.Object, limit: int = MAX_DECODED_BYTES) -> bytes | None:
    """The decoded bytes of a stream; None where they are more than ``limit``, or its coding is not a plain one.

    Only one coding that makes data smaller, and that one Flate, measured before it is unfolded.
    """
    filters = stream.get("/Filter")
    names = [name_of(item) for item in (filters.as_list() if isinstance(filters, pikepdf.Array) else [filters])]
    names = [name for name in names if name]
    if names not in ([], ["/FlateDecode"], ["/Fl"]):
        return None
    try:
        raw = bytes(stream.read_raw_bytes())
        if names:
            engine = zlib.decompressobj()
            unfolded = len(engine.decompress(raw, limit + 1))
            if unfolded > limit:
                return None
        return bytes(stream.read_bytes()) if len(raw) <= limit else None
    except (pikepdf.PdfError, zlib.error):
        return None
