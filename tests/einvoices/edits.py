"""A forger's changes of the tree of a signed document, each called as it reads."""

from __future__ import annotations

import base64
import copy
from collections.abc import Callable
from typing import Any

from lxml import etree

from tests.unit.verifier.xml_maker import DS

SIGNATURE, REFERENCE = f"{{{DS}}}Signature", f"{{{DS}}}Reference"


def _signatures(root: Any) -> list[Any]:
    """By the numbers in their Ids, as they were made."""
    return sorted(root.iter(SIGNATURE), key=lambda one: str(one.get("Id")))


def first_signature(root: Any) -> Any:
    """In the order of the document."""
    return next(root.iter(SIGNATURE))


def data_of(root: Any) -> Any:
    """What the first signature's first reference names."""
    name = first_signature(root).find(f".//{REFERENCE}").get("URI").removeprefix("#")
    return next(one for one in root.iter(etree.Element) if name in (one.get("Id"), one.get("id")))


def _frame(root: Any) -> Any:
    return data_of(root).getparent()


def _last_words(root: Any) -> Any:
    """The last element of the data with words of its own, more than a letter."""
    data = data_of(root)
    found = [one for one in data.iter(etree.Element) if len(one) == 0 and len((one.text or "").strip()) > 1]
    return [one for one in found if not any(above.tag == SIGNATURE for above in one.iterancestors())][-1]


def another_value(value: str) -> Callable[[Any], None]:
    """Another last character in the first signed words that hold this value."""

    def change(root: Any) -> None:
        held = [one for one in root.iter(etree.Element) if one.text and value in one.text]
        signed = [
            one for one in held if any(above.get("Id") or above.get("id") for above in (one, *one.iterancestors()))
        ]
        last = "8" if value[-1] == "9" else "9"
        signed[0].text = signed[0].text.replace(value, value[:-1] + last)

    return change


def another_time(index: int) -> Callable[[Any], None]:
    """A day later than what this signature says."""

    def change(root: Any) -> None:
        time = _signatures(root)[index].find(f"{{{DS}}}Object//{{*}}SigningTime")
        time.text = "2026-11-15T10:02:01"

    return change


def signature_of(other: bytes, index: int) -> Callable[[Any], None]:
    """Another paper's signature in the place of this one's."""

    def change(root: Any) -> None:
        mine, theirs = _signatures(root)[index], _signatures(etree.fromstring(other))[index]
        mine.getparent().replace(mine, theirs)

    return change


def another_certificate(der: bytes, index: int) -> Callable[[Any], None]:
    """This certificate in KeyInfo."""

    def change(root: Any) -> None:
        held = next(_signatures(root)[index].iter(f"{{{DS}}}X509Certificate"))
        held.text = base64.b64encode(der).decode()

    return change


def other_data(other: bytes) -> Callable[[Any], None]:
    """The other paper's data under this one's Id."""

    def change(root: Any) -> None:
        mine, theirs = data_of(root), data_of(etree.fromstring(other))
        for name in ("Id", "id"):
            if mine.get(name):
                theirs.set(name, mine.get(name))
        mine.getparent().replace(mine, theirs)

    return change


def other_time(other: bytes) -> Callable[[Any], None]:
    """Another paper's Object with its time."""

    def change(root: Any) -> None:
        mine = first_signature(root).find(f"{{{DS}}}Object")
        theirs = first_signature(etree.fromstring(other)).find(f"{{{DS}}}Object")
        theirs.find(".//{*}SigningTime").text = "2026-11-13T08:00:00"
        mine.getparent().replace(mine, theirs)

    return change


def _bare(root: Any) -> Any:
    evil = copy.deepcopy(data_of(root))
    for name in ("Id", "id"):
        evil.attrib.pop(name, None)
    return evil


def an_element_removed(root: Any) -> None:
    one = _last_words(root)
    one.getparent().remove(one)


def an_element_more(root: Any) -> None:
    last = _last_words(root)
    more = etree.SubElement(last.getparent(), last.tag)
    more.text = "0"


def forged_data_beside(root: Any) -> None:
    _frame(root).insert(0, _bare(root))


def forged_data_with_the_same_id(root: Any) -> None:
    evil = copy.deepcopy(data_of(root))
    _frame(root).insert(0, evil)


