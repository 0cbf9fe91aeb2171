"""Equal names of certificates told by their bytes: asn1crypto prepares every letter of both anew (RFC 5280 §7.1).

``install`` puts the comparison before asn1crypto's own, in this process. Names that are written otherwise go to
asn1crypto's. The same bytes are the same name, also where asn1crypto refuses to compare them.
"""

from __future__ import annotations

from asn1crypto import x509

_by_letters = x509.Name.__eq__


def install() -> None:
    """Let asn1crypto compare names this way from now on."""
    x509.Name.__eq__ = same_name


def same_name(one: x509.Name, other: object) -> bool:
    """Whether both are the same name.

    Raises:
        ValueError: and others of ``MALFORMED``, where they differ and one of them is no name.
    """
    if isinstance(other, x509.Name):
        contents = one.contents
        if contents is not None and contents == other.contents:
            return True
    return bool(_by_letters(one, other))
