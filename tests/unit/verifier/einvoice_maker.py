"""Documents of e-invoicing as the samples have them, signed with the demo's keys: one of each type, values made up."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cryptography.x509.oid import NameOID

from demo.issuing import Holder, name
from demo.pki import DemoPki
from tests.unit.verifier.xml_maker import ENVELOPED, Ref, XmlMake, sign_xml

SELLER, BUYER = "6200000000", "0901171226"
DEPARTMENT = name(
    (NameOID.COUNTRY_NAME, "VN"), (NameOID.ORGANIZATION_NAME, "BỘ TÀI CHÍNH"), (NameOID.COMMON_NAME, "CỤC THUẾ")
)

_INVOICE = (
    '<HDon><DLHDon Id="_{n}"><TTChung><PBan>2.1.0</PBan><THDon>Hoá đơn giá trị gia tăng</THDon><KHMSHDon>1</KHMSHDon>'
    "<KHHDon>{series}</KHHDon><SHDon>{n}</SHDon><NLap>2026-11-14</NLap><DVTTe>VND</DVTTe></TTChung>"
    "<NDHDon><NBan><Ten>CÔNG TY TNHH DEMO</Ten><MST>6200000000</MST><DChi>Số 1, phường Tân Phong</DChi></NBan>"
    "<NMua><Ten>Công ty TNHH Bên Mua</Ten><MST>0901171226</MST></NMua><DSHHDVu><HHDVu><TChat>1</TChat><STT>1</STT>"
    "<THHDVu>Xi măng PCB40</THHDVu><DVTinh>tấn</DVTinh><SLuong>10</SLuong><DGia>1500000</DGia><ThTien>15000000</ThTien>"
    "<TSuat>8%</TSuat></HHDVu><HHDVu><TChat>1</TChat><STT>2</STT><THHDVu>Cát vàng</THHDVu><DVTinh>m3</DVTinh>"
    "<SLuong>4</SLuong><DGia>350000</DGia><ThTien>1400000</ThTien><TSuat>8%</TSuat></HHDVu></DSHHDVu><TToan>"
    "<TgTCThue>16400000</TgTCThue><TgTThue>1312000</TgTThue><TgTTTBSo>17712000</TgTTTBSo><TgTTTBChu>Mười bảy triệu bảy "
    "trăm mười hai nghìn đồng</TgTTTBChu></TToan></NDHDon></DLHDon>{code}<DLQRCode>00020199880032AAAABBBBCCCCDDDDEEEE"
    "FFFF000011110110620000000002011030{length}{series}{number}050820261114060817712000630438CC</DLQRCode>"
    "<DSCKS><NBan/><NMua/><CQT/><CCKSKhac/></DSCKS></HDon>"
)
_MINUTES = (
    '<BBan><NDBBan Id="_{n}"><TTChung><PBan>2.1.0</PBan><TBBan>Biên bản điều chỉnh hoá đơn</TBBan><SBBan>{n}/BB</SBBan>'
    "<NBBan>2026-11-14</NBBan><NBan>CÔNG TY TNHH DEMO</NBan><MSTNBan>6200000000</MSTNBan><NMua>Công ty Bên Mua</NMua>"
    "<MSTNMua>0901171226</MSTNMua><KHHDon>K26TAA</KHHDon><SHDon>17</SHDon><DSLDTDoi><LDo>Sai số lượng</LDo></DSLDTDoi>"
    "</TTChung></NDBBan><DSCKS><NBan/><NMua/></DSCKS></BBan>"
)
_NOTICE = (
    '<TBao><DLTBao Id="_{n}"><PBan>2.1.0</PBan><MSo>01/TB-SSĐT</MSo><Ten>Về việc tiếp nhận hoá đơn đã lập sai</Ten>'
    "<DDanh>Hà Nội</DDanh><TCQTCTren>BỘ TÀI CHÍNH</TCQTCTren><TCQT>CỤC THUẾ</TCQT><TNNT>CÔNG TY TNHH DEMO</TNNT>"
    "<MST>6200000000</MST><MHSo>HS-{n}</MHSo><TGNhan>2026-11-14</TGNhan></DLTBao><STBao><So>2075/TB-HĐĐT</So>"
    "<NTBao>2026-11-14</NTBao></STBao><DSCKS><NNT/><TTCQT/><CQT/><CCKSKhac/></DSCKS></TBao>"
)
_DECLARATION = (
    '<TKhai><DLTKhai Id="_{n}"><TTChung><PBan>2.1.0</PBan><MSo>01/ĐKTĐ-HĐĐT</MSo><Ten>Tờ khai sử dụng hoá đơn</Ten>'
    "<TNNT>CÔNG TY TNHH DEMO</TNNT><MST>6200000000</MST><CQTQLy>Thuế tỉnh Lai Châu</CQTQLy><NLap>2026-11-{day}</NLap>"
    "</TTChung><NDTKhai><DSCTSSDung><CTS><STT>1</STT><TTChuc>DEMO CA</TTChuc><Seri>54{n}</Seri></CTS></DSCTSSDung>"
    "</NDTKhai></DLTKhai><DSCKS><NNT/><CCKSKhac/></DSCKS></TKhai>"
)
_SUMMARY = (
    '<BTHDLieu><DLBTHop Id="_{n}"><TTChung><PBan>2.1.0</PBan><MSo>01/TH-HĐĐT</MSo><Ten>Bảng tổng hợp dữ liệu</Ten>'
    "<TNNT>CÔNG TY TNHH DEMO</TNNT><MST>6200000000</MST></TTChung><NDBTHDLieu><DSDLieu><DLieu><STT>1</STT>"
    "<SHDon>{n}</SHDon><TNMua>Công ty TNHH Bên Mua</TNMua><TgTTToan>17712000</TgTTToan></DLieu></DSDLieu></NDBTHDLieu>"
    "</DLBTHop><DSCKS><NNT/></DSCKS></BTHDLieu>"
)
_ENVELOPE = (
    "<TDiep><TTChung><PBan>2.1.0</PBan><MNGui>V0100000000</MNGui><MNNhan>TCT</MNNhan><MLTDiep>{kind}</MLTDiep>"
    "<MTDiep>V01000000001234</MTDiep><MTDTChieu/><MST>6200000000</MST><SLuong>1</SLuong></TTChung>"
    "<DLieu{signed}>{body}</DLieu><CKSNNT/></TDiep>"
)


@dataclass(frozen=True)
class Signer:
    """One signature of a document: who, over which Ids, where, and the time that is signed with it."""

    slug: str
    place: str
    ids: tuple[str, ...]
    time: str = "2026-11-14T10:02:01"
    key: int | None = None
    """Its number in the Ids, where that is not its place among the signers."""


@dataclass(frozen=True)
class EDocument:
    """A document to be signed. ``amount`` and ``party`` are words of the signed part, ``unsigned`` one that is not."""

    label: str
    xml: str
    signers: tuple[Signer, ...]
    root: str
    amount: str
    party: str
    unsigned: str | None = None

    def signed(self, pki: DemoPki, **instead: str) -> bytes:
        """The document with its signatures; ``instead`` maps a signer's slug to another holder's."""
        document = f'<?xml version="1.0" encoding="UTF-8"?>{self.xml}'.encode()
        for number, one in enumerate(self.signers):
            holder = pki.holder(instead.get(one.slug.replace("-", "_"), one.slug))
            document = sign_xml(document, make_of(holder, number if one.key is None else one.key, one), one.place)
        return document


def make_of(holder: Holder, number: int, signer: Signer) -> XmlMake:
    """References to the data and to the Object with the time, as providers write them (``xmlns=""``)."""
    held = (
        f'<Object Id="Obj-{number}"><SignatureProperties xmlns=""><SignatureProperty Target="#sig-{number}">'
        f"<SigningTime>{signer.time}</SigningTime></SignatureProperty></SignatureProperties></Object>"
    )
    references = (*(Ref(f"#{one}", (ENVELOPED,)) for one in signer.ids), Ref(f"#Obj-{number}"))
    return XmlMake(holder, references, objects=(held,), identifier=f"sig-{number}")


def with_department(pki: DemoPki) -> DemoPki:
    """The demo's authorities with the tax department, the buyer, and another company."""
    if "tax-department" not in pki.holders:
        pki.issue("tax-department", like="agency", subject=DEPARTMENT)
        company = ((NameOID.COMMON_NAME, "CÔNG TY KHÁC"), (NameOID.USER_ID, "MST:0109999999"))
        pki.issue("other-company", like="company", subject=name(*company))
        buyer = ((NameOID.COMMON_NAME, "CÔNG TY BÊN MUA"), (NameOID.USER_ID, "MST:0901171226"))
        pki.issue("buyer", like="company", subject=name(*buyer))
    return pki


