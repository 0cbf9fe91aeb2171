"""Beside the standard's elements of a CMS file, at every level, and between the pieces of its content nobody signs."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from asn1crypto import cms, core

from demo.issuing import Holder
from demo.pki import DemoPki
from tests.attacks.test_time_tricks import info_whole
from tests.unit.verifier.cms_maker import Make, embed, make_cms
from tests.unit.verifier.signing import blank_paper, codes, judge, now, only, without_status
from tests.unit.verifier.xml_maker import stamp
from verifier.cms.elements import MAX_ELEMENTS, Elements, MalformedError
from verifier.cms.structure import read_structure
from verifier.inputs import Environment
from verifier.report import Conclusion, Coverage, DocumentFormat, Integrity, SubIndication

LETTER = b"Kinh gui So Tai nguyen va Moi truong"
OTHER = core.OctetString(b"So tien 9.000.000 dong").dump()
SEQUENCE, SET, EXPLICIT, PIECES = 0x30, 0x31, 0xA0, 0x24


@pytest.fixture(scope="module")
def environment(pki: DemoPki) -> Environment:
    return without_status(pki)


@pytest.fixture(scope="module")
def citizen(pki: DemoPki) -> Holder:
    return pki.holder("citizen")


def element(tag: int, contents: bytes, *, length_octets: int | None = None) -> bytes:
    """An element of definite length, written with so many octets where that is asked for."""
    size = len(contents)
    if length_octets is None and size < 0x80:
        return bytes([tag, size]) + contents
    octets = length_octets or (size.bit_length() + 7) // 8
    return bytes([tag, 0x80 | octets]) + size.to_bytes(octets) + contents


def endless(tag: int, contents: bytes) -> bytes:
    return bytes([tag, 0x80]) + contents + b"\0\0"


@dataclass
class Parts:
    """A CMS file taken apart; ``more`` is put at the end of the named structures."""

    made: bytes
    more: dict[str, bytes] = field(default_factory=dict)
    content: bytes | None = None

    def whole(self, length_octets: int | None = None) -> bytes:
        info = cms.ContentInfo.load(self.made)
        data = info["content"]
        signer = data["signer_infos"][0]
        names = ("version", "sid", "digest_algorithm", "signed_attrs", "signature_algorithm", "signature")
        signer_info = element(SEQUENCE, b"".join(signer[name].dump() for name in names) + self._more("signer"))
        inside = data["encap_content_info"]
        content = inside["content"].dump() if self.content is None else element(EXPLICIT, self.content)
        encapsulated = element(SEQUENCE, inside["content_type"].dump() + content + self._more("content"))
        fields = [data["version"].dump(), data["digest_algorithms"].dump(), encapsulated, data["certificates"].dump()]
        fields.append(element(SET, signer_info + self._more("signers")))
        signed_data = element(SEQUENCE, b"".join(fields) + self._more("signed data"))
        explicit = element(EXPLICIT, signed_data + self._more("explicit"))
        body = bytes(info["content_type"].dump()) + explicit + self._more("whole")
        return element(SEQUENCE, body, length_octets=length_octets)

    def _more(self, place: str) -> bytes:
        return self.more.get(place, b"")


def attached(holder: Holder, content: bytes = LETTER) -> bytes:
    return make_cms(Make(holder, encapsulated=content), b"")


def test_taken_apart_and_put_together_it_is_the_same(citizen: Holder) -> None:
    made = attached(citizen)
    assert Parts(made).whole() == made


@pytest.mark.parametrize("place", ["signer", "content", "signed data", "explicit", "whole"])
@pytest.mark.parametrize("more", [OTHER, b"\x05\x00", endless(SEQUENCE, OTHER)], ids=["octets", "null", "endless"])
def test_an_element_that_the_standard_does_not_have(
    place: str, more: bytes, citizen: Holder, environment: Environment
) -> None:
    verdict = only(Parts(attached(citizen), {place: more}).whole(), environment)
    assert verdict.facts.integrity is Integrity.INTACT, "else this test shows nothing"
    assert verdict.sub_indication is SubIndication.SIG_CONSTRAINTS_FAILURE
    assert "CMS-STRUCTURE" in codes(verdict)


@pytest.mark.parametrize("order", ["signed first", "signed last"])
def test_two_contents_are_none(order: str, citizen: Holder, environment: Environment) -> None:
    signed = core.OctetString(LETTER).dump()
    both = signed + OTHER if order == "signed first" else OTHER + signed
    report = judge(Parts(attached(citizen), content=both).whole(), environment)
    assert report.conclusion is not Conclusion.TOTAL_PASSED
    assert "CMS-STRUCTURE" in {finding.code for finding in report.findings}


@pytest.mark.parametrize("octets", [3, 4, 5, 8, 20, 126])
@pytest.mark.parametrize("content", [LETTER, blank_paper()], ids=["letter", "pdf"])
def test_a_length_written_long_hides_nothing(
    octets: int, content: bytes, citizen: Holder, environment: Environment
) -> None:
    """The file was taken for a PDF where the length before the identifier of its type was long enough."""
    report = judge(Parts(attached(citizen, content)).whole(octets), environment)
    assert (report.format, report.conclusion) == (DocumentFormat.CMS, Conclusion.TOTAL_PASSED)


class TestPieces:
    """A content in pieces (X.690 §8.7.3): where they end nobody signed, and their lengths stand between them."""

    def cut(self, holder: Holder, content: bytes, sizes: list[int]) -> bytes:
        pieces, at = [], 0
        for size in sizes:
            pieces.append(core.OctetString(content[at : at + size]).dump())
            at += size
        assert at >= len(content)
        return Parts(attached(holder, content), content=endless(PIECES, b"".join(pieces))).whole()

    @pytest.mark.parametrize("size", [1000, 1024, 4096, 1 << 14])
    def test_as_programs_write_them(self, size: int, citizen: Holder, environment: Environment) -> None:
        paper = blank_paper(pages=12)
        made = self.cut(citizen, paper, [size] * -(-len(paper) // size))
        assert judge(made, environment).conclusion is Conclusion.TOTAL_PASSED

    @pytest.mark.parametrize("sizes", [[49, 1000, 5000], [1000, 999, 5000], [100] * 80, [4096, 5000]], ids=str)
    def test_a_paper_cut_at_will_is_two(self, sizes: list[int], citizen: Holder, environment: Environment) -> None:
        """A piece of 49 octets begins with the digit 1 to a program that opens the file as a PDF."""
        made = self.cut(citizen, blank_paper(pages=12), sizes)
        report = judge(made, environment)
        assert report.verdicts[0].facts.integrity is Integrity.INTACT, "else this test shows nothing"
        assert report.conclusion is Conclusion.TOTAL_FAILED
        assert "TWO-FORMATS" in {finding.code for finding in report.findings}

    def test_a_letter_may_be_cut_anywhere(self, citizen: Holder, environment: Environment) -> None:
        verdict = only(self.cut(citizen, LETTER, [5, 20, 40]), environment)
        assert (verdict.sub_indication, verdict.facts.coverage) == (None, Coverage.WHOLE_FILE)

    def test_pieces_of_pieces(self, citizen: Holder, environment: Environment) -> None:
        inner = endless(PIECES, core.OctetString(LETTER[:9]).dump() + core.OctetString(LETTER[9:20]).dump())
        made = Parts(attached(citizen), content=endless(PIECES, inner + core.OctetString(LETTER[20:]).dump())).whole()
        places = read_structure(made).content
        assert b"".join(made[start:end] for start, end in places) == LETTER

    def test_something_else_among_the_pieces(self, citizen: Holder, environment: Environment) -> None:
        pieces = core.OctetString(LETTER).dump() + b"\x0c\x03abc"
        report = judge(Parts(attached(citizen), content=endless(PIECES, pieces)).whole(), environment)
        assert report.conclusion is not Conclusion.TOTAL_PASSED


class TestElements:
    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"\x30",
            b"\x30\x05\x00",
            b"\x04\x80\x00\x00",
            b"\x30\x80\x05\x00",
            b"\x30\x84\xff\xff\xff\xff",
            b"\x3f\x01\x00",
        ],
        ids=bytes.hex,
    )
    def test_no_element(self, data: bytes) -> None:
        with pytest.raises(MalformedError):
            Elements(data).at(0)

    def test_a_child_ends_within_its_parent(self) -> None:
        data = b"\x30\x04\x04\x05abcdefg"
        reader = Elements(data)
        with pytest.raises(MalformedError):
            list(reader.children(reader.at(0)))

    def test_endless_ones_inside_one_another(self) -> None:
        data = endless(SEQUENCE, endless(SEQUENCE, b"\x05\x00") + b"\x05\x00") + b"rest"
        found = Elements(data).at(0)
        assert data[found.end :] == b"rest"

    def test_too_many_are_not_counted_to_the_end(self) -> None:
        reader = Elements(endless(SEQUENCE, b"\x05\x00" * (MAX_ELEMENTS + 1)))
        with pytest.raises(MalformedError):
            reader.at(0)


FORMS = ["ETSI.CAdES.detached", "adbe.pkcs7.detached", "adbe.pkcs7.sha1", "adbe.x509.rsa_sha1", "ETSI.RFC3161"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("brought", ["signature", "token", "token of the signer's own"])
def test_in_a_paper_each_form_has_its_own_contents(
    form: str, brought: str, pki: DemoPki, citizen: Holder, environment: Environment
) -> None:
    """A time stamp where a signature is due is none, nor the other way round; nothing unexamined is said of either."""

    def build(covered: bytes) -> bytes:
        if brought == "signature":
            return make_cms(Make(citizen), covered)
        token = stamp(pki.holder("tsa-public"), now(), covered)
        if brought == "token":
            return token
        return make_cms(Make(citizen, encapsulated=info_whole(token), content_type="tst_info"), b"")

    report = judge(embed(blank_paper(), build, form), environment)
    (verdict,) = report.verdicts
    fits = {"signature": FORMS[:2], "token": FORMS[4:], "token of the signer's own": []}[brought]
    assert (verdict.sub_indication is None) is (form in fits)
    assert (report.conclusion is Conclusion.TOTAL_PASSED) is (brought == "signature" and form in FORMS[:2])
    if form == "ETSI.RFC3161" and brought == "signature":
        assert not {"ALGORITHM-NOT-ACCEPTABLE", "PURPOSE-NOT-ALLOWED", "NOT-TRUSTED"} & codes(verdict)
