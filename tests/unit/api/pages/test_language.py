"""The language switch leads to this site only, whatever path was asked for."""

from __future__ import annotations

import pytest
from flask import Flask

from api.pages.language import language_link


@pytest.mark.parametrize(
    ("path", "link"),
    [
        ("/kiem-tra", "/kiem-tra?lang=en"),
        ("//evil.example/x", "/evil.example/x?lang=en"),
        ("/\\evil.example", "/evil.example?lang=en"),
        ("/\\/\\evil.example", "/evil.example?lang=en"),
        ("/kết quả", "/k%E1%BA%BFt%20qu%E1%BA%A3?lang=en"),
    ],
)
def test_no_path_leads_elsewhere(path: str, link: str) -> None:
    with Flask(__name__).test_request_context("/") as context:
        context.request.path = path
        assert language_link("en") == link
