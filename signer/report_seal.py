"""The service's own seal on what it says: an enveloped XAdES-B-B signature in a report (ETSI EN 319 132-1), a detached
CAdES-B-B signature beside other bytes (ETSI EN 319 122-1).

The first is written out by hand over lxml's canonicaliser: the signing port (a key in a token) signs bytes, and the XML
libraries want the private key itself.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
from datetime import UTC, datetime
from typing import Any, TypeAlias

from asn1crypto import tsp, x509
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from lxml import etree
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes

from signer.keys import DIGEST, KeySigner, SigningKey, signature_mechanism

Element: TypeAlias = Any
"""An lxml element; the library ships no types."""

DS = "http://www.w3.org/2000/09/xmldsig#"
XADES = "http://uri.etsi.org/01903/v1.3.2#"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
SIGNED_PROPERTIES = "http://uri.etsi.org/01903#SignedProperties"
_ALGORITHMS = {
    "sha256_rsa": "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    "sha256_ecdsa": "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
}


def seal_report(root: Element, key: SigningKey, at: datetime) -> None:
    """Append the seal as the last child of ``root``; nothing of the report may be changed afterwards.

    1 digest of the report · 2 signed properties and their digest · 3 SignedInfo · 4 the signature value.

    Raises:
        KeyUnavailable: the key cannot be reached now.
        SealRefused: KEY-UNUSABLE, the kind or size of the key.
    """
    mechanism = signature_mechanism(key.certificate, DIGEST)["algorithm"].native
    document = _sha256(_canonical(root))  # 1
    signature = etree.SubElement(root, f"{{{DS}}}Signature", {"Id": "report-seal"})
    signed_info = _add(signature, "SignedInfo")
    value = _add(signature, "SignatureValue")
    data = _add(_add(signature, "KeyInfo"), "X509Data")
    for certificate in (key.certificate, *key.chain):
        _add(data, "X509Certificate", base64.b64encode(certificate.dump()).decode())
    properties = _signed_properties(signature, key.certificate, at)  # 2
    _add(signed_info, "CanonicalizationMethod", Algorithm=EXCLUSIVE)  # 3
    _add(signed_info, "SignatureMethod", Algorithm=_ALGORITHMS[mechanism])
    _reference(signed_info, document, (ENVELOPED, EXCLUSIVE), URI="")
    own = _sha256(_canonical(properties))
    _reference(signed_info, own, (EXCLUSIVE,), URI="#report-seal-properties", Type=SIGNED_PROPERTIES)
    signed = key.sign(_canonical(signed_info), DIGEST)  # 4
    if mechanism == "sha256_ecdsa":
        signed = _fixed_length(signed, key.certificate)
    value.text = base64.b64encode(signed).decode()


def seal_bytes(data: bytes, key: SigningKey, at: datetime) -> bytes:
    """A detached CMS signature over ``data``, DER.

    Raises:
        KeyUnavailable: the key cannot be reached now.
        SealRefused: KEY-UNUSABLE, the kind or size of the key.
    """
    signing = KeySigner(key, key.chain).async_sign_general_data(
        data, DIGEST, use_cades=True, signed_attr_settings=PdfCMSSignedAttributes(signing_time=at)
    )
    return bytes(asyncio.run(signing).dump())


def _signed_properties(signature: Element, certificate: x509.Certificate, at: datetime) -> Element:
    qualifying = etree.SubElement(
        _add(signature, "Object"), f"{{{XADES}}}QualifyingProperties", {"Target": "#report-seal"}
    )
    properties = etree.SubElement(qualifying, f"{{{XADES}}}SignedProperties", {"Id": "report-seal-properties"})
    signed = _xades(properties, "SignedSignatureProperties")
    _xades(signed, "SigningTime").text = at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    cert = _xades(_xades(signed, "SigningCertificateV2"), "Cert")
    digest = _xades(cert, "CertDigest")
    _add(digest, "DigestMethod", Algorithm=SHA256)
    _add(digest, "DigestValue", base64.b64encode(hashlib.sha256(certificate.dump()).digest()).decode())
    _xades(cert, "IssuerSerialV2").text = base64.b64encode(_issuer_serial(certificate)).decode()
    return properties


def _issuer_serial(certificate: x509.Certificate) -> bytes:
    """DER of IssuerSerial (RFC 5035 §4), as IssuerSerialV2 wants it."""
    names = x509.GeneralNames([x509.GeneralName("directory_name", certificate.issuer)])
    return bytes(tsp.IssuerSerial({"issuer": names, "serial_number": certificate.serial_number}).dump())


def _reference(signed_info: Element, digest: bytes, transforms: tuple[str, ...], **attributes: str) -> None:
    reference = _add(signed_info, "Reference", **attributes)
    chain = _add(reference, "Transforms")
    for transform in transforms:
        _add(chain, "Transform", Algorithm=transform)
    _add(reference, "DigestMethod", Algorithm=SHA256)
    _add(reference, "DigestValue", base64.b64encode(digest).decode())


def _fixed_length(der: bytes, certificate: x509.Certificate) -> bytes:
    """ECDSA as XML wants it: r and s, each as long as the curve (RFC 6931 §2.3.6)."""
    r, s = decode_dss_signature(der)
    size = (certificate.public_key.bit_size + 7) // 8
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


def _canonical(element: Element) -> bytes:
    return bytes(etree.tostring(element, method="c14n", exclusive=True, with_comments=False, with_tail=False))


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _xades(parent: Element, name: str) -> Element:
    return etree.SubElement(parent, f"{{{XADES}}}{name}")


def _add(parent: Element, name: str, text: str | None = None, **attributes: str) -> Element:
    element = etree.SubElement(parent, f"{{{DS}}}{name}", attributes)
    element.text = text
    return element
