"""The demo PKI's rows for the operator's catalogue, in the form of ``certs/catalogue.toml``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from certs.catalogue import Regime
from certs.certificate import display_name, fingerprint
from demo.issuing import Authority
from demo.people import AUTHORITIES, AuthorityPlan


def catalogue_rows(authorities: Mapping[str, Authority], base_url: str) -> str:
    """TOML text: a row for each trusted authority with its loopback addresses, and one for each time stamp service."""
    rows = [_row(plan, authorities[plan.slug], base_url) for plan in AUTHORITIES if plan.trusted]
    for regime in (Regime.OFFICIAL, Regime.PUBLIC):
        facts = {"name": f"DEMO TSA ({regime})", "regime": regime.value, "tsa": [f"{base_url}/tsa/{regime}"]}
        rows.append("[[service]]\n" + _lines(facts))
    return "\n".join(rows)


def _row(plan: AuthorityPlan, authority: Authority, base_url: str) -> str:
    certificate = authority.asn1
    facts: dict[str, object] = {
        "name": f"{_common_name(plan)} ({certificate.not_valid_before.year})",
        "regime": plan.regime.value,
        "role": "root" if plan.issuer is None else "sub",
        "sha256": fingerprint(certificate),
        "subject": display_name(certificate),
        "ski": certificate.key_identifier.hex(),
        "not_before": certificate.not_valid_before,
        "not_after": certificate.not_valid_after,
        "crl": [f"{base_url}/crl/{plan.slug}.crl"],
        "ocsp": [f"{base_url}/ocsp/{plan.slug}"] if plan.ocsp else [],
        "aia": [f"{base_url}/aia/{plan.slug}.crt", f"{base_url}/aia/{plan.slug}.p7b"],
        "sha1_tree": plan.sha1 and plan.issuer is None,
        "purposes": ["signing", "time-stamping"],
    }
    return "[[authority]]\n" + _lines(facts)


def _common_name(plan: AuthorityPlan) -> str:
    return next(str(part.value) for part in plan.subject if part.oid.dotted_string == "2.5.4.3")


def _lines(facts: Mapping[str, object]) -> str:
    return "".join(f"{key} = {_value(value)}\n" for key, value in facts.items())


def _value(value: object) -> str:
    """A TOML value; strings, lists of strings and booleans are written as JSON writes them."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return json.dumps(value, ensure_ascii=False)
