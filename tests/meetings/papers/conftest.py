from collections.abc import Iterator

import pytest

from govgrid.meetings.papers.fonts import Fonts, find_fonts
from govgrid.meetings.papers.press import Press

from .build import VENDOR


@pytest.fixture(scope="session")
def fonts() -> Fonts:
    return find_fonts(VENDOR)


@pytest.fixture(scope="session")
def press(fonts: Fonts) -> Iterator[Press]:
    with Press(fonts, children=2) as press:
        yield press
