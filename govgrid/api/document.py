"""The OpenAPI 3.1 document, made from the declarations by which requests are checked."""

from functools import cache
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from govgrid.api.forms import Problem
from govgrid.api.operation import JSON, Operation
from govgrid.api.operations import OPERATIONS, PDF
from govgrid.web.problems import MEDIA_TYPE

REF = "#/components/schemas/{model}"
Json = dict[str, Any]


@cache
def document() -> Json:
    """Return it."""
    kinds: list[tuple[type[BaseModel], JsonSchemaMode]] = [(Problem, "serialization")]
    for one in OPERATIONS:
        kinds.append((one.answer, "serialization"))
        if one.given and not one.reads:
            kinds.append((one.given, "validation"))
    _refs, schemas = models_json_schema(kinds, ref_template=REF)
    paths: Json = {}
    for one in OPERATIONS:
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "govgrid",
            "version": "1",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"token": []}],
    }


def _operation(one: Operation) -> Json:
    told: Json = {
        "operationId": one.name,
        "summary": one.summary,
        "description": f"scope: `{one.scope.value}`",
        "parameters": [*_path_parameters(one), *_query_parameters(one)],
        "responses": {
            **{str(status): _answer(one) for status in one.answers or (200,)},
            **{str(s): _problem(s) for s in sorted({401, 403, 429, *one.problems})},
        },
    }
    if one.given and not one.reads:
        told["requestBody"] = {"required": True, "content": {JSON: {"schema": _ref(one.given)}}}
    return told


def _path_parameters(one: Operation) -> list[Json]:
    if "{meeting}" not in one.path:
        return []
    schema = {"type": "integer", "minimum": 0, "maximum": 2**31 - 1}
    return [{"name": "meeting", "in": "path", "required": True, "schema": schema}]


def _query_parameters(one: Operation) -> list[Json]:
    if one.given is None or not one.reads:
        return []
    schema = one.given.model_json_schema()
    inner = schema.get("$defs", {})
    return [
        {
            "name": name,
            "in": "query",
            "required": name in schema.get("required", ()),
            "schema": _plain(how, inner),
        }
        for name, how in schema["properties"].items()
    ]


def _plain(how: Json, inner: Json) -> Json:
    """Return a query parameter's schema alone: a query has no null and no reference."""
    found = {key: value for key, value in how.items() if key not in {"anyOf", "$ref"}}
    if found.get("default", ...) is None:
        del found["default"]
    for option in how.get("anyOf", ()):
        if option.get("type") != "null":
            found |= option
    if "$ref" in how:
        found |= inner[how["$ref"].rpartition("/")[2]]
    return found


def _answer(one: Operation) -> Json:
    content: Json = {JSON: {"schema": _ref(one.answer)}} if one.answers else {}
    if one.pdf:
        content[PDF] = {}
    return {"description": "OK", "content": content}


def _problem(status: int) -> Json:
    told: Json = {
        "description": HTTPStatus(status).phrase,
        "content": {MEDIA_TYPE: {"schema": _ref(Problem)}},
    }
    if status == 429:
        told["headers"] = {"Retry-After": {"schema": {"type": "integer"}}}
    return told


def _ref(model: type[BaseModel]) -> Json:
    return {"$ref": REF.format(model=model.__name__)}
