"""Made-up leads: where they come from, who they are, how far they get.

Every lead is drawn from its own key, so that a day's history is the same whenever it is
looked at. The leads that the KPI counts are drawn month by month along one of a few
courses; all others come day by day.
"""

import csv
import io
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random

from kpi_core.demo.course import qualification_days
from kpi_core.demo.season import CALENDAR, activity, dice, next_working_day, window
from kpi_core.domain.period import Month, Period
from kpi_core.domain.stage import Stage

_CHANNELS = ("organic search", "white paper", "webinar", "referral", "paid ads", "trade show")
_MIX_THEN = (34, 18, 8, 9, 25, 6)
_MIX_NOW = (26, 25, 17, 12, 15, 5)
_DRIFT_DAYS = 730

_ROLES = {"executive": 8, "director": 14, "manager": 28, "staff": 38, "other": 12}
_INDUSTRIES = {
    "manufacturing": 26, "it": 24, "finance": 12, "retail": 16, "healthcare": 9, "other": 13,
}  # fmt: skip
WANTED_ROLES = ("executive", "director", "manager")
WANTED_INDUSTRIES = ("manufacturing", "it", "finance")
WANTED_EMPLOYEES = 100

_LEADS_PER_DAY = 16.0
_STEP_RATES = (0.68, 0.76, 0.45)
"""From the KPI's MQLs to SQLs, from these to opportunities, from these to orders."""
_TRADE_SHOW_MONTHS = (2, 5, 9, 11)
_EARLIER = 120
"""Days before the window whose leads may still move within it."""

_CAMPAIGNS = {
    "white paper": ("automation guide", "cost checklist", "security handbook"),
    "webinar": ("product tour", "customer panel"),
    "paid ads": ("search ads", "social ads"),
    "trade show": ("expo",),
}
_OWNERS = ("team east", "team west", "team online")

_DATES = {
    Stage.LEAD: "lead_date",
    Stage.MARKETING_QUALIFIED: "mql_date",
    Stage.SALES_QUALIFIED: "sql_date",
    Stage.OPPORTUNITY: "opportunity_date",
    Stage.WON: "won_date",
    Stage.LOST: "lost_date",
}
COLUMNS = (
    "lead_id", "channel", "campaign", "owner", "account",
    "role", "employees", "industry", "quality", "amount", *_DATES.values(),
)  # fmt: skip


@dataclass(frozen=True)
class Profile:
    """Who a lead is: the attributes that the KPI asks about."""

    role: str
    employees: int
    industry: str

    @property
    def wanted(self) -> bool:
        """Whether past won deals look like this."""
        return (
            self.role in WANTED_ROLES
            and self.employees >= WANTED_EMPLOYEES
            and self.industry in WANTED_INDUSTRIES
        )


@dataclass
class Lead:
    """One lead with the moment at which it reached each stage."""

    name: str
    channel: str
    campaign: str
    owner: str
    account: str
    profile: Profile
    quality: int
    amount: int | None = None
    reached: dict[Stage, datetime] = field(default_factory=dict)


def leads_csv(today: date) -> bytes:
    """A row per lead with a date per stage, cut to the window like any export."""
    days = window(today)
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    rows.writerows(row for lead in _leads(days) if (row := _row(lead, days)))
    return text.getvalue().encode()


def _row(lead: Lead, days: Period) -> tuple[str | int, ...] | None:
    """The lead as it is known at the window's end; None where nothing of it falls within."""
    known = {stage: at for stage, at in lead.reached.items() if at.date() <= days.last}
    seen = {stage: at for stage, at in known.items() if at.date() >= days.first}
    if not seen:
        return None
    who = lead.profile
    return (
        lead.name, lead.channel, lead.campaign, lead.owner, lead.account,
        who.role, who.employees, who.industry,
        lead.quality if Stage.MARKETING_QUALIFIED in known else "",
        lead.amount if lead.amount and Stage.OPPORTUNITY in known else "",
        *(seen[stage].isoformat(" ", "minutes") if stage in seen else "" for stage in _DATES),
    )  # fmt: skip


def _leads(days: Period) -> Iterator[Lead]:
    first = days.first - timedelta(days=_EARLIER)
    for day in Period(first, days.last).days():
        yield from _leads_of_day(day)
    month, last = CALENDAR.month_of(first), CALENDAR.month_of(days.last).plus(1)
    while month <= last:
        yield from _counted_leads(month)
        month = month.plus(1)


def _leads_of_day(day: date) -> Iterator[Lead]:
    """The day's new leads that the KPI will not count."""
    for number in range(_about(dice("leads", day), _LEADS_PER_DAY * activity(day))):
        chance = dice("lead", day, number)
        yield _other_lead(f"L{day:%y%m%d}-{number + 1:02d}", day, _channel(day, chance), chance)
    if is_trade_show(day):
        for number in range(_about(dice("show", day), 20)):
            chance = dice("visitor", day, number)
            yield _other_lead(f"L{day:%y%m%d}-{number + 61:02d}", day, "trade show", chance)


