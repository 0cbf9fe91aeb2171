"""The way back from section to section: how far, in which direction, and which two sections are one revision."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from verifier.pdf.updates.chain import MAX_SECTIONS, is_linearised_revision, last_start, read_chain
from verifier.pdf.updates.defects import Defect, Rule

LINEARISED = b"%PDF-1.7\n%<< /Linearized 1 >>\n"
PLAIN = b"%PDF-1.7\n%<< /Linearised 1 >>\n"


@dataclass(frozen=True)
class Sections:
    """Tables of equal length that stand one behind another, the place to which each leads back by its index."""

    back: tuple[int | None, ...]
    header: bytes = PLAIN
    more: bytes = b"/Root 1 0 R"

    def offset(self, index: int) -> int:
        return len(self.header) + index * len(self._text(None))

    def _text(self, back: int | None) -> bytes:
        key, at = (b"Back", 0) if back is None else (b"Prev", self.offset(back))
        return b"xref\n0 1\n0000000000 65535 f \ntrailer\n<< /Size 1 %s /%s %08d >>\n" % (self.more, key, at)

    def file(self, newest: int) -> bytes:
        return self.header + b"".join(map(self._text, self.back)) + start(self.offset(newest))


def start(offset: int) -> bytes:
    return b"startxref\n%d\n%%%%EOF\n" % offset


def broken(data: bytes) -> Rule | None:
    found = read_chain(data).broken
    return None if found is None else found.rule


@pytest.mark.parametrize(("count", "rule"), [(MAX_SECTIONS, None), (MAX_SECTIONS + 1, Rule.TOO_MUCH)])
def test_so_many_sections_and_no_more(count: int, rule: Rule | None) -> None:
    made = Sections((None, *range(count - 1)))
    assert broken(made.file(count - 1)) is rule


def test_a_section_that_leads_to_itself_or_forward() -> None:
    assert broken(Sections((None, 1)).file(1)) is Rule.CHAIN
    assert broken(Sections((1, None)).file(0)) is Rule.CHAIN
    assert broken(Sections((1, None), LINEARISED).file(0)) is None
    assert broken(Sections((None, 2, 0), LINEARISED).file(1)) is Rule.CHAIN, "the main section of annex F is the first"


@pytest.mark.parametrize("prev", [b"/Prev 0", b"/Prev -9", b"/Prev (x)", b"/Prev 1.5", b"/Prev 99999"])
def test_a_way_back_that_is_no_offset(prev: bytes) -> None:
    found = read_chain(Sections((None,), more=prev).file(0))
    assert (found.broken is not None and found.broken.rule, len(found.sections)) == (Rule.CHAIN, 1)


def test_a_start_beyond_the_file() -> None:
    data = PLAIN + start(len(PLAIN))
    assert broken(data) is Rule.HEAD
    assert broken(PLAIN + start(len(PLAIN) + len(start(40)))) is Rule.CHAIN


class TestLinearised:
    """Annex F: the first page's section stands in front and leads forward to the main one."""

    first = Sections((1, None), LINEARISED)

    def test_its_two_sections_are_one_revision(self) -> None:
        data = self.first.file(0)
        assert is_linearised_revision(data, len(data))

    def test_what_follows_does_not_count(self) -> None:
        """The update's section stands at the very end of the revision."""
        signed = self.first.file(0)
        update = b"xref\n0 0\ntrailer\n<< /Size 1 /Prev %d >>\n" % self.first.offset(0)
        data = signed + update + start(len(signed))
        assert len(read_chain(data).sections) == 3
        assert is_linearised_revision(data, len(signed))
        assert not is_linearised_revision(data, len(data))

    def test_without_the_mark_or_the_way_forward_it_is_none(self) -> None:
        for back, header, newest in (
            ((1, None), PLAIN, 0),
            ((None, 0), LINEARISED, 1),
            ((None, 0), PLAIN, 1),
            ((None,), LINEARISED, 0),
        ):
            data = Sections(back, header).file(newest)
            assert not is_linearised_revision(data, len(data))

    def test_a_main_section_whose_way_back_is_no_offset(self) -> None:
        data = self.first.file(0).replace(b"/Back 00000000", b"/Prev (xxxxxx)")
        assert broken(data) is Rule.CHAIN
        assert not is_linearised_revision(data, len(data))

    def test_the_revision_ends_behind_both(self) -> None:
        """An end marker in the main section's trailer ends no revision."""
        made = Sections((1, None), LINEARISED, b"/Root 1 0 R /X (startxref\n00000030\n%%EOF)")
        data = made.file(0)
        assert made.offset(0) == 30
        end = data.rindex(b"%%EOF)") + 5
        assert last_start(data, end) == made.offset(0)
        assert not is_linearised_revision(data, end)

    def test_the_revision_names_the_first_section_as_its_newest(self) -> None:
        data = self.first.file(0)
        assert not is_linearised_revision(data, len(data) - 3)
        assert not is_linearised_revision(data + start(0), len(data + start(0)))

    def test_of_this_very_length_it_would_be_read_from_its_front(self) -> None:
        data = Sections((1, None), LINEARISED + b"%/L 000\n").file(0)
        told = data.replace(b"/L 000", b"/L %d" % len(data))
        assert read_chain(told).header == (Defect(Rule.CHAIN, told.index(b"/L %d" % len(data))),)
        assert read_chain(data).header == ()
        plain = told.replace(b"/Linearized", b"/Linearised")
        assert read_chain(plain).header == ()
        unsaid = Sections((1, None), LINEARISED).file(0)
        assert read_chain(unsaid).header == ()


def test_where_an_update_is_looked_for() -> None:
    """The last 1,024 bytes."""
    near = Sections((None,)).file(0).rstrip()
    assert broken(near + b"\n" * (1024 - len(start(30)) + 1)) is None
    assert broken(near + b"\n" * (1024 - len(start(30)) + 2)) is Rule.START
