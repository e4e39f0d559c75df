"""Where a package's papers find their templates; all text from people is escaped."""

from functools import lru_cache

from jinja2 import Environment, PackageLoader, StrictUndefined


@lru_cache(maxsize=16)
def environment(package: str) -> Environment:
    """Return the package's templates; the package adds its own filters once."""
    return Environment(
        loader=PackageLoader(package),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
