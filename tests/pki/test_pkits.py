"""NIST PKITS: paths and CRLs (RFC 5280) by the book; the files are in the package ``cryptography_vectors``."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any

from certs.anchors import Purpose, Regime, TrustAnchor, make_store
from certs.certificate import Certificate, read_certificates, valid_at
from certs.path import PathStatus, find_path
from certs.revocation import CertStatus, EmbeddedSource, path_status

AT = datetime(2020, 1, 1, tzinfo=UTC)
FILES = resources.files("cryptography_vectors") / "x509" / "PKITS_data"

OTHERWISE = {
    "4.1.4": "DSA is not among the algorithms in force (TT 15/2025)",
    "4.1.5": "DSA is not among the algorithms in force (TT 15/2025)",
    "4.14.30": "the status of a CRL's signer is in the CRL it signed: that is no proof",
}
"""Tests we answer otherwise on purpose, always on the refusing side."""

POLICY_INPUTS = (
    "SetInitialPolicySet",
    "SetInitialExplicitPolicy",
    "SetInitialPolicyMappingInhibit",
    "SetInitialInhibitAnyPolicy",
)
"""Certificate policies a relying party may demand: the law demands none, so ``find_path`` takes none."""


def certificate(name: str) -> Certificate:
    (found,) = read_certificates((FILES / "certs" / name).read_bytes())
    return found


def validates(test: dict[str, Any]) -> bool:
    """Is the whole path trusted, in force and not revoked, by the test's certificates and CRLs alone."""
    chain = [certificate(name) for name in test["chain"]]
    anchor = TrustAnchor(chain[0], Regime.UNKNOWN, frozenset(Purpose), sha1_tree=False, name="PKITS")
    found = find_path(chain[-1], chain[1:-1], make_store([anchor], []), AT, Purpose.SIGNING)
    if found.outcome is not PathStatus.TRUSTED or not found.ca_valid_at_time or not valid_at(chain[-1], AT):
        return False
    crls = [(FILES / "crls" / name).read_bytes() for name in test["crls"]]
    return path_status(found.path, AT, [EmbeddedSource(crls)], chain).status is CertStatus.GOOD


def test_nist_pkits(shared: Path) -> None:
    tests = json.loads((shared / "corpus" / "pkits.json").read_text("utf-8"))["tests"]
    ours = [test for test in tests if not any(name in test["settings"] for name in POLICY_INPUTS)]
    assert len(ours) == 212
    answered = {test["test"]: validates(test) for test in ours}
    differing = {test["test"] for test in ours if answered[test["test"]] is not test["should_validate"]}
    assert differing == set(OTHERWISE)
    assert not any(answered[name] for name in OTHERWISE)
