"""What an import did, as the imports page says it."""

from typing import TYPE_CHECKING

from kpi_core.cli.told import Told, say, say_table

if TYPE_CHECKING:
    from kpi_core.storage.facts import Receipt

ISSUES_SHOWN = 20


def say_receipt(told: Told, receipt: "Receipt", *, dry_run: bool, demo_goes: bool) -> None:
    """File, figures, what became of it, and the first issues."""
    words = told.words
    say(receipt.file_name)
    _say_figures(told, receipt)
    if receipt.repeats is not None:
        say("  " + words("cli.repeats", number=receipt.repeats))
    elif dry_run:
        say("  " + words("cli.trial"))
    elif receipt.import_id is None:
        say("  " + words("cli.nothing_new"))
    else:
        say("  " + words("cli.import_number", number=receipt.import_id))
    if demo_goes:
        say("  " + words("cli.demo_would_go" if dry_run else "cli.demo_gone"))
    if receipt.issues:
        _say_issues(told, receipt)


def _say_figures(told: Told, receipt: "Receipt") -> None:
    words, number = told.words, told.formats.number
    figures = {
        "imports.rows": receipt.rows,
        "imports.new": receipt.new,
        "imports.changed": receipt.changed,
        "imports.unchanged": receipt.unchanged,
        "imports.rejected": receipt.rejected_rows,
        "imports.flagged": receipt.flagged,
        "imports.undated": receipt.undated,
        "imports.new_leads": receipt.new_leads,
    }
    rows = [(words(key), number(count)) for key, count in figures.items()]
    say_table(rows, right=[False, True])
    say_table([told.data_through(receipt.data_through)])


def _say_issues(told: Told, receipt: "Receipt") -> None:
    from kpi_core.ingest.wording import sentence

    words, total = told.words, receipt.issue_count
    say("  " + words("imports.issues", count=told.formats.number(total)))
    for issue in receipt.issues[:ISSUES_SHOWN]:
        effect = words(f"imports.kind_{issue.severity}")
        say("    " + words("cli.bracketed", text=sentence(issue, words), note=effect))
    first = min(len(receipt.issues), ISSUES_SHOWN)
    if total > first:
        shown, count = told.formats.number(first), told.formats.number(total)
        say("    " + words("imports.more_issues", shown=shown, count=count))
