"""One spelling for an address; which IP addresses are on the open internet."""

from __future__ import annotations

import pytest

from certs.addresses import is_public, normalised


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("http://ocsp.ca.gov.vn", "http://ocsp.ca.gov.vn/"),
        ("HTTP://OCSP.CA.GOV.VN:80/x", "http://ocsp.ca.gov.vn/x"),
        ("https://rootca.gov.vn:443/crl/a.crl#part", "https://rootca.gov.vn/crl/a.crl"),
        ("http://127.0.0.1:8080/tsa?x=1", "http://127.0.0.1:8080/tsa?x=1"),
        ("http://[::1]:8080/a", "http://[::1]:8080/a"),
    ],
)
def test_an_address_has_one_spelling(written: str, expected: str) -> None:
    assert normalised(written) == expected


@pytest.mark.parametrize(
    "written",
    [
        "file:///etc/passwd",
        "ldap://ldap.example/cn=x",
        "gopher://a/b",
        "//host/path",
        "http:///path",
        "http://user:secret@host/",
        "http://user@host/",
        "http://host/a b",
        "http://host/a\r\nX: y",
        "",
    ],
)
def test_what_is_no_plain_http_address_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"address|character"):
        normalised(written)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1"),
        *("224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"),
    ],
)
def test_private_addresses_are_not_public_in_any_clothing(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["203.162.4.190", "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_addresses_of_the_open_internet_are_public(address: str) -> None:
    assert is_public(address)
