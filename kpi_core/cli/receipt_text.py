"""What an import did, as the imports page says it."""

from typing import TYPE_CHECKING

from kpi_core.cli.command_context import CommandContext, say, say_table

if TYPE_CHECKING:
    from kpi_core.cli.import_source import Taken
    from kpi_core.domain.receipt import MonthChange, Receipt

ISSUES_SHOWN = 20
MONTHS_SHOWN = 24


def say_receipt(context: CommandContext, taken: "Taken", *, dry_run: bool) -> None:
    """File, figures, what became of it, and the first issues."""
    words, receipt = context.words, taken.receipt
    say(receipt.file_name)
    if receipt.is_counted:
        _say_figures(context, receipt)
    if receipt.repeats is not None:
        say("  " + words("cli.repeats", number=receipt.repeats))
    elif dry_run:
        say("  " + words("cli.trial"))
    elif receipt.import_id is None:
        say("  " + words("cli.nothing_new"))
    else:
        say("  " + words("cli.import_number", number=receipt.import_id))
    if not receipt.is_counted:
        say("  " + words("receipt.counts_follow"))
    if taken.replaces_demo:
        say("  " + words("cli.demo_would_go" if dry_run else "cli.demo_gone"))
    if receipt.months:
        _say_months(context, receipt)
    _say_cases(context, receipt)
    if receipt.issues:
        _say_issues(context, receipt)
    if receipt.rejected_rows and receipt.import_id is not None:
        say("  " + words("cli.rejected_there", number=receipt.import_id))


def _say_figures(context: CommandContext, receipt: "Receipt") -> None:
    words, number = context.words, context.formats.number
    figures = {
        "receipt.rows": receipt.rows,
        "receipt.new": receipt.new,
        "receipt.changed": receipt.changed,
        "receipt.unchanged": receipt.unchanged,
        "receipt.rejected": receipt.rejected_rows,
        "receipt.flagged": receipt.flagged,
        "receipt.undated": receipt.undated,
        "receipt.new_leads": receipt.new_leads,
    }
    rows = [(words(key), number(count)) for key, count in figures.items()]
    say_table(rows, right=[False, True])
    say_table([context.data_through(receipt.data_through)])


def _say_months(context: CommandContext, receipt: "Receipt") -> None:
    from kpi_core.ingest.case_text import tallied
    from kpi_core.ingest.inbox.sidecars import newest_months

    number, shown = context.formats.number, newest_months(receipt, MONTHS_SHOWN)
    say("  " + context.words("receipt.months"))
    rows = [
        (
            f"  {tallied(change.name, context.words)}",
            f"{change.month:%Y-%m}",
            number(change.before),
            "→",
            number(change.after),
            *_amounts(context, change),
        )
        for change in shown
    ]
    say_table(rows, right=[False, False, True, False, True, False, True, False, True])
    if older := len(receipt.months) - len(shown):
        say("    " + context.words("receipt.older_months", count=older))


def _amounts(context: CommandContext, change: "MonthChange") -> tuple[str, ...]:
    """The sums of a month, before and after; nothing where no amount is known."""
    if change.amount_after is None:
        return ()
    number = context.formats.number
    label = context.words("receipt.amount")
    return (label, number(change.amount_before), "→", number(change.amount_after))


def _say_cases(context: CommandContext, receipt: "Receipt") -> None:
    """Leads and days by name, under what they are named for."""
    from kpi_core.ingest.case_text import case_lines

    for heading, lines in case_lines(receipt, context.words):
        say("  " + heading)
        for line in lines:
            say("    " + line)


def _say_issues(context: CommandContext, receipt: "Receipt") -> None:
    from kpi_core.ingest.issue_text import sentence

    words, total = context.words, receipt.issue_count
    say("  " + words("receipt.issues", count=context.formats.number(total)))
    for issue in receipt.issues[:ISSUES_SHOWN]:
        effect = words(f"receipt.kind_{issue.severity}")
        say("    " + words("cli.bracketed", text=sentence(issue, words), note=effect))
    first = min(len(receipt.issues), ISSUES_SHOWN)
    if total > first:
        shown, count = context.formats.number(first), context.formats.number(total)
        say("    " + words("receipt.more_issues", shown=shown, count=count))
