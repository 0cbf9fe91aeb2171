"""Examples in the OpenAPI description; a test proves each against its schema."""

from __future__ import annotations

from typing import Any

_SHA256 = "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"

REPORT: dict[str, Any] = {
    "id": "0199f2b4c8d17a54",
    "created_at": "2026-11-20T08:14:09+00:00",
    "dossier": "000.00.16.H35-261120-0042",
    "policy": "vn-2025.2",
    "policy_sha256": _SHA256,
    "trust_store_sha256": _SHA256,
    "validation_time": "2026-11-20T08:14:09+00:00",
    "size_bytes": 31245,
    "pages": 1,
    "retry_at": None,
    "replaced_by": None,
    "file": "to-khai.pdf",
    "sha256": _SHA256,
    "format": "pdf",
    "conclusion": "TOTAL-PASSED",
    "findings": [],
    "signatures": [
        {
            "kind": "signature",
            "field": "Signature1",
            "indication": "TOTAL-PASSED",
            "sub_indication": None,
            "integrity": "intact",
            "coverage": "whole-file",
            "changes_after": "none",
            "level": "PAdES-BASELINE-LT",
            "signer": {
                "name": "Nguyễn Thị Hoà",
                "organization": None,
                "cccd": "012345678901",
                "mst": None,
                "issuer": "VNPT SmartCA RS",
            },
            "regime": "public",
            "trusted": True,
            "revocation": "good",
            "claimed_signing_time": "2026-11-20T08:02:00+07:00",
            "best_signature_time": "2026-11-20T01:02:11+00:00",
            "conformance": {
                "instrument": "TT 15/2025/TT-BKHCN",
                "conforms": False,
                "reasons": ["CONFORMANCE-RSA-SCHEME"],
            },
            "findings": [],
        }
    ],
    "signed_content": None,
}

DOSSIER_REQUEST: dict[str, Any] = {
    "regulation": "lao-cai-24-2021",
    "procedure": {
        "code": "1.000047",
        "name": "Phê duyệt khai thác tận dụng lâm sản",
        "level": 4,
        "signature_required": True,
    },
    "applicant": {"name": "Nguyễn Thị Hoà", "cccd": "012345678901", "mst": None},
    "submitted_at": "2026-11-20T08:14:00+07:00",
}

OUTCOME: dict[str, Any] = {
    "code": "SUPPLEMENT-NEEDED",
    "text_vi": "Yêu cầu bổ sung: chưa tiếp nhận được giấy tờ này.",
    "text_en": "Supplement needed: this paper cannot be accepted yet.",
    "article": "NĐ 45/2020 Đ.9 (Lào Cai 24/2021)",
    "column": "unsigned",
    "retry": False,
    "reason": {
        "code": "SUPPLEMENT-UNSIGNED",
        "text_vi": "Tờ khai của Ông/Bà chưa có chữ ký số, trong khi thủ tục này yêu cầu ký số. "
        "Đề nghị ký số và nộp lại.",
        "text_en": "Your paper (Tờ khai) carries no digital signature, and this procedure asks for one. "
        "Please sign it and submit it again.",
    },
}

PAPER: dict[str, Any] = {
    "id": "0199f2b4c8d17a55",
    "number": 1,
    "name": "Tờ khai",
    "received_at": "2026-11-20T08:14:09+00:00",
    "signed_by": "applicant",
    "outcome": OUTCOME,
    "verification": {**REPORT, "conclusion": "NO-SIGNATURE", "signatures": []},
}

DOSSIER: dict[str, Any] = {
    "code": "000.00.16.H35-261120-0042",
    **DOSSIER_REQUEST,
    "created_at": "2026-11-20T01:14:08+00:00",
    "changed_at": "2026-11-20T01:14:08+00:00",
    "papers": [PAPER],
    "results": ["000.00.16.H35-261120-0042-KQ1"],
}

SEAL_ORDER: dict[str, Any] = {
    "agency": "so-tnmt",
    "signatory": "giam-doc",
    "dossier": "000.00.16.H35-261120-0042",
    "level": "B-LTA",
    "title": "Giấy phép khai thác tận dụng lâm sản",
    "number": "118/GP-STNMT",
    "holder_name": "Nguyễn Thị Hoà",
    "issued_on": "2026-11-20",
    "valid_until": "2027-11-20",
}

SEAL: dict[str, Any] = {
    "result_code": "000.00.16.H35-261120-0042-KQ1",
    "verification_code": "K7QM-2F9D-XW4T-HB3C-7Z",
    "check_url": "https://dichvucong.laichau.example/kiem-tra/K7QM2F9DXW4THB3C7Z",
    "document_url": "/v1/results/000.00.16.H35-261120-0042-KQ1/document",
    "sha256": _SHA256,
    "size_bytes": 98211,
    "dossier": "000.00.16.H35-261120-0042",
    "agency": "so-tnmt",
    "signatory": "giam-doc",
    "level": "B-LTA",
    "wished_level": "B-LTA",
    "title": "Giấy phép khai thác tận dụng lâm sản",
    "number": "118/GP-STNMT",
    "issued_on": "2026-11-20",
    "valid_until": "2027-11-20",
    "sealed_at": "2026-11-20T09:30:00+00:00",
    "verification": "0199f2b4c8d17a56",
    "attachment_of": None,
    "replayed": False,
}

EVENTS: dict[str, Any] = {
    "events": [
        {
            "number": 18,
            "type": "result.sealed",
            "at": "2026-11-20T09:30:00+00:00",
            "subject": "000.00.16.H35-261120-0042-KQ1",
            "data": {"sha256": _SHA256},
        }
    ],
    "last": 18,
    "more": False,
}

