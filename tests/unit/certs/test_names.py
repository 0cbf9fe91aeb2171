"""Names are compared as asn1crypto compares them; the same bytes at once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from asn1crypto import core, x509

from certs import names
from certs.certificate import MALFORMED


def name(**parts: str) -> x509.Name:
    """A fresh object from bytes, as a document brings it."""
    return x509.Name.load(x509.Name.build({key.rstrip("_"): value for key, value in parts.items()}).dump())


def printable(text: str) -> x509.Name:
    value = x509.DirectoryString(name="printable_string", value=core.PrintableString(text))
    kind = x509.NameTypeAndValue({"type": "common_name", "value": value})
    whole = x509.Name(name="", value=x509.RDNSequence([x509.RelativeDistinguishedName([kind])]))
    return x509.Name.load(whole.dump())


BROKEN = x509.Name.load(b"\x30\x02\x05\x00")
PAIRS = [
    (name(common_name="DEMO CA"), name(common_name="DEMO CA"), True),
    (name(common_name="DEMO CA"), name(common_name="demo  ca "), True),
    (name(common_name="DEMO CA"), printable("DEMO CA"), True),
    (name(common_name="DEMO CA"), name(common_name="DEMO CB"), False),
    (name(common_name="DEMO CA"), name(common_name="DEMO CA", country_name="VN"), False),
    (name(common_name="Sở Tư pháp"), name(common_name="SỞ TƯ PHÁP"), True),
    (name(common_name="DEMO CA"), "DEMO CA", False),
]


@pytest.mark.parametrize(("one", "other", "same"), PAIRS)
def test_as_asn1crypto_compares(one: x509.Name, other: object, same: bool) -> None:
    assert names._by_letters(one, other) is same
    assert (one == other) is same
    assert (one != other) is not same


def test_the_same_bytes_are_not_looked_at_letter_by_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: object) -> bool:
        raise AssertionError("letter by letter")

    monkeypatch.setattr(x509.NameTypeAndValue, "prepped_value", property(forbidden))
    assert name(common_name="DEMO CA") == name(common_name="DEMO CA")


@pytest.mark.parametrize("other", [name(common_name="DEMO CA"), x509.Name.load(b"\x30\x00")])
def test_what_is_no_name_is_told_as_asn1crypto_tells_it(other: x509.Name) -> None:
    def outcome(compare: Callable[[x509.Name, x509.Name], bool], one: x509.Name, two: x509.Name) -> object:
        try:
            return compare(one, two)
        except MALFORMED as error:
            return type(error)

    for pair in ((BROKEN, other), (other, BROKEN)):
        assert outcome(names.same_name, *pair) == outcome(names._by_letters, *pair) is not True
