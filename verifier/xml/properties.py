"""What a signature says about itself, told from content: its namespaces, its properties, words between its parts."""

from __future__ import annotations

from lxml import etree

from verifier.xml.safety import Element
from verifier.xml.transforms import DS

_SIGNATURE_WORDS = ("http://www.w3.org/2000/09/xmldsig", "http://www.w3.org/2009/xmldsig11#", "http://uri.etsi.org/")
"""Namespaces of what a signature says about itself, by their beginnings."""

_PROPERTIES = ("QualifyingProperties", "SignatureProperties", "QualifyingPropertiesReference")
_OF_PROPERTIES = frozenset({"Id", "Target"})


def local(tag: str) -> str:
    """The name without its namespace."""
    return tag.rpartition("}")[2]


def is_signature_word(tag: str) -> bool:
    """Is it a name of XMLDSig or XAdES."""
    return tag.lstrip("{").startswith(_SIGNATURE_WORDS)


def is_properties(element: Element) -> bool:
    """Is it one of the sets of properties that stand in a signature's Object."""
    name = etree.QName(element)
    if name.namespace == DS or (name.namespace or "").startswith("http://uri.etsi.org/01903"):
        return name.localname in _PROPERTIES
    return is_time_of_signing(element)


def is_time_of_signing(element: Element) -> bool:
    """SignatureProperties in no namespace (``xmlns=""``) with the time and nothing else: the form of e-invoices."""
    for name in ("SignatureProperties", "SignatureProperty"):
        children = list(element)
        if element.tag != name or has_text(element) or set(element.attrib) - _OF_PROPERTIES or len(children) != 1:
            return False
        element = children[0]
    plain = isinstance(element.tag, str) and not len(element) and not element.attrib
    return plain and local(element.tag) == "SigningTime"


def only_properties(element: Element) -> bool:
    """Does it hold sets of properties and nothing else."""
    return not has_text(element) and all(is_properties(child) for child in element if isinstance(child.tag, str))


def has_text(element: Element) -> bool:
    """Is there text directly inside, between the children."""
    return bool((element.text or "").strip()) or any((child.tail or "").strip() for child in element)