PUBLIC_ANSWER: dict[str, Any] = {
    "state": "in-force",
    "text_vi": "Kết quả thật và đang có hiệu lực.",
    "text_en": "The result is genuine and in force.",
    "answered_at": "2026-11-21T02:30:00+00:00",
    "result": {
        "title": "Giấy phép khai thác tận dụng lâm sản",
        "number": "118/GP-STNMT",
        "issued_on": "2026-11-20",
        "agency": "Sở Tài nguyên và Môi trường tỉnh Lai Châu",
        "holder": "N*** T** H**",
        "valid_until": "2027-11-20",
        "verification_code": "K7QM-2F9D-XW4T-HB3C-7Z",
        "sealed_at": "2026-11-20T09:30:00+00:00",
        "earlier_version": False,
        "change": None,
        "successor": None,
        "corrections": [],
        "main": None,
    },
    "not_checked": [
        {
            "code": "not-checked.bearer",
            "text_vi": "Người cầm giấy có phải là người được cấp hay không.",
            "text_en": "Whether the person who holds the paper is the person it was issued to.",
        }
    ],
}

PROBLEM: dict[str, Any] = {
    "type": "/v1/problems/unknown-dossier",
    "status": 404,
    "title": "Không tìm thấy hồ sơ",
    "detail": "Không có hồ sơ mang mã này.",
    "text_vi": "Không có hồ sơ mang mã này.",
    "text_en": "There is no dossier with this code.",
}

SCAN_CHECK: dict[str, Any] = {
    "kind": "scan",
    "conforms": False,
    "pages": [
        {
            "dpi": [150.0, 150.0],
            "colour": "colour",
            "size_mm": [210.0, 297.0],
            "skew_degrees": 0.3,
            "findings": [
                {
                    "code": "SCAN-RESOLUTION-LOW",
                    "severity": "error",
                    "text_vi": "Trang 1 chỉ đạt 150 dpi … Đề nghị quét lại trang 1 ở 300 dpi.",
                    "text_en": "Page 1 has only 150 dpi … Please scan page 1 again at 300 dpi.",
                }
            ],
        }
    ],
    "findings": [],
}

WITHDRAWAL_REQUEST: dict[str, Any] = {
    "reason": "false-documents",
    "authority": {
        "decided_by": "Giám đốc Sở Tài nguyên và Môi trường",
        "decision_number": "512/QĐ-STNMT",
        "decision_date": "2026-11-24",
    },
    "note": "Kết luận kiểm tra số 77/KL-TTr",
}

BATCH_ORDER: dict[str, Any] = {
    "name": "Giấy phép tháng 11",
    "agency": "so-tnmt",
    "signatory": "giam-doc",
    "level": "B-LTA",
    "when_complete": "check",
    "items": [
        {
            "dossier": "000.00.12.H35-261118-0042",
            "document": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "title": "Giấy phép khai thác tận dụng lâm sản",
            "number": "118/GP-STNMT",
            "holder_name": "Nguyễn Thị Hoa",
            "issued_on": "2026-11-20",
            "filename": "118-GP-STNMT.pdf",
        }
    ],
}

ISSUE_ORDER: dict[str, Any] = {"series": "giay-phep", "by_clerk": True}

PAPER_NUMBER: dict[str, Any] = {
    "number": 412,
    "dated_on": "2026-11-19",
    "title": "Quyết định cử cán bộ đi công tác",
    "recipient": "Phòng Hành chính",
    "signatory": "Phạm Thị Mẫu",
}

LETTER: dict[str, Any] = {
    "id": "6ba1d0c4-54a6-4b0a-9d5e-0a2f3c1b7e11",
    "state": "waiting",
    "agency": "so-tnmt",
    "dossier": "000.00.16.H35-261120-0042",
    "title": "Giấy phép khai thác tận dụng lâm sản",
    "holder_name": "Nguyễn Thị Hoa",
    "signatory": "giam-doc",
    "series": "giay-phep",
    "sign": None,
    "valid_until": None,
    "document_sha256": _SHA256,
    "signed_sha256": _SHA256,
    "document_url": "/v1/letters/6ba1d0c4-54a6-4b0a-9d5e-0a2f3c1b7e11/document",
    "requested_by": "portal:0199f2b4c8d1",
    "signed_at": "2026-11-20T08:14:09+00:00",
    "number": None,
    "dated_on": None,
    "refusal": None,
    "result_code": None,
    "decided_by": None,
    "decided_at": None,
    "reason": None,
}

EXAMPLES: dict[str, dict[str, Any]] = {
    "Verification": REPORT,
    "VerificationAnswer": {**REPORT, "outcome": None},
    "DossierRequest": DOSSIER_REQUEST,
    "Dossier": DOSSIER,
    "Paper": PAPER,
    "Outcome": OUTCOME,
    "ScanCheck": SCAN_CHECK,
    "SealOrder": SEAL_ORDER,
    "BatchOrder": BATCH_ORDER,
    "Seal": SEAL,
    "Events": EVENTS,
    "PublicAnswer": PUBLIC_ANSWER,
    "IssueOrder": ISSUE_ORDER,
    "PaperNumberOrder": PAPER_NUMBER,
    "VoidOrder": {"reason": "Văn bản hỏng, không phát hành"},
    "Letter": LETTER,
    "WithdrawalRequest": WITHDRAWAL_REQUEST,
    "Problem": PROBLEM,
}
