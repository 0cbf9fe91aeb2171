"""Validation policies as data: what is required of a signature, with a digest that every report names."""

from __future__ import annotations

import dataclasses
import hashlib
import tomllib
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import resources

DEFAULT_POLICY = "vn-2025.2"


class UnknownPolicyError(LookupError):
    """No policy of that name is shipped."""


@dataclass(frozen=True)
class ValidationPolicy:
    """One released policy. ``sha256`` is the hex digest of its file; a relaxed one says so in its ``id``.

    ``sha1_imprint_until``: a signature time stamp with a SHA-1 imprint proves a time before this; None: never.
    ``clock_difference_said``, ``clock_difference_warned``: how far a claim may lie from its time stamp before that is
    said, and before it is a warning; None in policies that do not ask.
    """

    id: str
    sha256: str
    revocation_required: bool
    time_stamp_revocation_required: bool
    claimed_after_proof_tolerance: timedelta
    claimed_before_certificate_tolerance: timedelta
    vietnam_offset_tolerance: timedelta
    future_claim_tolerance: timedelta
    max_signatures: int
    max_embedded_certificates: int
    max_embedded_revocations: int
    revocation_skipped: bool = False
    sha1_imprint_until: datetime | None = None
    clock_difference_said: timedelta | None = None
    clock_difference_warned: timedelta | None = None

    def skipping_revocation(self) -> ValidationPolicy:
        """The same policy without any status check: the command line's ``--revocation skip``, never REST or a seal."""
        return dataclasses.replace(
            self,
            id=f"{self.id}+revocation-skipped",
            revocation_required=False,
            time_stamp_revocation_required=False,
            revocation_skipped=True,
        )


def load_policy(name: str = DEFAULT_POLICY) -> ValidationPolicy:
    """Read a shipped policy.

    Raises:
        UnknownPolicyError: there is none of that name.
    """
    if name not in policy_names():
        raise UnknownPolicyError(name)
    data = (resources.files("verifier") / "policies" / f"{name}.toml").read_bytes()
    values = tomllib.loads(data.decode("utf-8"))
    time, limits = values["time"], values["limits"]
    return ValidationPolicy(
        id=values["id"],
        sha256=hashlib.sha256(data).hexdigest(),
        revocation_required=values["revocation"]["required"],
        time_stamp_revocation_required=values["revocation"]["required_of_time_stamps"],
        claimed_after_proof_tolerance=timedelta(seconds=time["claimed_after_proof_tolerance_s"]),
        claimed_before_certificate_tolerance=timedelta(seconds=time["claimed_before_certificate_tolerance_s"]),
        vietnam_offset_tolerance=timedelta(seconds=time["vietnam_offset_tolerance_s"]),
        future_claim_tolerance=timedelta(seconds=time["future_claim_tolerance_s"]),
        sha1_imprint_until=values.get("time_stamps", {}).get("sha1_imprint_until"),
        clock_difference_said=_optional(time.get("clock_difference_said_s")),
        clock_difference_warned=_optional(time.get("clock_difference_warned_s")),
        max_signatures=limits["max_signatures"],
        max_embedded_certificates=limits["max_embedded_certificates"],
        max_embedded_revocations=limits["max_embedded_revocations"],
    )


def _optional(seconds: int | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)


def policy_names() -> list[str]:
    """Names of the shipped policies, oldest first."""
    files = resources.files("verifier") / "policies"
    return sorted(entry.name.removesuffix(".toml") for entry in files.iterdir() if entry.name.endswith(".toml"))
