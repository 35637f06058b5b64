"""Batches that hypothesis makes up: few leads, days and values, so that they meet."""

from datetime import date, datetime, time, timedelta

from hypothesis import strategies as st

from kpi_core.domain.condition import Condition, Operator
from kpi_core.domain.stage import Stage
from kpi_core.domain.tally import Tally, TallyKind
from tests.storage.batches import Attribute, Count, Event, Fact, LeadRow, Measure

FIRST = date(2026, 5, 10)
LAST = date(2026, 6, 25)

_days = st.sampled_from([FIRST + timedelta(days=n) for n in (0, 9, 10, 11, 12, 21, 22, 41, 46)])
_moments = st.builds(datetime.combine, _days, st.sampled_from([time(0), time(9)]))
_leads = st.sampled_from(["1", "2", "3"])
_channels = st.sampled_from([None, None, "web", "ＡＤＳ", "ads"])
_numbers = st.sampled_from([None, 0.25, 1.0, 7.5])

_reached = st.builds(
    Event,
    lead=_leads,
    stage=st.sampled_from(["lead", "marketing_qualified", "won"]),
    occurred_at=st.none() | _moments,
    channel=_channels,
    owner=st.sampled_from([None, "Sato", "sato", "Suzuki"]),
    amount=_numbers,
    quality=_numbers,
)
_withdrawn = st.builds(
    Event,
    lead=_leads,
    stage=st.sampled_from(["lead", "won"]),
    occurred_at=st.none() | _moments,
    withdrawn=st.just(True),
)
_rows = st.builds(
    LeadRow,
    lead=_leads,
    reached=st.dictionaries(
        st.sampled_from(["lead", "marketing_qualified", "won"]), st.none() | _moments
    ).map(lambda moments: tuple(moments.items())),
    channel=_channels,
    owner=st.sampled_from([None, "Sato", "sato", "Suzuki"]),
    amount=_numbers,
    amount_of=st.sampled_from([None, "won", "lead"]),
    quality=_numbers,
    quality_of=st.sampled_from([None, "marketing_qualified"]),
)
_logins = st.builds(
    Event, lead=_leads, activity=st.just("login"), occurred_at=_moments, channel=_channels
)
_attributes = st.one_of(
    st.builds(
        Attribute,
        lead=_leads,
        name=st.just("role"),
        value=st.sampled_from(["部長", "課長", "Manager", "ＭＡＮＡＧＥＲ"]),
    ),
    st.builds(
        Attribute,
        lead=_leads,
        name=st.just("employees"),
        value=st.sampled_from(["99", "100", "1,200", "１，２００", "many", ""]),
    ),
)
_counts = st.builds(
    Count, stage=st.just("lead"), day=_days, count=st.sampled_from([2.0, 5.0]), channel=_channels
)
_measures = st.builds(
    Measure,
    measure=st.just("cost"),
    day=_days,
    value=st.sampled_from([100.0, 0.5]),
    channel=_channels,
)

_events_files: st.SearchStrategy[list[Fact]] = st.lists(
    st.one_of(
        *(_reached, _reached, _reached, _logins, _logins, _withdrawn),
        *(_attributes, _attributes, _counts, _measures),
    ),
    min_size=1,
    max_size=14,
)
_leads_files: st.SearchStrategy[list[Fact]] = st.lists(
    st.one_of(_rows, _rows, _rows, _attributes), min_size=1, max_size=5
)
_any_files: st.SearchStrategy[list[Fact]] = st.lists(
    st.one_of(_rows, _reached, _logins, _withdrawn), min_size=1, max_size=5
)
facts = st.one_of(_events_files, _leads_files, _leads_files, _any_files)
sources = st.sampled_from(["crm", "web"])

_MANAGERS = Condition("role", Operator.IN, ("manager", "部長"))
_LARGE = Condition("employees", Operator.AT_LEAST, number=100)

TALLIES: tuple[Tally, ...] = (
    Tally(TallyKind.REACHED, stage=Stage.LEAD),
    Tally(TallyKind.REACHED, stage=Stage.WON),
    Tally(TallyKind.REACHED, stage=Stage.LEAD, source="web"),
    Tally(
        TallyKind.REACHED,
        stage=Stage.LEAD,
        conditions=(Condition("channel", Operator.IN, ("ADS",)),),
    ),
    Tally(
        TallyKind.REACHED,
        stage=Stage.LEAD,
        conditions=(Condition("channel", Operator.NOT_IN, ("ads",)), _LARGE),
    ),
    Tally(TallyKind.REACHED, stage=Stage.MARKETING_QUALIFIED, conditions=(_MANAGERS, _LARGE)),
    Tally(
        TallyKind.REACHED,
        stage=Stage.LEAD,
        conditions=(_LARGE, Condition("employees", Operator.AT_MOST, number=1000)),
    ),
    Tally(TallyKind.AMOUNT, stage=Stage.WON),
    Tally(
        TallyKind.AMOUNT,
        stage=Stage.WON,
        conditions=(Condition("owner", Operator.IN, ("SATO",)),),
    ),
    Tally(TallyKind.QUALITY, stage=Stage.MARKETING_QUALIFIED),
    Tally(TallyKind.CONVERTED, stage=Stage.LEAD, to_stage=Stage.WON),
    Tally(TallyKind.CONVERTED, stage=Stage.LEAD, to_stage=Stage.WON, conditions=(_MANAGERS,)),
    Tally(TallyKind.ACTIVE, name="login", at_least=2),
    Tally(TallyKind.ACTIVE, name="login", at_least=2, closing_day=20),
    Tally(TallyKind.ACTIVE, name="login", at_least=1, closing_day=20, conditions=(_MANAGERS,)),
    Tally(
        TallyKind.ACTIVE,
        name="login",
        conditions=(Condition("channel", Operator.IN, ("web",)),),
    ),
    Tally(TallyKind.MEASURE, name="cost"),
    Tally(
        TallyKind.MEASURE, name="cost", conditions=(Condition("channel", Operator.IN, ("web",)),)
    ),
)
"""Every kind, with and without conditions."""
