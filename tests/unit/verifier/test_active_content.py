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
from verifier.pdf import active_content
from verifier.pdf.active_content import ActiveContent, TooManyObjectsError, active_content_findings, find_active_content
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
    annotate(pdf, Subtype=Name.Stamp, F=36)


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


@pytest.mark.parametrize(
    ("change", "kind"),
    [
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


@pytest.mark.parametrize(
    "change",
    [link, other_document, opens_at_a_page, closed_note, hidden_signature_field, layer_on, no_attachments_left],
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
    [(script_on_opening, "ACTIVE-CONTENT"), (attachment, "EMBEDDED-FILES"), (layer_off, "HIDDEN-CONTENT")],
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
