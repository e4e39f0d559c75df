"""Routes of the interface."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from govgrid.api.document import document
from govgrid.api.operations import BASE, OPERATIONS
from govgrid.web.house import anyone, declare


@declare(anyone)
def _document(_request: Request) -> Response:
    return JSONResponse(document())


routes = [
    Route(f"{BASE}/openapi.json", _document, methods=["GET"]),
    *(operation.route() for operation in OPERATIONS),
]
