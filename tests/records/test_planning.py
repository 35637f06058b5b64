"""What people agree about plans outlives the program, on each database."""

from datetime import date, datetime, timedelta

import pytest

from kpi_core.records import Records, StoreError
from kpi_core.records.audit import AuditAction
from kpi_core.records.planning.drafts import MOST, Draft
from kpi_core.records.planning.proposals import ProposalState
from tests.batches import at

NOW = at("2026-11-30 09:00")
LATER = at("2026-12-01 09:00")


def save(records: Records, *plan_ids: str) -> None:
    for plan_id in plan_ids:
        records.save_revision(plan_id, "a", effective_from=None, who="Ito", why="", now=NOW)


def test_plans_stand_in_the_order_they_were_put_in_new_ones_last(records: Records) -> None:
    save(records, "a", "b", "c")
    records.plans.arrange(["c", "a", "b"], who="Ito", now=NOW)
    save(records, "d")
    assert records.plan_ids() == ("c", "a", "b", "d")
    assert records.audit()[1].subject == "c, a, b"


def test_an_archived_or_deleted_plan_is_out_of_use_and_can_come_back(records: Records) -> None:
    save(records, "a", "b", "c")
    records.plans.arrange(["b", "a", "c"], who="Ito", now=NOW)
    before = records.data_version()
    records.plans.archive("b", who="Ito", now=NOW)
    records.plans.remove("a", who="Ito", now=LATER)
    assert records.data_version() == before + 2
    assert records.plan_ids() == ("c",)
    kept = {each.plan_id: (each.archived_at, each.deleted_at) for each in records.plans.entries()}
    assert kept == {"b": (NOW, None), "a": (None, LATER), "c": (None, None)}
    records.plans.restore("a", who="Ito", now=LATER)
    assert records.plan_ids() == ("a", "c")
    assert [each.action for each in records.audit(3)] == [
        AuditAction.PLAN_RESTORED,
        AuditAction.PLAN_DELETED,
        AuditAction.PLAN_ARCHIVED,
    ]


def test_a_new_revision_brings_a_deleted_plan_back(records: Records) -> None:
    save(records, "a")
    records.plans.remove("a", who="Ito", now=NOW)
    records.save_revision("a", "b", effective_from=None, who="Ito", why="", now=NOW)
    assert records.plan_ids() == ("a",)


def test_restoring_a_plan_in_use_changes_nothing(records: Records) -> None:
    save(records, "a")
    before = records.data_version()
    records.plans.restore("a", who="Ito", now=NOW)
    assert records.data_version() == before


def draft(browser: str = "b1", plan_id: str = "", document: str = "x", at: datetime = NOW) -> Draft:
    return Draft(browser, plan_id, 0, document, "{}", at)


def test_a_browser_has_one_draft_of_a_plan_the_last_one_saved(records: Records) -> None:
    records.plans.save_draft(draft(document="first"))
    records.plans.save_draft(draft(document="second", at=LATER))
    records.plans.save_draft(draft(plan_id="saas", document="other"))
    found = records.plans.draft("b1", "")
    assert found is not None
    assert (found.document, found.saved_at) == ("second", LATER)
    assert records.plans.draft("b2", "") is None
    records.plans.delete_draft("b1", "")
    assert records.plans.draft("b1", "") is None
    assert records.plans.draft("b1", "saas") is not None


def test_a_draft_is_no_change_that_others_see(records: Records) -> None:
    before = records.data_version()
    records.plans.save_draft(draft())
    assert records.data_version() == before


def test_of_many_drafts_the_newest_are_kept(records: Records) -> None:
    for number in range(MOST + 2):
        records.plans.save_draft(draft(f"b{number}", at=NOW + timedelta(seconds=number)))
    kept = [number for number in range(MOST + 2) if records.plans.draft(f"b{number}", "")]
    assert kept == list(range(2, MOST + 2))


def propose(records: Records) -> int:
    return records.plans.propose(
        "saas",
        "text",
        base_revision=3,
        effective_from=date(2026, 12, 1),
        agree=["Sato", "Ito"],
        who="Mori",
        why="season",
        now=NOW,
    )


def test_a_proposal_says_who_has_not_agreed_yet(records: Records) -> None:
    number = propose(records)
    records.plans.agree(number, who="Ito", now=NOW)
    proposal = records.plans.agree(number, who="Ito", now=LATER)
    assert proposal.missing == ("Sato",)
    assert [(each.name, each.at) for each in proposal.agreements] == [("Ito", NOW)]
    assert records.plans.agree(number, who="Sato", now=LATER).missing == ()
    assert records.plans.open_proposals("saas") == (
        records.plans.agree(number, who="Sato", now=LATER),
    )


@pytest.mark.parametrize("state", [ProposalState.IN_FORCE, ProposalState.WITHDRAWN])
def test_a_closed_proposal_takes_no_agreement(records: Records, state: ProposalState) -> None:
    number = propose(records)
    records.plans.close_proposal(number, state, who="Mori", now=LATER)
    assert records.plans.open_proposals("saas") == ()
    with pytest.raises(StoreError) as error:
        records.plans.agree(number, who="Ito", now=LATER)
    assert error.value.code == "proposal_closed"


def test_an_unknown_proposal_is_refused(records: Records) -> None:
    with pytest.raises(StoreError) as error:
        records.plans.agree(7, who="Ito", now=NOW)
    assert error.value.code == "no_such_proposal"


def test_a_visitors_name_and_a_choice_for_all_are_kept(records: Records) -> None:
    assert records.plans.visitor_name("b1") is None
    assert records.plans.preference("agreement") is None
    for name in ("Ito", "Ito Aya"):
        records.plans.name_visitor("b1", name, now=NOW)
    for value in ("direct", "agreed"):
        records.plans.set_preference("agreement", value, who="Ito", now=NOW)
    assert records.plans.visitor_name("b1") == "Ito Aya"
    assert records.plans.preference("agreement") == "agreed"
