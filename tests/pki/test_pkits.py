"""NIST PKITS: paths and CRLs (RFC 5280) by the book; the files are in the package ``cryptography_vectors``."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

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
"""Settings of a relying party that demands certificate policies: TT 15/2025 demands none, ``find_path`` takes none."""

_SET = "the relying party accepts policies that the path does not have; ours accepts every policy"
_EXPLICIT = "the relying party demands that some policy holds; ours demands none"
_MAPPING = "the relying party forbids policy mapping; ours does not"
_ANY = "the relying party forbids anyPolicy; ours does not"

SKIPPED = {
    "4.8.1 All Certificates Same Policy Test1 (Subpart 3)": _SET,
    "4.8.2 All Certificates No Policies Test2 (Subpart 2)": _EXPLICIT,
    "4.8.3 Different Policies Test3 (Subpart 2)": _EXPLICIT,
    "4.8.3 Different Policies Test3 (Subpart 3)": _EXPLICIT,
    "4.8.6 Overlapping Policies Test6 (Subpart 3)": _SET,
    "4.8.14 AnyPolicy Test14 (Subpart 2)": _SET,
    "4.10.1.2 Valid Policy Mapping Test1 (Subpart 2)": _SET,
    "4.10.1.3 Valid Policy Mapping Test1 (Subpart 3)": _MAPPING,
    "4.10.3 Valid Policy Mapping Test3 (Subpart 1)": _SET,
    "4.10.5 Valid Policy Mapping Test5 (Subpart 2)": _SET,
    "4.10.6 Valid Policy Mapping Test6 (Subpart 2)": _SET,
    "4.10.13 Valid Policy Mapping Test13 (Subpart 3)": _SET,
    "4.12.3 inhibitAnyPolicy Test3 (Subpart 2)": _ANY,
}
"""Tests whose path is refused only because of what the relying party sets; without it, it is a good path (shown below).

The other tests with such settings are answered: a path that is good under them is good without, and a bad one bad.
"""

_COUNTS = (6, 8, 10, 21, 8, 17, 5, 35, 8, 23, 11, 11, 38, 35, 10, 1)
SECTIONS = {f"4.{number}": count for number, count in enumerate(_COUNTS, 1)}
"""Tests of each section, subparts counted: none is lost without a name."""


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


def name_of(test: dict[str, Any]) -> str:
    """Number and title: subparts share a number."""
    return f"{test['test']} {test['title']}"


@pytest.fixture(scope="module")
def tests(shared: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((shared / "corpus" / "pkits.json").read_text("utf-8"))["tests"]
    return found


def test_every_test_of_every_section_is_there(tests: list[dict[str, Any]]) -> None:
    assert Counter(".".join(test["test"].split(".")[:2]) for test in tests) == SECTIONS


def test_nist_pkits(tests: list[dict[str, Any]]) -> None:
    ours = [test for test in tests if name_of(test) not in SKIPPED]
    assert len(ours) == 247 - len(SKIPPED)
    answered = {name_of(test): validates(test) for test in ours}
    differing = {test["test"] for test in ours if answered[name_of(test)] is not test["should_validate"]}
    assert differing == set(OTHERWISE)
    assert not any(answered[name_of(test)] for test in ours if test["test"] in OTHERWISE)


def test_what_is_skipped_hangs_on_the_relying_partys_settings_alone(tests: list[dict[str, Any]]) -> None:
    skipped = {name_of(test): test for test in tests if name_of(test) in SKIPPED}
    assert set(skipped) == set(SKIPPED)
    for name, test in skipped.items():
        assert any(setting in test["settings"] for setting in POLICY_INPUTS), name
        assert test["should_validate"] is False, name
        assert validates(test), f"{name}: without the setting it is a good path"


def test_distribution_points_are_complete(tests: list[dict[str, Any]]) -> None:
    """Section 4.14 (distribution points, cRLIssuer, indirect CRLs): all 35, so that reading a direct CRL with its own
    issuer's name as cRLIssuer (docs/divergences.md, 5) opens no hole.
    """
    section = [test for test in tests if test["test"].startswith("4.14.")]
    assert {test["test"] for test in section} == {f"4.14.{number}" for number in range(1, 36)}
    wrong = {test["test"] for test in section if validates(test) is not test["should_validate"]}
    assert wrong == {name for name in OTHERWISE if name.startswith("4.14.")}
