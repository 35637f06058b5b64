"""What people agree about plans: the list, drafts, proposals, and who they are."""

from collections.abc import Sequence
from datetime import date, datetime

from kpi_core.records import preferences
from kpi_core.records.database import Database
from kpi_core.records.planning import drafts, plan_list, proposals
from kpi_core.records.planning.drafts import Draft
from kpi_core.records.planning.plan_list import PlanEntry
from kpi_core.records.planning.proposals import Proposal, ProposalState


class PlanRecords:
    """The plans' part of the records; `Records.plans`. Every `now` is without zone."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # --- the list ---

    def entries(self) -> tuple[PlanEntry, ...]:
        """Every plan there ever was, in the order of the list."""
        with self._database.reading() as conn:
            return plan_list.entries(conn)

    def arrange(self, plan_ids: Sequence[str], *, who: str, now: datetime) -> None:
        """Put these plans in this order; the first is the one that is shown unasked."""
        with self._database.writing() as conn:
            plan_list.arrange(conn, plan_ids, who=who, now=now)

    def archive(self, plan_id: str, *, who: str, now: datetime) -> None:
        """Put a plan into the archive."""
        with self._database.writing() as conn:
            plan_list.archive(conn, plan_id, who=who, now=now)

    def remove(self, plan_id: str, *, who: str, now: datetime) -> None:
        """Delete a plan from the list; it can be restored."""
        with self._database.writing() as conn:
            plan_list.remove(conn, plan_id, who=who, now=now)

    def restore(self, plan_id: str, *, who: str, now: datetime) -> None:
        """Use a plan again that was archived or deleted."""
        with self._database.writing() as conn:
            plan_list.restore(conn, plan_id, who=who, now=now)

    # --- drafts ---

    def draft(self, browser: str, plan_id: str) -> Draft | None:
        """What a browser began to change of a plan; None where it did not."""
        with self._database.reading() as conn:
            return drafts.find_draft(conn, browser, plan_id)

    def save_draft(self, draft: Draft) -> None:
        """Keep a draft in the place of the browser's former one of that plan."""
        with self._database.writing() as conn:
            drafts.save_draft(conn, draft)

    def delete_draft(self, browser: str, plan_id: str) -> None:
        """Forget a draft."""
        with self._database.writing() as conn:
            drafts.delete_draft(conn, browser, plan_id)

    # --- proposals ---

    def propose(
        self,
        plan_id: str,
        document: str,
        *,
        base_revision: int,
        effective_from: date | None,
        agree: Sequence[str],
        who: str,
        why: str,
        now: datetime,
    ) -> int:
        """Propose a revision to those who have to agree. Returns the proposal's number."""
        with self._database.writing() as conn:
            return proposals.propose(
                conn,
                plan_id,
                document,
                base_revision=base_revision,
                effective_from=effective_from,
                agree=agree,
                who=who,
                why=why,
                now=now,
            )

    def agree(self, proposal_id: int, *, who: str, now: datetime) -> Proposal:
        """Note that a person agrees; StoreError for a proposal that is not open any more."""
        with self._database.writing() as conn:
            return proposals.agree(conn, proposal_id, who=who, now=now)

    def close_proposal(
        self, proposal_id: int, state: ProposalState, *, who: str, now: datetime
    ) -> None:
        """Take a proposal off the table: it came into force, or it was withdrawn."""
        with self._database.writing() as conn:
            proposals.close(conn, proposal_id, state, who=who, now=now)

    def open_proposals(self, plan_id: str) -> tuple[Proposal, ...]:
        """What is proposed of a plan, oldest first."""
        with self._database.reading() as conn:
            return proposals.open_proposals(conn, plan_id)

    # --- people and choices ---

    def visitor_name(self, browser: str) -> str | None:
        """The name given in a browser; None where none was."""
        with self._database.reading() as conn:
            return preferences.visitor_name(conn, browser)

    def name_visitor(self, browser: str, name: str, *, now: datetime) -> None:
        """Keep the name given in a browser."""
        with self._database.writing() as conn:
            preferences.name_visitor(conn, browser, name, now)

    def preference(self, name: str) -> str | None:
        """What was chosen for all under a name; None where nothing was."""
        with self._database.reading() as conn:
            return preferences.preference(conn, name)

    def set_preference(self, name: str, value: str, *, who: str, now: datetime) -> None:
        """Choose something for all."""
        with self._database.writing() as conn:
            preferences.set_preference(conn, name, value, who=who, now=now)
