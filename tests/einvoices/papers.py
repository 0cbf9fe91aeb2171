"""One paper of every type that the samples and the published structure show, alone and in messages; values made up."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from functools import cache
from pathlib import Path

from tests.einvoices.making import BUYER, DELEGATE, SELLER, Paper, Signer

_HERE = Path(__file__).parent / "papers"
_PARTY = {"party": "CÔNG TY TNHH DEMO", "tax number": SELLER, "date": "2026-11-14"}
_TO_PAY = {"amount": "17712000"}
_DEPARTMENT, _OFFICE, _OFFICER = "tax-department", "tax-office", "tax-officer"


def papers(number: int) -> list[Paper]:
    """All of them; ``number`` tells two of one type apart."""
    alone = [
        invoice(number),
        invoice(number, "C26TAA", code=True),
        both_sides(number),
        authorised(number),
        household(number),
        replacing(number),
        minutes(number),
        minutes(number, both=True),
        *(notice(number, kind) for kind in ("102", "103", "104", "105", "204", "300", "301", "302")),
        declaration(number, "100"),
        declaration(number, "101"),
        summary(number),
        certificate(number),
        htkk_declaration(number),
        htkk_notice(number),
    ]
    by = {one.label: one for one in alone}
    messages = [
        enveloped(by["declaration 100"], 100, number),
        enveloped(by["declaration 101"], 101, number),
        *(enveloped(by[f"notice {kind}"], int(kind), number) for kind in ("102", "103", "104", "105")),
        enveloped(invoice(number, "C26TAA"), 200, number),
        enveloped(by["invoice with code"], 202, number),
        enveloped(by["invoice"], 203, number),
        enveloped(by["notice 204"], 204, number),
        enveloped(invoice(number, "C26MAA"), 206, number, taxpayer="company"),
        twice_signed(number),
        *(enveloped(by[f"notice {kind}"], int(kind), number) for kind in ("300", "301", "302")),
        enveloped(by["summary"], 400, number),
        enveloped(by["minutes"], 500, number),
        enveloped(by["certificate"], 504, number),
    ]
    return [*alone, *messages]


def invoice(number: int, series: str = "K26TAA", code: bool = False) -> Paper:
    """An invoice of the seller; with ``code`` the tax department's, signed by both."""
    held = f'<MCCQT Id="_code{number}">{_code(number)}</MCCQT>' if code else ""
    xml = _filled("invoice", number, series=series, code=held, length=f"{len(str(number)):02}", delegate="", related="")
    signers = [Signer("company", "DSCKS/NBan", (f"_{number}",))]
    if code:
        signers.append(Signer(_DEPARTMENT, "DSCKS/CQT", (f"_{number}", f"_code{number}"), "2026-11-14T10:05:00"))
    values = {**_PARTY, **_TO_PAY, "number": str(number), **({"code": _code(number)} if code else {})}
    return Paper("invoice with code" if code else "invoice", xml, tuple(signers), values, ("38CC",))


def both_sides(number: int) -> Paper:
    """An invoice that the buyer signed as well, and a third party."""
    made = invoice(number)
    more = (
        Signer("buyer", "DSCKS/NMua", (f"_{number}",)),
        Signer("other-company", "DSCKS/CCKSKhac", (f"_{number}",)),
    )
    return replace(made, label="invoice of both sides", signers=(*made.signers, *more))


def authorised(number: int) -> Paper:
    """An invoice that a platform issues for the seller (NĐ 123/2020 Đ.3.7)."""
    named = f"<MSTDVNUNLHDon>{DELEGATE}</MSTDVNUNLHDon><TDVNUNLHDon>SÀN THƯƠNG MẠI</TDVNUNLHDon>"
    made = invoice(number, "K26NAA")
    xml = made.xml.replace("<MSTTCGP>", f"{named}<MSTTCGP>")
    signers = (replace(made.signers[0], slug="delegate"),)
    return replace(made, label="invoice by authority", xml=xml, signers=signers)


def household(number: int) -> Paper:
    """A household's invoice: its tax number has 12 digits (TT 86/2024/TT-BTC Đ.5)."""
    made = invoice(number)
    xml = made.xml.replace(SELLER, "012345678902").replace("0110620000000002", "011201234567890202")
    values = {**made.values, "tax number": "012345678902"}
    signers = (replace(made.signers[0], slug="citizen-ec"),)
    return replace(made, label="invoice of a household", xml=xml, values=values, signers=signers)


def replacing(number: int) -> Paper:
    """An invoice that replaces another one."""
    related = (
        "<TTHDLQuan><TCHDon>1</TCHDon><LHDCLQuan>1</LHDCLQuan><KHMSHDCLQuan>1</KHMSHDCLQuan><KHHDCLQuan>K26TBB"
        "</KHHDCLQuan><SHDCLQuan>16</SHDCLQuan><NLHDCLQuan>2026-11-01</NLHDCLQuan></TTHDLQuan>"
    )
    made = invoice(number)
    xml = made.xml.replace("</TTChung>", f"{related}</TTChung>", 1)
    return replace(made, label="invoice that replaces", xml=xml, values={**made.values, "replaced": "K26TBB"})


def minutes(number: int, both: bool = False) -> Paper:
    """Minutes of seller and buyer on an invoice."""
    sides = [Signer("company", "DSCKS/NBan", (f"_{number}",))]
    if both:
        sides.append(Signer("buyer", "DSCKS/NMua", (f"_{number}",)))
    values = {**_PARTY, "buyer": BUYER, "reason": "Sai số lượng xi măng"}
    return Paper("minutes of both sides" if both else "minutes", _filled("minutes", number), tuple(sides), values)


