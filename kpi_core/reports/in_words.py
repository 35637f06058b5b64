"""What a KPI's report says, in a few sentences: for chart descriptions, the command line, chat."""

from kpi_core.i18n.catalog import Words
from kpi_core.i18n.formats import Formats
from kpi_core.reports.kpi import KpiReport, Stamp


def takeaway(report: KpiReport, words: Words) -> str:
    """What the track says, in words: for those who do not see it, and for chat."""
    formats = Formats(words.language)
    name = words.pick(report.name)
    if report.value is None:
        return words("board.alt_no_value", name=name)
    day = formats.day(min(report.moment.counted_through, report.moment.period.last))
    shown = formats.percent if report.is_ratio else formats.number
    value = shown(report.value)
    if report.share is None:
        return words("board.alt_no_target", name=name, value=value, day=day)
    sentences = [
        words(
            "board.alt",
            name=name,
            day=day,
            value=value,
            target=shown(report.target),
            share=formats.percent(report.share),
            status=words(f"status.{report.status}"),
        )
    ]
    landing = report.landing
    if landing is not None and landing.low is not None and not report.moment.is_over:
        expected, low, high = map(rounded, (landing.expected, landing.low, landing.high))
        blanks = {"expected": expected, "low": low, "high": high}
        texts = {key: formats.number(number) for key, number in blanks.items()}
        sentences.append(words("board.alt_landing", **texts))
    missed = [week_name(stamp, words) for stamp in report.stamps if stamp.passed is False]
    if missed:
        sentences.append(words("board.alt_missed", weeks=words("board.and").join(missed)))
    return words("board.sentence_gap").join(sentences)


def rounded(value: float | None) -> float | None:
    """A forecast to no more digits than it deserves: whole numbers."""
    return None if value is None else float(round(value))


def week_name(stamp: Stamp, words: Words) -> str:
    """`Week 1`, or the month's end."""
    return words("board.checkpoint_end" if stamp.week == 4 else f"board.week_{stamp.week}")
