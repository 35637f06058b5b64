"""`counts`: how many leads reached a stage, by day, month or channel."""

from datetime import date
from typing import TYPE_CHECKING

import click

from kpi_core.cli.command_context import DONE, CannotDo, CommandContext, say, say_json, say_table
from kpi_core.cli.help import OneOf, Taught, json_option
from kpi_core.domain.period import Month, Period
from kpi_core.domain.stage import Stage, stage_named
from kpi_core.i18n.catalog import Words

if TYPE_CHECKING:
    from kpi_core.reports.counts import CountsReport


def counts_command(words: Words) -> click.Command:
    """`counts --stage S --by day|month|channel`."""
    stages = OneOf(words, *Stage, metavar=words("cli.metavar_stage"), named=stage_named)

    @click.command("counts", cls=Taught, words=words, key="counts")
    @click.option("--stage", type=stages, help=words("cli.option_stage"))
    @click.option(
        "--by",
        type=OneOf(words, "day", "month", "channel"),
        default="month",
        help=words("cli.option_by"),
    )
    @click.option(
        "--from", "first", metavar=words("cli.metavar_day"), help=words("cli.option_from")
    )
    @click.option("--to", "last", metavar=words("cli.metavar_day"), help=words("cli.option_to"))
    @click.option("--source", metavar=words("cli.metavar_source"), help=words("cli.option_source"))
    @json_option(words)
    @click.pass_obj
    def run(
        context: CommandContext,
        stage: str | None,
        by: str,
        first: str | None,
        last: str | None,
        source: str | None,
        as_json: bool,
    ) -> int:
        from kpi_core.reports.counts import By, counts_report

        if stage is None:
            raise CannotDo(words("cli.missing_stage", choices=", ".join(Stage)))
        period = _period(words, first, last)
        with context.store() as store:
            report = counts_report(
                store, Stage(stage), By(by),
                now=context.wall_clock(store), period=period, source=source or None,
            )  # fmt: skip
        if as_json:
            say_json(report)
        else:
            _say_counts(context, report)
        return DONE

    return run


def _say_counts(context: CommandContext, report: "CountsReport") -> None:
    words, number = context.words, context.formats.number
    by = words(f"cli.by_{report.by}")
    say(words("cli.counts_title", stage=words(f"funnel.stage_{report.stage}"), by=by))
    if report.rows:
        rows = [(row.key or words("board.no_channel"), number(row.count)) for row in report.rows]
        total = (words("cli.total"), number(report.total))
        say_table([*rows, total], right=[False, True])
    else:
        say("  " + words("cli.no_counts"))
    if report.undated:
        say("  " + words("cli.undated", count=number(report.undated)))
    if report.later:
        say("  " + words("cli.later", count=number(report.later)))
    rows = [context.data_through(report.data_through)]
    if report.data_through is not None:
        ends = context.formats.moment(report.as_of, context.now)
        rows.append((words("cli.counted_to"), words("cli.counted_to_value", moment=ends)))
    say_table(rows)


def _period(words: Words, first: str | None, last: str | None) -> Period | None:
    """The days asked for; None for all of them."""
    if first is None and last is None:
        return None
    begin = _days(words, "--from", first).first if first is not None else date.min
    end = _days(words, "--to", last).last if last is not None else date.max
    if end < begin:
        raise CannotDo(words("cli.from_after_to", first=begin, last=end))
    return Period(begin, end)


def _days(words: Words, option: str, text: str) -> Period:
    """A day, or all days of a calendar month."""
    from kpi_core.domain.calendar import WorkCalendar

    try:
        day = date.fromisoformat(text)
    except ValueError:
        try:
            return WorkCalendar().period(Month.parse(text))
        except ValueError:
            raise CannotDo(words("cli.not_a_day_or_month", option=option, value=text)) from None
    return Period(day, day)
