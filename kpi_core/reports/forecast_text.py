"""Why a forecast is what it is, in sentences."""

from collections.abc import Iterator

from kpi_core.evaluation.forecast_basis import ForecastBasis, PastForecast
from kpi_core.i18n.catalog import Words
from kpi_core.i18n.formats import Formats


def reasons(basis: ForecastBasis, words: Words) -> Iterator[str]:
    """So far, what is left, the usual level, how it is weighed, the best stretch, the record."""
    formats = Formats(words.language)
    so_far = formats.short(basis.value)
    yield words("forecast.why_so_far", value=so_far, count=basis.days_left)
    level = formats.short(basis.level)
    if basis.usual is None:
        yield words("forecast.why_no_usual", level=level)
    else:
        usual, trust = formats.short(basis.usual), formats.percent(basis.trust)
        yield words("forecast.why_usual", usual=usual, level=level, trust=trust)
    yield words("forecast.why_left", weight=formats.short(basis.weight_left))
    if basis.needed is not None and basis.best_stretch is not None:
        yield words(
            "forecast.why_best",
            needed=formats.short(basis.needed),
            best=formats.short(basis.best_stretch),
            count=basis.days_left,
        )
    if basis.record:
        yield words("forecast.why_record", held=basis.held, count=len(basis.record))
    else:
        yield words("forecast.why_no_record")


def bulk_day(basis: ForecastBasis, words: Words) -> str:
    """The day that looks like a bulk import; empty without one."""
    if basis.bulk is None:
        return ""
    formats, bulk = Formats(words.language), basis.bulk
    return words(
        "forecast.bulk",
        day=formats.day(bulk.day),
        value=formats.short(bulk.value),
        total=formats.short(bulk.month_value),
    )


def without_bulk(basis: ForecastBasis, words: Words) -> str:
    """The forecast without that day; empty where there is none."""
    ends = None if basis.bulk is None else basis.bulk.without
    if ends is None:
        return ""
    formats = Formats(words.language)
    expected = formats.short(round(ends.expected))
    if ends.low is None or ends.high is None:
        return words("forecast.without_thin", expected=expected)
    low, high = formats.short(round(ends.low)), formats.short(round(ends.high))
    return words("forecast.without", expected=expected, low=low, high=high)


def at_rate(basis: ForecastBasis, per_day: float, words: Words) -> str:
    """The month's end if each working day left brings so much."""
    formats = Formats(words.language)
    end, rate = formats.short(round(basis.at_rate(per_day))), formats.short(per_day)
    return words("forecast.at_rate", end=end, rate=rate, count=basis.days_left)


def record_row(past: PastForecast, words: Words) -> dict[str, str]:
    """A past month's forecast beside what came, by the columns' names."""
    formats = Formats(words.language)
    low, high = formats.short(round(past.low)), formats.short(round(past.high))
    return {
        words("forecast.column_month"): formats.month(past.month),
        words("forecast.column_expected"): formats.short(round(past.expected)),
        words("forecast.column_range"): f"{low}–{high}",
        words("forecast.column_came"): formats.short(past.came),
        words("forecast.column_held"): words("forecast.held" if past.held else "forecast.missed"),
    }
