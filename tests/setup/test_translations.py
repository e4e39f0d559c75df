"""The English catalogue is held against every text in Python files and templates."""

from pathlib import Path

import pytest

from scripts import translations

MODULE = """
from govgrid.web.language import gettext as _
class Late(Conflict): ...
class Conflict(Refusal): ...
class Other(Exception): ...
TITLE = N_("标题")
def act(n):
    _("共 %(n)s 个", n=n)
    raise Late("已被%(who)s占用", who=n)
    raise Other("不译")
"""
PAGE = "{% trans %}\n  成块\n{% endtrans %}<p title=\"{{ _('提示') }}\">{{ name }}</p>"
TEXTS = {"标题", "共 %(n)s 个", "已被%(who)s占用", "成块", "提示"}


@pytest.fixture
def code(tmp_path: Path) -> Path:
    (tmp_path / "web" / "templates").mkdir(parents=True)
    (tmp_path / "web" / "page.py").write_text(MODULE, encoding="utf-8")
    (tmp_path / "web" / "templates" / "page.html").write_text(PAGE, encoding="utf-8")
    return tmp_path


def faults(code: Path, catalogue: str) -> list[str]:
    path = code / "messages.po"
    path.write_text('msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n' + catalogue)
    found = translations.find_faults(translations.read(path), translations.extract(code))
    return sorted(found)


def entry(text: str, translation: str) -> str:
    return f'\nmsgid "{text}"\nmsgstr "{translation}"\n'


WHOLE = {
    "标题": "Title",
    "共 %(n)s 个": "%(n)s in all",
    "已被%(who)s占用": "Taken by %(who)s",
    "成块": "Block",
    "提示": "Hint",
}


def catalogue(**changes: str) -> str:
    return "".join(entry(text, changes.get(text, english)) for text, english in WHOLE.items())


def test_texts_come_from_calls_refusals_and_templates(code: Path) -> None:
    assert {message.id for message in translations.extract(code) if message.id} == TEXTS


def test_a_whole_catalogue_has_no_fault(code: Path) -> None:
    assert faults(code, catalogue()) == []


def test_a_missing_and_an_empty_translation(code: Path) -> None:
    found = faults(code, catalogue(标题="").replace(entry("成块", "Block"), ""))
    assert found == ["missing: 成块  (web/templates/page.html)", "missing: 标题  (web/page.py)"]


def test_a_fuzzy_translation(code: Path) -> None:
    fuzzy = catalogue().replace(entry("提示", "Hint"), "\n#, fuzzy" + entry("提示", "Hint"))
    assert faults(code, fuzzy) == ["fuzzy: 提示"]


def test_a_lost_placeholder(code: Path) -> None:
    found = faults(code, catalogue(**{"已被%(who)s占用": "Taken by %(name)s"}))
    assert found == ["placeholders differ: 已被%(who)s占用 → Taken by %(name)s"]


@pytest.mark.parametrize("prefix", ["", "#~ "])
def test_a_text_no_longer_used(code: Path, prefix: str) -> None:
    left = "".join(
        prefix + line for line in entry("旧文", "Old").splitlines(keepends=True) if line.strip()
    )
    assert faults(code, catalogue() + "\n" + left) == ["no longer used: 旧文"]


def test_updating_keeps_adds_and_drops(code: Path) -> None:
    path = code / "locale" / "messages.po"
    translations.update(path, translations.extract(code))
    path.write_text(
        path.read_text().replace(entry("标题", "").strip(), entry("标题", "Title").strip())
    )
    (code / "web" / "templates" / "page.html").write_text("{{ _('新文') }}")
    translations.update(path, translations.extract(code))
    strings = {message.id: message.string for message in translations.read(path) if message.id}
    assert strings == {"标题": "Title", "共 %(n)s 个": "", "已被%(who)s占用": "", "新文": ""}
    assert not translations.read(path).obsolete


def test_updating_twice_changes_nothing(code: Path) -> None:
    path = code / "messages.po"
    translations.update(path, translations.extract(code))
    once = path.read_bytes()
    translations.update(path, translations.extract(code))
    assert path.read_bytes() == once
