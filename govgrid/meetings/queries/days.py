"""The local day of a stored moment, told by the database itself."""

from typing import Any

from sqlalchemy import Date
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class local_day(FunctionElement[Any]):  # noqa: N801  # reads as the function that it is
    """The day that a clock on the wall in China shows; the country knows no summer time."""

    name = "local_day"
    type = Date()
    inherit_cache = True


@compiles(local_day)
def _anywhere(element: local_day, compiler: SQLCompiler, **how: Any) -> str:
    return (
        f"CAST(({compiler.process(element.clauses, **how)}) AT TIME ZONE 'Asia/Shanghai' AS DATE)"
    )


@compiles(local_day, "sqlite")
def _sqlite(element: local_day, compiler: SQLCompiler, **how: Any) -> str:
    return f"date({compiler.process(element.clauses, **how)}, '+8 hours')"
