"""Policies are data with a digest; relaxing one shows in its name."""

from __future__ import annotations

import hashlib
import pickle
from importlib import resources

import pytest

from verifier.policy import UnknownPolicyError, load_policy, policy_names


def test_the_current_policy_requires_what_the_law_does() -> None:
    policy = load_policy()
    data = (resources.files("verifier") / "policies" / "vn-2025.2.toml").read_bytes()
    assert policy.id == "vn-2025.2"
    assert policy.sha256 == hashlib.sha256(data).hexdigest()
    assert policy.revocation_required
    assert policy.time_stamp_revocation_required
    assert pickle.loads(pickle.dumps(policy)) == policy


def test_a_released_policy_stays_what_it_was() -> None:
    """Reports name it by its digest."""
    old = load_policy("vn-2025.1")
    assert old.sha256 == "e652db9e34372c07e9f4eb7f0ed8d9eb8dde91c72ff9d258f34d4bebc529516c"
    assert (old.sha1_imprint_until, old.clock_difference_said) == (None, None)


def test_skipping_revocation_shows_in_the_name() -> None:
    policy = load_policy().skipping_revocation()
    assert policy.revocation_skipped
    assert not policy.revocation_required
    assert policy.id == "vn-2025.2+revocation-skipped"


@pytest.mark.parametrize("name", ["", "vn-1999", "../policy", "vn-2025.1.toml"])
def test_an_unknown_policy_is_refused(name: str) -> None:
    with pytest.raises(UnknownPolicyError):
        load_policy(name)


def test_every_shipped_policy_loads_under_its_own_name() -> None:
    assert [load_policy(name).id for name in policy_names()] == policy_names()
