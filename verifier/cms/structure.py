"""A CMS file has the elements of RFC 5652 §5 at every level and no other: what stands beside them nobody signed.

Decoders pass over elements that they do not expect, each in its own way; so a file could show one program what another
leaves out. Which fields are there is checked here, what they hold by whoever reads them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from verifier.cms.elements import Element, Elements, MalformedError

MAX_PIECES = 200_000
"""Of a content that a streaming signer wrote in pieces (of 1 kB or more each)."""

_INTEGER, _OCTET_STRING, _OBJECT_IDENTIFIER, _SEQUENCE, _SET = 0x02, 0x04, 0x06, 0x30, 0x31
_PIECES = 0x24
"""An OCTET STRING in several (X.690 §8.7.3)."""
_FIRST, _SECOND, _FIRST_PRIMITIVE = 0xA0, 0xA1, 0x80
_CERTIFICATES = frozenset({_SEQUENCE, 0xA0, 0xA1, 0xA2, 0xA3})
_STATUS = frozenset({_SEQUENCE, 0xA1})


class NotOfTheStandardError(ValueError):
    """An element that RFC 5652 does not have there, or one that is missing; the text names the structure."""


@dataclass(frozen=True)
class Structure:
    """Where a SignedData ends, and where the octets of its content stand (start, end); empty where it is detached."""

    end: int
    content: tuple[tuple[int, int], ...]


def read_structure(data: bytes) -> Structure:
    """Walk a ContentInfo with a SignedData, from the outside in.

    Raises:
        NotOfTheStandardError: it has other elements than the standard's.
        MalformedError: its elements cannot be told apart.
    """
    return _Walk(data).content_info()


class _Walk:
    def __init__(self, data: bytes) -> None:
        self._elements = Elements(data)

    def content_info(self) -> Structure:
        """SEQUENCE of a type and [0] EXPLICIT content (§3)."""
        whole = self._elements.at(0)
        _, content = self._fields(whole, "ContentInfo", (_is(_OBJECT_IDENTIFIER), _is(_FIRST)))
        (signed_data,) = self._fields(content, "ContentInfo", (_is(_SEQUENCE),))
        return Structure(whole.end, tuple(self._signed_data(signed_data)))

    def _signed_data(self, element: Element) -> Iterator[tuple[int, int]]:
        """Version, digest algorithms, content, certificates and status where there are, signers (§5.1)."""
        fields = list(self._elements.children(element))
        optional = [one for one in fields[3:-1] if one.tag in (_FIRST, _SECOND)]
        tags = [one.tag for one in optional]
        required = [*fields[:3], *fields[-1:]]
        if len(optional) + 4 != len(fields) or tags != sorted(set(tags)):
            raise NotOfTheStandardError("SignedData")
        if [one.tag for one in required] != [_INTEGER, _SET, _SEQUENCE, _SET]:
            raise NotOfTheStandardError("SignedData")
        for algorithm in self._elements.children(fields[1]):
            self._algorithm(algorithm)
        for one in optional:
            allowed = _CERTIFICATES if one.tag == _FIRST else _STATUS
            self._all(one, allowed, "certificates" if one.tag == _FIRST else "crls")
        for signer in self._elements.children(fields[-1]):
            self._signer_info(signer)
        yield from self._content(fields[2])

    def _content(self, element: Element) -> Iterator[tuple[int, int]]:
        """A type and, where the signature is attached, one OCTET STRING (§5.2)."""
        fields = list(self._elements.children(element))
        if [one.tag for one in fields] not in ([_OBJECT_IDENTIFIER], [_OBJECT_IDENTIFIER, _FIRST]):
            raise NotOfTheStandardError("EncapsulatedContentInfo")
        for explicit in fields[1:]:
            (octets,) = self._fields(explicit, "eContent", (_is(_OCTET_STRING, _PIECES, _SEQUENCE, _SET),))
            yield from self._octets(octets)

    def _octets(self, element: Element) -> Iterator[tuple[int, int]]:
        if element.tag != _PIECES:
            yield element.inside, element.inside_end
            return
        waiting, left = [self._elements.children(element)], MAX_PIECES
        while waiting:
            piece = next(waiting[-1], None)
            if piece is None:
                waiting.pop()
                continue
            left -= 1
            if left < 0 or piece.tag not in (_OCTET_STRING, _PIECES):
                raise NotOfTheStandardError("eContent")
            if piece.tag == _PIECES:
                waiting.append(self._elements.children(piece))
            else:
                yield piece.inside, piece.inside_end

    def _signer_info(self, element: Element) -> None:
        """Version, identifier, digest, signed attributes, algorithm, value, unsigned attributes (§5.3)."""
        fields = list(self._elements.children(element))
        tags = [one.tag for one in fields]
        signed, unsigned = tags[3:4] == [_FIRST], tags[-1:] == [_SECOND]
        middle = [*([_FIRST] if signed else []), _SEQUENCE, _OCTET_STRING, *([_SECOND] if unsigned else [])]
        begins_well = tags[:1] == [_INTEGER] and tags[1:2] and tags[1] in (_SEQUENCE, _FIRST_PRIMITIVE)
        if not begins_well or tags[2:3] != [_SEQUENCE] or tags[3:] != middle:
            raise NotOfTheStandardError("SignerInfo")
        if tags[1] == _SEQUENCE:
            self._fields(fields[1], "SignerIdentifier", (_is(_SEQUENCE), _is(_INTEGER)))
        self._algorithm(fields[2])
        self._algorithm(fields[4 if signed else 3])
        for attributes in (one for one in fields if one.tag in (_FIRST, _SECOND) and one is not fields[1]):
            for attribute in self._elements.children(attributes):
                self._fields(attribute, "Attribute", (_is(_OBJECT_IDENTIFIER), _is(_SET)))

    def _algorithm(self, element: Element) -> None:
        """An identifier and at most one set of parameters (RFC 5280 §4.1.1.2)."""
        fields = list(self._elements.children(element)) if element.tag == _SEQUENCE else []
        if len(fields) not in (1, 2) or fields[0].tag != _OBJECT_IDENTIFIER:
            raise NotOfTheStandardError("AlgorithmIdentifier")

    def _all(self, element: Element, tags: frozenset[int], name: str) -> None:
        if not {one.tag for one in self._elements.children(element)} <= tags:
            raise NotOfTheStandardError(name)

    def _fields(self, element: Element, name: str, wanted: Sequence[Callable[[Element], bool]]) -> list[Element]:
        """The children of a structure, which are just these kinds."""
        found = list(self._elements.children(element)) if element.is_constructed else []
        if len(found) != len(wanted) or not all(fits(one) for fits, one in zip(wanted, found, strict=True)):
            raise NotOfTheStandardError(name)
        return found


def _is(*tags: int) -> Callable[[Element], bool]:
    return lambda element: element.tag in tags


__all__ = ["MalformedError", "NotOfTheStandardError", "Structure", "read_structure"]