_NOTICES: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "102": ({"notice number": "7922{n}", "outcome": "2", "reason": "Đã có tờ khai khác được chấp nhận"}, ()),
    "103": ({"outcome": "1"}, ()),
    "104": ({"outcome": "1"}, ("909/TB-LCH",)),
    "105": ({"notice number": "{n}/TB", "until": "2026-12-31"}, ()),
    "204": ({"notice number": "{n}/TB-KTDL", "outcome": "3", "reason": "Ngày lập không hợp lệ"}, ()),
    "300": ({"answered number": "88/TB-RS", "reason": "Ghi sai tên hàng"}, ()),
    "301": ({"reason": "Hoá đơn không tồn tại"}, ("2075/TB-HĐĐT",)),
    "302": ({"notice number": "{n}/TB-RS", "listed": "K26TAA"}, ()),
}
"""What of each notice is altered and read out besides the party, and what it leaves unsigned."""


def notice(number: int, kind: str) -> Paper:
    """A notice of the department (102, 204, 301), an office and its head (103 to 105, 302), the taxpayer (300)."""
    values, unsigned = _NOTICES[kind]
    values = {**_PARTY, **{name: value.replace("{n}", str(number)) for name, value in values.items()}}
    data = f"_{number}" if kind == "300" else f"Id-{_hex(number)}"
    head = Signer(_OFFICER, "DSCKS/TTCQT", (data,))
    match kind:
        case "103":
            office = Signer(_OFFICE, "DSCKS/CQT", (data, f"Id-{_hex(number + 1)}"), "2026-11-14T10:04:00")
            signers: tuple[Signer, ...] = (head, office)
            values["notice number"] = f"{number}/TB-LCH"
        case "104":
            signers = (head, Signer(_OFFICE, "DSCKS/CQT", (data,)))
        case "105" | "302":
            signers = (Signer(_OFFICE, "DSCKS/CQT", (data,)),)
        case "300":
            signers = (Signer("company", "DSCKS/NNT", (data,)),)
        case _:
            signers = (Signer(_DEPARTMENT, "DSCKS/CQT", (data,)),)
    return Paper(f"notice {kind}", _filled(f"notice-{kind}", number), signers, values, unsigned)


def declaration(number: int, kind: str) -> Paper:
    """A registration of the taxpayer's; 101: who issues invoices by its authority."""
    told = {"certificate": f"54{number}"} if kind == "100" else {"authorised": DELEGATE}
    signer = Signer("company", "DSCKS/NNT", (f"_{number}",))
    return Paper(f"declaration {kind}", _filled(f"declaration-{kind}", number), (signer,), {**_PARTY, **told})


def summary(number: int) -> Paper:
    """A summary of the taxpayer's invoices."""
    signer = Signer("company", "DSCKS/NNT", (f"_{number}",))
    return Paper(
        "summary", _filled("summary", number), (signer,), {**_PARTY, **_TO_PAY, "buyer": "Công ty TNHH Bên Mua"}
    )


def certificate(number: int) -> Paper:
    """A certificate of income tax that the payer deducted."""
    signer = Signer("company", "DSCKS/TCTTNhap", (f"_{number}",))
    values = {**_PARTY, "amount": "2200000", "earner": "012345678901"}
    return Paper("certificate", _filled("certificate", number), (signer,), values)


def htkk_declaration(number: int) -> Paper:
    """A tax declaration of the department's own program."""
    signer = Signer("company", "CKyDTu", (f"ID_{number}",))
    return Paper("HTKK declaration", _filled("htkk-declaration", number), (signer,), {**_PARTY, **_TO_PAY})


def htkk_notice(number: int) -> Paper:
    """The portal's answer to a declaration."""
    signer = Signer(_DEPARTMENT, "CKyDTu", (f"_NODE_TO_SIGN{number}",))
    return Paper("HTKK notice", _filled("htkk-notice", number), (signer,), {**_PARTY, "outcome": "Đã tiếp nhận"})


def enveloped(made: Paper, kind: int, number: int, taxpayer: str | None = None) -> Paper:
    """A document in the envelope of a message; ``taxpayer`` signs all of it instead, in CKSNNT."""
    signed = "" if taxpayer is None else f' Id="_all{number}"'
    xml = _text("envelope").replace("{kind}", str(kind)).replace("{signed}", signed).replace("{body}", made.xml)
    root = made.xml[1 : made.xml.index(">")].split()[0]
    inner = tuple(replace(one, place=f"DLieu/{root}/{one.place}") for one in made.signers)
    signers = inner if taxpayer is None else (Signer(taxpayer, "CKSNNT", (f"_all{number}",)),)
    outside = ("V01000000009876",) if taxpayer else (*made.unsigned, "V01000000009876")
    return replace(made, label=f"message {kind}, {made.label}", xml=xml, signers=signers, unsigned=outside)


def twice_signed(number: int) -> Paper:
    """A cash register's invoice: the seller signs it, and the message around it."""
    made = enveloped(invoice(number, "C26MAA"), 206, number, taxpayer="company")
    inner = Signer("company", "DLieu/HDon/DSCKS/NBan", (f"_{number}",))
    return replace(made, label=f"{made.label}, signed twice", signers=(inner, *made.signers))


def _code(number: int) -> str:
    return f"00A1B2C3D4E5F6{number:04}"


def _hex(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()[:32]


def _filled(kind: str, number: int, **more: str) -> str:
    filled = _text(kind)
    for key, value in {"n": str(number), "hex": _hex(number), "hex2": _hex(number + 1), **more}.items():
        filled = filled.replace(f"{{{key}}}", value)
    return filled


@cache
def _text(kind: str) -> str:
    return (_HERE / f"{kind}.xml").read_text(encoding="utf-8").strip()
