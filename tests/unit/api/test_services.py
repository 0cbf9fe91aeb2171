"""The object graph: built from settings, a clear word where it cannot be, secrets for the owner only."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from api.services import build_services, read_or_make_secret
from api.settings import Settings, SettingsError
from demo.pki import DemoPki
from tests.installation import now
from tests.sealing_home import sealing_settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.from_environment({"ANTIN_HOME": str(tmp_path / "home")})


def test_an_empty_home_is_enough_to_verify_only(settings: Settings) -> None:
    with build_services(settings, now, {}) as services:
        assert services.sealing is None
        assert services.database.answers()
        assert services.profiles
    assert settings.home.stat().st_mode & 0o007 == 0


def test_the_secret_is_made_once_and_for_its_owner(settings: Settings) -> None:
    secret = read_or_make_secret(settings)
    assert len(secret) == 32
    assert read_or_make_secret(settings) == secret
    assert settings.secret_file.stat().st_mode & 0o077 == 0
    assert [path.name for path in settings.home.iterdir()] == ["secret"]


def test_a_short_secret_is_refused(settings: Settings) -> None:
    settings.home.mkdir()
    settings.secret_file.write_bytes(b"short")
    with pytest.raises(SettingsError, match="secret_file"):
        read_or_make_secret(settings)


@pytest.mark.parametrize(
    ("changes", "word"),
    [({"policy_id": "vn-1999.1"}, "policy_id"), ({"public_url": "http://cong.example"}, "https")],
)
def test_what_cannot_be_used_is_named(tmp_path: Path, pki: DemoPki, changes: dict[str, str], word: str) -> None:
    settings = replace(sealing_settings(tmp_path / "home", pki), **changes)  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match=word):
        build_services(settings, now, {})


def test_agencies_that_cannot_be_read_are_named(tmp_path: Path, pki: DemoPki) -> None:
    settings = sealing_settings(tmp_path / "home", pki)
    settings.agencies_path.write_text("[agency.x]\nname = 'X'\n")
    with pytest.raises(SettingsError, match=r"agency x lacks"):
        build_services(settings, now, {})


def test_certificates_pinned_while_it_runs_count_at_once(tmp_path: Path, pki: DemoPki) -> None:
    settings = sealing_settings(tmp_path / "home", pki)
    pinned = sorted(settings.trust_dir.glob("*"))
    aside = tmp_path / "aside"
    aside.mkdir()
    for path in pinned:
        path.rename(aside / path.name)
    with build_services(settings, now, {}) as services:
        assert services.validation.trust.anchors == ()
        for path in pinned:
            (aside / path.name).rename(path)
        assert services.validation.trust.anchors != ()
