"""Requests made up from the description: no answer that it does not name, none of ours at fault.

A short run; the description is the only input, sound and unsound requests both. In-process through WSGI.
Schemathesis is driven directly: its pytest plugin does not know the pytest in the lock.
"""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.v1.description import openapi
from tests.installation import Installation


def _can_be_wrong(operation: dict[str, Any]) -> bool:
    """Is there anything in the operation's shape that a request could miss: a body, a number, a pattern."""
    shapes = [parameter.get("schema", {}) for parameter in operation["parameters"]]
    return "requestBody" in operation or any("pattern" in shape or shape.get("type") == "integer" for shape in shapes)


OPERATIONS = [
    pytest.param(method.upper(), path, mode, id=f"{method.upper()} {path} {mode.value}")
    for path, methods in openapi()["paths"].items()
    for method, operation in methods.items()
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    if mode is GenerationMode.POSITIVE or _can_be_wrong(operation)
]

EXAMPLES = 15
"""Requests for each operation and mode; more find more, and take longer."""


@schemathesis.serializer("application/pdf")
def _bytes_of(_context: object, value: Any) -> bytes:
    """A document sent as the body itself."""
    return str(value).encode()


@pytest.mark.parametrize(("method", "path", "mode"), OPERATIONS)
def test_every_answer_is_one_the_description_names(
    service: Installation, method: str, path: str, mode: GenerationMode
) -> None:
    schema = schemathesis.openapi.from_wsgi("/v1/openapi.json", service.app)
    operation = schema[path][method]

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    def try_out(case: schemathesis.Case[Any]) -> None:
        case.call_and_validate(
            headers=dict(service.headers),
            checks=[
                not_a_server_error,
                status_code_conformance,
                content_type_conformance,
                response_schema_conformance,
            ],
        )

    try_out()
