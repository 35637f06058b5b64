"""What lies beside a file that left the inbox: its receipt, or what is asked, in every language."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from kpi_core.domain.issue import Issue
from kpi_core.domain.question import Option, Question
from kpi_core.domain.receipt import MonthChange, Receipt
from kpi_core.i18n.catalog import Language, Words
from kpi_core.i18n.formats import Formats
from kpi_core.ingest.case_text import case_lines, tallied
from kpi_core.ingest.issue_text import sentence
from kpi_core.ingest.question_text import asked, offered

ISSUES_SHOWN = 20
OPTIONS_SHOWN = 12
MONTHS_SHOWN = 60
FIGURES = (
    "receipt.rows",
    "receipt.new",
    "receipt.changed",
    "receipt.unchanged",
    "receipt.rejected",
    "receipt.flagged",
    "receipt.undated",
    "receipt.new_leads",
)

Note = dict[Language, str]
"""A text per language."""


def receipt_note(
    file: str, mapping: str, receipt: Receipt, rejected: str | None, now: datetime
) -> Note:
    """What became of a file. `rejected` names the file with the rejected rows."""
    return _in_each(lambda words: _receipt(words, file, mapping, receipt, rejected, now))


def question_note(file: str, header: Sequence[str], questions: Sequence[Question]) -> Note:
    """What has to be known before a file can be imported."""
    return _in_each(lambda words: _questions(words, file, header, questions))


def refusal_note(file: str, issues: Sequence[Issue]) -> Note:
    """Why a file cannot be imported as it is."""
    return _in_each(lambda words: _refusal(words, file, issues))


def failure_note(file: str, finding: str) -> Note:
    """That the program failed with a file, which is the program's fault."""
    return _in_each(lambda words: words("inbox.failed", file=file, finding=finding))


def _in_each(text: Callable[[Words], str]) -> Note:
    return {language: text(Words(language)) for language in Language}


def _receipt(
    words: Words, file: str, mapping: str, receipt: Receipt, rejected: str | None, now: datetime
) -> str:
    formats = Formats(words.language)
    if receipt.repeats is not None:
        return words("inbox.repeats", file=file, number=receipt.repeats)
    when, number = _moment(now), receipt.import_id
    lines = [words("inbox.done", file=file, when=when, number=number, mapping=mapping), ""]
    counts = (
        receipt.rows,
        receipt.new,
        receipt.changed,
        receipt.unchanged,
        receipt.rejected_rows,
        receipt.flagged,
        receipt.undated,
        receipt.new_leads,
    )
    for key, count in zip(FIGURES, counts, strict=True):
        lines.append(words("inbox.figure", name=words(key), value=formats.number(count)))
    if receipt.data_through is not None:
        lines.append(words("receipt.data_through", moment=_moment(receipt.data_through)))
    shown = newest_months(receipt, MONTHS_SHOWN)
    if shown:
        lines += ["", words("receipt.months")]
    for change in shown:
        before, after = formats.number(change.before), formats.number(change.after)
        lines.append(
            f"- {_one_line(tallied(change.name, words))} {change.month:%Y-%m}: {before} → {after}"
        )
    if older := len(receipt.months) - len(shown):
        lines.append(words("receipt.older_months", count=older))
    for heading, cases in case_lines(receipt, words):
        lines += ["", _one_line(heading), *(f"- {_one_line(each)}" for each in cases)]
    if receipt.issues:
        lines += ["", *_issues(words, receipt.issues, receipt.issue_count)]
    if rejected is not None:
        lines += ["", words("inbox.rejected_beside", file=rejected)]
    return "\n".join(lines)


def newest_months(receipt: Receipt, most: int) -> tuple[MonthChange, ...]:
    """What changed in the newest months, in the order of the receipt; at most so many lines."""
    newest = sorted(receipt.months, key=lambda change: change.month, reverse=True)[:most]
    return tuple(change for change in receipt.months if change in newest)


def _moment(moment: datetime) -> str:
    """Told apart for years to come, in every language."""
    return f"{moment:%Y-%m-%d %H:%M}"


def _questions(
    words: Words, file: str, header: Sequence[str], questions: Sequence[Question]
) -> str:
    lines = [words("inbox.not_taken_in", file=file)]
    if header:
        columns = ", ".join(_one_line(name) for name in header)
        lines.append(words("inbox.its_columns", columns=columns))
    if questions:
        lines += ["", words("inbox.asked")]
    for number, question in enumerate(questions, 1):
        lines.append(f"{number}. {_one_line(asked(question, words))}")
        options = [_one_line(_offered(question, each, words)) for each in question.options]
        if len(options) > OPTIONS_SHOWN:
            options[OPTIONS_SHOWN:] = ["…"]
        if options:
            lines.append("   " + words("inbox.answers", choices=" / ".join(options)))
    return "\n".join([*lines, "", words("inbox.answer_there")])


def _offered(question: Question, option: Option, words: Words) -> str:
    """An answer, with cells as they would read by it."""
    text = offered(question, option, words)
    return f"{text} ({', '.join(option.examples)})" if option.examples else text


def _refusal(words: Words, file: str, issues: Sequence[Issue]) -> str:
    lines = [words("inbox.not_taken_in", file=file), "", *_issues(words, issues, len(issues))]
    return "\n".join([*lines, "", words("inbox.then_again")])


def _issues(words: Words, issues: Iterable[Issue], total: int) -> list[str]:
    number = Formats(words.language).number
    shown = tuple(issues)[:ISSUES_SHOWN]
    lines = [f"- {_one_line(sentence(issue, words))}" for issue in shown]
    if total > len(shown):
        lines.append(words("receipt.more_issues", shown=len(shown), count=number(total)))
    return lines


def _one_line(text: str) -> str:
    """A file's own text among ours: nothing in it can pass for a line of the note."""
    return "".join(sign if sign.isprintable() else " " for sign in text)
