"""Fields filled in after signing: by value and appearance that agree, or so that each viewer shows another text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pikepdf
import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from tests.attacks.making import (
    EMPTY,
    FILLED,
    SEAL,
    SEAL_BOX,
    assert_alarm,
    assert_no_alarm,
    changed,
    field_of,
    form_of,
    paper,
    sign,
    stream_of,
    text_appearance,
    update,
)
from tests.attacks.objects import dictionary, judged, numbers, text
from verifier.report import ChangesAfter

Writer = IncrementalPdfFileWriter
Prepare = Callable[[pikepdf.Pdf], None]
SAID = "1.000.000 dong"
PLAIN = f"/Tx BMC q BT /F1 12 Tf 0 g 2 5 Td ({SAID}) Tj ET Q EMC"


def _fill(writer: Writer, commands: str = PLAIN, said: str = SAID, **more: generic.PdfObject) -> None:
    changed(field_of(writer, EMPTY), writer, V=text(said), AP=form_of(writer, commands, 240, 20), **more)


def _alarm(commands: str = PLAIN, said: str = SAID, **more: generic.PdfObject) -> bool:
    signed = sign(paper())
    forbidden, allowed = judged(signed, update(signed, lambda w: _fill(w, commands, said, **more)))
    assert forbidden or allowed == {"FIELD_FILLED"}
    return bool(forbidden)


@pytest.mark.parametrize(
    "commands",
    [
        PLAIN,
        "BT /F1 12 Tf 2 5 Td [(1.000) -20 (.000 dong)] TJ ET",
        "BT /F1 1 Tf 12 0 0 12 2 5 Tm (1.000.000 dong) Tj ET",
        "/Tx BMC q 1 1 238 18 re W n BT 0 0 1 rg /F1 12 Tf 2 5 Td (1.000.000) Tj 0 -14 Td (dong) Tj ET Q EMC",
        "q 1 1 0.8 rg 0 0 240 20 re f 0 0 240 20 re S Q BT /F1 12 Tf 2 5 Td (1.000.000 dong) Tj ET",
        "BT /F1 12 Tf 2 5 Td (1) Tj 10 0 Td (.) Tj 10 0 Td (000.000) Tj 90 0 Td (dong) Tj ET",
        "BT /F1 12 Tf 2 5 Td <312E3030302E30303020646F6E67> Tj ET",
        "BT /F1 12 Tf 14 TL 2 5 Td (1.000.000) ' (dong) ' ET",
    ],
)
def test_a_value_that_is_drawn(commands: str) -> None:
    assert not _alarm(commands)


@pytest.mark.parametrize(
    "commands",
    [
        PLAIN.replace("1.000", "9.000"),
        PLAIN.replace("dong) Tj", "dong) Tj (!) Tj"),
        PLAIN + PLAIN,
        PLAIN.replace(f"({SAID}) Tj", ""),
        PLAIN.replace("0 g", "1 g"),
        PLAIN.replace("0 g", "0.95 0.95 0.95 rg"),
        PLAIN.replace("0 g", "0 0 0 0.02 k"),
        PLAIN.replace("/F1 12 Tf", "/F1 0.5 Tf"),
        PLAIN.replace("BT", "BT 3 Tr"),
        PLAIN.replace("BT", "BT 7 Tr"),
        PLAIN.replace("BT", "BT 1 Tz"),
        PLAIN.replace("/F1 12 Tf", "/F9 12 Tf"),
        PLAIN.replace("EMC", "0 0 240 20 re f EMC"),
        PLAIN.replace("q BT", "q 10 5 2 8 re f BT"),
        PLAIN.replace("q BT", "q 2 10 m 90 10 l S BT"),
        PLAIN.replace("q BT", "q 2 2 m 9 9 20 3 40 8 c S BT"),
        PLAIN.replace("q BT", "q 0 0 3 3 re W n BT"),
        PLAIN.replace("q BT", "q 0.01 0 0 0.01 0 0 cm BT"),
        PLAIN.replace("q BT", "q /G gs BT"),
        PLAIN.replace("q BT", "q /X Do BT"),
        PLAIN.replace("q BT", "q BI /W 1 /H 1 /BPC 8 /CS /G ID x EI BT"),
        PLAIN.replace("q BT", "q /Sh sh BT"),
        PLAIN.replace("/Tx BMC", "/Span << /ActualText (9.000.000 dong) >> BDC"),
        PLAIN.replace("/Tx BMC", "/OC /L BDC"),
        PLAIN + " % " + "x" * 30_000,
    ],
)
def test_an_appearance_that_shows_something_else(commands: str) -> None:
    assert _alarm(commands)


@pytest.mark.parametrize(
    "more",
    [
        {"DA": text("/F1 12 Tf 1 g")},
        {"RV": text("<body><p>9.000.000</p></body>")},
        {"DV": text("9.000.000")},
        {"F": generic.NumberObject(4 | 32)},
        {"MK": dictionary(CA=text("9.000.000"))},
        {"MK": dictionary(BG=numbers(0, 0, 0))},
        {"Q": generic.NumberObject(2)},
        {"MaxLen": generic.NumberObject(3)},
        {"Ff": generic.NumberObject(1 << 13)},
        {"Ff": generic.NumberObject(1 << 24)},
        {"AA": dictionary(F=dictionary(S=pdf_name("/JavaScript"), JS=text("1")))},
        {"Rect": numbers(60, 170, 400, 190)},
        {"TU": text("9.000.000")},
        {"Contents": text("9.000.000")},
        {"FT": pdf_name("/Ch")},
        {"V": dictionary()},
        {"V": text("")},
        {"V": generic.NumberObject(5)},
    ],
)
def test_an_entry_that_filling_does_not_write(more: dict[str, generic.PdfObject]) -> None:
    signed = sign(paper())

    def edit(writer: Writer) -> None:
        _fill(writer)
        changed(field_of(writer, EMPTY), writer, **more)

    assert judged(signed, update(signed, edit))[0]


def test_a_locked_look_of_the_field_is_no_change() -> None:
    assert not _alarm(Ff=generic.NumberObject(1), M=text("D:20261201000000Z"))


@pytest.mark.parametrize("state", ["/R", "/D"])
def test_another_look_below_the_pointer(state: str) -> None:
    signed = sign(paper())

    def edit(writer: Writer) -> None:
        look = form_of(writer, PLAIN, 240, 20)
        look[pdf_name(state)] = form_of(writer, PLAIN.replace("1.", "9."), 240, 20).raw_get("/N")
        changed(field_of(writer, EMPTY), writer, V=text(SAID), AP=look)

    assert judged(signed, update(signed, edit))[0]


def _font(**entries: generic.PdfObject) -> dict[str, generic.PdfObject]:
    return {"Type": pdf_name("/Font"), "Subtype": pdf_name("/Type1"), "BaseFont": pdf_name("/Helvetica"), **entries}


def _with_font(make: Callable[[Writer], dict[str, generic.PdfObject]], shown: str) -> bool:
    signed = sign(paper())

    def edit(writer: Writer) -> None:
        look = form_of(writer, f"BT /F7 12 Tf 2 5 Td {shown} Tj ET", 240, 20)
        changed(look["/N"], writer, Resources=dictionary(Font=dictionary(F7=dictionary(**make(writer)))))
        changed(field_of(writer, EMPTY), writer, V=text("19"), AP=look)

    return bool(judged(signed, update(signed, edit))[0])


def _differences(*glyphs: str) -> generic.DictionaryObject:
    names = [generic.NumberObject(65), *(pdf_name(f"/{glyph}") for glyph in glyphs)]
    return dictionary(Type=pdf_name("/Encoding"), Differences=generic.ArrayObject(names))


def _cmap(writer: Writer, body: str) -> generic.PdfObject:
    return stream_of(writer, f"1 begincodespacerange <0000> <FFFF> endcodespacerange {body}")


def test_fonts_through_which_a_value_is_read() -> None:
    assert not _with_font(lambda _: _font(Encoding=_differences("one", "nine")), "(AB)")
    assert _with_font(lambda _: _font(Encoding=_differences("nine", "one")), "(AB)")
    assert _with_font(lambda _: _font(Encoding=_differences("g1", "g2")), "(19)(AB)".replace("(19)", ""))
    assert _with_font(lambda _: _font(BaseFont=pdf_name("/ZapfDingbats")), "(19)")
    assert _with_font(lambda _: _font(Subtype=pdf_name("/Type3")), "(19)")
    wide = {"Subtype": pdf_name("/Type0"), "Encoding": pdf_name("/Identity-H")}
    pairs = "2 beginbfchar <0001> <0031> <0002> <0039> endbfchar"
    assert not _with_font(lambda w: _font(**wide, ToUnicode=_cmap(w, pairs)), "<00010002>")
    assert _with_font(lambda w: _font(**wide, ToUnicode=_cmap(w, pairs)), "<00020002>")
    assert _with_font(lambda w: _font(**wide), "<00010002>")
    span = "1 beginbfrange <0001> <0009> <0031> endbfrange"
    assert not _with_font(lambda w: _font(**wide, ToUnicode=_cmap(w, span)), "<00010009>")
    listed = "1 beginbfrange <0001> <0002> [<0031> <0039>] endbfrange"
    assert not _with_font(lambda w: _font(**wide, ToUnicode=_cmap(w, listed)), "<00010002>")
    # a simple font's glyphs follow its encoding, whatever it says of itself
    lie = "1 beginbfrange <61> <62> [<0031> <0039>] endbfrange"
    assert _with_font(lambda w: _font(Encoding=pdf_name("/WinAnsiEncoding"), ToUnicode=_cmap(w, lie)), "(ab)")


# The value alone: some viewers draw it, others do not


def _needs(writer: Writer, said: bool = True) -> None:
    changed(writer.root["/AcroForm"], writer, NeedAppearances=generic.BooleanObject(said))


def _shows_value(pdf: pikepdf.Pdf, field: int, words: str) -> None:
    pdf.Root.AcroForm.Fields[field].AP.N = text_appearance(pdf, words, pdf.pages[0].Resources.Font.F1)


def test_a_value_that_viewers_are_told_to_draw() -> None:
    """As plain form fillers write it; where the other fields show what they say, drawing them anew changes no word."""
    signed = sign(paper())

    def fill(writer: Writer) -> None:
        changed(field_of(writer, EMPTY), writer, V=text(SAID))
        _needs(writer)

    assert judged(signed, update(signed, fill)) == (set(), {"FIELD_FILLED"})
    assert judged(signed, update(signed, lambda w: changed(field_of(w, EMPTY), w, V=text(SAID))))[0] == {"FIELD_VALUE"}
    assert judged(signed, update(signed, _needs))[0] == {"FORM"}
    differing = sign(paper(prepare=lambda pdf: _shows_value(pdf, 0, "Nguoi khac")))
    assert judged(differing, update(differing, fill))[0] == {"FORM"}


def _dingbats() -> pikepdf.Dictionary:
    name = pikepdf.Name.ZapfDingbats
    return pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=name)


@pytest.mark.parametrize(("shown", "forbidden"), [("a", set()), ("b", {"FORM"})])
def test_buttons_of_a_group_show_its_value_where_one_is_on(shown: str, forbidden: set[str]) -> None:
    def prepare(pdf: pikepdf.Pdf) -> None:
        group = pdf.make_indirect(pikepdf.Dictionary(FT=pikepdf.Name.Btn, Ff=1 << 15, T="nhom", V=pikepdf.Name.a))
        kids = pikepdf.Array()
        for at, name in enumerate("ab"):
            looks = {f"/{name}": pdf.make_stream(b"0 0 9 9 re f"), "/Off": pdf.make_stream(b"")}
            state = pikepdf.Name(f"/{name}" if name == shown else "/Off")
            kid = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Widget, Parent=group, AS=state, F=4)
            kid.Rect, kid.AP = [60 + 30 * at, 100, 80 + 30 * at, 120], pikepdf.Dictionary(N=pikepdf.Dictionary(looks))
            kids.append(pdf.make_indirect(kid))
        group.Kids = kids
        pdf.Root.AcroForm.DR.Font.ZaDb = pdf.make_indirect(_dingbats())
        pdf.Root.AcroForm.Fields.append(group)
        pdf.pages[0].Annots.extend(kids)

    def fill(writer: Writer) -> None:
        changed(field_of(writer, EMPTY), writer, V=text(SAID))
        _needs(writer)

    signed = sign(paper(prepare=prepare))
    assert judged(signed, update(signed, fill))[0] == forbidden


def test_drawing_that_is_no_more_left_to_viewers() -> None:
    def told(words: str) -> bytes:
        def prepare(pdf: pikepdf.Pdf) -> None:
            pdf.Root.AcroForm.NeedAppearances = True
            _shows_value(pdf, 0, words)

        return update(sign(paper(prepare=prepare)), _needs)  # signing by pyHanko takes it away

    same, other = told("Tran Thi Binh"), told("Nguoi khac")
    assert not judged(same, update(same, lambda w: _needs(w, said=False)))[0]
    assert judged(other, update(other, lambda w: _needs(w, said=False)))[0] == {"FORM"}


def test_default_fonts_that_come_where_viewers_draw() -> None:
    """A font for a name that the fields already use, and that led nowhere, would draw their values in its own way."""

    def prepare(pdf: pikepdf.Pdf) -> None:
        pdf.Root.AcroForm.NeedAppearances = True
        pdf.Root.AcroForm.DR = pikepdf.Dictionary(Font=pikepdf.Dictionary())

    def edit(writer: Writer) -> None:
        fonts = dictionary(F1=dictionary(**_font(Encoding=_differences("one"))))
        changed(writer.root["/AcroForm"], writer, DR=dictionary(Font=fonts))

    signed = update(sign(paper(prepare=prepare)), _needs)
    assert judged(signed, update(signed, edit))[0] == {"FORM"}
    quiet = sign(paper(prepare=lambda pdf: pdf.Root.AcroForm.__setattr__("DR", pikepdf.Dictionary())))
    assert not judged(quiet, update(quiet, edit))[0]


# Hidden when signed


@pytest.mark.parametrize("before", [2, 32, 2 | 4])
@pytest.mark.parametrize("after", [4, 2, 32])
def test_a_field_that_nobody_saw(before: int, after: int) -> None:
    def hide(pdf: pikepdf.Pdf) -> None:
        pdf.Root.AcroForm.Fields[1].F = before

    signed = sign(paper(prepare=hide))
    shown = update(signed, lambda w: changed(field_of(w, EMPTY), w, F=generic.NumberObject(after)))
    assert judged(signed, shown)[0] or before == after
    assert judged(signed, update(signed, lambda w: _fill(w, F=generic.NumberObject(after))))[0]


# Check boxes, radio buttons, choices


def _look(pdf: pikepdf.Pdf, words: str) -> pikepdf.Object:
    return text_appearance(pdf, words, pdf.pages[0].Resources.Font.F1)


def _box(pdf: pikepdf.Pdf, **more: Any) -> pikepdf.Object:
    states = pikepdf.Dictionary(Yes=_look(pdf, "X"), Off=_look(pdf, ""))
    return pikepdf.Dictionary(
        Type=pikepdf.Name.Annot,
        Subtype=pikepdf.Name.Widget,
        Rect=[60, 140, 80, 160],
        F=4,
        AS=pikepdf.Name.Off,
        AP=pikepdf.Dictionary(N=states),
        **more,
    )


def _check_box(pdf: pikepdf.Pdf) -> None:
    field = pdf.make_indirect(_box(pdf, FT=pikepdf.Name.Btn, T="o"))
    pdf.Root.AcroForm.Fields.append(field)
    pdf.pages[0].Annots.append(field)


def _radio(pdf: pikepdf.Pdf) -> None:
    field = pdf.make_indirect(pikepdf.Dictionary(FT=pikepdf.Name.Btn, T="o", Ff=1 << 15, V=pikepdf.Name.Off))
    field.Kids = pikepdf.Array()
    for name in ("/A", "/B"):
        kid = pdf.make_indirect(_box(pdf, Parent=field))
        kid.AP.N[name] = kid.AP.N.Yes
        del kid.AP.N["/Yes"]
        field.Kids.append(kid)
        pdf.pages[0].Annots.append(kid)
    pdf.Root.AcroForm.Fields.append(field)


YES, OFF = pdf_name("/Yes"), pdf_name("/Off")


def _states(writer: Writer, yes: str) -> generic.DictionaryObject:
    made = {
        state: form_of(writer, f"BT /F1 9 Tf ({words}) Tj ET", 20, 20) for state, words in (("Yes", yes), ("Off", ""))
    }
    return dictionary(N=dictionary(**{state: look.raw_get("/N") for state, look in made.items()}))


@pytest.mark.parametrize(
    ("entries", "alarm"),
    [
        ({"V": YES, "AS": YES}, False),
        ({"V": YES}, True),
        ({"AS": YES}, True),
        ({"V": pdf_name("/Other"), "AS": pdf_name("/Other")}, True),
        ({"V": pdf_name("/Other"), "AS": OFF}, True),
        ({"V": OFF, "AS": OFF}, False),
        ({"V": YES, "AS": YES, "MK": dictionary(CA=text("8"))}, True),
        ({"V": YES, "AS": YES, "Ff": generic.NumberObject(1 << 16)}, True),
        ({"V": text("Yes"), "AS": YES}, True),
    ],
)
def test_a_check_box(entries: dict[str, generic.PdfObject], alarm: bool) -> None:
    signed = sign(paper(prepare=_check_box))
    later = update(signed, lambda w: changed(field_of(w, "o"), w, **entries))
    assert bool(judged(signed, later)[0]) is alarm


def test_a_check_box_with_other_states() -> None:
    signed = sign(paper(prepare=_check_box))
    assert judged(signed, update(signed, lambda w: changed(field_of(w, "o"), w, V=YES, AS=YES, AP=_states(w, "X"))))[0]
    assert judged(signed, update(signed, lambda w: changed(field_of(w, "o"), w, V=YES, AS=YES, AP=_states(w, "9"))))[0]


def test_a_check_box_that_was_ticked() -> None:
    def ticked(pdf: pikepdf.Pdf) -> None:
        _check_box(pdf)
        pdf.Root.AcroForm.Fields[-1].AS = pikepdf.Name.Yes

    signed = sign(paper(prepare=ticked))
    assert judged(signed, update(signed, lambda w: changed(field_of(w, "o"), w, V=OFF, AS=OFF)))[0]


@pytest.mark.parametrize(
    ("value", "shown", "alarm"),
    [
        ("A", ("A", "Off"), False),
        ("B", ("Off", "B"), False),
        ("A", ("A", "B"), True),
        ("A", ("Off", "B"), True),
        ("A", ("Off", "Off"), True),
        ("C", ("Off", "Off"), True),
    ],
)
def test_radio_buttons(value: str, shown: tuple[str, str], alarm: bool) -> None:
    signed = sign(paper(prepare=_radio))

    def edit(writer: Writer) -> None:
        group = field_of(writer, "o")
        changed(group, writer, V=pdf_name(f"/{value}"))
        for kid, state in zip(group["/Kids"], shown, strict=True):
            changed(kid.get_object(), writer, AS=pdf_name(f"/{state}"))

    assert bool(judged(signed, update(signed, edit))[0]) is alarm


def _choice(pdf: pikepdf.Pdf) -> None:
    field = pdf.make_indirect(_box(pdf, FT=pikepdf.Name.Ch, T="o", Ff=1 << 17, DA="/F1 9 Tf"))
    del field["/AS"]
    field.AP = pikepdf.Dictionary(N=_look(pdf, ""))
    field.Opt = pikepdf.Array([pikepdf.Array(["a", "Mot trieu"]), pikepdf.Array(["b", "Chin trieu"])])
    pdf.Root.AcroForm.Fields.append(field)
    pdf.pages[0].Annots.append(field)


@pytest.mark.parametrize(
    ("value", "at", "words", "alarm"),
    [
        ("a", 0, "Mot trieu", False),
        ("a", None, "Mot trieu", False),
        ("a", 1, "Mot trieu", True),
        ("a", 0, "Chin trieu", True),
        ("a", 0, "a", True),
        ("c", 0, "c", True),
        ("Muoi", None, "Muoi", False),
    ],
)
def test_a_choice(value: str, at: int | None, words: str, alarm: bool) -> None:
    signed = sign(paper(prepare=_choice))

    def edit(writer: Writer) -> None:
        index = {} if at is None else {"I": generic.ArrayObject([generic.NumberObject(at)])}
        look = form_of(writer, f"BT /F1 9 Tf ({words}) Tj ET", 240, 20)
        changed(field_of(writer, "o"), writer, V=text(value), AP=look, **index)

    assert bool(judged(signed, update(signed, edit))[0]) is alarm


def test_a_field_hung_below_another() -> None:
    signed = sign(paper())

    def edit(writer: Writer) -> None:
        listed = writer.root["/AcroForm"]["/Fields"]
        _fill(writer, Parent=listed.raw_get(0))

    assert judged(signed, update(signed, edit))[0]
    assert judged(signed, update(signed, lambda w: changed(field_of(w, FILLED), w, T=text("khac"))))[0]


# Drawn anew: what the pictures say


def _filled_and_told(writer: Writer) -> None:
    changed(field_of(writer, EMPTY), writer, V=text(SAID))
    _needs(writer)


def test_a_filling_that_leaves_all_drawing_to_the_viewer_is_no_alarm() -> None:
    """As pypdf writes it, with and without an appearance of its own, while another field has its value already."""
    signed = sign(paper())
    assert_no_alarm(update(signed, _filled_and_told), ChangesAfter.PERMITTED)

    def with_appearance(writer: Writer) -> None:
        _fill(writer)
        _needs(writer)

    assert_no_alarm(update(signed, with_appearance), ChangesAfter.PERMITTED)


@pytest.mark.parametrize(
    "look",
    [
        "/F1 12 Tf 1 g",
        "/F1 40 Tf 0 g",
        "/F1 1 Tf 0 g",
        "/F1 18 Tf 0 g 3 Tr",
        "/F9 12 Tf 0 g",
        "0.9 0.9 0.9 rg /F1 12 Tf",
        "/F1 12 Tf 0 0 0 0 k",
    ],
)
def test_a_look_under_which_a_value_would_not_be_read_is_not_taken_up_later(look: str) -> None:
    def prepare(pdf: pikepdf.Pdf) -> None:
        pdf.Root.AcroForm.Fields[0].DA = look

    signed = sign(paper(prepare=prepare))
    assert_alarm(update(signed, _filled_and_told), "FORM-CHANGED", visible=True)


@pytest.mark.parametrize(
    "entries",
    [
        {"Ff": 1 << 13},
        {"Ff": 1 << 24, "MaxLen": 30},
        {"MaxLen": 4},
        {"RV": "<body><p>Nguoi khac</p></body>"},
        {"MK": pikepdf.Dictionary(BG=[1, 1, 1])},
        {"MK": pikepdf.Dictionary(R=180)},
        {"FT": pikepdf.Name.Ch},
    ],
)
def test_a_field_that_is_drawn_otherwise_anew(entries: dict[str, Any]) -> None:
    def prepare(pdf: pikepdf.Pdf) -> None:
        for key, one in entries.items():
            pdf.Root.AcroForm.Fields[0][f"/{key}"] = one

    signed = sign(paper(prepare=prepare))
    assert judged(signed, update(signed, _filled_and_told))[0] == {"FORM"}


def test_drawing_anew_would_take_a_signatures_picture_away() -> None:
    """Poppler draws the field of a signature anew as an empty one."""
    seen = sign(paper(), box=SEAL_BOX, style=SEAL)
    assert judged(seen, update(seen, _filled_and_told))[0] == {"FORM"}
    assert judged(seen, update(seen, lambda w: _fill(w)))[0] == set()


@pytest.mark.parametrize(("font", "forbidden"), [("F1", {"FORM"}), ("ZaDb", set())])
def test_drawing_anew_needs_the_font_of_the_marks_in_boxes(font: str, forbidden: set[str]) -> None:
    def prepare(pdf: pikepdf.Pdf) -> None:
        pdf.Root.AcroForm.DR = pikepdf.Dictionary(Font=pdf.pages[0].Resources.Font)
        if font == "ZaDb":
            pdf.Root.AcroForm.DR.Font.ZaDb = pdf.make_indirect(_dingbats())
        field = pdf.make_indirect(_box(pdf, FT=pikepdf.Name.Btn, T="o", V=pikepdf.Name.Yes))
        field.AS = pikepdf.Name.Yes
        pdf.Root.AcroForm.Fields.append(field)
        pdf.pages[0].Annots.append(field)

    signed = sign(paper(prepare=prepare))
    assert judged(signed, update(signed, _filled_and_told))[0] == forbidden


def test_a_picture_without_value_that_drawing_anew_takes_away() -> None:
    def prepare(pdf: pikepdf.Pdf) -> None:
        look = pikepdf.Dictionary(N=_look(pdf, "Da nop 5.000"))
        field = pdf.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Widget, FT=pikepdf.Name.Tx, T="khac",
                Rect=[60, 100, 300, 120], F=4, AP=look, DA="/F1 12 Tf 0 g", V="",
            )
        )  # fmt: skip
        pdf.Root.AcroForm.Fields.append(field)
        pdf.pages[0].Annots.append(field)

    signed = sign(paper(prepare=prepare))
    assert judged(signed, update(signed, _filled_and_told))[0] == {"FORM"}


def test_drawing_that_is_taken_back_by_the_next_signature_is_no_alarm() -> None:
    """pyHanko takes the word to viewers away when it signs; the fields draw what they say."""

    def prepare(pdf: pikepdf.Pdf) -> None:
        pdf.Root.AcroForm.NeedAppearances = True

    told = update(sign(paper(prepare=prepare)), _needs)
    again = sign(told, "Ky2")
    signed = sign(again, "Ky3")
    assert_no_alarm(signed, ChangesAfter.PERMITTED, field="Ky2")
