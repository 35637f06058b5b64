"""The board as text, in the order and the words of the screen."""

from typing import TYPE_CHECKING

from kpi_core.cli.command_context import Told, say, say_table

if TYPE_CHECKING:
    from kpi_core.reports.board import BoardReport
    from kpi_core.reports.kpi import KpiReport, Stamp


def say_board(told: Told, board: "BoardReport") -> None:
    """From the one number down to the chain."""
    from kpi_core.reports import narrative

    words = told.words
    if board.is_demo:
        say(f"[{words('board.demo')}] {words('board.demo_help')}", "")
    say(f"{words.pick(board.plan_name)}  {told.formats.month(board.kpi.moment.month)}", "")
    if notice := narrative.notice(board, words):
        say(notice, "")
    for kpi in (board.kpi, board.second_kpi):
        if kpi is not None:
            _say_kpi(told, kpi)
    if board.indicators:
        say(narrative.management(board, words))
        say_table([("▲", words.pick(name)) for name in board.abnormal])
        say("")
    say_table([(fact.label, fact.text) for fact in narrative.chain(board, words)])
    say(" · ".join(narrative.definition(board.kpi, words)))


def _say_kpi(told: Told, kpi: "KpiReport") -> None:
    from kpi_core.reports import narrative

    words = told.words
    value = narrative.figure(kpi.value, kpi, words)
    say(f"{words.pick(kpi.name)}  {value} {narrative.of_target(kpi, words)}".rstrip())
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
        say_table([_stamp(told, kpi, stamp) for stamp in kpi.stamps])
        say("")
    if kpi.rules:
        say(words("board.rules"))
        for rule in kpi.rules:
            say(f"  {narrative.occasion(rule, kpi, words)}")
            for deed in rule.do:
                say(f"    - {words.pick(deed)}")
            if rule.owner:
                say("    " + words("board.rule_owner", owner=words.pick(rule.owner)))
        say("")


def _stamp(told: Told, kpi: "KpiReport", stamp: "Stamp") -> tuple[str, ...]:
    from kpi_core.reports import narrative

    words = told.words
    mark = {True: "✓", False: "✕", None: "·"}[stamp.passed]
    needed = narrative.needed_figure(stamp, kpi, words)
    reached = ""
    if stamp.value is not None:
        value = narrative.reached_figure(stamp, kpi, words)
        reached = words("cli.checkpoint_reached", reached=value)
    return (
        mark,
        narrative.week_name(stamp, words),
        told.formats.day(stamp.on),
        words("board.checkpoint_needed", needed=needed),
        reached,
        narrative.odds(stamp, words) if stamp.passed is False else "",
    )
