"""A receipt as text, and back."""

from datetime import date, datetime

import pytest

from kpi_core.domain.issue import Issue, Severity
from kpi_core.domain.receipt import Case, Conflict, MonthChange, Receipt

WHOLE = Receipt(
    import_id=3,
    source="crm",
    file_name="案件.csv",
    rows=10,
    new=1,
    changed=2,
    unchanged=3,
    new_leads=4,
    undated=5,
    rejected_rows=1,
    flagged=1,
    data_through=datetime.fromisoformat("2026-05-31 12:00:01"),
    issue_count=2,
    issues=(Issue("bad_date", 3, "作成日", "四月"), Issue("no_ids", severity=Severity.FLAGGED)),
    repeats=2,
    file_hash="abc",
    months=(MonthChange("won", date(2026, 5, 1), 1.0, 2.5),),
    conflicts=(Conflict("older", 3, ("fill_gaps", "overwrite"), 1, ("A-1",)),),
    cases=(Case("blank_over_date", "A-1", "won"),),
    case_counts=(("blank_over_date", 12),),
)
PLAIN = Receipt(None, "crm", "a.csv", 1, 0, 0, 0, 0, 0, 0, 0, None, 0, ())


@pytest.mark.parametrize("receipt", [WHOLE, PLAIN], ids=["whole", "plain"])
def test_a_receipt_reads_back_equal(receipt: Receipt) -> None:
    assert Receipt.from_json(receipt.to_json()) == receipt
    assert WHOLE.facts == 6
