"""What stands around and beside the content that one signature signs, element by element from the root."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import takewhile

from verifier.xml.document_types import Located, Part, locate, type_of
from verifier.xml.properties import has_text, only_properties
from verifier.xml.safety import XML, Element, id_names
from verifier.xml.transforms import DS, SIGNATURE

OBJECT = f"{{{DS}}}Object"
_REFERENCE = f"{{{DS}}}Reference"
_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_SAYS_LITTLE = frozenset(
    {f"{_XSI}schemaLocation", f"{_XSI}noNamespaceSchemaLocation", f"{{{XML}}}space", f"{{{XML}}}lang"}
)
"""Attributes around what is signed that are for an officer, as an Id is that no signature names: a schema may supply
values. ``xsi:nil``, ``xsi:type``, ``xml:base`` and all others change what is inside, or say something themselves."""

_NO_WORDS = re.compile(r"_?(Id-)?[0-9A-Fa-f-]{16,}")
"""An Id of hexadecimal digits, as programs make them (the tax department's: ``Id-``), longer than any amount."""


class Around:
    """The walk: down where something signed lies below, and through what a known type allows beside it.

    After ``walk``: ``outside`` has content that is not signed; ``by_design`` are unsigned leaves of the type; ``frame``
    are elements without words whose names no known type explains; ``documents`` are others in the same envelope;
    ``misplaced`` says that the signature stands in no place. Sets hold the elements themselves: lxml makes a new object
    for an element that nobody holds.
    """

    def __init__(
        self,
        root: Element,
        signature: Element,
        targets: Sequence[Element],
        signed_elsewhere: Callable[[Sequence[Element]], bool],
    ) -> None:
        self._root = root
        self._signed_elsewhere = signed_elsewhere
        self._signature = signature
        self._signed = set(targets)
        self._above = {
            node for target in targets for node in takewhile(lambda one: one is not signature, target.iterancestors())
        }
        self._named = {one.get("URI", "").removeprefix("#") for one in root.iter(_REFERENCE)}
        self._known = type_of(root) is not None
        self.outside: list[Element] = []
        self.by_design: list[Element] = []
        self.frame: list[Element] = []
        self.documents: list[Element] = []
        self.misplaced = False

    def walk(self) -> None:
        """Look at everything that is not below a signed element."""
        waiting = [self._root, *(child for child in self._signature if child.tag == OBJECT)]
        while waiting:
            element = waiting.pop()
            if element in self._signed or not isinstance(element.tag, str):
                continue
            if element is self._signature:
                self._judge_place(element)
            elif self._is_in_own_object(element):
                waiting.extend(self._in_object(element))
            else:
                waiting.extend(self._known_part(element) if self._known else self._unknown_part(element))

    def _judge_place(self, signature: Element) -> None:
        holder = signature.getparent()
        located = None if holder is None else locate(holder)
        if self._known and (located is None or located.part is not Part.PLACE):
            self.misplaced = True

    def _is_in_own_object(self, element: Element) -> bool:
        return any(one is self._signature for one in element.iterancestors())

    def _in_object(self, element: Element) -> list[Element]:
        """An Object of the signature, or what stands in it around signed content."""
        if element not in self._above:
            if not (element.getparent() is self._signature and only_properties(element)):
                self.outside.append(element)
            return []
        if element.tag == SIGNATURE or not self._is_bare(element):
            self.outside.append(element)
        elif element.tag != OBJECT:
            self.frame.append(element)
        return list(element)

    def _known_part(self, element: Element) -> list[Element]:
        """By its exact path in the type; what to look at below it."""
        if element.tag == SIGNATURE:  # another one: judged by itself, where it stands in a place
            return [] if self._in_place(element) else self._refuse(element)
        located = locate(element)
        match Part.UNKNOWN if located is None else located.part:
            case Part.LEAF if self._is_leaf(element):
                self.by_design.append(element)
                return []
            case Part.FRAME | Part.PLACE | Part.BODY if self._holds(element, located) and self._is_bare(element):
                return list(element)
            case Part.BODY if located is not None and self._is_a_document_of_its_own(located):
                self.documents.append(element)
                return []
            case Part.UNKNOWN if self._is_unexplained(element, located):
                return self._unknown_part(element)
        return self._refuse(element)

    def _is_a_document_of_its_own(self, located: Located) -> bool:
        """Beside the one that this signature signs, an envelope holds others: another signature answers for each."""
        data = located.type.find(located.unit, located.type.main)
        return bool(data) and located.unit not in self._above and self._signed_elsewhere(data)

    def _is_unexplained(self, element: Element, located: Located | None) -> bool:
        """In a document that the envelope holds and no type explains; or one more container of signatures."""
        enveloped = located is not None and located.type.bodies is not None and "/" in located.path
        return enveloped or (element not in self._above and self._holds_signatures(element))

    def _refuse(self, element: Element) -> list[Element]:
        """Content that is not signed; what is signed below it is looked at no less."""
        self.outside.append(element)
        return list(element) if element in self._above else []

    def _in_place(self, signature: Element) -> bool:
        holder = signature.getparent()
        located = None if holder is None else locate(holder)
        return located is not None and located.part is Part.PLACE

    def _holds(self, element: Element, located: Located | None) -> bool:
        """A document's root holds something signed; a frame and a place may be empty."""
        is_document = located is not None and located.path == ""
        return element in self._above or not is_document

    def _is_leaf(self, element: Element) -> bool:
        """Text and nothing else, the only one of its name."""
        holder = element.getparent()
        alone = holder is not None and len(holder.findall(element.tag)) == 1
        return alone and not len(element) and not element.attrib

    def _unknown_part(self, element: Element) -> list[Element]:
        """Around what is signed, or a container of signatures: no words, but names that nobody signed."""
        if element in self._above:
            if element.tag == SIGNATURE or not self._is_bare(element):
                self.outside.append(element)
            else:
                self.frame.append(element)
            return list(element)
        if element.tag == SIGNATURE:
            return []
        if self._holds_signatures(element):
            self.frame.append(element)
        else:
            self.outside.append(element)
        return []

    def _holds_signatures(self, element: Element) -> bool:
        """A container such as DSCKS: around at least one signature no text and no telling attribute."""
        found = False
        waiting = [element]
        while waiting:
            node = waiting.pop()
            if node.tag == SIGNATURE:
                found = True
            elif isinstance(node.tag, str):
                if not self._is_bare(node):
                    return False
                waiting.extend(node)
        return found

    def _is_bare(self, element: Element) -> bool:
        """No text of its own, no attribute but an Id that a signature names or that spells nothing; else noted."""
        identifiers = set(id_names(element))
        said = set(element.attrib) - identifiers - _SAYS_LITTLE
        if said or has_text(element):
            return False
        values = [element.get(name) for name in identifiers]
        unnamed = any(value not in self._named and not _NO_WORDS.fullmatch(value) for value in values)
        if unnamed or _SAYS_LITTLE & set(element.attrib):
            self.frame.append(element)
        return True
