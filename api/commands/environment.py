"""With what a file is checked on the command line: policy, whom to trust, where a status may be asked for."""

from __future__ import annotations

from pathlib import Path

from api.commands.line import CommandLine
from api.settings import Settings, SettingsError
from certs.anchors import TrustDirectory, TrustStore, TrustStoreError, load_directories
from certs.catalogue import Catalogue, load_catalogue
from certs.fetch import Fetcher
from certs.revocation import OnlineSource, RevocationSource
from verifier.policy import load_policy
from verifier.verify import Environment


def settings_of(line: CommandLine) -> Settings:
    """The settings of the installation that the process environment names."""
    try:
        return Settings.from_environment(line.environ)
    except SettingsError as error:
        raise line.failure("cli.error.settings", reason=error) from error


def catalogue_of(settings: Settings) -> Catalogue:
    """The shipped catalogue with the operator's additions."""
    return load_catalogue(settings.catalogue_path if settings.catalogue_path.exists() else None)


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
    catalogue = catalogue_of(settings)
    policy = load_policy(settings.policy_id)
    sources: tuple[RevocationSource, ...] = ()
    if not offline and not settings.offline:
        sources = (OnlineSource(Fetcher(catalogue.addresses()), catalogue),)
    return Environment(
        policy=policy.skipping_revocation() if skip_revocation else policy,
        trust=_trust(line, trust, settings, catalogue),
        catalogue=catalogue,
        sources=sources,
    )


def _trust(line: CommandLine, directories: tuple[Path, ...], settings: Settings, catalogue: Catalogue) -> TrustStore:
    if not directories:
        return TrustDirectory(settings.trust_dir).load(catalogue)
    try:
        return load_directories(directories, catalogue)
    except TrustStoreError as error:
        raise line.wrong("cli.error.trust", reason=error) from error
