"""An issue as a sentence: place, finding, next step."""

from kpi_core.domain.issue import Issue
from kpi_core.i18n.catalog import Words


def sentence(issue: Issue, words: Words) -> str:
    """The issue in the words of a language."""
    return words(
        f"issues.{issue.code}",
        line="–" if issue.line is None else issue.line,
        column=issue.column or "–",
        value=issue.value or "",
    )
