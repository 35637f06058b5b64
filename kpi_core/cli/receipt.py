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
        "rows": receipt.rows,
        "new": receipt.new,
        "changed": receipt.changed,
        "unchanged": receipt.unchanged,
        "rejected": receipt.rejected_rows,
        "flagged": receipt.flagged,
        "undated": receipt.undated,
        "new_leads": receipt.new_leads,
    }
    rows = [(words(f"cli.receipt_{key}"), number(count)) for key, count in figures.items()]
    say_table(rows, right=[False, True])
    say_table([(words("cli.data_through"), told.moment(receipt.data_through))])


def _say_issues(told: Told, receipt: "Receipt") -> None:
    from kpi_core.ingest.wording import sentence

    words, total = told.words, len(receipt.issues)
    say("  " + words("cli.issues", count=told.formats.number(total)))
    for issue in receipt.issues[:ISSUES_SHOWN]:
        effect = words(f"cli.kind_{issue.severity}")
        say("    " + words("cli.bracketed", text=sentence(issue, words), note=effect))
    if total > ISSUES_SHOWN:
        shown, count = told.formats.number(ISSUES_SHOWN), told.formats.number(total)
        say("    " + words("cli.more_issues", shown=shown, count=count))
