"""With what ``antin verify`` judges a file: policy, whom to trust, where a status may be asked for."""

from __future__ import annotations

from pathlib import Path

from api.commands.installation import catalogue_of, settings_of
from api.commands.line import CommandLine
from api.settings import Settings
from certs.anchors import TrustDirectory, TrustStore, TrustStoreError, load_directories
from certs.catalogue import Catalogue
from certs.fetch import fetcher_for
from certs.revocation import OnlineSource, RevocationSource
from verifier.policy import load_policy
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
