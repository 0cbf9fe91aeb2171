"""Open untrusted XML: no DTD, no entity, no network, bounded size and depth; and find elements by ID without doubt.

Two parsers must agree that the bytes are XML: expat counts and refuses, then libxml2 builds the tree.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from xml.parsers import expat

from lxml import etree

from verifier.guard import UnreadableError, describe

Element = Any
"""An lxml element (lxml ships no types)."""

MAX_BYTES = 32 << 20
"""The largest declarations with their tables have a few MB; canonicalising copies the document."""

MAX_DEPTH = 200
"""Elements inside each other: real documents have some tens."""

MAX_CANONICAL_STEPS = 50_000_000
"""Weight of the document times its references, some ten seconds; the largest declaration, signed four times, has 12."""

MAX_NODES = 1_000_000
"""Elements and attributes together; more takes seconds for every signature."""

XML = "http://www.w3.org/XML/1998/namespace"
_WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"


_MARKS = (b"%PDF-", b"%%EOF", b"startxref", b"PK\x05\x06")
"""Where a PDF (viewers look far beyond the first kilobyte) or the directory of a ZIP would be found in a comment."""

_BOM = b"\xef\xbb\xbf"
_LATE = re.compile(rb"(?:\xef\xbb\xbf|[\t\n\r ])+(?=<(\?xml[\t\n\r ][^>]*>)?)")
_DECLARED = re.compile(rb"encoding\s*=\s*[\"']([^\"']*)")
_WRONG_ENCODING = frozenset({expat.errors.XML_ERROR_UNKNOWN_ENCODING, expat.errors.XML_ERROR_INCORRECT_ENCODING})


class DuplicateIdError(ValueError):
    """Several elements answer to one ID: what was signed and what is shown could be two of them."""


@dataclass(frozen=True)
class XmlDocument:
    """A parsed document; ``elements`` maps an ID to every element that bears it, under any of the usual names.

    ``reads_otherwise``: the bytes are another format's file too, to a program that looks for its marks.
    ``begins_late``: white space or a second byte order mark stands before the declaration (XML 1.0 §2.8), as mail and
    copying leave it; programs refuse such a file or trim it, so it can be read in one way only.
    """

    root: Element
    elements: dict[str, tuple[Element, ...]]
    reads_otherwise: bool = False
    begins_late: bool = False
    weight: int = 0
    """Nodes, and for each element the namespaces in scope: what one canonicalisation of it all goes through."""

    def by_id(self, identifier: str) -> Element | None:
        """The one element with this ID, None where there is none.

        Raises:
            DuplicateIdError: there are several.
        """
        found = self.elements.get(identifier, ())
        if len(found) > 1:
            raise DuplicateIdError(identifier)
        return found[0] if found else None


def open_xml(data: bytes) -> XmlDocument:
    """Parse ``data`` within the limits.

    Raises:
        UnreadableError: not well-formed, a DTD, or more than the limits allow.
    """
    if len(data) > MAX_BYTES:
        raise UnreadableError("XML-TOO-LARGE")
    text = _from_declaration(data)
    weight = _count(text)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=True,  # size, depth and entities are bounded above; its own limits refuse an attachment of 10 MB
        collect_ids=False,
        recover=False,
    )
    try:
        root = etree.fromstring(text, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableError("XML-DAMAGED", describe(error)) from error
    reads_otherwise = any(mark in data for mark in _MARKS)
    return XmlDocument(root, _by_id(root), reads_otherwise, text is not data, weight)


def _from_declaration(data: bytes) -> bytes:
    """Without what may not stand before the declaration; the very ``data`` where nothing does.

    Only of UTF-8: a declaration of another encoding that some programs overlook would make other words of the bytes.
    """
    late = _LATE.match(data)
    if late is None or late[0] == _BOM or (late[1] is None and _BOM not in late[0][1:]):
        return data
    declared = _DECLARED.search(late[1] or b"")
    if declared is not None and declared[1].lower() != b"utf-8":
        return data
    return data[late.end() :]


def id_names(element: Element) -> Iterator[str]:
    """Names of this element's attributes that are IDs in one dialect or another: Id, ID, id, xml:id, wsu:Id."""
    for name in element.attrib:
        if name.lower() == "id" or name in (f"{{{XML}}}id", f"{{{_WSU}}}Id"):
            yield name


def _count(data: bytes) -> int:
    """Refuse what is too large; the document's ``weight``."""
    parser = expat.ParserCreate()
    nodes = weight = 0
    in_scope = [0]

    def start(_: str, attributes: list[str]) -> None:
        nonlocal nodes, weight
        spaces = sum(name.startswith("xmlns") for name in attributes[::2])
        in_scope.append(in_scope[-1] + spaces)
        nodes += 1 + len(attributes) // 2
        weight += 1 + len(attributes) // 2 + in_scope[-1]
        if len(in_scope) > MAX_DEPTH + 1 or nodes > MAX_NODES:
            raise UnreadableError("XML-TOO-LARGE")

    def end(_: str) -> None:
        in_scope.pop()

    def refuse(*_: object) -> None:
        raise UnreadableError("XML-DTD-REFUSED")

    parser.ordered_attributes = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        code = "XML-ENCODING-WRONG" if expat.ErrorString(error.code) in _WRONG_ENCODING else "XML-DAMAGED"
        raise UnreadableError(code, describe(error)) from error
    except LookupError as error:
        raise UnreadableError("XML-ENCODING-WRONG", describe(error)) from error
    except ValueError as error:
        raise UnreadableError("XML-DAMAGED", describe(error)) from error
    return weight


def _by_id(root: Element) -> dict[str, tuple[Element, ...]]:
    found: dict[str, list[Element]] = {}
    for element in root.iter(etree.Element):
        for value in {element.get(name) for name in id_names(element)}:
            found.setdefault(value, []).append(element)
    return {value: tuple(elements) for value, elements in found.items()}
