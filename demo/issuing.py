"""Making certificates and CRLs of any profile, the old SHA-1 ones included; for the demo and the tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from asn1crypto import crl as asn1_crl
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, pkcs12
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID, ObjectIdentifier

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

RSA_BITS = 2048
PUBLIC_EXPONENT = 65537

USER_ID = NameOID.USER_ID
SIGNING_USAGE = ("digital_signature", "content_commitment")
OFFICIAL_USAGE = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment")
CA_USAGE = ("key_cert_sign", "crl_sign")
_USAGES = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
    *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)


def new_rsa_key() -> rsa.RSAPrivateKey:
    """A fresh RSA key of the least size in force."""
    return rsa.generate_private_key(public_exponent=PUBLIC_EXPONENT, key_size=RSA_BITS)


def new_ec_key() -> ec.EllipticCurvePrivateKey:
    """A fresh P-256 key."""
    return ec.generate_private_key(ec.SECP256R1())


def name(*attributes: tuple[ObjectIdentifier, str]) -> x509.Name:
    """A distinguished name, attributes in the order given."""
    return x509.Name([x509.NameAttribute(kind, value) for kind, value in attributes])


@dataclass(frozen=True)
class Profile:
    """What a certificate is to say. Absent parts are left out of it.

    ``usage`` are key usage bits by ``cryptography``'s names; ``crl_issuer``: the distribution point names this CRL
    issuer (real public leaves name their own issuer); ``extensions``: further ones, with their criticality.
    """

    subject: x509.Name
    not_before: datetime
    not_after: datetime
    ca: bool = False
    path_length: int | None = None
    usage: tuple[str, ...] | None = SIGNING_USAGE
    extended_usage: tuple[ObjectIdentifier, ...] = ()
    extended_usage_critical: bool = False
    crl_urls: tuple[str, ...] = ()
    crl_issuer: x509.Name | None = None
    ocsp_urls: tuple[str, ...] = ()
    ca_issuers_urls: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    extensions: tuple[tuple[x509.ExtensionType, bool], ...] = ()
    sha1: bool = False


@dataclass
class Authority:
    """A certification authority of the demo, its key, and what it issued and revoked, by serial number."""

    slug: str
    certificate: x509.Certificate
    key: rsa.RSAPrivateKey
    sha1: bool = False
    revoked: dict[int, tuple[datetime, x509.ReasonFlags]] = field(default_factory=dict)
    issued: set[int] = field(default_factory=set)

    @property
    def asn1(self) -> asn1_x509.Certificate:
        """The certificate as the product speaks it."""
        return to_asn1(self.certificate)


@dataclass(frozen=True)
class Holder:
    """Somebody with a certificate and its key; ``chain`` runs from the issuer to the root."""

    slug: str
    certificate: x509.Certificate
    key: PrivateKey
    issuer: Authority
    chain: tuple[x509.Certificate, ...]

    @property
    def asn1(self) -> asn1_x509.Certificate:
        """The certificate as the product speaks it."""
        return to_asn1(self.certificate)

    @property
    def asn1_chain(self) -> tuple[asn1_x509.Certificate, ...]:
        """The chain as the product speaks it."""
        return tuple(to_asn1(certificate) for certificate in self.chain)

    def pkcs12(self, passphrase: bytes | None = None) -> bytes:
        """Key, certificate and chain as PKCS#12."""
        encryption = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
        return pkcs12.serialize_key_and_certificates(
            self.slug.encode(), self.key, self.certificate, list(self.chain), encryption
        )


def to_asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    """From ``cryptography``'s object to asn1crypto's."""
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))


def build(
    profile: Profile,
    public_key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey,
    issuer: Authority | None,
    own_key: rsa.RSAPrivateKey | None = None,
) -> x509.Certificate:
    """A certificate by this profile, signed by ``issuer``, or self-signed with ``own_key``."""
    signing_key = issuer.key if issuer is not None else own_key
    if signing_key is None:
        raise ValueError("a self-signed certificate needs its own key")
    issuer_name = issuer.certificate.subject if issuer is not None else profile.subject
    builder = (
        x509.CertificateBuilder()
        .subject_name(profile.subject)
        .issuer_name(issuer_name)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(profile.not_before)
        .not_valid_after(profile.not_after)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key.public_key()), critical=False)
        .add_extension(x509.BasicConstraints(profile.ca, profile.path_length), critical=True)
    )
    for extension, critical in _extensions(profile):
        builder = builder.add_extension(extension, critical=critical)
    certificate = builder.sign(signing_key, hashes.SHA256())
    return _with_sha1(certificate, signing_key) if profile.sha1 else certificate


