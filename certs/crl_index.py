"""The entries of a CRL, found in logarithmic time however many there are.

``cryptography`` walks along all entries for each question: 40 ms for 500,000. Most certificates are in no list, so the
serial numbers modulo 2⁶¹-1 (what Python hashes an integer to), sorted, answer nearly every question; only a hit is
looked up in full.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left

from cryptography import x509 as pyca

WORTHWHILE_BYTES = 1 << 16
"""A CRL smaller than this is searched as quickly as an index of it is made."""


class RevokedEntries:
    """Entries of one CRL; parsed at the first question, indexed if it is large. 8 bytes of memory for an entry."""

    def __init__(self, der: bytes) -> None:
        self._der = der
        self._entries: pyca.CertificateRevocationList | None = None
        self._serials: array[int] | None = None

    def all(self) -> pyca.CertificateRevocationList:
        """All entries, in their order.

        Raises:
            ValueError: not a CRL.
        """
        if self._entries is None:
            try:
                self._entries = pyca.load_der_x509_crl(self._der)
            except (pyca.InvalidVersion, pyca.DuplicateExtension) as error:  # no ValueErrors in that library
                raise ValueError(str(error)) from error
        return self._entries

    def find(self, serial: int) -> pyca.RevokedCertificate | None:
        """The entry with this serial number.

        Raises:
            ValueError: as ``all``.
        """
        return self.all().get_revoked_certificate_by_serial_number(serial) if self.may_hold(serial) else None

    def may_hold(self, serial: int) -> bool:
        """False where no entry has this serial number; True where one may have it.

        Raises:
            ValueError: as ``all``.
        """
        if len(self._der) < WORTHWHILE_BYTES:
            return True
        if self._serials is None:
            self._serials = array("q", sorted(hash(entry.serial_number) for entry in self.all()))
        wanted = hash(serial)
        at = bisect_left(self._serials, wanted)
        return at < len(self._serials) and self._serials[at] == wanted
