"""The document is valid, and the answers are as it says, whatever is asked."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from openapi_spec_validator import validate
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from govgrid.api.document import document
from tests.api.conftest import BEARER
from tests.client import Client

pytestmark = pytest.mark.one_engine
CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
LITTLE = settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def test_the_document_is_valid() -> None:
    validate(document())


def test_answers_are_as_documented(client: Client) -> None:
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", client.app)
    for found in schema.get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]  # or it raises what is wrong
        if operation.path.endswith(".pdf"):
            continue
        for mode in GenerationMode:

            @LITTLE
            @given(operation.as_strategy(generation_mode=mode))
            def ask(case: Any) -> None:
                case.call_and_validate(headers=BEARER, checks=CHECKS)

            ask()
