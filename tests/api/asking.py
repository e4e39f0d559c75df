"""Every operation of the document asked by schemathesis, in bulk or a little."""

from collections.abc import Mapping
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]


def ask_all(app: Any, headers: Mapping[str, str], examples: int, *, fresh: bool = False) -> int:
    """Ask each operation with so many right and wrong requests; return how many were asked.

    Raise what is not as documented. Always the same requests, unless `fresh`.
    """
    how = settings(
        max_examples=examples,
        deadline=None,
        derandomize=not fresh,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    asked = 0
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", app)
    for found in schema.get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]  # or it raises what is wrong
        if operation.path.endswith(".pdf"):
            continue
        for mode in GenerationMode:

            @how
            @given(operation.as_strategy(generation_mode=mode))
            def ask(case: Any) -> None:
                nonlocal asked
                asked += 1
                case.call_and_validate(headers=dict(headers), checks=CHECKS)

            ask()
    return asked
