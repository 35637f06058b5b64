"""The stages a lead passes, in the order of the funnel."""

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
