"""Settings: environment over file over defaults, and a clear word for what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.settings import Settings, SettingsError


def test_everything_has_a_place_in_the_home_directory(tmp_path: Path) -> None:
    settings = Settings.from_environment({"ANTIN_HOME": str(tmp_path)})
    assert settings.database_url == f"sqlite:///{tmp_path}/antin.sqlite3"
    assert settings.documents_dir == tmp_path / "documents"
    assert settings.secret_file == tmp_path / "secret"
    assert settings.max_upload_bytes == 100 * 1024 * 1024
    assert settings.offline is False


def test_the_environment_outranks_the_file(tmp_path: Path) -> None:
    (tmp_path / "antin.toml").write_text(
        'public_url = "https://file.example/"\nmax_upload_bytes = 5\ntsa_urls = ["http://tsa.example/1"]\n'
    )
    settings = Settings.from_environment(
        {"ANTIN_HOME": str(tmp_path), "ANTIN_PUBLIC_URL": "https://environment.example", "ANTIN_OFFLINE": "true"}
    )
    assert settings.public_url == "https://environment.example"
    assert settings.max_upload_bytes == 5
    assert settings.tsa_urls == ("http://tsa.example/1",)
    assert settings.offline is True


def test_several_time_stamp_services_stand_in_one_variable(tmp_path: Path) -> None:
    environ = {"ANTIN_HOME": str(tmp_path), "ANTIN_TSA_URLS": "http://a.example/tsa http://b.example/tsa"}
    assert Settings.from_environment(environ).tsa_urls == ("http://a.example/tsa", "http://b.example/tsa")


@pytest.mark.parametrize(
    ("name", "value", "word"),
    [
        ("ANTIN_MAX_UPLOAD_BYTES", "much", "whole number"),
        ("ANTIN_MAX_UPLOAD_BYTES", "0", "above 0"),
        ("ANTIN_PUBLIC_URL", "cong.example", "http"),
        ("ANTIN_OFFLINE", "perhaps", "true or false"),
    ],
)
def test_a_wrong_value_is_named(tmp_path: Path, name: str, value: str, word: str) -> None:
    with pytest.raises(SettingsError, match=word) as caught:
        Settings.from_environment({"ANTIN_HOME": str(tmp_path), name: value})
    assert name.removeprefix("ANTIN_").lower() in str(caught.value)


@pytest.mark.parametrize(("text", "word"), [("offlien = true\n", "unknown setting offlien"), ("= 3", "antin.toml")])
def test_a_wrong_file_is_named(tmp_path: Path, text: str, word: str) -> None:
    (tmp_path / "antin.toml").write_text(text)
    with pytest.raises(SettingsError, match=word):
        Settings.from_environment({"ANTIN_HOME": str(tmp_path)})


def test_time_stamp_authorities_with_quotas(tmp_path: Path) -> None:
    table = '[[tsa]]\nurl = "http://tsa.example/a"\nper_hour = 100\npolicy = "1.2.3"\n'
    (tmp_path / "antin.toml").write_text(f'tsa_urls = ["http://tsa.example/b"]\n{table}', "utf-8")
    settings = Settings.from_environment({"ANTIN_HOME": str(tmp_path)})
    assert settings.tsa == ({"url": "http://tsa.example/a", "per_hour": 100, "policy": "1.2.3"},)
    assert settings.tsa_addresses == ("http://tsa.example/a", "http://tsa.example/b")


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ('url = "ftp://x"', "tsa.url"),
        ("per_hour = 3", "url is missing"),
        ('url = "http://x"\nper_hour = 0', "tsa.per_hour"),
        ('url = "http://x"\nper_minute = 3', "unknown per_minute"),
        ('url = "http://x"\npolicy = "1.02"', "tsa.policy"),
    ],
)
def test_an_authority_that_is_malformed_is_named(tmp_path: Path, line: str, named: str) -> None:
    (tmp_path / "antin.toml").write_text(f"[[tsa]]\n{line}\n", "utf-8")
    with pytest.raises(SettingsError, match=named):
        Settings.from_environment({"ANTIN_HOME": str(tmp_path)})