def invoice(number: int, series: str = "K26TAA", code: bool = False) -> EDocument:
    """An invoice of the seller; with ``code`` the tax department's, signed by both."""
    held = f'<MCCQT Id="_code{number}">00A1B2C3D4E5F6{number:04}</MCCQT>' if code else ""
    written = f"04{len(str(number)):02}{number}"
    xml = _INVOICE.format(n=number, series=series, code=held, length=len(series), number=written)
    signers = [Signer("company", "DSCKS/NBan", (f"_{number}",))]
    if code:
        signers.append(Signer("tax-department", "DSCKS/CQT", (f"_{number}", f"_code{number}"), "2026-11-14T10:05:00"))
    label = "invoice with code" if code else "invoice"
    return EDocument(label, xml, tuple(signers), "HDon", "17712000", "CÔNG TY TNHH DEMO", "38CC")


def both_sides(number: int) -> EDocument:
    """An invoice that the buyer signed as well."""
    made = invoice(number)
    return replace(
        made, label="invoice of both", signers=(*made.signers, Signer("buyer", "DSCKS/NMua", (f"_{number}",)))
    )


def enveloped(made: EDocument, kind: int, number: int, taxpayer: str | None = None) -> EDocument:
    """A document in the envelope of a message; ``taxpayer`` signs all of it instead, in CKSNNT."""
    signed = "" if taxpayer is None else f' Id="_all{number}"'
    xml = _ENVELOPE.format(kind=kind, body=made.xml, signed=signed)
    inner = tuple(replace(one, place=f"DLieu/{made.root}/{one.place}") for one in made.signers)
    signers = inner if taxpayer is None else (Signer(taxpayer, "CKSNNT", (f"_all{number}",)),)
    return replace(made, label=f"message {kind}", xml=xml, signers=signers, root="TDiep", unsigned="V01000000001234")


