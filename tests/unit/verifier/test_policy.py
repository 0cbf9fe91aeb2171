"""Policies are data with a digest; relaxing one shows in its name."""

from __future__ import annotations

import hashlib
import pickle
from importlib import resources

import pytest

from verifier.policy import UnknownPolicyError, load_policy, policy_names


def test_the_current_policy_requires_what_the_law_does() -> None:
    policy = load_policy("vn-2025.1")
    data = (resources.files("verifier") / "policies" / "vn-2025.1.toml").read_bytes()
    assert policy.id == "vn-2025.1"
    assert policy.sha256 == hashlib.sha256(data).hexdigest()
    assert policy.revocation_required
    assert policy.time_stamp_revocation_required
    assert pickle.loads(pickle.dumps(policy)) == policy


def test_skipping_revocation_shows_in_the_name() -> None:
    policy = load_policy().skipping_revocation()
    assert policy.revocation_skipped
    assert not policy.revocation_required
    assert policy.id == "vn-2025.1+revocation-skipped"


@pytest.mark.parametrize("name", ["", "vn-1999", "../policy", "vn-2025.1.toml"])
def test_an_unknown_policy_is_refused(name: str) -> None:
    with pytest.raises(UnknownPolicyError):
        load_policy(name)


def test_every_shipped_policy_loads_under_its_own_name() -> None:
    assert [load_policy(name).id for name in policy_names()] == policy_names()
