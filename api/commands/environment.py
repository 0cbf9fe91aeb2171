"""With what ``antin verify`` judges a file: policy, whom to trust, where a status may be asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from api.commands.installation import catalogue_of, settings_of
from api.commands.line import CommandLine, argument_bytes
from api.settings import Settings
from certs.anchors import TrustDirectory, TrustStore, TrustStoreError, load_directories
from certs.catalogue import Catalogue
from certs.fetch import fetcher_for
from certs.revocation import OnlineSource, RevocationSource
from verifier.bundle.bundle import BundleError, EvidenceBundle, environment_of, read_bundle
from verifier.policy import UnknownPolicyError, ValidationPolicy, load_policy
from verifier.verify import Environment


def verification_environment(
    line: CommandLine, trust: tuple[Path, ...], *, offline: bool, skip_revocation: bool
) -> Environment:
    """Everything the verifier needs besides the file.

    Args:
        line: the call.
        trust: directories of certificates; none means the configured trust store.
        offline: no network at all; the statuses embedded in a file still count.
        skip_revocation: a status that cannot be had does not lower the conclusion (contract: command line only).
    """
    settings = settings_of(line)
    catalogue = catalogue_of(line, settings)
    policy = load_policy(settings.policy_id)
    sources: tuple[RevocationSource, ...] = ()
    if not offline and not settings.offline:
        sources = (OnlineSource(fetcher_for(catalogue), catalogue),)
    return Environment(
        policy=policy.skipping_revocation() if skip_revocation else policy,
        trust=_trust(line, trust, settings, catalogue),
        catalogue=catalogue,
        sources=sources,
    )


@dataclass(frozen=True)
class Archived:
    """An evidence bundle, what is judged with it, and the trust store it was held against."""

    bundle: EvidenceBundle
    environment: Environment
    trust: TrustStore

    @property
    def seal_environment(self) -> Environment:
        """With what the bundle's own seal is judged: our trust; its status years later is nobody's to ask."""
        return replace(self.environment, policy=self.environment.policy.skipping_revocation(), trust=self.trust)


def archived_environment(line: CommandLine, path: Path, trust: tuple[Path, ...], *, skip_revocation: bool) -> Archived:
    """With what a verdict is re-derived from an evidence bundle: its policy and answers, our own trust, no network."""
    try:
        bundle = read_bundle(argument_bytes(line, path))
    except BundleError as error:
        raise line.wrong("cli.error.evidence", file=path, reason=error) from error
    settings = settings_of(line)
    catalogue = catalogue_of(line, settings)
    store = _trust(line, trust, settings, catalogue)
    policy = _policy_of(line, bundle)
    judged_by = policy.skipping_revocation() if skip_revocation else policy
    return Archived(bundle, environment_of(bundle, judged_by, store, catalogue), store)


def _policy_of(line: CommandLine, bundle: EvidenceBundle) -> ValidationPolicy:
    try:
        policy = load_policy(bundle.policy_id)
    except UnknownPolicyError:
        policy = None
    if policy is None or policy.sha256 != bundle.policy_sha256:
        values = {"policy": bundle.policy_id, "sha256": bundle.policy_sha256}
        raise line.failure("cli.error.evidence-policy", **values)
    return policy


def _trust(line: CommandLine, directories: tuple[Path, ...], settings: Settings, catalogue: Catalogue) -> TrustStore:
    if directories:
        try:
            return load_directories(directories, catalogue)
        except TrustStoreError as error:
            raise line.wrong("cli.error.trust", reason=error) from error
    try:
        return TrustDirectory(settings.trust_dir).load(catalogue)
    except TrustStoreError as error:
        raise line.failure("cli.error.trust-store", reason=error) from error
