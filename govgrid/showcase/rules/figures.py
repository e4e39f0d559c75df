"""What a showcase says in figures: promises kept, money in and out."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from govgrid.words import N_, Word


class Panel(Word):
    """The two kinds of panel; their word is what sheets hold and a panel is called at first."""

    SERVICE = "service", N_("晒服务")
    ACCOUNTS = "accounts", N_("晒收支")


class Flow(Word):
    """Which way money goes."""

    INCOME = "income", N_("收入")
    SPENDING = "spending", N_("支出")


class Shown(Protocol):
    """What the figures need of an item."""

    @property
    def item(self) -> str: ...
    @property
    def met(self) -> bool | None: ...
    @property
    def amount(self) -> Decimal | None: ...


@dataclass(frozen=True, slots=True)
class Figures:
    """Items of a panel: judged ones, met ones, money in and out in yuan (both positive)."""

    items: int = 0
    judged: int = 0
    met: int = 0
    income: Decimal = Decimal(0)
    spending: Decimal = Decimal(0)

    @property
    def balance(self) -> Decimal:
        return self.income - self.spending


def figures(lines: Iterable[Shown]) -> Figures:
    """Return the figures of the lines."""
    shown = list(lines)
    moved = [signed(line) for line in shown]
    return Figures(
        items=len(shown),
        judged=sum(line.met is not None for line in shown),
        met=sum(line.met is True for line in shown),
        income=sum((amount for amount in moved if amount > 0), Decimal(0)),
        spending=-sum((amount for amount in moved if amount < 0), Decimal(0)),
    )


def signed(line: Shown) -> Decimal:
    """Return the amount, negative for spending: written so, or named 支出 in the item."""
    amount = line.amount or Decimal(0)
    return -abs(amount) if "支出" in line.item else amount