def _other_lead(name: str, day: date, channel: str, chance: Random) -> Lead:
    lead = _lead(name, channel, _profile(chance), chance)
    at = lead.reached[Stage.LEAD] = _at_work(day, chance)
    # Counted leads come by the month: here one of that profile has no interest yet.
    interested = 0.2 if channel == "trade show" else 0.46
    if not lead.profile.wanted and chance.random() < interested:
        lead.reached[Stage.MARKETING_QUALIFIED] = _later(at, 4, chance)
        # Sales takes only what fits: no more SQLs than MQLs as the KPI counts them.
    return lead


def _counted_leads(month: Month) -> Iterator[Lead]:
    """The leads that make the month's KPI, qualified along the month's course."""
    start = dice("steps", month)
    steps = tuple(_Step(rate, start.random()) for rate in _STEP_RATES)
    for number, day in enumerate(qualification_days(month), start=1):
        chance = dice("counted 29", month, number)
        qualified = _at_work(day, chance)
        came = min(qualified - timedelta(hours=1), _at_work(_earlier(day, 5, chance), chance))
        profile = _profile(chance)
        while not profile.wanted:
            profile = _profile(chance)
        name = f"L{month.year % 100:02d}{month.number:02d}Q-{number:02d}"
        lead = _lead(name, _channel(day, chance), profile, chance)
        lead.reached = {Stage.LEAD: came, Stage.MARKETING_QUALIFIED: qualified}
        _sell(lead, chance, steps)
        yield lead


def _lead(name: str, channel: str, profile: Profile, chance: Random) -> Lead:
    return Lead(
        name,
        channel,
        chance.choice(_CAMPAIGNS.get(channel, ("",))),
        chance.choice(_OWNERS),
        f"company {chance.randrange(1, 3000):04d}",
        profile,
        quality=chance.choices((2, 3, 4, 5) if profile.wanted else (1, 2, 3, 4), (1, 3, 4, 2))[0],
    )


@dataclass
class _Step:
    """A share of the leads goes on, evenly among them: chance alone makes no unusual week."""

    rate: float
    carried: float

    def passes(self, better: float) -> bool:
        self.carried += self.rate * better
        if self.carried < 1:
            return False
        self.carried -= 1
        return True


def _sell(lead: Lead, chance: Random, steps: tuple[_Step, ...]) -> None:
    """What sales makes of a qualified lead: each step takes its time, and most stop on the way."""
    to_sales, to_opportunity, to_won = steps
    at = lead.reached[Stage.MARKETING_QUALIFIED]
    better = 1.2 if lead.channel == "referral" else 1.0
    if not to_sales.passes(better):
        return
    at = lead.reached[Stage.SALES_QUALIFIED] = _later(at, 6, chance)
    if not to_opportunity.passes(better):
        return
    at = lead.reached[Stage.OPPORTUNITY] = _later(at, 9, chance)
    lead.amount = max(12, round(chance.lognormvariate(4.9, 0.5))) * 10_000
    closed = _later(at + timedelta(days=10), 22, chance)
    if to_won.passes(better):
        lead.reached[Stage.WON] = _towards_month_end(closed, chance)
    elif chance.random() < 0.8:
        lead.reached[Stage.LOST] = closed


def _profile(chance: Random) -> Profile:
    role = chance.choices(tuple(_ROLES), tuple(_ROLES.values()))[0]
    employees = min(max(5, round(chance.lognormvariate(5.1, 1.3))), 20_000)
    industry = chance.choices(tuple(_INDUSTRIES), tuple(_INDUSTRIES.values()))[0]
    return Profile(role, employees, industry)


def _channel(day: date, chance: Random) -> str:
    """By a mix that drifts from one to the other and back, in four years."""
    turn = (day - date(2025, 1, 1)).days / _DRIFT_DAYS
    share = (1 - math.cos(math.pi * turn)) / 2
    mix = [then + (now - then) * share for then, now in zip(_MIX_THEN, _MIX_NOW, strict=True)]
    return chance.choices(_CHANNELS, mix)[0]


def is_trade_show(day: date) -> bool:
    """Wednesday to Friday of the second week of a trade show's month."""
    return day.month in _TRADE_SHOW_MONTHS and 9 <= day.day <= 15 and 2 <= day.weekday() <= 4


def _at_work(day: date, chance: Random) -> datetime:
    return datetime.combine(day, time(8)) + timedelta(minutes=chance.randrange(12 * 60))


def _later(at: datetime, mean_days: float, chance: Random) -> datetime:
    """Some days on, at an hour of a working day."""
    days = min(chance.expovariate(1 / mean_days), 4 * mean_days)
    moment = _at_work(next_working_day((at + timedelta(days=days)).date()), chance)
    return max(moment, at + timedelta(minutes=20))


def _earlier(day: date, mean_days: float, chance: Random) -> date:
    return day - timedelta(days=int(min(chance.expovariate(1 / mean_days), 4 * mean_days)))


def _towards_month_end(at: datetime, chance: Random) -> datetime:
    """A third of the orders wait for the last working days of their month."""
    last = CALENDAR.working_days(CALENDAR.period(Month.of(at.date())))[-3:]
    day = chance.choice(last)
    return datetime.combine(day, at.time()) if day > at.date() and chance.random() < 0.35 else at


def _about(chance: Random, mean: float) -> int:
    """A number within a fifth of the mean, rounded by chance."""
    return int(mean * chance.uniform(0.8, 1.2) + chance.random())
