"""The one outbound fetcher against real sockets: what is refused makes no connection, what is slow or large ends."""

from __future__ import annotations

import pickle
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

from certs.fetch import Fetched, Fetcher, FetchFailed, FetchRefused, fetcher_for
from demo.pki import DemoPki
from demo.responders import Responders, free_base_url
from tests.simulators.sockets import watched_sockets

CRL = "/crl/public-sub.crl"


@contextmanager
def peer(*parts: bytes, pause_s: float = 0.0) -> Iterator[str]:
    """A server for one connection that sends these parts whatever it is asked; its address."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection:
            connection.recv(65536)
            for part in parts:
                try:
                    connection.sendall(part)
                except OSError:
                    return
                time.sleep(pause_s)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    finally:
        listener.close()
        thread.join(10)


def configured(*urls: str, timeout_s: float = 5.0, max_bytes: int = 1 << 20) -> Fetcher:
    """A fetcher whose operator configured these addresses."""
    return Fetcher(frozenset(), timeout_s, max_bytes, private_allowed=frozenset(urls))


class TestRefused:
    """No connection, and for most not even a look-up of the name."""

    @pytest.mark.parametrize(
        "url",
        [
            *("http://127.0.0.1:{port}/elsewhere", "http://localhost:{port}/", "http://[::1]:{port}/"),
            *("http://169.254.169.254/latest/meta-data/", "http://10.0.0.1/", "http://0.0.0.0:{port}/"),
            *("file:///etc/passwd", "ftp://127.0.0.1/x", "ldap://127.0.0.1/cn=x", "unix:///var/run/docker.sock"),
            *(
                "http://user:word@127.0.0.1:{port}/",
                "http://127.0.0.1:{port}/crl/public-sub.crl/../x",
                "not an address",
            ),
        ],
    )
    def test_what_is_not_listed(self, pki: DemoPki, url: str) -> None:
        fetcher = pki.fetcher()
        target = url.replace("{port}", str(urlsplit(pki.base_url).port))
        with watched_sockets() as seen:
            with pytest.raises(FetchRefused):
                fetcher.get(target)
            with pytest.raises(FetchRefused):
                fetcher.post(target, b"x", "text/plain")
        assert (seen.connections, seen.lookups) == ([], [])

    @pytest.mark.parametrize(
        "host", ["127.0.0.1", "localhost", "[::1]", "0.0.0.0", "127.1", "2130706433", "[::ffff:127.0.0.1]"]
    )
    def test_what_is_listed_but_lies_on_this_machine(self, responders: Responders, host: str) -> None:
        """A catalogue address whose name leads to a private network: resolved, and then left alone."""
        url = f"http://{host}:{urlsplit(responders.pki.base_url).port}{CRL}"
        with watched_sockets() as seen, pytest.raises(FetchRefused, match="private network"):
            Fetcher(frozenset({url})).get(url)
        assert seen.connections == []
        assert responders.requests == []

    @pytest.mark.parametrize("url", ["http://169.254.169.254/latest", "http://10.255.255.1/x", "http://192.168.0.1/"])
    def test_what_is_listed_but_private(self, url: str) -> None:
        with watched_sockets() as seen, pytest.raises(FetchRefused, match="private network"):
            Fetcher(frozenset({url})).get(url)
        assert seen.connections == []

    def test_everything_when_offline(self, responders: Responders) -> None:
        fetcher = responders.pki.fetcher(offline=True)
        with watched_sockets() as seen:
            for url in responders.pki.catalogue().addresses():
                with pytest.raises(FetchRefused, match="offline"):
                    fetcher.get(url)
                assert not fetcher.permits(url)
        assert (seen.connections, seen.lookups, responders.requests) == ([], [], [])


class TestRedirects:
    """Two at most, each as if it had been asked for itself."""

    @pytest.mark.parametrize(
        "location",
        [
            *("http://169.254.169.254/latest/meta-data/", "http://127.0.0.1:1/", "file:///etc/passwd"),
            *("http://attacker.invalid/x", "//attacker.invalid/x", "/elsewhere", "https://127.0.0.1:1/", "gopher://x/"),
        ],
    )
    def test_to_what_is_not_listed(self, responders: Responders, location: str) -> None:
        responders.redirect("crl/public-sub", location)
        with watched_sockets() as seen, pytest.raises(FetchRefused):
            responders.pki.fetcher().get(responders.pki.base_url + CRL)
        port = urlsplit(responders.pki.base_url).port
        assert seen.connections == [str(("127.0.0.1", port))]
        assert "attacker.invalid" not in seen.lookups

    def test_to_what_is_listed_but_private_although_the_first_was_configured(self, responders: Responders) -> None:
        first, second = responders.pki.base_url + CRL, responders.pki.base_url + "/crl/official-sub.crl"
        responders.redirect("crl/public-sub", second)
        fetcher = Fetcher(frozenset({second}), private_allowed=frozenset({first}))
        with pytest.raises(FetchRefused, match="private network"):
            fetcher.get(first)
        assert responders.requests == [f"GET {CRL}"]

    def test_to_what_is_listed(self, responders: Responders) -> None:
        responders.redirect("crl/public-sub", "/crl/official-sub.crl")
        assert responders.pki.fetcher().get(responders.pki.base_url + CRL)[:1] == b"\x30"

    def test_in_a_circle(self, responders: Responders) -> None:
        responders.redirect("crl/public-sub", CRL)
        with pytest.raises(FetchFailed, match="more than 2 redirects"):
            responders.pki.fetcher().get(responders.pki.base_url + CRL)
        assert len(responders.requests) == 3

    def test_of_a_post(self, responders: Responders) -> None:
        responders.redirect("ocsp/public-sub", "/ocsp/official-sub")
        with pytest.raises(FetchFailed, match="302"):
            responders.pki.fetcher().post(f"{responders.pki.base_url}/ocsp/public-sub", b"", "application/ocsp-request")


class TestLimits:
    """An answer is small, soon and whole, or none."""

    def test_a_slow_answer(self, responders: Responders) -> None:
        responders.slow("crl/public-sub", 3)
        started = time.monotonic()
        with pytest.raises(FetchFailed, match="Timeout"):
            responders.pki.fetcher(timeout_s=0.3).get(responders.pki.base_url + CRL)
        assert time.monotonic() - started < 2

    @pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"], ids=repr)
    def test_a_dripping_answer(self, head: bytes) -> None:
        """A byte now and then keeps a time limit for each step from ever striking; this one is for the whole."""
        with peer(head, *[b"H"] * 40, pause_s=0.1) as url:
            started = time.monotonic()
            with pytest.raises(FetchFailed):
                configured(url, timeout_s=0.5).get(url)
            assert time.monotonic() - started < 2

    @pytest.mark.parametrize("length", [b"Content-Length: 3000\r\n", b""], ids=repr)
    def test_a_large_answer(self, length: bytes) -> None:
        with (
            peer(b"HTTP/1.1 200 OK\r\n" + length + b"\r\n" + b"x" * 3000) as url,
            pytest.raises(FetchFailed, match="more than 1000 bytes"),
        ):
            configured(url, max_bytes=1000).get(url)

    def test_a_cut_off_answer(self) -> None:
        with peer(b"HTTP/1.1 200 OK\r\nContent-Length: 3000\r\n\r\nxx") as url, pytest.raises(FetchFailed):
            configured(url).get(url)

    def test_what_is_no_http(self) -> None:
        with peer(b"SSH-2.0-OpenSSH\r\n\r\n") as url, pytest.raises(FetchFailed):
            configured(url).get(url)

    def test_nobody_there(self) -> None:
        url = free_base_url() + "/x"
        with pytest.raises(FetchFailed, match="ConnectError"):
            configured(url).get(url)

    def test_a_name_that_does_not_exist(self) -> None:
        with pytest.raises(FetchFailed):
            configured("http://nowhere.invalid/").get("http://nowhere.invalid/")

    def test_another_status(self, responders: Responders) -> None:
        responders.down("crl/public-sub")
        with pytest.raises(FetchFailed, match="503"):
            responders.pki.fetcher().get(responders.pki.base_url + CRL)

    def test_nothing_is_retried_and_no_failure_remembered(self, responders: Responders) -> None:
        fetcher = responders.pki.fetcher()
        responders.down("crl/public-sub")
        with pytest.raises(FetchFailed):
            fetcher.get(responders.pki.base_url + CRL)
        assert len(responders.requests) == 1
        responders.reset()
        assert fetcher.get(responders.pki.base_url + CRL)


def test_the_connection_goes_to_the_address_that_was_checked(responders: Responders) -> None:
    url = f"http://localhost:{urlsplit(responders.pki.base_url).port}{CRL}"
    with watched_sockets() as seen:
        configured(url).get(url)
    assert seen.lookups.count("localhost") == 1
    assert "localhost" not in "".join(seen.connections)
    assert seen.connections[-1].startswith("('127.0.0.1'")


def test_an_environment_proxy_is_not_used(responders: Responders, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert responders.pki.fetcher().get(responders.pki.base_url + CRL)


def test_a_fetcher_is_a_value(pki: DemoPki) -> None:
    fetcher = fetcher_for(pki.catalogue(), ["http://10.1.1.1/tsa"])
    assert pickle.loads(pickle.dumps(fetcher)) == fetcher
    assert fetcher.permits("HTTP://10.1.1.1:80/tsa")
    assert fetcher.permits("http://ocsp.ca.gov.vn")
    assert "http://ocsp.ca.gov.vn/" not in fetcher.private_allowed


class TestUnchanged:
    """A body is used again only on its server's word, given to a question."""

    def test_a_strong_tag_is_asked_with_and_believed(self, responders: Responders) -> None:
        responders.publish("public-sub", b"a list")
        fetcher, url = responders.pki.fetcher(), responders.pki.base_url + CRL
        first = fetcher.get_newer(url, None)
        assert fetcher.get_newer(url, first) is first
        responders.publish("public-sub", b"another list")
        assert fetcher.get_newer(url, first).body == b"another list"

    @pytest.mark.parametrize("tag", [b'W/"1"', b"unquoted", b'"' + b"x" * 300 + b'"', b'"a b"'], ids=repr)
    def test_a_weak_or_odd_tag_is_none(self, tag: bytes) -> None:
        with peer(b"HTTP/1.1 200 OK\r\nETag: " + tag + b"\r\nContent-Length: 2\r\n\r\nok") as url:
            assert configured(url).get_newer(url, None) == Fetched(url, b"ok", None)

    def test_unchanged_that_nobody_asked_about(self) -> None:
        with peer(b"HTTP/1.1 304 Not Modified\r\n\r\n") as url:
            before = Fetched("http://127.0.0.1:9/other", b"of another address", b'"1"')
            with pytest.raises(FetchFailed, match="304"):
                configured(url).get_newer(url, before)
