"""The demo's public-key infrastructure: both regimes with the profiles seen in the field, and every way they go wrong.

No name in it can be taken for a live authority: all say DEMO, and no address leaves this machine. Two roots with their
CAs of two generations, a SHA-1 tree in the manner of VGCA G1, time stamp authorities, OCSP responders, and holders:
citizens, companies, officers, agencies, the revoked, the suspended, the expired, the stranger.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from certs.anchors import TrustStore, load_directories
from certs.catalogue import Catalogue, Regime, load_catalogue
from certs.fetch import Fetcher, fetcher_for
from certs.revocation import OnlineSource
from demo.issuing import CA_USAGE, Authority, Holder, PrivateKey, Profile, build, new_ec_key, new_rsa_key
from demo.people import AUTHORITIES, HOLDERS, AuthorityPlan, HolderPlan, Key, profile_of
from demo.rows import catalogue_rows

PASSPHRASE = b"antin-demo"
"""Of the PKCS#12 files the demo writes; it protects nothing and is printed in the demo."""

STATE = "pki.json"


@dataclass
class DemoPki:
    """The authorities and holders by slug, and where their files lie.

    Files under ``directory``: ``trust/`` (PEM), ``catalogue.toml`` (loopback addresses), ``holders/*.p12``,
    ``holders/*.pem`` and ``*.key``, ``authorities/*.pem`` and ``*.key``, ``pki.json``. ``made_at`` is the time all
    validity periods refer to.
    """

    directory: Path
    base_url: str
    made_at: datetime
    authorities: dict[str, Authority] = field(default_factory=dict)
    holders: dict[str, Holder] = field(default_factory=dict)

    @property
    def trust_directory(self) -> Path:
        """The certificates an operator would download: roots and their CAs (not the stranger's)."""
        return self.directory / "trust"

    @property
    def catalogue_path(self) -> Path:
        """The operator's additions to the catalogue: this PKI with its loopback addresses."""
        return self.directory / "catalogue.toml"

    def catalogue(self) -> Catalogue:
        """The shipped catalogue with this PKI added."""
        return load_catalogue(self.catalogue_path)

    def trust_store(self) -> TrustStore:
        """The trust store of ``trust_directory``."""
        return load_directories([self.trust_directory], self.catalogue())

    def fetcher(self, *, offline: bool = False, timeout_s: float = 5.0) -> Fetcher:
        """A fetcher that may reach the responders of this PKI and nothing else on this machine."""
        return fetcher_for(self.catalogue(), offline=offline, timeout_s=timeout_s)

    def online(self, *, offline: bool = False, timeout_s: float = 5.0) -> OnlineSource:
        """The revocation source that asks the responders of this PKI."""
        return OnlineSource(self.fetcher(offline=offline, timeout_s=timeout_s), self.catalogue())

    def tsa_url(self, regime: Regime = Regime.OFFICIAL) -> str:
        """Address of the regime's time stamp authority."""
        return f"{self.base_url}/tsa/{regime}"

    def holder(self, slug: str) -> Holder:
        """A holder by slug (``demo.people.HOLDERS`` lists them)."""
        return self.holders[slug]

    def authority(self, slug: str) -> Authority:
        """An authority by slug (``demo.people.AUTHORITIES`` lists them)."""
        return self.authorities[slug]

    def pkcs12_path(self, slug: str) -> Path:
        """The holder's PKCS#12 file (passphrase ``PASSPHRASE``)."""
        return self.directory / "holders" / f"{slug}.p12"

    def issue(
        self,
        slug: str,
        like: str = "citizen",
        *,
        key: PrivateKey | None = None,
        issuer: str | None = None,
        **changes: Any,
    ) -> Holder:
        """Issue one more certificate, by the profile of the holder ``like`` with these changes.

        Args:
            slug: its name in ``holders``; an earlier one of that name is replaced.
            like: slug of a planned holder.
            key: its key; default the key of ``like`` (no new key is made, for speed).
            issuer: slug of the issuing authority, default that of ``like``.
            **changes: fields of ``demo.issuing.Profile`` to replace (``not_after=…``, ``crl_issuer=None``, …).
        """
        plan = next(plan for plan in HOLDERS if plan.slug == like)
        authority = self.authorities[issuer or plan.issuer]
        profile = replace(profile_of(plan, authority, self.base_url, self.made_at), **changes)
        holder = self._issued(slug, profile, authority, key or self.holders[like].key)
        self.holders[slug] = holder
        return holder

    def revoke(self, slug: str, at: datetime, reason: x509.ReasonFlags = x509.ReasonFlags.key_compromise) -> None:
        """Revoke a holder's or an authority's certificate as of ``at``; ``certificate_hold`` suspends it."""
        if slug in self.holders:
            certificate, issuer = self.holders[slug].certificate, self.holders[slug].issuer
        else:
            certificate = self.authorities[slug].certificate
            issuer = self._issuer_of(slug)
        issuer.revoked[certificate.serial_number] = (at.replace(microsecond=0), reason)

    def save(self) -> None:
        """Write everything under ``directory``, so that ``load_pki`` finds the same PKI again."""
        for folder in ("trust", "holders", "authorities"):
            (self.directory / folder).mkdir(parents=True, exist_ok=True)
        for authority in self.authorities.values():
            pem = authority.certificate.public_bytes(Encoding.PEM)
            (self.directory / "authorities" / f"{authority.slug}.pem").write_bytes(pem)
            _write_key(self.directory / "authorities" / f"{authority.slug}.key", authority.key)
            if _plan(authority.slug).trusted:
                (self.trust_directory / f"{authority.slug}.pem").write_bytes(pem)
        for holder in self.holders.values():
            self.pkcs12_path(holder.slug).write_bytes(holder.pkcs12(PASSPHRASE))
            pem = holder.certificate.public_bytes(Encoding.PEM)
            self.pkcs12_path(holder.slug).with_suffix(".pem").write_bytes(pem)
        for number, key in enumerate(self._keys()):
            _write_key(self.directory / "holders" / f"{number}.key", key)
        self.catalogue_path.write_text(catalogue_rows(self.authorities, self.base_url), "utf-8")
        (self.directory / STATE).write_text(json.dumps(self._state(), indent=1), "utf-8")

    def _state(self) -> dict[str, Any]:
        return {
            "base_url": self.base_url,
            "made_at": self.made_at.isoformat(),
            "holders": {
                holder.slug: [holder.issuer.slug, self._keys().index(holder.key)] for holder in self.holders.values()
            },
            "revoked": {
                authority.slug: [
                    [serial, at.isoformat(), reason.value] for serial, (at, reason) in authority.revoked.items()
                ]
                for authority in self.authorities.values()
            },
            "issued": {authority.slug: sorted(authority.issued) for authority in self.authorities.values()},
        }

    def _keys(self) -> list[PrivateKey]:
        """The holders' keys, each once (several holders share one)."""
        return list(dict.fromkeys(holder.key for holder in self.holders.values()))

    def _issuer_of(self, slug: str) -> Authority:
        issuer = _plan(slug).issuer
        return self.authorities[issuer if issuer is not None else slug]

    def _issued(self, slug: str, profile: Profile, issuer: Authority, key: PrivateKey) -> Holder:
        certificate = build(profile, key.public_key(), issuer)
        issuer.issued.add(certificate.serial_number)
        return self.holder_of(slug, certificate, key, issuer)

    def holder_of(self, slug: str, certificate: x509.Certificate, key: PrivateKey, issuer: Authority) -> Holder:
        """A holder with the chain of its issuer."""
        return Holder(slug, certificate, key, issuer, self._chain(issuer))

    def _chain(self, authority: Authority) -> tuple[x509.Certificate, ...]:
        issuer = _plan(authority.slug).issuer
        above = self._chain(self.authorities[issuer]) if issuer is not None else ()
        return (authority.certificate, *above)

    def add_authority(self, plan: AuthorityPlan, key: rsa.RSAPrivateKey) -> None:
        """Make an authority by plan, under the one its plan names (or self-signed)."""
        issuer = self.authorities[plan.issuer] if plan.issuer is not None else None
        profile = Profile(
            subject=plan.subject,
            not_before=self.made_at + plan.valid_from,
            not_after=self.made_at + plan.valid_until,
            ca=True,
            path_length=None if issuer is None else 0,
            usage=CA_USAGE,
            crl_urls=() if issuer is None else (f"{self.base_url}/crl/{issuer.slug}.crl",),
            ocsp_urls=(f"{self.base_url}/ocsp/{issuer.slug}",) if issuer and _plan(issuer.slug).ocsp else (),
            ca_issuers_urls=() if issuer is None else (f"{self.base_url}/aia/{issuer.slug}.p7b",),
            sha1=plan.sha1,
        )
        certificate = build(profile, key.public_key(), issuer, key)
        if issuer is not None:
            issuer.issued.add(certificate.serial_number)
        self.authorities[plan.slug] = Authority(plan.slug, certificate, key, plan.sha1)

    def add_holder(self, plan: HolderPlan, keys: Mapping[Key, PrivateKey]) -> None:
        """Issue a planned holder's certificate, and revoke it where the plan says so."""
        issuer = self.authorities[plan.issuer]
        profile = profile_of(plan, issuer, self.base_url, self.made_at)
        self.holders[plan.slug] = self._issued(plan.slug, profile, issuer, keys[plan.key])
        if plan.revoked is not None:
            since, reason = plan.revoked
            self.revoke(plan.slug, self.made_at + since, reason)


