"""What acts or hides in a file of scans as a whole, put there as editors and forgers put it there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf


def _action(pdf: Pdf, **action: Any) -> pikepdf.Object:
    return pdf.make_indirect(Dictionary(Type=Name.Action, **action))


def _attached(pdf: Pdf) -> pikepdf.Object:
    stream = pdf.make_stream(b"MZ")
    stream["/Type"] = Name.EmbeddedFile
    return pdf.make_indirect(Dictionary(Type=Name.Filespec, F="a.exe", EF=Dictionary(F=stream)))


def open_script(pdf: Pdf) -> None:
    pdf.Root["/OpenAction"] = _action(pdf, S=Name.JavaScript, JS="app.alert(1)")


def named_script(pdf: Pdf) -> None:
    script = _action(pdf, S=Name.JavaScript, JS=pdf.make_stream(b"app.alert(1)"))
    pdf.Root["/Names"] = Dictionary(JavaScript=Dictionary(Names=Array(["a", script])))


def page_script(pdf: Pdf) -> None:
    pdf.pages[0].obj["/AA"] = Dictionary(O=Dictionary(S=Name.JavaScript, JS="app.alert(1)"))


def launch(pdf: Pdf) -> None:
    pdf.Root["/OpenAction"] = _action(pdf, S=Name.Launch, F="cmd.exe")


def chained_launch(pdf: Pdf) -> None:
    follow = Dictionary(S=Name.Launch, F="cmd.exe")
    pdf.Root["/OpenAction"] = Dictionary(S=Name.GoTo, D=Array([pdf.pages[0].obj, Name.Fit]), Next=Array([follow]))


def submit(pdf: Pdf) -> None:
    pdf.Root["/AA"] = Dictionary(WC=Dictionary(S=Name.SubmitForm, F="http://example.org/"))


def remote(pdf: Pdf) -> None:
    pdf.Root["/OpenAction"] = _action(pdf, S=Name.GoToR, F="other.pdf")


def link(pdf: Pdf) -> None:
    entry = Dictionary(
        Type=Name.Annot,
        Subtype=Name.Link,
        Rect=Array([10, 10, 90, 30]),
        Border=Array([0, 0, 0]),
        A=Dictionary(S=Name.URI, URI="http://example.org/"),
    )
    pdf.pages[0].obj["/Annots"] = Array([pdf.make_indirect(entry)])


def attachment(pdf: Pdf) -> None:
    pdf.Root["/Names"] = Dictionary(EmbeddedFiles=Dictionary(Names=Array(["a", _attached(pdf)])))


def attachment_by_annotation(pdf: Pdf) -> None:
    entry = Dictionary(Type=Name.Annot, Subtype=Name.FileAttachment, Rect=Array([10, 10, 30, 30]), FS=_attached(pdf))
    pdf.pages[0].obj["/Annots"] = Array([pdf.make_indirect(entry)])


def associated_file(pdf: Pdf) -> None:
    pdf.Root["/AF"] = Array([_attached(pdf)])


def form_fields(pdf: Pdf) -> None:
    field = pdf.make_indirect(Dictionary(FT=Name.Tx, T="ten", V="x"))
    pdf.Root["/AcroForm"] = Dictionary(Fields=Array([field]))


def dynamic_form(pdf: Pdf) -> None:
    pdf.Root["/AcroForm"] = Dictionary(Fields=Array([]), XFA=pdf.make_stream(b"<xdp/>"))


ACTIVE: dict[str, tuple[Callable[[Pdf], None], str]] = {
    "script when opened": (open_script, "SCAN-SCRIPT"),
    "script by name": (named_script, "SCAN-SCRIPT"),
    "script of a page": (page_script, "SCAN-SCRIPT"),
    "program started": (launch, "SCAN-ACTION"),
    "program started afterwards": (chained_launch, "SCAN-ACTION"),
    "form sent": (submit, "SCAN-ACTION"),
    "other file opened": (remote, "SCAN-ACTION"),
    "link": (link, "SCAN-LINK"),
    "attachment": (attachment, "SCAN-ATTACHMENT"),
    "attachment by annotation": (attachment_by_annotation, "SCAN-ATTACHMENT"),
    "associated file": (associated_file, "SCAN-ATTACHMENT"),
    "form fields": (form_fields, "SCAN-FORM"),
    "dynamic form": (dynamic_form, "SCAN-XFA"),
}
"""What is put into the file as a whole → the finding that must name it."""
