"""What a complaint says: its categories, and the numbers in it that are hidden."""

import re

from govgrid.words import N_

# Starter set of domain.md; a hotline's own categories are accepted as they come.
CATEGORIES = (
    N_("电梯故障"),
    N_("物业收费"),
    N_("外墙脱落"),
    N_("充电桩"),
    N_("安防管理"),
    N_("维修资金"),
    N_("公共收益"),
    N_("电动车被盗"),
    N_("停水停电催费"),
    N_("停车"),
    N_("环卫绿化"),
    N_("消防通道"),
    N_("噪音"),
    N_("漏水"),
    N_("业委会"),
    N_("其他"),
)

_NUMBERS = (
    re.compile(r"(?<!\d)(\d{3})\d{4,12}(\d{4})(?!\d)"),  # mobile, identity and bank card numbers
    re.compile(r"(?<!\d)(\d{3,4})[- ]\d{3,4}[- ]?(\d{4})(?!\d)"),  # with an area code, or in groups
)


def masked(text: str) -> str:
    """Hide phone and identity card numbers that a resident wrote into a complaint."""
    for pattern in _NUMBERS:
        text = pattern.sub(r"\1****\2", text)
    return text
