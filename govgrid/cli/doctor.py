"""`doctor`: what is wrong, and the one line that mends it."""

import sys
from datetime import UTC, datetime

import click

from govgrid.cli.answer import say_json
from govgrid.cli.given import any_database
from govgrid.errors import Invalid
from govgrid.upkeep.doctor import examine
from govgrid.upkeep.finding import Finding


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def doctor(*, as_json: bool) -> None:
    """Check fonts, system libraries, database, mail, secret, workdays of the coming months."""
    findings = _findings()
    well = all(finding.well for finding in findings)
    if as_json:
        say_json({"ok": well, "checks": [_json(finding) for finding in findings]})
    else:
        for finding in findings:
            _tell(finding)
    sys.exit(0 if well else 1)


def _findings() -> list[Finding]:
    try:
        return list(examine(any_database().settings, at=datetime.now(UTC)))
    except Invalid as refusal:  # a variable that cannot be read
        return [Finding("settings", False, str(refusal), "env | grep GOVGRID_")]


def _json(finding: Finding) -> dict[str, object]:
    return {
        "name": finding.name,
        "ok": finding.well,
        "found": finding.found,
        "mend": finding.mend or None,
    }


def _tell(finding: Finding) -> None:
    click.echo(f"{'✓' if finding.well else '✗'} {finding.name}：{finding.found}")
    if not finding.well and finding.mend:
        click.echo(f"    {finding.mend}")
