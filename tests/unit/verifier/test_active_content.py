"""What acts, hides or comes along in a PDF is found wherever a reader program would follow it, and only then."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, String

from demo.pki import DemoPki
from tests.unit.verifier.signing import Signing, blank_paper, codes, environment, now, sign, verdicts
from verifier.inputs import VerificationInput
from verifier.pdf import active_content, field_values
from verifier.pdf.active_content import ActiveContent, TooManyObjectsError, active_content_findings, find_active_content
from verifier.pdf.content_kinds import WARNINGS
from verifier.report import Conclusion, Severity
from verifier.verify import verify_document


def a_script() -> Dictionary:
    return Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))


def changed(change: Callable[[Pdf], None], data: bytes | None = None) -> bytes:
    """A blank paper after ``change``."""
    with pikepdf.open(io.BytesIO(data or blank_paper(2))) as opened:
        change(opened)
        output = io.BytesIO()
        opened.save(output)
    return output.getvalue()


def script_on_opening(pdf: Pdf) -> None:
    pdf.Root.OpenAction = a_script()


def script_by_name(pdf: Pdf) -> None:
    tree = Dictionary(Names=Array([String("a"), pdf.make_indirect(a_script())]))
    pdf.Root.Names = Dictionary(JavaScript=tree)


def script_of_a_page(pdf: Pdf) -> None:
    pdf.pages[1].obj.AA = Dictionary(O=a_script())


def script_after_a_link(pdf: Pdf) -> None:
    action = Dictionary(S=Name.URI, URI=String("https://example.vn"), Next=Array([a_script()]))
    annotate(pdf, Subtype=Name.Link, A=action)


def script_in_an_outline(pdf: Pdf) -> None:
    pdf.Root.Outlines = Dictionary(First=pdf.make_indirect(Dictionary(Title=String("a"), A=a_script())))


def annotate(pdf: Pdf, **entries: Any) -> None:
    annotation = Dictionary(Type=Name.Annot, Rect=[0, 0, 50, 50], **entries)
    pdf.pages[0].obj.Annots = Array([pdf.make_indirect(annotation)])


def launch(pdf: Pdf) -> None:
    annotate(pdf, Subtype=Name.Link, A=Dictionary(S=Name.Launch, F=String("a.exe")))


def submit(pdf: Pdf) -> None:
    annotate(pdf, Subtype=Name.Link, A=Dictionary(S=Name.SubmitForm, F=String("https://example.vn")))


def attachment(pdf: Pdf) -> None:
    pdf.attachments["a.exe"] = b"MZ"


def attachment_on_a_page(pdf: Pdf) -> None:
    file = Dictionary(Type=Name.Filespec, F=String("a.exe"), EF=Dictionary(F=pdf.make_stream(b"MZ")))
    annotate(pdf, Subtype=Name.FileAttachment, FS=file)


def hidden_stamp(pdf: Pdf) -> None:
    annotate(pdf, Subtype=Name.Stamp, F=2)


def stamp_for_printing_only(pdf: Pdf) -> None:
    annotate(pdf, Subtype=Name.Stamp, F=36, AP=Dictionary(N=form_stream(pdf)))


def layers(pdf: Pdf, usual: Dictionary, **usage: Any) -> None:
    layer = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String("a"), Usage=Dictionary(**usage)))
    for key in ("/OFF", "/ON"):
        if key in usual:
            usual[key] = Array([layer])
    for occasion in usual.get("/AS", []):
        occasion.OCGs = Array([layer])
    pdf.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=usual)


def layer_off(pdf: Pdf) -> None:
    layers(pdf, Dictionary(OFF=Array()))


def layers_off_by_default(pdf: Pdf) -> None:
    layers(pdf, Dictionary(BaseState=Name.OFF))


def occasion(name: str) -> Dictionary:
    return Dictionary(AS=Array([Dictionary(Event=Name(f"/{name}"), Category=Array([Name(f"/{name}")]))]))


def layer_not_printed(pdf: Pdf) -> None:
    layers(pdf, occasion("Print"), Print=Dictionary(PrintState=Name.OFF))


def layer_for_a_magnification(pdf: Pdf) -> None:
    layers(pdf, occasion("Zoom"), Zoom=Dictionary(min=2))


def configured(pdf: Pdf, other: Dictionary, **usage: Any) -> None:
    layers(pdf, Dictionary(ON=Array()), **usage)
    for key in ("/OFF", "/ON"):
        if key in other:
            other[key] = pdf.Root.OCProperties.OCGs
    pdf.Root.OCProperties.Configs = Array([Dictionary(Name=String("một")), other])


def layer_off_in_another_configuration(pdf: Pdf) -> None:
    configured(pdf, Dictionary(OFF=Array()))


def layers_off_in_another_configuration(pdf: Pdf) -> None:
    configured(pdf, Dictionary(BaseState=Name.OFF))


def layers_as_they_were_before(pdf: Pdf) -> None:
    configured(pdf, Dictionary(BaseState=Name.Unchanged))


def layer_not_exported_in_another_configuration(pdf: Pdf) -> None:
    configured(pdf, occasion("Zoom"), Zoom=Dictionary(max=1))


def two_configurations_alike(pdf: Pdf) -> None:
    configured(pdf, Dictionary(Name=String("hai"), ON=Array(), **occasion("Print")))


def page_content(pdf: Pdf, drawn: bytes = b"/X Do", **resources: Any) -> None:
    """The first page draws ``X`` with these resources."""
    pdf.pages[0].obj.Contents = pdf.make_stream(drawn)
    pdf.pages[0].obj.Resources = Dictionary({f"/{key}": value for key, value in resources.items()})


def form_stream(pdf: Pdf, drawn: bytes = b"", **entries: Any) -> Any:
    stream = pdf.make_stream(drawn)
    stream.Type, stream.Subtype, stream.BBox = Name.XObject, Name.Form, Array([0, 0, 100, 20])
    for key, value in entries.items():
        stream[f"/{key}"] = value
    return stream


def external_content(pdf: Pdf) -> None:
    page_content(pdf)
    pdf.pages[0].obj.Contents.F = String("https://example.vn/a.bin")


def external_picture(pdf: Pdf) -> None:
    file = Dictionary(Type=Name.Filespec, F=String("a.bin"))
    page_content(pdf, XObject=Dictionary(X=form_stream(pdf, F=file)))


def external_look_of_a_stamp(pdf: Pdf) -> None:
    annotate(pdf, Subtype=Name.Stamp, AP=Dictionary(N=form_stream(pdf, F=String("a.bin"))))


def page_of_another_file(pdf: Pdf) -> None:
    other = Dictionary(F=Dictionary(F=String("b.pdf")), Page=0)
    page_content(pdf, XObject=Dictionary(X=form_stream(pdf, Ref=other)))


def page_of_another_file_inside_a_form(pdf: Pdf) -> None:
    inner = form_stream(pdf, Ref=Dictionary(F=String("b.pdf"), Page=0))
    outer = form_stream(pdf, b"/Y Do", Resources=Dictionary(XObject=Dictionary(Y=inner)))
    page_content(pdf, XObject=Dictionary(X=outer))


def picture(pdf: Pdf) -> Any:
    return form_stream(pdf, b"\0", Subtype=Name.Image, Width=1, Height=1)


def other_picture_for_print(pdf: Pdf) -> None:
    shown = picture(pdf)
    shown.Alternates = Array([Dictionary(Image=picture(pdf), DefaultForPrinting=True)])
    page_content(pdf, XObject=Dictionary(X=shown))


def membership(pdf: Pdf, expression: Callable[[Any], Array | None], **entries: Any) -> None:
    """Marked content that belongs to layers by an expression; all layers are on."""
    layers(pdf, Dictionary(ON=Array()))
    layer = pdf.Root.OCProperties.OCGs[0]
    made = Dictionary(Type=Name.OCMD, OCGs=Array([layer]), **entries)
    if (said := expression(layer)) is not None:
        made.VE = said
    page_content(pdf, b"/OC /P BDC EMC", Properties=Dictionary(P=pdf.make_indirect(made)))


def shown_when_the_layer_is_off(pdf: Pdf) -> None:
    membership(pdf, lambda layer: Array([Name.Not, layer]))


def shown_by_the_old_rule_alone(pdf: Pdf) -> None:
    membership(pdf, lambda layer: Array([Name.And, layer, Array([Name.Not, layer])]), P=Name.AllOn)


def shown_by_the_expression_alone(pdf: Pdf) -> None:
    membership(pdf, lambda layer: Array([Name.Or, layer]), P=Name.AnyOff)


def too_deep_to_follow(pdf: Pdf) -> None:
    def nested(layer: Any) -> Array:
        expression = layer
        for _ in range(40):
            expression = Array([Name.And, expression])
        return expression  # type: ignore[no-any-return]

    membership(pdf, nested)


def layer_off_by_its_usage_alone(pdf: Pdf) -> None:
    layers(pdf, Dictionary(ON=Array()), View=Dictionary(ViewState=Name.OFF))


def film(pdf: Pdf) -> None:
    annotate(pdf, Subtype=Name.Screen)


def sound_on_a_link(pdf: Pdf) -> None:
    annotate(pdf, Subtype=Name.Link, A=Dictionary(S=Name.Sound))


def words_without_appearance(pdf: Pdf) -> None:
    annotate(pdf, Subtype=Name.FreeText, Contents=String("19.000.000"), DA=String("/Helv 12 Tf 0 g"))


def stamp_with_an_empty_look(pdf: Pdf) -> None:
    annotate(pdf, Subtype=Name.Stamp, AP=Dictionary())


def form(pdf: Pdf, *fields: Dictionary, **entries: Any) -> None:
    """A form with these fields, each its own widget on the first page."""
    for field in fields:
        field.Type, field.Subtype, field.Rect = Name.Annot, Name.Widget, Array([0, 0, 90, 20])
    made = [pdf.make_indirect(field) for field in fields]
    pdf.pages[0].obj.Annots = Array(made)
    helvetica = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica, Encoding=Name.WinAnsiEncoding)
    fonts = Dictionary(Helv=pdf.make_indirect(helvetica))
    pdf.Root.AcroForm = Dictionary(Fields=Array(made), DR=Dictionary(Font=fonts), **entries)


def text_field(pdf: Pdf, value: str, drawn: str, **entries: Any) -> Dictionary:
    look = form_stream(pdf, f"/Tx BMC BT /Helv 12 Tf 2 4 Td ({drawn}) Tj ET EMC".encode())
    return Dictionary(FT=Name.Tx, T=String("a"), V=String(value), AP=Dictionary(N=look), **entries)


def value_other_than_drawn(pdf: Pdf) -> None:
    form(pdf, text_field(pdf, "19.000.000", "1.000.000"), NeedAppearances=True)


def drawn_without_a_value(pdf: Pdf) -> None:
    form(pdf, text_field(pdf, "", "1.000.000"), NeedAppearances=True)


def membership_that_does_not_say_so(pdf: Pdf) -> None:
    membership(pdf, lambda _: None, P=Name.AllOff)
    del pdf.pages[0].Resources.Properties.P["/Type"]


def drawing_of_no_state(pdf: Pdf) -> None:
    annotate(pdf, Subtype=Name.FreeText, AP=Dictionary(N=Dictionary(a=form_stream(pdf))), F=4)


def page_of_another_file_in_no_form(pdf: Pdf) -> None:
    stream = form_stream(pdf)
    del stream["/Subtype"]
    stream.Ref = Dictionary(F=String("b.pdf"), Page=0)
    page_content(pdf, b"/P Do", XObject=Dictionary(P=stream))


def program_for_printers(pdf: Pdf) -> None:
    stream = pdf.make_stream(b"showpage")
    stream.Type, stream.Subtype = Name.XObject, Name.PS
    page_content(pdf, b"/P Do", XObject=Dictionary(P=stream))


def value_other_than_drawn_without_the_flag(pdf: Pdf) -> None:
    form(pdf, text_field(pdf, "19.000.000", "1.000.000"))


def value_drawn_by_nobody(pdf: Pdf) -> None:
    form(pdf, Dictionary(FT=Name.Tx, T=String("a"), V=String("1.000")), NeedAppearances=True)


def value_drawn_by_nobody_and_nobody_told(pdf: Pdf) -> None:
    form(pdf, Dictionary(FT=Name.Tx, T=String("a"), V=String("1.000")))


def value_whose_look_shows_nothing(pdf: Pdf) -> None:
    form(pdf, Dictionary(FT=Name.Tx, T=String("a"), V=String("1.000"), AP=Dictionary(N=form_stream(pdf))))


def box_ticked_without_a_look(pdf: Pdf) -> None:
    form(pdf, Dictionary(FT=Name.Btn, T=String("b"), V=Name.Yes, AS=Name.Yes))


def value_in_a_field_without_size(pdf: Pdf) -> None:
    form(pdf, Dictionary(FT=Name.Tx, T=String("a"), V=String("1.000")))
    pdf.Root.AcroForm.Fields[0].Rect = Array([0, 0, 0, 0])


def chosen_other_than_drawn(pdf: Pdf) -> None:
    field = text_field(pdf, "2", "Mot")
    field.FT = Name.Ch
    field.Opt = Array([Array([String("1"), String("Mot")]), Array([String("2"), String("Hai")])])
    form(pdf, field)


def box(pdf: Pdf, value: str, shown: str) -> Dictionary:
    states = Dictionary(Yes=form_stream(pdf), Off=form_stream(pdf))
    return Dictionary(FT=Name.Btn, T=String("b"), V=Name(value), AS=Name(shown), AP=Dictionary(N=states))


def box_ticked_by_value_alone(pdf: Pdf) -> None:
    form(pdf, box(pdf, "/Yes", "/Off"))


def box_ticked_by_its_look_alone(pdf: Pdf) -> None:
    form(pdf, box(pdf, "/Off", "/Yes"))


def second_form(pdf: Pdf) -> None:
    pdf.Root.AcroForm = Dictionary(Fields=Array(), XFA=pdf.make_stream(b"<xdp/>"))


def composite_font(pdf: Pdf, ordering: str, **program: Any) -> Dictionary:
    system = Dictionary(Registry=String("Adobe"), Ordering=String(ordering), Supplement=0)
    descriptor = Dictionary(Type=Name.FontDescriptor, FontName=Name.Arial, **program)
    below = Dictionary(Type=Name.Font, Subtype=Name.CIDFontType2, CIDSystemInfo=system, FontDescriptor=descriptor)
    made = Dictionary(Type=Name.Font, Subtype=Name.Type0, Encoding=Name("/Identity-H"))
    made.DescendantFonts = Array([pdf.make_indirect(below)])
    return made


def glyphs_of_a_font_elsewhere(pdf: Pdf) -> None:
    page_content(pdf, b"", Font=Dictionary(F=composite_font(pdf, "Identity")))


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (external_content, ActiveContent.EXTERNAL_STREAM),
        (external_picture, ActiveContent.EXTERNAL_STREAM),
        (external_look_of_a_stamp, ActiveContent.EXTERNAL_STREAM),
        (page_of_another_file, ActiveContent.REFERENCE_XOBJECT),
        (page_of_another_file_inside_a_form, ActiveContent.REFERENCE_XOBJECT),
        (other_picture_for_print, ActiveContent.PRINT_ALTERNATE),
        (shown_when_the_layer_is_off, ActiveContent.HIDDEN_LAYERS),
        (shown_by_the_old_rule_alone, ActiveContent.HIDDEN_LAYERS),
        (shown_by_the_expression_alone, ActiveContent.HIDDEN_LAYERS),
        (too_deep_to_follow, ActiveContent.HIDDEN_LAYERS),
        (layer_off_by_its_usage_alone, ActiveContent.HIDDEN_LAYERS),
        (film, ActiveContent.MULTIMEDIA),
        (sound_on_a_link, ActiveContent.MULTIMEDIA),
        (words_without_appearance, ActiveContent.NO_APPEARANCE),
        (stamp_with_an_empty_look, ActiveContent.NO_APPEARANCE),
        (value_other_than_drawn, ActiveContent.FIELD_VALUE),
        (value_other_than_drawn_without_the_flag, ActiveContent.FIELD_VALUE),
        (value_drawn_by_nobody, ActiveContent.FIELD_VALUE),
        (drawn_without_a_value, ActiveContent.FIELD_VALUE),
        (membership_that_does_not_say_so, ActiveContent.HIDDEN_LAYERS),
        (drawing_of_no_state, ActiveContent.NO_APPEARANCE),
        (page_of_another_file_in_no_form, ActiveContent.REFERENCE_XOBJECT),
        (program_for_printers, ActiveContent.PRINT_ALTERNATE),
        (chosen_other_than_drawn, ActiveContent.FIELD_VALUE),
        (box_ticked_by_value_alone, ActiveContent.FIELD_VALUE),
        (box_ticked_by_its_look_alone, ActiveContent.FIELD_VALUE),
        (second_form, ActiveContent.XFA_FORM),
        (glyphs_of_a_font_elsewhere, ActiveContent.FOREIGN_FONT),
        (script_on_opening, ActiveContent.SCRIPT),
        (script_by_name, ActiveContent.SCRIPT),
        (script_of_a_page, ActiveContent.SCRIPT),
        (script_after_a_link, ActiveContent.SCRIPT),
        (script_in_an_outline, ActiveContent.SCRIPT),
        (launch, ActiveContent.LAUNCH),
        (submit, ActiveContent.EXTERNAL_ACTION),
        (attachment, ActiveContent.EMBEDDED_FILES),
        (attachment_on_a_page, ActiveContent.EMBEDDED_FILES),
        (hidden_stamp, ActiveContent.HIDDEN_ANNOTATIONS),
        (stamp_for_printing_only, ActiveContent.HIDDEN_ANNOTATIONS),
        (value_drawn_by_nobody_and_nobody_told, ActiveContent.FIELD_VALUE),
        (value_whose_look_shows_nothing, ActiveContent.FIELD_VALUE),
        (box_ticked_without_a_look, ActiveContent.FIELD_VALUE),
        (layer_off_in_another_configuration, ActiveContent.HIDDEN_LAYERS),
        (layers_off_in_another_configuration, ActiveContent.HIDDEN_LAYERS),
        (layers_as_they_were_before, ActiveContent.HIDDEN_LAYERS),
        (layer_not_exported_in_another_configuration, ActiveContent.HIDDEN_LAYERS),
        (layer_off, ActiveContent.HIDDEN_LAYERS),
        (layers_off_by_default, ActiveContent.HIDDEN_LAYERS),
        (layer_not_printed, ActiveContent.HIDDEN_LAYERS),
        (layer_for_a_magnification, ActiveContent.HIDDEN_LAYERS),
    ],
)
def test_it_is_found(change: Callable[[Pdf], None], kind: ActiveContent) -> None:
    assert find_active_content(changed(change)) == {kind}


def link(pdf: Pdf) -> None:
    annotate(pdf, Subtype=Name.Link, A=Dictionary(S=Name.URI, URI=String("https://example.vn")))


def other_document(pdf: Pdf) -> None:
    annotate(pdf, Subtype=Name.Link, A=Dictionary(S=Name.GoToR, F=String("b.pdf"), D=Array([0, Name.Fit])))


def opens_at_a_page(pdf: Pdf) -> None:
    pdf.Root.OpenAction = Array([pdf.pages[0].obj, Name.Fit])


def closed_note(pdf: Pdf) -> None:
    annotate(pdf, Subtype=Name.Popup, F=2)


def hidden_signature_field(pdf: Pdf) -> None:
    parent = pdf.make_indirect(Dictionary(FT=Name.Sig, T=String("a")))
    annotate(pdf, Subtype=Name.Widget, F=130, Parent=parent)
    parent.Kids = Array([pdf.pages[0].obj.Annots[0]])
    pdf.Root.AcroForm = Dictionary(Fields=Array([parent]))


def layer_on(pdf: Pdf) -> None:
    layers(pdf, Dictionary(ON=Array(), **occasion("View")), View=Dictionary(ViewState=Name.ON))


def no_attachments_left(pdf: Pdf) -> None:
    pdf.Root.Names = Dictionary(EmbeddedFiles=Dictionary(Names=Array()))


def membership_of_a_layer_that_is_on(pdf: Pdf) -> None:
    membership(pdf, lambda layer: Array([Name.And, layer, Array([Name.Or, layer])]), P=Name.AllOn)


def note_with_its_icon(pdf: Pdf) -> None:
    annotate(pdf, Subtype=Name.Text, Contents=String("xem lại"))


def words_with_their_look(pdf: Pdf) -> None:
    annotate(pdf, Subtype=Name.FreeText, AP=Dictionary(N=form_stream(pdf)), F=4)


def filled_as_drawn(pdf: Pdf) -> None:
    choice = text_field(pdf, "2", "Hai")
    choice.FT, choice.Opt = Name.Ch, Array([Array([String("2"), String("Hai")])])
    form(pdf, text_field(pdf, "1.000.000 d", "1.000.000  d"), choice, box(pdf, "/Yes", "/Yes"), NeedAppearances=True)


def empty_field_to_be_drawn(pdf: Pdf) -> None:
    form(pdf, Dictionary(FT=Name.Tx, T=String("a")), NeedAppearances=True)


def digits_that_a_script_formats(pdf: Pdf) -> None:
    form(pdf, text_field(pdf, "1000000", "1.000.000"))
    pdf.Root.AcroForm.Fields[0].AA = Dictionary(F=Dictionary(S=Name.GoTo))


def font_of_a_public_collection(pdf: Pdf) -> None:
    page_content(pdf, b"", Font=Dictionary(F=composite_font(pdf, "Japan1")))


def font_in_the_file(pdf: Pdf) -> None:
    page_content(pdf, b"", Font=Dictionary(F=composite_font(pdf, "Identity", FontFile2=pdf.make_stream(b"a"))))


@pytest.mark.parametrize(
    "change",
    [
        *(link, other_document, opens_at_a_page, closed_note, hidden_signature_field, layer_on, no_attachments_left),
        *(membership_of_a_layer_that_is_on, note_with_its_icon, words_with_their_look, filled_as_drawn),
        *(
            empty_field_to_be_drawn,
            two_configurations_alike,
            value_in_a_field_without_size,
            digits_that_a_script_formats,
            font_of_a_public_collection,
            font_in_the_file,
        ),
    ],
)
def test_what_papers_usually_hold_is_fine(change: Callable[[Pdf], None]) -> None:
    assert find_active_content(changed(change)) == frozenset()


def test_an_escaped_name_does_not_hide_a_script() -> None:
    data = changed(lambda pdf: setattr(pdf.Root, "OpenAction", Dictionary(S=Name.JavaScript)))
    assert b"/JavaScript" in data
    escaped = data.replace(b"/JavaScript", b"/J#61vaScript")
    assert find_active_content(escaped) == {ActiveContent.SCRIPT}


def test_the_walk_ends_in_a_circle() -> None:
    def circle(pdf: Pdf) -> None:
        one = pdf.make_indirect(Dictionary(S=Name.GoTo))
        one.Next = Array([one])
        pdf.Root.OpenAction = one

    assert find_active_content(changed(circle)) == frozenset()


def test_a_search_that_stops_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(active_content, "MAX_CONTAINERS", 3)
    with pytest.raises(TooManyObjectsError):
        find_active_content(blank_paper())
    (finding,) = active_content_findings(blank_paper(), None)
    assert (finding.code, finding.severity) == ("STEP-FAILED", Severity.WARNING)


def test_what_is_no_pdf_is_a_step_that_failed() -> None:
    assert [finding.code for finding in active_content_findings(b"%PDF-1.7 nothing", None)] == ["STEP-FAILED"]


def test_a_usual_file_costs_little() -> None:
    data = blank_paper(20)
    costs = []
    for _ in range(5):
        start = time.process_time()
        find_active_content(data)
        costs.append(time.process_time() - start)
    assert min(costs) < 0.02


@pytest.mark.parametrize(
    ("change", "code"),
    [
        *((script_on_opening, "ACTIVE-CONTENT"), (attachment, "EMBEDDED-FILES"), (layer_off, "HIDDEN-CONTENT")),
        *((external_content, "EXTERNAL-STREAM"), (page_of_another_file, "REFERENCE-XOBJECT")),
        *((other_picture_for_print, "PRINT-ALTERNATE"), (second_form, "XFA-FORM"), (film, "MULTIMEDIA-CONTENT")),
        *((value_other_than_drawn, "FIELD-VALUE-NOT-AS-DRAWN"), (glyphs_of_a_font_elsewhere, "FONT-NOT-IN-FILE")),
        (words_without_appearance, "ANNOTATION-WITHOUT-APPEARANCE"),
    ],
)
def test_a_signed_document_still_passes_with_a_warning(change: Callable[[Pdf], None], code: str, pki: DemoPki) -> None:
    data = sign(changed(change), Signing(pki.holder("citizen")))
    report, (verdict,) = verdicts(data, environment(pki))
    assert report.conclusion is Conclusion.TOTAL_PASSED
    assert [(finding.code, finding.severity) for finding in report.findings] == [(code, Severity.WARNING)]
    assert code not in codes(verdict)


def test_a_clean_document_gets_no_warning(pki: DemoPki) -> None:
    report, _ = verdicts(sign(blank_paper(), Signing(pki.holder("citizen"))), environment(pki))
    assert report.findings == ()


def test_an_unsigned_document_is_warned_about_as_well(pki: DemoPki) -> None:
    report = verify_document(VerificationInput(changed(launch)), environment(pki, ()), now())
    assert report.conclusion is Conclusion.NO_SIGNATURE
    assert {finding.code for finding in report.findings} == {"ACTIVE-CONTENT", "NO-SIGNATURE"}


def test_every_kind_has_one_warning() -> None:
    told = [kind for _, kinds in WARNINGS for kind in kinds]
    assert sorted(told) == sorted(ActiveContent)


def test_a_form_that_goes_in_circles_ends() -> None:
    def circle(pdf: Pdf) -> None:
        form(pdf, Dictionary(T=String("a")))
        field = pdf.Root.AcroForm.Fields[0]
        field.Kids = Array([field])

    assert find_active_content(changed(circle)) == frozenset()


def test_a_form_too_large_to_be_looked_at_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(field_values, "MAX_FIELDS", 0)
    (finding,) = active_content_findings(changed(empty_field_to_be_drawn), None)
    assert (finding.code, finding.severity) == ("STEP-FAILED", Severity.WARNING)
