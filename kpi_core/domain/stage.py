"""The stages a lead passes, in the order of the funnel."""

import re
import unicodedata
from enum import StrEnum


class Stage(StrEnum):
    """A stage of the funnel. Values are the words of plans and mappings.

    The sales-qualified lead is spelled out because its usual name, SQL, means
    something else in this code; screens say SQL.
    """

    LEAD = "lead"
    MARKETING_QUALIFIED = "marketing_qualified"
    SALES_QUALIFIED = "sales_qualified"
    OPPORTUNITY = "opportunity"
    WON = "won"
    LOST = "lost"
    RENEWED = "renewed"
    CHURNED = "churned"


_SIGNS = re.compile(r"[\s_\-]+")
_NAMES = {
    Stage.LEAD: ("leads", "リード"),
    Stage.MARKETING_QUALIFIED: ("mql", "mqls", "marketing qualified lead"),
    Stage.SALES_QUALIFIED: ("sql", "sqls", "sales qualified lead"),
    Stage.OPPORTUNITY: ("opportunities", "商談", "案件"),
    Stage.WON: ("closed won", "wins", "orders", "受注", "成約"),
    Stage.LOST: ("closed lost", "失注"),
    Stage.RENEWED: ("renewal", "renewals", "更新", "契約更新"),
    Stage.CHURNED: ("churn", "解約"),
}
"""What people call the stages beside their own words."""


def _folded(name: str) -> str:
    return _SIGNS.sub("", unicodedata.normalize("NFKC", name).casefold())


_BY_NAME = {_folded(name): stage for stage in Stage for name in (stage.value, *_NAMES[stage])}


def stage_named(name: str) -> Stage | None:
    """The stage that a name stands for, whatever its case, width and signs; None for no stage."""
    return _BY_NAME.get(_folded(name))


ORDER: dict[Stage, int] = {
    Stage.LEAD: 0,
    Stage.MARKETING_QUALIFIED: 1,
    Stage.SALES_QUALIFIED: 2,
    Stage.OPPORTUNITY: 3,
    Stage.WON: 4,
    Stage.LOST: 4,
    Stage.RENEWED: 5,
    Stage.CHURNED: 5,
}
"""How far along the funnel a stage lies.

An event dated before one of an earlier stage is flagged.
"""
