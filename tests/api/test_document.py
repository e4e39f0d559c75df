"""The document is valid, and the answers are as it says, whatever is asked."""

import pytest
from openapi_spec_validator import validate

from govgrid.api.document import document
from tests.api.asking import ask_all
from tests.api.conftest import BEARER
from tests.client import Client

pytestmark = pytest.mark.one_engine


def test_the_document_is_valid() -> None:
    validate(document())


@pytest.mark.security
def test_answers_are_as_documented(client: Client) -> None:
    assert ask_all(client.app, BEARER, 6) > 30
