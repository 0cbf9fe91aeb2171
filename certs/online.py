"""Status asked over the network: which addresses, and once each for one document."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from certs.addresses import normalised
from certs.catalogue import Catalogue
from certs.certificate import MALFORMED, Certificate, fingerprint
from certs.crl_list import ParsedCrl, distribution_addresses
from certs.fetch import Fetched, Fetcher, FetchFailed, FetchRefused
from certs.memo import BoundedMemo
from certs.ocsp import carries_no_nonce, ocsp_request, was_answered

OCSP_REQUEST_TYPE = "application/ocsp-request"

KEPT_LISTS_BYTES = 96 << 20
"""CRLs a process keeps to ask for with their entity tag: the largest few of the catalogue's authorities."""

NONCE_BYTES = 16
"""RFC 8954 allows 1 to 32; responders of before it take 16."""


@dataclass(frozen=True)
class OnlineSource:
    """The addresses in the certificate, of those the catalogue lists, and the catalogue's own for the issuer."""

    fetcher: Fetcher
    catalogue: Catalogue

    @property
    def newest(self) -> bool:
        """What the authority publishes now is the newest there is."""
        return True

    def crls(self, cert: Certificate, issuer: Certificate) -> Iterator[bytes]:
        """Fetch one CRL after the other, as they are asked for."""
        yield from _answers(self.crl_addresses(cert, issuer), lambda url: get_list(self.fetcher, url))

    def ocsps(self, cert: Certificate, issuer: Certificate) -> Iterator[bytes]:
        """Ask one responder after the other."""
        yield from _answers(self.ocsp_addresses(cert, issuer), lambda url: _ask_ocsp(self.fetcher, url, cert, issuer))

    def deltas(self, cert: Certificate, base: ParsedCrl) -> Iterator[bytes]:
        """Fetch the delta CRLs that the certificate or the complete CRL announces, where the catalogue lists them."""
        yield from _answers(self.delta_addresses(cert, base), lambda url: get_list(self.fetcher, url))

    def crl_addresses(self, cert: Certificate, issuer: Certificate) -> list[str]:
        """Where CRLs about ``cert`` are fetched, in order."""
        entry = self.catalogue.entry(fingerprint(issuer))
        return self._listed(_crl_addresses(cert), entry.crl if entry else ())

    def delta_addresses(self, cert: Certificate, base: ParsedCrl) -> list[str]:
        """Where delta CRLs are fetched, in order (RFC 5280 4.2.1.15, 5.2.6)."""
        return self._listed([*_freshest_addresses(cert), *_http_addresses(base.freshest)], ())

    def ocsp_addresses(self, cert: Certificate, issuer: Certificate) -> list[str]:
        """Which responders are asked about ``cert``, in order."""
        entry = self.catalogue.entry(fingerprint(issuer))
        return self._listed(_ocsp_addresses(cert), entry.ocsp if entry else ())

    def _listed(self, in_certificate: Iterable[str], of_issuer: tuple[str, ...]) -> list[str]:
        """Addresses to ask, in order, each once: first the certificate's own that are listed."""
        listed = self.catalogue.addresses()
        return list(dict.fromkeys([*(url for url in in_certificate if url in listed), *of_issuer]))