def make_pki(directory: Path, base_url: str, made_at: datetime | None = None) -> DemoPki:
    """Make the whole PKI, fresh keys and all (about two seconds), and write it under ``directory``.

    Args:
        directory: created where missing.
        base_url: where the responders will listen (``http://127.0.0.1:PORT``); it stands in the certificates.
        made_at: the time validity periods refer to; default now.
    """
    now = (made_at or datetime.now(UTC)).replace(microsecond=0)
    pki = DemoPki(directory, base_url.rstrip("/"), now)
    for authority in AUTHORITIES:
        pki.add_authority(authority, new_rsa_key())
    keys: dict[Key, PrivateKey] = {}
    for plan in HOLDERS:
        if plan.key not in keys:
            keys[plan.key] = new_ec_key() if plan.key is Key.CURVE else new_rsa_key()
        pki.add_holder(plan, keys)
    pki.save()
    return pki


def load_pki(directory: Path) -> DemoPki:
    """Read a PKI that ``make_pki`` wrote.

    Raises:
        FileNotFoundError: there is none.
    """
    state = json.loads((directory / STATE).read_text("utf-8"))
    pki = DemoPki(directory, state["base_url"], datetime.fromisoformat(state["made_at"]))
    for plan in AUTHORITIES:
        folder = directory / "authorities"
        certificate = x509.load_pem_x509_certificate((folder / f"{plan.slug}.pem").read_bytes())
        key = _read_key(folder / f"{plan.slug}.key")
        if not isinstance(key, rsa.RSAPrivateKey):
            raise TypeError(f"{plan.slug}: not an RSA key")
        revoked = {
            int(serial): (datetime.fromisoformat(at), x509.ReasonFlags(reason))
            for serial, at, reason in state["revoked"][plan.slug]
        }
        issued = set(state["issued"][plan.slug])
        pki.authorities[plan.slug] = Authority(plan.slug, certificate, key, plan.sha1, revoked, issued)
    keys = {
        number: _read_key(directory / "holders" / f"{number}.key")
        for number in {number for _, number in state["holders"].values()}
    }
    for slug, (issuer, number) in state["holders"].items():
        certificate = x509.load_pem_x509_certificate(pki.pkcs12_path(slug).with_suffix(".pem").read_bytes())
        pki.holders[slug] = pki.holder_of(slug, certificate, keys[number], pki.authorities[issuer])
    return pki


def _plan(slug: str) -> AuthorityPlan:
    return next(plan for plan in AUTHORITIES if plan.slug == slug)


def _write_key(path: Path, key: PrivateKey) -> None:
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    path.chmod(0o600)


def _read_key(path: Path) -> PrivateKey:
    """A key we wrote ourselves: checking an RSA key anew costs more than making one."""
    key = load_pem_private_key(path.read_bytes(), None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise TypeError(f"{path}: neither RSA nor EC")
    return key