def build_crl(
    issuer: Authority,
    this_update: datetime,
    next_update: datetime,
    revoked: dict[int, tuple[datetime, x509.ReasonFlags]] | None = None,
    extensions: Sequence[tuple[x509.ExtensionType, bool]] = (),
) -> bytes:
    """A CRL of this authority as DER; by default with all it has revoked so far."""
    entries = issuer.revoked if revoked is None else revoked
    listed = [_crl_entry(serial, at, reason) for serial, (at, reason) in entries.items()]
    builder = (
        x509.CertificateRevocationListBuilder(revoked_certificates=listed)
        .issuer_name(issuer.certificate.subject)
        .last_update(this_update)
        .next_update(next_update)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()), critical=False)
        .add_extension(x509.CRLNumber(int(this_update.timestamp())), critical=False)
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    der = builder.sign(issuer.key, hashes.SHA256()).public_bytes(Encoding.DER)
    return _crl_with_sha1(der, issuer.key) if issuer.sha1 else der


def _crl_entry(serial: int, at: datetime, reason: x509.ReasonFlags) -> x509.RevokedCertificate:
    builder = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(at)
    if reason is not x509.ReasonFlags.unspecified:  # RFC 5280 5.3.1: absent rather than "unspecified"
        builder = builder.add_extension(x509.CRLReason(reason), critical=False)
    return builder.build()


def _extensions(profile: Profile) -> list[tuple[x509.ExtensionType, bool]]:
    found: list[tuple[x509.ExtensionType, bool]] = []
    if profile.usage is not None:
        found.append((x509.KeyUsage(**{bit: bit in profile.usage for bit in _USAGES}), True))
    if profile.extended_usage:
        found.append((x509.ExtendedKeyUsage(profile.extended_usage), profile.extended_usage_critical))
    if profile.crl_urls:
        urls = [x509.UniformResourceIdentifier(url) for url in profile.crl_urls]
        named = [x509.DirectoryName(profile.crl_issuer)] if profile.crl_issuer is not None else None
        found.append((x509.CRLDistributionPoints([x509.DistributionPoint(urls, None, None, named)]), False))
    access = [(AuthorityInformationAccessOID.OCSP, url) for url in profile.ocsp_urls]
    access += [(AuthorityInformationAccessOID.CA_ISSUERS, url) for url in profile.ca_issuers_urls]
    if access:
        described = [x509.AccessDescription(kind, x509.UniformResourceIdentifier(url)) for kind, url in access]
        found.append((x509.AuthorityInformationAccess(described), False))
    if profile.emails:
        found.append((x509.SubjectAlternativeName([x509.RFC822Name(email) for email in profile.emails]), False))
    return [*found, *profile.extensions]


def _with_sha1(certificate: x509.Certificate, key: rsa.RSAPrivateKey) -> x509.Certificate:
    """The same certificate signed with SHA-1, as the trees of 2008 and 2010 are (``cryptography`` builds none)."""
    parsed = asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))
    tbs = parsed["tbs_certificate"].copy()
    tbs["signature"] = {"algorithm": "sha1_rsa"}
    signature = key.sign(tbs.dump(force=True), padding.PKCS1v15(), hashes.SHA1())  # noqa: S303 - the point of it
    whole = asn1_x509.Certificate(
        {"tbs_certificate": tbs, "signature_algorithm": {"algorithm": "sha1_rsa"}, "signature_value": signature}
    )
    return x509.load_der_x509_certificate(whole.dump())


def _crl_with_sha1(der: bytes, key: rsa.RSAPrivateKey) -> bytes:
    parsed = asn1_crl.CertificateList.load(der)
    tbs = parsed["tbs_cert_list"].copy()
    tbs["signature"] = {"algorithm": "sha1_rsa"}
    signature = key.sign(tbs.dump(force=True), padding.PKCS1v15(), hashes.SHA1())  # noqa: S303 - the point of it
    whole = {"tbs_cert_list": tbs, "signature_algorithm": {"algorithm": "sha1_rsa"}, "signature": signature}
    return bytes(asn1_crl.CertificateList(whole).dump())
