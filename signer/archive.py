"""What a document needs to be checked in many years: certificates, CRLs and OCSP responses in its security store.

Runs in the limited worker process (see ``signer.update``).
"""

from __future__ import annotations

from functools import partial

from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.sign.validation.dss import DocumentSecurityStore

from signer.update import declare_pades, guarded, open_update, written


def add_evidence(
    document: bytes, certificates: tuple[bytes, ...], crls: tuple[bytes, ...], ocsps: tuple[bytes, ...]
) -> bytes:
    """Add DER certificates, CRLs and OCSP responses to the document security store (ISO 32000-2 12.8.4.3).

    Written by us because pyHanko's own way leaves out CRLs whose distribution point names a cRLIssuer.

    Raises:
        SealRefused: DOCUMENT-DAMAGED.
    """
    return guarded(partial(_add_evidence, document, certificates, crls, ocsps))


def _add_evidence(
    document: bytes, certificates: tuple[bytes, ...], crls: tuple[bytes, ...], ocsps: tuple[bytes, ...]
) -> bytes:
    writer = open_update(document)
    declare_pades(writer)
    parts = {
        "certs": [x509.Certificate.load(der) for der in certificates],
        "crls": [asn1_crl.CertificateList.load(der) for der in crls],
        "ocsps": [asn1_ocsp.OCSPResponse.load(der) for der in ocsps],
    }
    if "/DSS" in writer.root:
        store = DocumentSecurityStore.read_dss(writer)
        store.register_vri(None, **parts)
        store.as_pdf_object()
    else:
        store = DocumentSecurityStore(writer)
        store.register_vri(None, **parts)
        writer.root[pdf_name("/DSS")] = writer.add_object(store.as_pdf_object())
        writer.update_root()
    return written(writer)
