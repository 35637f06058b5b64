"""What an import does, or did: its numbers, month by month, and what was wrong in the file."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import streamlit as st

from kpi_core.domain.issue import Issue
from kpi_core.domain.issue_code import Code
from kpi_core.domain.period import Month
from kpi_core.domain.receipt import MonthChange, Receipt
from kpi_core.domain.stage import Stage
from kpi_core.i18n.catalog import Words
from kpi_core.i18n.formats import Formats
from kpi_core.ingest.issue_text import sentence
from kpi_core.records.ledger import ImportRecord
from pages import _runtime
from pages._imports import html, receipt_cases

ISSUES_SHOWN = 200
MONTHS_SHOWN = 6
"""The newest months stand open; older ones are folded."""
THEN = " → "
ALWAYS = ("new", "changed", "unchanged", "new_leads", "rejected")
"""Shown even where they are 0."""
NUMBERS = {
    "new": "receipt.new",
    "changed": "receipt.changed",
    "unchanged": "receipt.unchanged",
    "new_leads": "receipt.new_leads",
    "rejected": "receipt.rejected",
    "undated": "receipt.undated",
    "flagged": "receipt.flagged",
}
"""What a receipt tells, in this order, and what each is called."""


def draw(receipt: Receipt, words: Words, key: str, record: ImportRecord | None = None) -> None:
    """The numbers in one line, the months they move, cases by name, and what was wrong below.

    With the ledger's `record` of an import the cases can be taken back.
    """
    if receipt.is_counted:
        _numbers(receipt, words, key)
        _months(receipt.months, words, key)
        if record is not None and (replaced := _runtime.store().records.replaced(record.import_id)):
            listed = words("imports.listing").join(f"#{each}" for each in replaced)
            st.caption(words("imports.replaced_before", imports=listed))
        receipt_cases.draw(receipt, words, key, record, lambda name: name_of(name, words))
    else:
        st.info(words("receipt.counts_follow"), icon=":material/hourglass_empty:")
    left = sum(issue.code == Code.STAGE_LEFT for issue in receipt.issues)
    if left:
        count = Formats(words.language).number(left)
        st.caption(words("imports.stage_left", count=count))
    if receipt.issues:
        _issues(receipt, words, key)


def name_of(stage_or_measure: str, words: Words) -> str:
    """What a stage is called; a measure or an activity by its own name."""
    known = {stage.value for stage in Stage}
    return (
        words(f"imports.stage_{stage_or_measure}")
        if stage_or_measure in known
        else stage_or_measure
    )


def _numbers(receipt: Receipt, words: Words, key: str) -> None:
    formats = Formats(words.language)
    counted = (
        receipt.new,
        receipt.changed,
        receipt.unchanged,
        receipt.new_leads,
        receipt.rejected_rows,
        receipt.undated,
        receipt.flagged,
    )
    with st.container(horizontal=True, gap="large", key=f"imports_receipt_{key}"):
        for name, number in zip(NUMBERS, counted, strict=True):
            if number or name in ALWAYS:
                st.metric(
                    words(NUMBERS[name]),
                    formats.number(number),
                    help=words(f"imports.help_{name}"),
                    width="content",
                )
    if receipt.data_through is not None:
        through = formats.moment(receipt.data_through, _runtime.app().wall_clock())
        st.caption(words("receipt.data_through", moment=through))


def _months(changes: Sequence[MonthChange], words: Words, key: str) -> None:
    """What stands in each month now, and after the import; the newest first."""
    moved = [
        change
        for change in changes
        if change.before != change.after or change.amount_before != change.amount_after
    ]
    if not moved:
        return
    months = sorted({change.month for change in moved}, reverse=True)
    newest, older = months[:MONTHS_SHOWN], months[MONTHS_SHOWN:]
    st.html(_table(moved, newest, words))
    if older:
        count = Formats(words.language).number(len(older))
        box = st.expander(
            words("imports.older_months", count=count),
            key=f"imports_months_{key}",
            on_change="rerun",
        )
        if box.open:
            with box:
                st.html(_table(moved, older, words))


def _table(changes: Iterable[MonthChange], months: Sequence[object], words: Words) -> str:
    formats = Formats(words.language)
    shown = [change for change in changes if change.month in months]
    order = {stage.value: place for place, stage in enumerate(Stage)}
    names = sorted({each.name for each in shown}, key=lambda name: (order.get(name, 99), name))
    cells = {(each.month, each.name): each for each in shown}
    rows = [
        (
            formats.month(Month.of(month)),
            [_cell(cells.get((month, name)), formats) for name in names],
        )
        for month in sorted({each.month for each in shown}, reverse=True)
    ]
    titles = [name_of(name, words) for name in names]
    return html.TEMPLATES.render("months.html", words=words, names=titles, rows=rows)


def _cell(change: MonthChange | None, formats: Formats) -> dict[str, object] | None:
    """A count before and after, and where there are amounts their sums; None without a change."""
    if change is None:
        return None
    sums = None
    if change.amount_after is not None:
        sums = formats.number(change.amount_before), formats.number(change.amount_after)
    return {
        "before": formats.number(change.before),
        "after": formats.number(change.after),
        "sums": sums,
    }


def _issues(receipt: Receipt, words: Words, key: str) -> None:
    count = Formats(words.language).number(receipt.issue_count)
    label = words("receipt.issues", count=count)
    with st.expander(label, expanded=receipt.rejected_rows > 0, key=f"imports_issues_{key}"):
        st.dataframe(
            issue_rows(receipt.issues[:ISSUES_SHOWN], words),
            hide_index=True,
            column_config={
                words("imports.line"): st.column_config.NumberColumn(format="%d", width=70),
                words("imports.column"): st.column_config.TextColumn(width=140),
                words("imports.value"): st.column_config.TextColumn(width=120),
                words("imports.issue"): st.column_config.TextColumn(width=760),
                words("imports.issue_kind"): st.column_config.TextColumn(width=120),
            },
        )
        shown = min(len(receipt.issues), ISSUES_SHOWN)
        if receipt.issue_count > shown:
            st.caption(words("receipt.more_issues", shown=shown, count=count))


def issue_rows(issues: Iterable[Issue], words: Words) -> list[dict[str, object]]:
    """A line each: where it is, what stands there, what is wrong with it and what it does."""
    return [
        {
            words("imports.line"): issue.line,
            words("imports.column"): issue.column or "",
            words("imports.value"): issue.value or "",
            words("imports.issue"): sentence(issue, words),
            words("imports.issue_kind"): words(f"receipt.kind_{issue.severity}"),
        }
        for issue in (_in_words(each, words) for each in issues)
    ]


def _in_words(issue: Issue, words: Words) -> Issue:
    """With the stages that a lead went through, `won → lost`, as the language calls them."""
    if issue.code != Code.STAGE_LEFT or issue.value is None:
        return issue
    return replace(issue, value=THEN.join(name_of(each, words) for each in issue.value.split(THEN)))
