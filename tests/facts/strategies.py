"""Histories of imports that hypothesis makes up: few leads, days and values, so that they meet."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import partial

from hypothesis import strategies as st

from kpi_core.domain.aggregate import Tally, TallyKind
from kpi_core.domain.condition import Condition, Operator
from kpi_core.domain.stage import Stage
from tests.facts.files import CLOSING, NOW, Event, Fields, File, Number, Row, at, corrected, unnamed

FIRST = date(2026, 5, 10)

_days = st.sampled_from([FIRST + timedelta(days=n) for n in (0, 9, 10, 11, 12, 21, 22, 41, 46)])
_moments = st.builds(datetime.combine, _days, st.sampled_from([time(0), time(9)]))
_throughs = st.sampled_from([at("05-20 12:00"), at("06-02"), NOW])
_ids = st.sampled_from(["1", "1", "2", unnamed("a", 1), unnamed("a", 2)])
_sources = st.sampled_from(["crm", "crm", "crm", "crm", "web"])
_channels = st.sampled_from([None, None, "web", "ＡＤＳ", "ads"])
_values = st.sampled_from([None, None, 0.0, 0.25, 7.5])
_attributes = st.dictionaries(
    st.just("role"), st.sampled_from(["部長", "課長", "ＭＡＮＡＧＥＲ"])
) | st.dictionaries(st.just("employees"), st.sampled_from(["99", "1,200", "１，２００", "many"]))
_fields = st.builds(
    Fields,
    channel=_channels,
    owner=st.sampled_from([None, "Sato", "sato", "Suzuki"]),
    attributes=_attributes.map(lambda named: tuple(named.items())),
)
_own = st.builds(Fields, channel=_channels)

_LEAD_STAGES = ("lead", "marketing_qualified", "opportunity")


def _reached(*stages: str) -> st.SearchStrategy[tuple[tuple[str, datetime | None], ...]]:
    """Some of these stages, each at a moment or at an unknown one."""
    some = st.dictionaries(st.sampled_from(stages), st.none() | _moments | _moments)
    return some.map(lambda moments: tuple(moments.items()))


_outcome = st.just(()) | st.tuples(st.tuples(st.sampled_from(CLOSING), st.none() | _moments))
_rows = st.builds(
    Row,
    lead=_ids,
    reached=st.builds(
        lambda stages, outcome: (*stages, *outcome),
        _reached(*_LEAD_STAGES, "renewed", "churned"),
        _outcome,
    ),
    amount=_values,
    amount_of=st.sampled_from(["won", "lead", "renewed"]),
    quality=_values,
    fields=_fields,
)


def _unique(rows: list[Row]) -> tuple[Row, ...]:
    return tuple({row.lead: row for row in rows}.values())


def _in_columns(file: File) -> File:
    """The file without what its rows say of stages that it has no column for."""
    rows = [
        replace(row, reached=tuple(each for each in row.reached if each[0] in file.columns))
        for row in file.lines
        if isinstance(row, Row)
    ]
    return replace(file, lines=tuple(rows))


_leads_files = st.builds(
    File,
    lines=st.lists(_rows, min_size=1, max_size=5).map(tuple),
    grain=st.just("lead"),
    mapping=st.just("accounts"),
    source=_sources,
    thing=st.just("account"),
    data_through=_throughs,
    columns=st.sampled_from(
        [
            ("lead", "marketing_qualified", "opportunity", "won", "lost"),
            ("lead", "won", "lost", "churned", "renewed"),
            ("lead", "renewed"),
        ]
    ),
).map(_in_columns)
# A mapping says what a row is about.
leads_files = st.one_of(
    _leads_files.map(partial(replace, mapping="deals", thing="lead")),
    _leads_files.map(partial(replace, mapping="others", thing="lead")),
    _leads_files,
)

snapshots = st.builds(
    File,
    lines=st.lists(
        st.builds(
            lambda lead, stage: Row(lead, ((stage, None),)),
            _ids,
            st.sampled_from(["opportunity", "won", "lost"]),
        ),
        min_size=1,
        max_size=3,
    ).map(_unique),
    grain=st.just("snapshot"),
    mapping=st.just("snapshot"),
    source=_sources,
    data_through=_throughs,
    columns=st.just(CLOSING),
)

_changes = st.builds(
    Event,
    lead=_ids,
    stage=st.sampled_from([*_LEAD_STAGES, "won", "won", "lost", "renewed"]),
    occurred_at=_moments,
    amount=_values,
    quality=_values,
    fields=_own,
)
_logins = st.builds(Event, lead=_ids, activity=st.just("login"), occurred_at=_moments, fields=_own)


def _by_time(events: list[Event]) -> tuple[Event, ...]:
    """As an export of changes has them: by time, a lead at one stage at a moment."""
    once = {(each.lead, each.occurred_at, each.activity): each for each in events}
    return tuple(sorted(once.values(), key=lambda each: each.occurred_at or NOW))


_whole = st.lists(_changes | _changes | _logins, min_size=2, max_size=10).map(_by_time)
histories = st.builds(
    File,
    lines=_whole,
    grain=st.just("event"),
    mapping=st.just("history"),
    source=_sources,
    data_through=st.just(NOW),
)


def cut(file: File, moment: datetime) -> tuple[File, File]:
    """A history up to a moment, and from it on."""
    early = [e for e in file.lines if isinstance(e, Event) and (e.occurred_at or NOW) < moment]
    return (
        replace(file, lines=tuple(early), data_through=moment),
        replace(file, lines=file.lines[len(early) :]),
    )


cuts = _moments
parts = st.builds(
    lambda file, moment, late: cut(file, moment)[late], histories, cuts, st.booleans()
)

_said = st.one_of(
    _changes.map(lambda each: (each,)),
    _logins.map(lambda each: (each,)),
    st.builds(
        lambda lead, stage: (Event(lead, stage, withdrawn=True),),
        _ids,
        st.sampled_from([*_LEAD_STAGES, "won", "renewed"]),
    ),
    st.builds(
        lambda lead, stage, moment, amount: corrected(lead, stage, f"{moment}", amount),
        _ids,
        st.sampled_from([*_LEAD_STAGES, "won"]),
        _moments,
        _values,
    ),
)


def _one_stage_once(said: list[tuple[Event, ...]]) -> tuple[Event, ...]:
    """A push says one thing of a stage."""
    found = {(each[0].lead, each[0].stage, each[0].activity): each for each in said}
    return tuple(event for each in found.values() for event in each)


pushes = st.builds(
    File,
    lines=st.lists(_said, min_size=1, max_size=3).map(_one_stage_once),
    grain=st.just("push"),
    mapping=st.just("push"),
    source=_sources,
    data_through=_throughs,
)


def _once(numbers: list[Number]) -> tuple[Number, ...]:
    return tuple({(each.what, each.day, each.channel): each for each in numbers}.values())


# Cost always by channel, leads never: other breakdowns are asked about, in tests by hand.
_costs = st.builds(
    Number,
    day=_days,
    value=st.sampled_from([0.0, 0.5, 100.0]),
    channel=st.sampled_from(["web", "ads"]),
    measure=st.just("cost"),
)
_counts = st.builds(
    Number, day=_days, value=st.sampled_from([2.0, 5.0]), stage=st.just("marketing_qualified")
)
daily_files = st.builds(
    File,
    lines=st.lists(_costs | _counts, min_size=1, max_size=5).map(_once),
    grain=st.just("day"),
    mapping=st.just("daily"),
    source=_sources,
    data_through=_throughs,
)


def _some(*kinds: st.SearchStrategy[File]) -> st.SearchStrategy[File]:
    return st.one_of(*kinds).filter(lambda file: bool(file.lines))


files = _some(leads_files, leads_files, leads_files, snapshots, parts, pushes, daily_files)
_themes = (
    files,
    _some(leads_files, leads_files, snapshots, pushes),
    _some(pushes, pushes, leads_files),
)
"""What the files of one run are: few kinds meet more often."""


files_of_a_theme = st.sampled_from(_themes).flatmap(
    lambda said: st.lists(said, min_size=3, max_size=8)
)


def _exports(whole: File) -> st.SearchStrategy[File]:
    """Exports of one history: some of its moments corrected, from a moment on or up to it."""

    def export(days: list[int], moment: datetime, late: bool) -> File:
        shifts = [timedelta(days=days[place % len(days)]) for place in range(len(whole.lines))]
        moved = [
            replace(each, occurred_at=each.occurred_at + shift)
            for each, shift in zip(whole.lines, shifts, strict=True)
            if isinstance(each, Event) and each.occurred_at
        ]
        return cut(replace(whole, lines=_by_time(moved)), moment)[late]

    days = st.lists(st.sampled_from([0, 0, 0, 1, -1, 9]), min_size=1, max_size=4)
    exports = st.builds(export, days, _moments, st.sampled_from([True, True, False]))
    return _some(exports, exports, exports, pushes)


@dataclass(frozen=True)
class Put:
    """Import a file; `older` is the answer where it contradicts later ones."""

    file: File
    older: str


@dataclass(frozen=True)
class Again:
    """Import the bytes of an earlier step again, with its own or another data through."""

    step: int
    data_through: datetime | None


@dataclass(frozen=True)
class Undo:
    """Undo the import of an earlier step."""

    step: int


@dataclass(frozen=True)
class Reopen:
    """Close the store and open it again; its cache may be `lost` meanwhile."""

    lost: bool


Step = Put | Again | Undo | Reopen
_places = st.integers(0, 6)


def _steps(said: st.SearchStrategy[File]) -> st.SearchStrategy[list[Step]]:
    puts = st.builds(Put, said, st.sampled_from(["fill_gaps", "fill_gaps", "overwrite"]))
    again = st.builds(Again, _places, st.none() | _throughs)
    undo, reopen = st.builds(Undo, _places), st.builds(Reopen, st.booleans())
    return st.builds(
        lambda first, others: [*first, *others],
        st.lists(puts, min_size=2, max_size=4),
        st.lists(st.one_of(puts, puts, puts, puts, again, undo, reopen), max_size=5),
    )


steps: st.SearchStrategy[list[Step]] = st.one_of(
    st.sampled_from(_themes).flatmap(_steps), histories.map(_exports).flatmap(_steps)
)

_MANAGERS = Condition("role", Operator.IN, ("manager", "部長"))
_LARGE = Condition("employees", Operator.AT_LEAST, number=100)
_ADS = Condition("channel", Operator.IN, ("ADS",))

TALLIES: tuple[Tally, ...] = (
    *(Tally(TallyKind.REACHED, stage=stage) for stage in Stage),
    Tally(TallyKind.REACHED, stage=Stage.LEAD, source="web"),
    Tally(TallyKind.REACHED, stage=Stage.LEAD, conditions=(_ADS,)),
    Tally(
        TallyKind.REACHED,
        stage=Stage.LEAD,
        conditions=(Condition("channel", Operator.NOT_IN, ("ads",)), _LARGE),
    ),
    Tally(TallyKind.REACHED, stage=Stage.MARKETING_QUALIFIED, conditions=(_MANAGERS,)),
    Tally(
        TallyKind.REACHED,
        stage=Stage.LEAD,
        conditions=(_LARGE, Condition("employees", Operator.AT_MOST, number=1000)),
    ),
    Tally(TallyKind.AMOUNT, stage=Stage.WON),
    Tally(TallyKind.AMOUNT, stage=Stage.RENEWED),
    Tally(
        TallyKind.AMOUNT, stage=Stage.WON, conditions=(Condition("owner", Operator.IN, ("SATO",)),)
    ),
    Tally(TallyKind.QUALITY, stage=Stage.MARKETING_QUALIFIED),
    Tally(TallyKind.CONVERTED, stage=Stage.LEAD, to_stage=Stage.WON),
    Tally(TallyKind.CONVERTED, stage=Stage.LEAD, to_stage=Stage.WON, conditions=(_MANAGERS,)),
    Tally(TallyKind.ACTIVE, name="login", at_least=2),
    Tally(TallyKind.ACTIVE, name="login", at_least=2, closing_day=20),
    Tally(TallyKind.ACTIVE, name="login", at_least=1, closing_day=20, conditions=(_MANAGERS,)),
    Tally(TallyKind.MEASURE, name="cost"),
    Tally(TallyKind.MEASURE, name="cost", conditions=(_ADS,)),
)
"""Every kind, with and without conditions."""
