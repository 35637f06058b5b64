"""`board`: where the KPI stands, in text, from the report that the screens draw."""

from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from kpi_core.cli.command_context import DONE, CannotDo, CommandContext, newest_plan, say, say_json
from kpi_core.cli.help import Taught, json_option
from kpi_core.cli.plans import month_given, plan_given
from kpi_core.i18n.catalog import Words

if TYPE_CHECKING:
    from kpi_core.facts.store import Store
from kpi_core.cli.command_context import say_table

if TYPE_CHECKING:
    from kpi_core.reports.board import BoardReport
    from kpi_core.reports.kpi import KpiReport, Stamp


def board_command(words: Words) -> click.Command:
    """`board`."""

    @click.command("board", cls=Taught, words=words, key="board")
    @click.option(
        "--plan", "plan_id", metavar=words("cli.metavar_plan"), help=words("cli.option_plan")
    )
    @click.option("--month", metavar=words("cli.metavar_month"), help=words("cli.option_month"))
    @click.option("--as-of", metavar=words("cli.metavar_day"), help=words("cli.option_as_of"))
    @json_option(words)
    @click.pass_obj
    def run(
        context: CommandContext,
        plan_id: str | None,
        month: str | None,
        as_of: str | None,
        as_json: bool,
    ) -> int:
        from kpi_core.reports.board import board_report
        from kpi_core.reports.plans import UnreadablePlan

        shown = None if month is None else month_given(words, "--month", month)
        day = None if as_of is None else _day(words, as_of)
        with context.store() as store:
            plan = plan_given(context, store, plan_id)
            now = context.now if day is None else _end_of(context, store, plan, day)
            try:
                report = board_report(store, plan, now=now, month=shown)
            except UnreadablePlan as error:
                raise CannotDo(words("cli.plan_unreadable", plan=plan)) from error
        if shown is not None and shown not in report.months:
            first, last = report.months[-1], report.months[0]
            raise CannotDo(words("cli.no_data_for_month", month=shown, first=first, last=last))
        if as_json:
            say_json(report)
        else:
            say_board(context, report)
            if day is not None:
                say(words("cli.known_now"))
        return DONE

    return run


def _day(words: Words, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CannotDo(words("cli.not_a_day", option="--as-of", value=text)) from None


def _end_of(context: CommandContext, store: "Store", plan_id: str, day: date) -> datetime:
    """The end of a day where the plan is run, or now for a day that is not yet over."""
    from kpi_core.domain.calendar import end_of

    plan = newest_plan(store, plan_id)
    if plan is None:
        raise CannotDo(context.words("cli.plan_unreadable", plan=plan_id))
    try:
        moment = end_of(day).replace(tzinfo=ZoneInfo(plan.calendar.zone))
    except OverflowError:
        return context.now
    return min(moment, context.now)


def say_board(context: CommandContext, board: "BoardReport") -> None:
    """From the one number down to the chain."""
    from kpi_core.reports import narrative

    words = context.words
    if board.is_demo:
        say(f"[{words('board.demo')}] {words('board.demo_help')}", "")
    say(f"{words.localize(board.plan_name)}  {context.formats.month(board.kpi.moment.month)}", "")
    if notice := narrative.notice(board, words):
        say(notice, "")
    for kpi in (board.kpi, board.second_kpi):
        if kpi is not None:
            _say_kpi(context, kpi)
    if board.indicators:
        say(narrative.management(board, words))
        say_table(
            [
                ("▲", words.localize(signal.name), narrative.signal_line(signal, words))
                for signal in board.signals
            ]
        )
        say("")
    say_table([(fact.label, fact.text) for fact in narrative.chain(board, words)])
    say(" · ".join(narrative.definition(board.kpi, words)))


def _say_kpi(context: CommandContext, kpi: "KpiReport") -> None:
    from kpi_core.reports import narrative

    words = context.words
    value = narrative.figure(kpi.value, kpi, words)
    say(f"{words.localize(kpi.name)}  {value} {narrative.of_target(kpi, words)}".rstrip())
    verdict = [f"{kpi.status.shape} {words(f'status.{kpi.status}')}"]
    verdict.append(narrative.share_of_target(kpi, words))
    verdict.append(narrative.from_plan_line(kpi, words))
    say("  ".join(filter(None, verdict)), "")
    as_of, through = narrative.times(kpi, words)
    facts = [
        (fact.label, f"{fact.text}  {fact.note}".strip()) for fact in narrative.facts(kpi, words)
    ]
    say_table([*facts, (words("board.as_of"), as_of), ("", through)])
    say("")
    if kpi.stamps:
        say(words("cli.checkpoints"))
        say_table([_stamp(context, kpi, stamp) for stamp in kpi.stamps])
        say("")
    if kpi.rules:
        say(words("board.rules"))
        for rule in kpi.rules:
            say(f"  {narrative.occasion(rule, kpi, words)}")
            for action in rule.do:
                say(f"    - {words.localize(action)}")
            if rule.owner:
                say("    " + words("board.rule_owner", owner=words.localize(rule.owner)))
        say("")


def _stamp(context: CommandContext, kpi: "KpiReport", stamp: "Stamp") -> tuple[str, ...]:
    from kpi_core.reports import narrative

    words = context.words
    mark = {True: "✓", False: "✕", None: "·"}[stamp.passed]
    needed = narrative.needed_figure(stamp, kpi, words)
    reached = ""
    if stamp.value is not None:
        value = narrative.reached_figure(stamp, kpi, words)
        reached = words("cli.checkpoint_reached", reached=value)
    return (
        mark,
        narrative.week_name(stamp, words),
        context.formats.day(stamp.on),
        words("board.checkpoint_needed", needed=needed),
        reached,
        narrative.odds(stamp, words) if stamp.passed is False else "",
    )