@dataclass
class OnlineSession:
    """An online source for the questions about one document: what was answered, or not, is not asked again.

    ``deadline`` is a time of the monotonic clock of this process. A session is thrown away with the document, so an
    outage is remembered for that long only.
    """

    source: OnlineSource
    deadline: float
    answers: dict[tuple[str, bytes], bytes | FetchFailed | FetchRefused] = field(default_factory=dict)

    @property
    def newest(self) -> bool:
        """As the source's."""
        return self.source.newest

    def crls(self, cert: Certificate, issuer: Certificate) -> Iterator[bytes]:
        """As the source's, each address once."""
        yield from _answers(
            self.source.crl_addresses(cert, issuer),
            lambda url: self._once(url, b"", lambda fetcher: get_list(fetcher, url)),
        )

    def deltas(self, cert: Certificate, base: ParsedCrl) -> Iterator[bytes]:
        """As the source's, each address once."""
        yield from _answers(
            self.source.delta_addresses(cert, base),
            lambda url: self._once(url, b"", lambda fetcher: get_list(fetcher, url)),
        )

    def ocsps(self, cert: Certificate, issuer: Certificate) -> Iterator[bytes]:
        """As the source's, each question once."""
        request = ocsp_request(cert, issuer)
        yield from _answers(
            self.source.ocsp_addresses(cert, issuer),
            lambda url: self._once(url, request, lambda fetcher: _ask_ocsp(fetcher, url, cert, issuer)),
        )

    def _once(self, url: str, question: bytes, ask: Callable[[Fetcher], bytes]) -> bytes:
        known = self.answers.get((url, question))
        if known is None:
            known = self.answers[(url, question)] = self._ask(url, ask)
        if isinstance(known, bytes):
            return known
        raise known

    def _ask(self, url: str, ask: Callable[[Fetcher], bytes]) -> bytes | FetchFailed | FetchRefused:
        left = self.deadline - time.monotonic()
        if left <= 0:
            return FetchFailed(f"{url}: not asked, the time for this document's questions is used up")
        fetcher = replace(self.source.fetcher, timeout_s=min(left, self.source.fetcher.timeout_s))
        try:
            return ask(fetcher)
        except (FetchFailed, FetchRefused) as error:
            return error


_lists: BoundedMemo[str, Fetched] = BoundedMemo(KEPT_LISTS_BYTES)


def get_list(fetcher: Fetcher, url: str) -> bytes:
    """The CRL at this address. Its server is asked each time; what it says is unchanged does not come over again.

    The same object comes back then, so that it is not parsed or hashed again either (``crl_list.read_crl``).

    Raises:
        FetchRefused: before any connection.
        FetchFailed: no usable answer, whatever was answered before.
    """
    fetched = fetcher.get_newer(url, _lists.get(url))
    if fetched.tag is not None:
        _lists.keep(url, fetched, len(fetched.body))
    return fetched.body


def _ask_ocsp(fetcher: Fetcher, url: str, cert: Certificate, issuer: Certificate) -> bytes:
    """Ask with a nonce; a responder that will not have one, or answers an older question, is asked again without.

    The second answer is judged by its age alone, as every answer without nonce is.
    """
    nonce = secrets.token_bytes(NONCE_BYTES)
    answer = fetcher.post(url, ocsp_request(cert, issuer, nonce), OCSP_REQUEST_TYPE)
    if was_answered(answer, nonce):
        return answer
    answer = fetcher.post(url, ocsp_request(cert, issuer), OCSP_REQUEST_TYPE)
    if not carries_no_nonce(answer):
        raise FetchFailed(f"{url}: answered another question (nonce)")
    return answer


def _answers(urls: Iterable[str], ask: Callable[[str], bytes]) -> Iterator[bytes]:
    """What the addresses answer; those that do not are named in one FetchFailed at the end."""
    failures: list[str] = []
    for url in urls:
        try:
            answer = ask(url)
        except (FetchFailed, FetchRefused) as error:
            failures.append(str(error))
            continue
        yield answer
    if failures:
        raise FetchFailed("; ".join(failures))


def _crl_addresses(cert: Certificate) -> list[str]:
    """http(s) addresses in the CRL distribution points, normalised; others (LDAP) are passed over."""
    try:
        return _http_addresses(distribution_addresses(cert.crl_distribution_points_value or ()))
    except MALFORMED:
        return []


def _freshest_addresses(cert: Certificate) -> list[str]:
    try:
        return _http_addresses(distribution_addresses(cert.freshest_crl_value or ()))
    except MALFORMED:
        return []


def _ocsp_addresses(cert: Certificate) -> list[str]:
    try:
        return _http_addresses(cert.ocsp_urls)
    except MALFORMED:
        return []


def _http_addresses(urls: Iterable[str]) -> list[str]:
    found = []
    for url in urls:
        try:
            found.append(normalised(url))
        except ValueError:
            continue
    return found
