"""Words of ours inside sentences: translated where shown, plain Chinese on the command line."""

from typing import Any

import pytest
from pydantic import Field
from starlette.datastructures import FormData

from govgrid.access import Role
from govgrid.errors import Conflict, Invalid
from govgrid.grid.models import Level
from govgrid.meetings.models import Stage
from govgrid.web.forms import Form, read
from govgrid.web.language import gettext, refusal_text, speaking
from govgrid.words import N_

TITLE = "“%(role)s”应任职于%(levels)s，现为“%(found)s”。"


class Wish(Form):
    number: int = Field(title="职务")


def test_a_word_in_a_refusal_is_shown_in_the_readers_language() -> None:
    refusal = Conflict("会议%(state)s，不能再修改安排。", state=Stage.HELD.word)
    assert "已召开" in refusal_text(refusal)
    with speaking("en"):
        assert "Held" in refusal_text(refusal)
        assert "已召开" not in refusal_text(refusal)


def test_several_words_are_listed_as_the_language_lists_them() -> None:
    told: dict[str, Any] = {
        "role": Role.SECRETARY,
        "levels": [Level.GRID, Level.CITY],
        "found": Level.STREET.word,
    }
    assert str(Invalid(TITLE, **told)) == "“社区书记”应任职于网格、市，现为“街道”。"
    assert gettext(TITLE, **told) == str(Invalid(TITLE, **told))
    with speaking("en"):
        shown = gettext("、").join(gettext(level.word) for level in (Level.GRID, Level.CITY))
        assert shown in gettext(TITLE, **told)


def test_data_is_never_translated() -> None:
    with speaking("en"):
        assert "其他" in gettext("%(name)s已在参会名单中。", name="其他")
        assert "其他" not in gettext("%(name)s已在参会名单中。", name=N_("其他"))


def test_a_forms_labels_are_translated() -> None:
    with pytest.raises(Invalid) as caught:
        read(Wish, FormData())
    reason = caught.value.fields["number"]
    assert refusal_text(reason) == "“职务”不能为空。"
    with speaking("en"):
        assert "Role" in refusal_text(reason)
        assert "职务" not in refusal_text(reason)


def test_a_refusal_inside_a_refusal_is_translated_too() -> None:
    inner = Invalid("密码过于简单或包含登录名，请换一个不易猜到的密码。")
    outer = Invalid("%(name)s已在参会名单中。", name=inner)
    assert str(inner) in str(outer)
    with speaking("en"):
        assert refusal_text(inner) in refusal_text(outer)
