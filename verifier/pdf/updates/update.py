"""One incremental update, every byte of it explained (ISO 32000-2 §7.5.6).

1 objects that its cross-reference names, each at its very offset · 2 object streams whose objects it names as well, and
no reference in either that leads nowhere ·
3 one section, ``startxref`` that points to it, ``%%EOF`` · 4 between them white space and plain comments · 5 nothing
inside that a repairing viewer would take for an object.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from verifier.pdf.updates.chain import START_WINDOW_BYTES
from verifier.pdf.updates.defects import DefectError, Rule
from verifier.pdf.updates.grammar import WHITE, IndirectObject, Name, parse_object
from verifier.pdf.updates.object_streams import Decrypt, check_object_stream
from verifier.pdf.updates.references import check_references
from verifier.pdf.updates.sections import COMPRESSED, IN_USE, Section, State, plain_number

_SPACE = rb"[" + WHITE + rb"]"
_GAP = re.compile(rb"(?:" + _SPACE + rb"|%[^\r\n]*[\r\n])*")
_FORBIDDEN_IN_COMMENT = re.compile(rb"obj|xref|trailer|stream|%%EOF|%PDF-")
_FINISH = re.compile(rb"startxref" + _SPACE + rb"+(\d{1,10})" + _SPACE + rb"+%%EOF(?=[\r\n]|\Z)")
_SEPARATOR = rb"(?:" + _SPACE + rb"|%[^\r\n]*[\r\n])"
_HEAD_BEFORE = re.compile(rb"\d" + _SEPARATOR + rb"+\d+" + _SEPARATOR + rb"*\Z")
_HEAD_BYTES = 256
"""How far before the word ``obj`` its numbers are looked for."""
_TRAILER = re.compile(rb"trailer" + _SPACE + rb"*<<")


@dataclass(frozen=True)
class Update:
    """An update: where it begins, what was in force before, its section and the section before."""

    start: int
    before: State
    section: Section
    previous: Section


def explain_update(data: bytes, update: Update, decrypt: Decrypt | None) -> int:
    """Account for every byte from ``update.start`` on; the offset behind ``%%EOF`` is the answer.

    Raises:
        DefectError: the first byte, object or entry that is not as it has to be.
    """
    section = update.section
    _check_trailer(update)
    end = _finish(data, section)
    objects = list(_objects(data, update, end))  # 1
    values = {found.number: found.value for found in objects}
    holders = {entry.first for entry in section.merged.values() if entry.kind == COMPRESSED}
    for found in objects:  # 2
        typed = isinstance(found.value, dict) and found.value.get(b"Type") == Name(b"ObjStm")
        if typed or found.number in holders:
            values.update(check_object_stream(data, found, section.merged, decrypt))
    _check_compressed(update, objects)
    check_references(data, update.before, section.merged, values, decrypt)
    spans = [(found.start, found.end) for found in objects]
    _check_gaps(data, update.start, [*spans, (section.start, section.end)], end)
    _check_hidden(data, update, [*objects, *_streams(section)], end)
    return end


def _streams(section: Section) -> list[IndirectObject]:
    """The section itself where it is a stream."""
    return [section.stream] if section.stream is not None else []


def _check_trailer(update: Update) -> None:
    """Readers take ``/Root`` and ``/Encrypt`` from different trailers: they have to agree."""
    section, before = update.section.trailer, update.previous.trailer
    if b"Root" not in section or section.get(b"Encrypt") != before.get(b"Encrypt"):
        raise DefectError(Rule.TRAILER, update.section.start)
    identifiers = [trailer.get(b"ID") for trailer in (section, before)]
    if b"Encrypt" in section and _first(identifiers[0]) != _first(identifiers[1]):
        raise DefectError(Rule.TRAILER, update.section.start)


def _first(identifier: object) -> object:
    return identifier[0] if isinstance(identifier, list) and identifier else None


def _finish(data: bytes, section: Section) -> int:
    """Step 3: behind the section ``startxref``, its own offset and ``%%EOF``."""
    gap = _GAP.match(data, section.end)
    at = gap.end() if gap is not None else section.end
    found = _FINISH.match(data, at)
    if found is None or int(found[1]) != section.start or found.end() - found.start() > START_WINDOW_BYTES:
        raise DefectError(Rule.START, at)
    return found.end()


def _objects(data: bytes, update: Update, end: int) -> Iterator[IndirectObject]:
    """Step 1: what the section names. An entry that leads back into the signed part says what was said before."""
    entries = update.section.merged
    after = {**update.before, **entries}
    hybrid = update.section.hybrid.stream if update.section.hybrid is not None else None
    streams = {found.number: found.start for found in (update.section.stream, hybrid) if found is not None}
    for number, at in streams.items():
        told, before = entries.get(number), update.before.get(number)
        if (told is None and before is not None and before.kind) or (told is not None and told.kind == COMPRESSED):
            raise DefectError(Rule.ENTRY, at)
        if told is not None and told.kind == IN_USE and told.first != at:
            raise DefectError(Rule.ENTRY, at)
    if hybrid is not None:
        yield hybrid
    for number, entry in entries.items():
        if entry.kind != IN_USE or streams.get(number) == entry.first:
            continue
        if entry.first < update.start:
            if entry != update.before.get(number):
                raise DefectError(Rule.ENTRY, entry.first)
            continue
        found = parse_object(data, entry.first, lambda ref: plain_number(data, after, ref))
        if (found.number, found.generation) != (number, entry.second) or found.end > end:
            raise DefectError(Rule.HEAD, entry.first)
        yield found


def _check_compressed(update: Update, objects: list[IndirectObject]) -> None:
    """Compressed objects lie in object streams of this update; one that holds objects in force is never replaced."""
    entries = update.section.merged
    own = {found.number for found in objects}
    for number, entry in entries.items():
        if entry.kind == COMPRESSED and entry.first not in own and entry != update.before.get(number):
            raise DefectError(Rule.ENTRY, update.section.start)
    containers = {entry.first for entry in update.before.values() if entry.kind == COMPRESSED}
    for number in containers & entries.keys():
        if entries[number] != update.before.get(number):
            raise DefectError(Rule.CONTAINER, update.section.start)


def _check_gaps(data: bytes, start: int, spans: list[tuple[int, int]], end: int) -> None:
    """Step 4: white space and comments, in which nothing is hidden."""
    at = start
    for first, last in sorted(spans):
        _check_gap(data, at, first)
        at = last
    _check_gap(data, at, data.rindex(b"startxref", at, end))


def _check_gap(data: bytes, start: int, stop: int) -> None:
    if stop < start:
        raise DefectError(Rule.UNNAMED_BYTES, stop)
    gap = data[start:stop]
    if not gap.strip(b"\0\t\n\f\r "):
        return
    found = _GAP.match(gap)
    length = found.end() if found is not None else 0
    if length < len(gap):
        raise DefectError(Rule.UNNAMED_BYTES, start + length)
    forbidden = _FORBIDDEN_IN_COMMENT.search(gap)
    if forbidden is not None:
        raise DefectError(Rule.UNNAMED_BYTES, start + forbidden.start())


def _check_hidden(data: bytes, update: Update, objects: list[IndirectObject], end: int) -> None:
    """Step 5: no second ``n g obj``, ``startxref`` or trailer in the bytes, whatever stands around it."""
    heads = {data.index(b"obj", found.start) for found in objects}
    at = data.find(b"obj", update.start, end)
    while at >= 0:
        before = data[max(update.start, at - _HEAD_BYTES) : at]
        if at not in heads and _HEAD_BEFORE.search(before) is not None:
            raise DefectError(Rule.HIDDEN_OBJECT, at)
        at = data.find(b"obj", at + 3, end)
    expected = 0 if update.section.stream is not None else 1
    if data.count(b"startxref", update.start, end) != 1:
        raise DefectError(Rule.START, update.start)
    if sum(1 for _ in _TRAILER.finditer(data, update.start, end)) != expected:
        raise DefectError(Rule.TRAILER, update.start)
