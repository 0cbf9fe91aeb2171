"""What a forger does to a signed XML file of any program; none of it may pass."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

from lxml import etree

from tests.unit.verifier.xml_maker import DS, XADES, edited

SIGNATURE, OBJECT = f"{{{DS}}}Signature", f"{{{DS}}}Object"


def attacks(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Every attack that changes this file."""
    before = etree.tostring(etree.fromstring(data), method="c14n")
    for attack in _ATTACKS:
        forged = edited(data, attack)
        if etree.tostring(etree.fromstring(forged), method="c14n") != before:
            yield attack.__name__.replace("_", " "), forged


def _first(root: Any) -> Any:
    return next(root.iter(SIGNATURE))


def _content(root: Any) -> Any | None:
    """The signed element that holds words and no signature: the name in the paper."""
    return next((one for one in root.iter("hoTen") if not len(one)), None)


def _forged(root: Any) -> Any:
    return etree.fromstring("<toKhai><hoTen>Lò Thị Giả</hoTen><dienTich>999</dienTich></toKhai>")


def another_word(root: Any) -> None:
    found = _content(root)
    if found is not None:
        found.text = "Lò Thị Giả"
        return
    held = root.find(OBJECT + "[@Encoding]") if root.find(OBJECT + "[@Encoding]") is not None else _encoded(root)
    if held is not None:
        held.text = "PHRvS2hhaS8+"


def _encoded(root: Any) -> Any | None:
    return next((one for one in root.iter(OBJECT) if (one.text or "").strip()), None)


def more_beside_the_data(root: Any) -> None:
    found = _content(root)
    if found is not None:
        found.addnext(copy.deepcopy(found))


def a_signature_that_holds_words(root: Any) -> None:
    """Every signature is left out of what XPath signs."""
    fake = etree.SubElement(root, SIGNATURE)
    etree.SubElement(fake, OBJECT).append(_forged(root))


def words_in_an_object_more(root: Any) -> None:
    etree.SubElement(_first(root), OBJECT).append(_forged(root))


def words_in_the_unsigned_properties(root: Any) -> None:
    for held in root.iter(f"{{{XADES}}}QualifyingProperties"):
        unsigned = held.find(f"{{{XADES}}}UnsignedProperties")
        if unsigned is None:
            unsigned = etree.SubElement(held, f"{{{XADES}}}UnsignedProperties")
        etree.SubElement(unsigned, f"{{{XADES}}}UnsignedDataObjectProperties").append(_forged(root))
        return


def words_in_a_countersignature(root: Any) -> None:
    """What stands in a countersignature is not judged as a signature."""
    for held in root.iter(f"{{{XADES}}}QualifyingProperties"):
        unsigned = held.find(f"{{{XADES}}}UnsignedProperties")
        if unsigned is None:
            unsigned = etree.SubElement(held, f"{{{XADES}}}UnsignedProperties")
        group = etree.SubElement(unsigned, f"{{{XADES}}}UnsignedSignatureProperties")
        fake = etree.SubElement(etree.SubElement(group, f"{{{XADES}}}CounterSignature"), SIGNATURE)
        etree.SubElement(fake, OBJECT).append(_forged(root))
        return


def the_signature_becomes_a_countersignature(root: Any) -> None:
    """In a signature of nothing, the broken one would not be looked at."""
    signature = _first(root)
    parent = signature.getparent()
    if parent is None:
        return
    another_word(root)
    outer = etree.SubElement(parent, SIGNATURE)
    etree.SubElement(outer, f"{{{XADES}}}CounterSignature").append(signature)


def a_manifest_type(root: Any) -> None:
    reference = _first(root).find(f".//{{{DS}}}Reference")
    reference.set("Type", f"{DS}Manifest")


def another_transform(root: Any) -> None:
    for one in _first(root).iter(f"{{{DS}}}Transforms"):
        step = etree.SubElement(one, f"{{{DS}}}Transform", Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116")
        one.insert(0, step)
        return


def a_wider_filter(root: Any) -> None:
    for one in root.iter("{http://www.w3.org/2002/06/xmldsig-filter2}XPath"):
        one.text = "/descendant::*"


def the_prefix_names_content(root: Any) -> None:
    """``ds`` bound to nothing would leave content out that is called Signature."""
    for one in root.iter("{http://www.w3.org/2002/06/xmldsig-filter2}XPath", f"{{{DS}}}XPath"):
        one.text = (one.text or "").replace("ds:Signature", "hoTen")


def a_second_set_of_properties(root: Any) -> None:
    for held in root.iter(f"{{{XADES}}}QualifyingProperties"):
        more = etree.SubElement(_first(root), OBJECT)
        twin = copy.deepcopy(held)
        for one in twin.iter():
            one.attrib.pop("Id", None)
        more.append(twin)
        return


def the_data_inside_another_root(root: Any) -> None:
    """Everything that was signed, in an Object of its own signature, below a forged root."""
    if root.tag == SIGNATURE:
        return
    signature, original = _first(root), copy.deepcopy(root)
    for one in list(original.iter(SIGNATURE)):
        one.getparent().remove(one)
    etree.SubElement(signature, OBJECT).append(original)
    another_word(root)


_ATTACKS: tuple[Callable[[Any], None], ...] = (
    another_word,
    more_beside_the_data,
    a_signature_that_holds_words,
    words_in_an_object_more,
    words_in_the_unsigned_properties,
    words_in_a_countersignature,
    the_signature_becomes_a_countersignature,
    a_manifest_type,
    another_transform,
    a_wider_filter,
    the_prefix_names_content,
    a_second_set_of_properties,
    the_data_inside_another_root,
)
