"""The board as text, in the order and the words of the screen."""

from typing import TYPE_CHECKING

from kpi_core.cli.told import Told, say, say_table

if TYPE_CHECKING:
    from kpi_core.reports.board import BoardReport
    from kpi_core.reports.kpi import KpiReport, Stamp


def say_board(told: Told, board: "BoardReport") -> None:
    """From the one number down to the chain."""
    from kpi_core.reports import in_words

    words = told.words
    if board.is_demo:
        say(f"[{words('board.demo')}] {words('board.demo_help')}", "")
    say(f"{words.pick(board.plan_name)}  {told.formats.month(board.kpi.moment.month)}", "")
    if notice := in_words.notice(board, words):
        say(notice, "")
    for kpi in (board.kpi, board.second_kpi):
        if kpi is not None:
            _say_kpi(told, kpi)
    if board.indicators:
        say(in_words.management(board, words))
        say_table([("▲", words.pick(name)) for name in board.abnormal])
        say("")
    say_table([(fact.label, fact.text) for fact in in_words.chain(board, words)])
    say(" · ".join(in_words.definition(board.kpi, words)))


def _say_kpi(told: Told, kpi: "KpiReport") -> None:
    from kpi_core.reports import in_words

    words = told.words
    value = in_words.figure(kpi.value, kpi, words)
    say(f"{words.pick(kpi.name)}  {value} {in_words.of_target(kpi, words)}".rstrip())
    verdict = [f"{kpi.status.shape} {words(f'status.{kpi.status}')}"]
    verdict.append(in_words.share_of_target(kpi, words))
    verdict.append(in_words.from_plan_line(kpi, words))
    say("  ".join(filter(None, verdict)), "")
    as_of, through = in_words.times(kpi, words)
    facts = [
        (fact.label, f"{fact.text}  {fact.note}".strip()) for fact in in_words.facts(kpi, words)
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
            say(f"  {in_words.occasion(rule, kpi, words)}")
            for deed in rule.do:
                say(f"    - {words.pick(deed)}")
            if rule.owner:
                say("    " + words("board.rule_owner", owner=words.pick(rule.owner)))
        say("")


def _stamp(told: Told, kpi: "KpiReport", stamp: "Stamp") -> tuple[str, ...]:
    from kpi_core.reports import in_words

    words = told.words
    mark = {True: "✓", False: "✕", None: "·"}[stamp.passed]
    needed = in_words.needed_figure(stamp, kpi, words)
    reached = ""
    if stamp.value is not None:
        value = in_words.reached_figure(stamp, kpi, words)
        reached = words("cli.checkpoint_reached", reached=value)
    return (
        mark,
        in_words.week_name(stamp, words),
        told.formats.day(stamp.on),
        words("board.checkpoint_needed", needed=needed),
        reached,
        in_words.odds(stamp, words) if stamp.passed is False else "",
    )