def minutes(number: int) -> EDocument:
    """Minutes signed by the seller."""
    signer = Signer("company", "DSCKS/NBan", (f"_{number}",))
    return EDocument("minutes", _MINUTES.format(n=number), (signer,), "BBan", "Sai số lượng", "CÔNG TY TNHH DEMO")


def notice(number: int, by: str = "tax-department") -> EDocument:
    """A notice of the department, or of the taxpayer."""
    place = "DSCKS/CQT" if by == "tax-department" else "DSCKS/NNT"
    signer = Signer(by, place, (f"_{number}",))
    label = "notice" if by == "tax-department" else "taxpayer's notice"
    return EDocument(
        label, _NOTICE.format(n=number), (signer,), "TBao", f"HS-{number}", "CÔNG TY TNHH DEMO", "2075/TB-HĐĐT"
    )


def declaration(number: int) -> EDocument:
    """A declaration of the taxpayer."""
    xml = _DECLARATION.format(n=number, day=f"{number % 28 + 1:02}")
    return EDocument(
        "declaration",
        xml,
        (Signer("company", "DSCKS/NNT", (f"_{number}",)),),
        "TKhai",
        f"54{number}",
        "CÔNG TY TNHH DEMO",
    )


def summary(number: int) -> EDocument:
    """A summary of the taxpayer's."""
    signer = Signer("company", "DSCKS/NNT", (f"_{number}",))
    return EDocument("summary", _SUMMARY.format(n=number), (signer,), "BTHDLieu", "17712000", "CÔNG TY TNHH DEMO")


def documents(number: int) -> list[EDocument]:
    """One of each type, alone and in its message."""
    return [
        invoice(number),
        invoice(number, "C26TAA", code=True),
        both_sides(number),
        minutes(number),
        notice(number),
        notice(number, "company"),
        declaration(number),
        summary(number),
        enveloped(invoice(number), 203, number),
        enveloped(invoice(number, "C26MAA"), 206, number, "company"),
        enveloped(invoice(number, "C26TAA", code=True), 202, number),
        enveloped(notice(number), 301, number),
        enveloped(notice(number, "company"), 300, number),
        enveloped(declaration(number), 100, number),
        enveloped(summary(number), 400, number),
    ]
