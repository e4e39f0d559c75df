"""How a command answers a program."""

import json

import click


def say_json(document: object) -> None:
    """Print the one document of `--json`."""
    click.echo(json.dumps(document, ensure_ascii=False))