def data_in_a_wrapper(root: Any) -> None:
    data = data_of(root)
    parent = data.getparent()
    at = parent.index(data)
    holder = etree.Element("DuLieuCu")
    parent.insert(at, holder)
    holder.append(data)


def words_between(root: Any) -> None:
    data_of(root).tail = "Đã thanh toán"


def an_empty_element_beside(root: Any) -> None:
    etree.SubElement(_frame(root), "DaThanhToan")


def an_attribute_of_the_frame(root: Any) -> None:
    _frame(root).set("TrangThai", "DaHuy")


def an_instruction_inside(root: Any) -> None:
    _frame(root).insert(0, etree.ProcessingInstruction("in", "ban sao"))


def an_instruction_before(root: Any) -> None:
    root.addprevious(etree.ProcessingInstruction("mso-application", 'progid="Word.Document"'))


def an_inclusion(root: Any) -> None:
    etree.SubElement(_frame(root), "{http://www.w3.org/2001/XInclude}include", href="x.xml")


def a_base(root: Any) -> None:
    root.set("{http://www.w3.org/XML/1998/namespace}base", "http://elsewhere.invalid/")


def nil(root: Any) -> None:
    root.set("{http://www.w3.org/2001/XMLSchema-instance}nil", "true")


def signature_in_a_value(root: Any) -> None:
    signature, value = first_signature(root), _last_words(root)
    if any(one is value for one in signature.iterancestors()):
        return
    signature.tail = value.text[1:]
    value.text = value.text[:1]
    value.append(signature)


def words_in_the_place(root: Any) -> None:
    first_signature(root).getparent().text = "Đã duyệt"


def words_in_the_signature(root: Any) -> None:
    first_signature(root)[0].tail = "Đã duyệt"


def an_attribute_of_the_signature(root: Any) -> None:
    first_signature(root).set("TrangThai", "Đã duyệt")


FOR_NOBODY: tuple[Callable[[Any], None], ...] = (
    an_element_removed,
    an_element_more,
    forged_data_beside,
    forged_data_with_the_same_id,
    data_in_a_wrapper,
    words_between,
    an_empty_element_beside,
    an_attribute_of_the_frame,
    an_instruction_inside,
    an_instruction_before,
    an_inclusion,
    a_base,
    nil,
    signature_in_a_value,
    words_in_the_place,
    words_in_the_signature,
    an_attribute_of_the_signature,
)


def another_name_of_the_frame(root: Any) -> None:
    _frame(root).tag = "ThongBaoHuy"


def the_name_of_another_type(root: Any) -> None:
    frame = _frame(root)
    frame.tag = "TKhai" if frame.tag != "TKhai" else "HDon"


def the_frame_in_a_namespace(root: Any) -> None:
    _frame(root).tag = f"{{urn:x}}{etree.QName(_frame(root)).localname}"


def words_in_an_id(root: Any) -> None:
    root.set("Id", "HOA-DON-DA-BI-HUY")


def a_stylesheet(root: Any) -> None:
    root.addprevious(etree.ProcessingInstruction("xml-stylesheet", 'type="text/xsl" href="x.xsl"'))


def a_comment_in_words(root: Any) -> None:
    one = _last_words(root)
    mark = etree.Comment("x")
    mark.tail = one.text[1:]
    one.text = one.text[:1]
    one.append(mark)


def second_properties(root: Any) -> None:
    text = '<x:QualifyingProperties xmlns:x="http://uri.etsi.org/01903/v1.3.2#" Target="#other"/>'
    etree.SubElement(first_signature(root), f"{{{DS}}}Object").append(etree.fromstring(text))


def signature_in_another_place(root: Any) -> None:
    """Where the type has no place for signatures of that party."""
    signature = first_signature(root)
    holder = signature.getparent()
    etree.SubElement(holder.getparent(), "NguoiDuyet").append(signature)


RENAMED: tuple[Callable[[Any], None], ...] = (
    another_name_of_the_frame,
    the_name_of_another_type,
    the_frame_in_a_namespace,
)
"""Under another name what the type leaves unsigned is explained by nothing, and a namespace may be part of a digest."""

FOR_AN_OFFICER: tuple[Callable[[Any], None], ...] = (
    words_in_an_id,
    a_stylesheet,
    a_comment_in_words,
    second_properties,
    signature_in_another_place,
)
"""Names, places and instructions around what is signed: not shown to be wrong, and not passed."""
