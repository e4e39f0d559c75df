"""When a vote passes: those who came by head, owners by persons and floor area.

Civil Code, article 278: owners of two thirds of the floor area and two thirds of the owners take
part; an ordinary matter needs more than half of both among those who took part, a special one
(maintenance funds raised, buildings rebuilt, shared parts put to another use or let) three
quarters of both. By article 1259 two thirds and three quarters include the number itself.
"""

from dataclasses import dataclass

from govgrid.errors import Invalid
from govgrid.meetings.models import VoteRule

OWNERS = frozenset({VoteRule.OWNERS, VoteRule.OWNERS_SPECIAL})


@dataclass(frozen=True, slots=True)
class Share:
    """Persons, and their floor area in dm²."""

    persons: int
    area: int = 0


@dataclass(frozen=True, slots=True)
class Ballot:
    """A counted vote: all who may vote, and how they did."""

    rule: VoteRule
    whole: Share
    yes: Share
    no: Share
    abstained: Share

    @property
    def took_part(self) -> Share:
        """Return those who voted, whatever they said."""
        parts = (self.yes, self.no, self.abstained)
        return Share(sum(p.persons for p in parts), sum(p.area for p in parts))

    @property
    def enough(self) -> bool:
        """Tell whether enough took part; of those who came, all do."""
        part, whole = self.took_part, self.whole
        return self.rule not in OWNERS or (
            3 * part.persons >= 2 * whole.persons and 3 * part.area >= 2 * whole.area
        )

    @property
    def agreed(self) -> bool:
        """Tell whether enough of them said yes."""
        yes, part = self.yes, self.took_part
        match self.rule:
            case VoteRule.MEMBERS:
                return 2 * yes.persons > self.whole.persons
            case VoteRule.OWNERS:
                return 2 * yes.persons > part.persons and 2 * yes.area > part.area
            case VoteRule.OWNERS_SPECIAL:
                return 4 * yes.persons >= 3 * part.persons and 4 * yes.area >= 3 * part.area

    @property
    def passed(self) -> bool:
        """Tell whether it is decided."""
        return self.enough and self.agreed and self.yes.persons > 0


def checked(ballot: Ballot) -> Ballot:
    """Return the ballot. Raise `Invalid` where its figures cannot be."""
    part, whole = ballot.took_part, ballot.whole
    if not whole.persons or (ballot.rule in OWNERS and not whole.area):
        raise Invalid("请填写有表决权的总人数；业主表决还应填写专有部分总面积。")
    if part.persons > whole.persons or part.area > whole.area:
        raise Invalid("同意、反对、弃权合计超过了总人数或总面积，请核对。")
    if ballot.rule in OWNERS and any(
        bool(one.persons) != bool(one.area) for one in (ballot.yes, ballot.no, ballot.abstained)
    ):
        raise Invalid("每一栏的人数与面积应同时填写：有人表决就有面积。")
    return ballot


def stated(question: str, ballot: Ballot) -> str:
    """Return what minutes say: the figures, the rule, the result."""
    word = "通过" if ballot.passed else "未通过"
    if ballot.rule not in OWNERS:
        return (
            f"就“{question}”表决：有表决权 {ballot.whole.persons} 人，同意 {ballot.yes.persons} 人，"
            f"反对 {ballot.no.persons} 人，弃权 {ballot.abstained.persons} 人；"
            f"规则为到会人员过半数同意，表决{word}。"
        )
    need = "均过半数" if ballot.rule is VoteRule.OWNERS else "均达四分之三以上"
    took = "达到" if ballot.enough else "未达到"
    said = "达到" if ballot.agreed else "未达到"
    return (
        f"就“{question}”由业主共同表决：业主 {_share(ballot.whole)}，参与表决 {_share(ballot.took_part)}，"
        f"同意 {_share(ballot.yes)}，反对 {_share(ballot.no)}，弃权 {_share(ballot.abstained)}。"
        f"依《民法典》第二百七十八条，参与表决的人数和面积均应达三分之二以上（{took}），"
        f"同意的应占参与表决的人数和面积{need}（{said}），表决{word}。"
    )


def _share(one: Share) -> str:
    area = f"{one.area / 100:.2f}".rstrip("0").rstrip(".")
    return f"{one.persons} 人、{area} 平方米"
