"""Hold the English catalogue against the texts in the code; `--update` brings it up to date."""

from __future__ import annotations

import argparse
import ast
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

from scripts.steps import ROOT

CODE = ROOT / "govgrid"
CATALOGUE = CODE / "web" / "locale" / "en" / "LC_MESSAGES" / "messages.po"
METHODS = [
    ("**.py", "python"),
    ("**/templates/**.html", "jinja2.ext:babel_extract"),
    ("**/templates/**.txt", "jinja2.ext:babel_extract"),
]
JINJA = {"silent": "false", "newstyle_gettext": "true", "trimmed": "true"}
OPTIONS = {pattern: JINJA for pattern, method in METHODS if method.startswith("jinja2")}
PLACEHOLDER = re.compile(r"%\((\w+)\)")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python3 -m scripts.translations", description=__doc__)
    parser.add_argument("--update", action="store_true", help="write the catalogue anew")
    template = extract(CODE)
    if parser.parse_args(arguments).update:
        update(CATALOGUE, template)
    faults = list(find_faults(read(CATALOGUE), template))
    for fault in faults:
        print(fault)
    if faults:
        print(f"{len(faults)} faults in {CATALOGUE.relative_to(ROOT)}; mend with make translations")
    return 1 if faults else 0


def extract(code: Path) -> Catalog:
    """Collect the texts of all Python files and templates below the folder."""
    keywords = {**DEFAULT_KEYWORDS, **dict.fromkeys(refusals(code), None)}
    template = Catalog(project="govgrid")
    for name, line, text, comments, context in extract_from_dir(
        code, METHODS, OPTIONS, keywords, comment_tags=("Translators:",), strip_comment_tags=True
    ):
        template.add(text, None, [(name, line)], auto_comments=comments, context=context)
    for name, line, text in labels(code):
        template.add(text, None, [(name, line)])
    return template


def labels(code: Path) -> Iterator[tuple[str, int, str]]:
    """Yield place and text of each form field's title: refusals show it as the field's label."""
    for path in sorted(code.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "Field":
                titles = [key.value for key in node.keywords if key.arg == "title"]
                for title in titles:
                    if isinstance(title, ast.Constant):
                        yield path.relative_to(code).as_posix(), title.lineno, str(title.value)


def refusals(code: Path) -> set[str]:
    """Name the classes below `Refusal`: each takes a text to translate as its first argument."""
    bases = {
        node.name: {base.id for base in node.bases if isinstance(base, ast.Name)}
        for path in code.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
    }
    found = {"Refusal"}
    while fresh := {name for name, above in bases.items() if above & found} - found:
        found |= fresh
    return found


def read(path: Path) -> Catalog:
    if not path.exists():
        return Catalog(locale="en", project="govgrid", domain="messages")
    with path.open("rb") as file:
        return read_po(file, locale="en", domain="messages")


def update(path: Path, template: Catalog) -> None:
    """Add new texts untranslated, drop those no longer used, keep every other translation."""
    catalogue = read(path)
    created = catalogue.creation_date
    catalogue.update(template, no_fuzzy_matching=True)
    catalogue.creation_date = created
    catalogue.fuzzy = False  # a fuzzy head keeps the whole catalogue from being compiled
    catalogue.header_comment = "# English texts of govgrid."
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(
            file, catalogue, width=0, sort_by_file=True, include_lineno=False, ignore_obsolete=True
        )


def find_faults(catalogue: Catalog, template: Catalog) -> Iterator[str]:
    """Yield a line for each text that is missing, fuzzy, left over or loses a placeholder."""
    for wanted in template:
        if not wanted.id:
            continue
        found = catalogue.get(wanted.id, wanted.context)
        if found is None or not all(strings(found)):
            yield f"missing: {wanted.id}  ({', '.join(name for name, _ in wanted.locations)})"
        elif found.fuzzy:
            yield f"fuzzy: {wanted.id}"
        elif not keeps_placeholders(found):
            yield f"placeholders differ: {wanted.id} → {found.string}"
    for kept in [*catalogue, *catalogue.obsolete.values()]:
        if kept.id and template.get(kept.id, kept.context) is None:
            yield f"no longer used: {kept.id}"


def strings(message: Message) -> Sequence[str]:
    return message.string if isinstance(message.string, (list, tuple)) else [message.string]


def keeps_placeholders(message: Message) -> bool:
    ids = message.id if isinstance(message.id, (list, tuple)) else [message.id]
    wanted = {name for text in ids for name in PLACEHOLDER.findall(text)}
    return all(set(PLACEHOLDER.findall(text)) == wanted for text in strings(message))


if __name__ == "__main__":
    sys.exit(main())
