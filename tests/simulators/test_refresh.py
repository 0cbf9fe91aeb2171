"""``antin trust refresh`` against real responders: what is new is told, nothing is trusted for being published."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from api.cli import run
from api.commands.line import CommandLine
from api.i18n.texts import Language, load_texts
from certs.anchors import TrustDirectory, TrustStoreError
from certs.catalogue import Role
from certs.fetch import Fetcher
from certs.refresh import Refreshed, RefreshLine, RefreshState, refresh
from certs.watch import Watched, expiry_warnings, load_thresholds
from demo.pki import DemoPki
from demo.responders import Responders
from tests.installation import now


@pytest.fixture
def store(tmp_path: Path, pki: DemoPki) -> TrustDirectory:
    """A store that holds the demo's roots only."""
    directory = TrustDirectory(tmp_path / "trust")
    roots = {entry.sha256 for entry in pki.catalogue().operator_entries if entry.role is Role.ROOT}
    for path in sorted(pki.trust_directory.iterdir()):
        try:
            (held,) = TrustDirectory(tmp_path / "look").import_certificate(path.read_bytes(), pki.catalogue())
        except TrustStoreError:
            continue
        if held.entry.sha256 in roots:
            directory.import_certificate(path.read_bytes(), pki.catalogue())
    return directory


def _refreshed(
    store: TrustDirectory, pki: DemoPki, state: RefreshState, fetcher: Fetcher | None = None
) -> list[RefreshLine]:
    """Only the demo's addresses answer: the real authorities' are not asked in a test."""
    own = fetcher or Fetcher(pki.catalogue().operator_addresses(), private_allowed=pki.catalogue().operator_addresses())
    lines = list(refresh(store, pki.catalogue(), own, state, now()))
    return [line for line in lines if line.address in pki.catalogue().operator_addresses()]


def test_catalogued_authorities_are_taken_in_and_their_lists_watched(
    store: TrustDirectory, pki: DemoPki, responders: Responders, tmp_path: Path
) -> None:
    state = RefreshState()
    first = _refreshed(store, pki, state)
    outcomes = {line.outcome for line in first}
    assert Refreshed.CERTIFICATE_IMPORTED in outcomes
    assert Refreshed.CRL_CHANGED in outcomes
    assert Refreshed.FAILED not in outcomes
    held = store.list(pki.catalogue())
    assert any(item.entry.role is Role.SUB for item in held)
    again = {line.outcome for line in _refreshed(store, pki, state)}
    assert Refreshed.CERTIFICATE_IMPORTED not in again
    state.save(tmp_path / "refresh.json")
    assert RefreshState.load(tmp_path / "refresh.json") == state
    thresholds = load_thresholds()
    ends = min(crl.next_update for crl in state.crls.values() if crl.next_update is not None)
    early = expiry_warnings((), state.crls.values(), thresholds, ends - timedelta(days=20))
    late = expiry_warnings((), state.crls.values(), thresholds, ends + timedelta(minutes=1))
    assert early == ()
    assert late[0].kind is Watched.CRL
    assert late[0].expired


def test_a_certificate_that_the_catalogue_does_not_name_is_only_told(
    store: TrustDirectory, pki: DemoPki, responders: Responders
) -> None:
    before = {item.entry.sha256 for item in store.list(pki.catalogue())}
    stranger = pki.holder("citizen").asn1.dump()

    class Publishing(Fetcher):
        def get(self, url: str) -> bytes:
            return bytes(stranger)

    fetcher = Publishing(pki.catalogue().operator_addresses())
    lines = list(refresh(store, pki.catalogue(), fetcher, RefreshState(), now()))
    told = {line.outcome for line in lines}
    assert told == {Refreshed.NOT_IN_CATALOGUE, Refreshed.UNREADABLE}
    assert {item.entry.sha256 for item in store.list(pki.catalogue())} == before


def test_a_list_that_another_signed_is_not_believed(
    store: TrustDirectory, pki: DemoPki, responders: Responders
) -> None:
    _refreshed(store, pki, RefreshState())  # all authorities held from here on
    slugs = sorted(pki.authorities)

    class Swapping(Fetcher):
        def get(self, url: str) -> bytes:
            return responders.crl(slugs[0]) if "/crl/" in url and not url.endswith(slugs[0]) else super().get(url)

    addresses = pki.catalogue().operator_addresses()
    state = RefreshState()
    lines = _refreshed(store, pki, state, Swapping(addresses, private_allowed=addresses))
    assert Refreshed.CRL_NOT_SIGNED in {line.outcome for line in lines}


def test_what_ends_soon_is_said_before_and_for_a_while_after(pki: DemoPki) -> None:
    held = TrustDirectory(pki.trust_directory).list(pki.catalogue())
    root = min((item for item in held if item.entry.role is Role.ROOT), key=lambda item: item.entry.not_after)
    thresholds = load_thresholds()
    end = root.entry.not_after
    said = {
        name: expiry_warnings((root,), (), thresholds, at)
        for name, at in {
            "long before": end - timedelta(days=400),
            "soon": end - timedelta(days=300),
            "just after": end + timedelta(days=1),
            "long after": end + timedelta(days=60),
        }.items()
    }
    assert {name: [w.code for w in found] for name, found in said.items()} == {
        "long before": [],
        "soon": ["watch.anchor.soon"],
        "just after": ["watch.anchor.expired"],
        "long after": [],
    }


def test_the_command_says_what_expires(
    pki: DemoPki, responders: Responders, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "catalogue.toml").write_bytes(pki.catalogue_path.read_bytes())
    held = TrustDirectory(pki.trust_directory).list(pki.catalogue())
    ending = min(item.entry.not_after for item in held) - timedelta(days=30)
    line = CommandLine(load_texts(), Language.EN, {"ANTIN_HOME": str(home)}, lambda: ending)
    assert run(line, ["trust", "import", str(pki.trust_directory)]) == 0
    assert run(line, ["trust", "list"]) == 0
    assert "expire" in capsys.readouterr().err
    offline = CommandLine(load_texts(), Language.EN, {"ANTIN_HOME": str(home), "ANTIN_OFFLINE": "1"}, now)
    assert run(offline, ["trust", "refresh"]) == 1
    assert "addresses answered" in capsys.readouterr().err
