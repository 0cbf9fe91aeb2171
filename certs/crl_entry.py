"""The entry of one certificate in a CRL (RFC 5280 §5.3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import x509
from cryptography import x509 as pyca

from certs.crl_list import ParsedCrl
from certs.evidence import Question

_KNOWN_ENTRY_EXTENSIONS = (pyca.CRLReason, pyca.InvalidityDate, pyca.CertificateIssuer)


@dataclass(frozen=True)
class Entry:
    """An entry found in a CRL; ``reason`` by its name in X.509 (keyCompromise), None where none is given.

    A ``removed`` one stands in delta CRLs only: the suspension in the base is lifted.
    """

    revoked_at: datetime
    reason: str | None
    removed: bool = False

    @property
    def suspension(self) -> bool:
        """A hold, which can end."""
        return self.reason == pyca.ReasonFlags.certificate_hold.value


def find_entry(crl: ParsedCrl, question: Question) -> Entry | None:
    """The certificate's entry, or None.

    One that says more than can be understood still says that the certificate is listed: it counts as revoked, for no
    older list may speak in this one's place.
    """
    serial = question.cert.serial_number
    found: pyca.RevokedCertificate | None
    if crl.scope.indirect and crl.entries.may_hold(serial):
        found = next(
            (
                e
                for e, issuer in _with_issuers(crl.entries.all(), crl)
                if e.serial_number == serial and issuer == question.cert.issuer
            ),
            None,
        )
    else:
        found = crl.entries.find(serial)
    if found is None:
        return None
    try:
        extensions = list(found.extensions)
    except (ValueError, pyca.DuplicateExtension, pyca.UnsupportedGeneralNameType):
        return Entry(found.revocation_date_utc, None)
    if any(one.critical and not isinstance(one.value, _KNOWN_ENTRY_EXTENSIONS) for one in extensions):
        return Entry(found.revocation_date_utc, None)
    reason = next((one.value.reason for one in extensions if isinstance(one.value, pyca.CRLReason)), None)
    removed = reason is pyca.ReasonFlags.remove_from_crl
    return Entry(found.revocation_date_utc, None if reason is None else reason.value, removed)


def _with_issuers(
    entries: pyca.CertificateRevocationList, crl: ParsedCrl
) -> Iterator[tuple[pyca.RevokedCertificate, x509.Name]]:
    """Entries of an indirect CRL with the issuer each belongs to: named once, then inherited (RFC 5280 5.3.3)."""
    issuer = crl.issuer
    for entry in entries:
        try:
            named = entry.extensions.get_extension_for_class(pyca.CertificateIssuer).value
        except pyca.ExtensionNotFound:
            pass
        except (pyca.DuplicateExtension, pyca.UnsupportedGeneralNameType) as error:  # whose entry it is nobody knows
            raise ValueError(str(error)) from error
        else:
            names = named.get_values_for_type(pyca.DirectoryName)
            issuer = x509.Name.load(names[0].public_bytes()) if names else x509.Name.build({})
        yield entry, issuer
