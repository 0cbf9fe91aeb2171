"""A file as an answer, under its own name in any language (RFC 6266: a plain name beside the one in UTF-8)."""

from __future__ import annotations

import io

from flask import Response, send_file

PDF = "application/pdf"
UNKNOWN_BYTES = "application/octet-stream"
"""What a stranger sent is named nothing that a browser might open."""


def download(data: bytes, media_type: str, filename: str) -> Response:
    """A file to be saved: a browser must not run what a stranger's document put into it."""
    return _file(data, media_type, filename, saved=True)


def shown_file(data: bytes, media_type: str, filename: str) -> Response:
    """A file of our own making that a browser may show."""
    return _file(data, media_type, filename, saved=False)


def _file(data: bytes, media_type: str, filename: str, *, saved: bool) -> Response:
    response = send_file(io.BytesIO(data), media_type, as_attachment=saved, download_name=filename)
    response.headers["Cache-Control"] = "private, no-store"
    return response
