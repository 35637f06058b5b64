"""Proposed revisions of a plan: who has to agree, and who has."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Connection, insert, select, update

from kpi_core.records import schema
from kpi_core.records.audit import AuditAction, AuditEntry, add_entry
from kpi_core.records.changes import ChangeKind, add_change
from kpi_core.records.errors import StoreError


class ProposalState(StrEnum):
    """What became of a proposal."""

    OPEN = "open"
    IN_FORCE = "in_force"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Agreement:
    """That a person agreed."""

    name: str
    at: datetime


@dataclass(frozen=True)
class Proposal:
    """A revision that is proposed. `agree` are the names of those who have to agree.

    `effective_from` None: the month in which it comes into force.
    """

    proposal_id: int
    plan_id: str
    base_revision: int
    effective_from: date | None
    document: str
    reason: str
    agree: tuple[str, ...]
    proposed_by: str
    proposed_at: datetime
    state: ProposalState
    agreements: tuple[Agreement, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """Who has not agreed yet."""
        agreed = {each.name for each in self.agreements}
        return tuple(name for name in self.agree if name not in agreed)


def propose(
    conn: Connection,
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
    row = insert(schema.plan_proposals).values(
        plan_id=plan_id,
        base_revision=base_revision,
        effective_from=effective_from,
        document=document,
        reason=why,
        agree=json.dumps(list(agree), ensure_ascii=False),
        proposed_by=who,
        proposed_at=now,
        state=ProposalState.OPEN.value,
    )
    number = conn.execute(row.returning(schema.plan_proposals.c.proposal_id)).scalar_one()
    _note(conn, AuditAction.PROPOSED, plan_id, why, who, now)
    return int(number)


def agree(conn: Connection, proposal_id: int, *, who: str, now: datetime) -> Proposal:
    """Note that a person agrees; StoreError for a proposal that is not open any more."""
    proposal = find_proposal(conn, proposal_id)
    if proposal.state is not ProposalState.OPEN:
        raise StoreError("proposal_closed")
    if who not in {each.name for each in proposal.agreements}:
        values = {"proposal_id": proposal_id, "name": who, "agreed_at": now}
        conn.execute(insert(schema.plan_agreements).values(**values))
        _note(conn, AuditAction.AGREED, proposal.plan_id, "", who, now)
    return find_proposal(conn, proposal_id)


def close(
    conn: Connection, proposal_id: int, state: ProposalState, *, who: str, now: datetime
) -> None:
    """Take a proposal off the table: it came into force, or it was withdrawn."""
    proposal = find_proposal(conn, proposal_id)
    table = schema.plan_proposals
    conn.execute(update(table).where(table.c.proposal_id == proposal_id).values(state=state.value))
    if state is ProposalState.WITHDRAWN:
        _note(conn, AuditAction.PROPOSAL_WITHDRAWN, proposal.plan_id, "", who, now)
    else:
        add_change(conn, ChangeKind.PROPOSAL)


def find_proposal(conn: Connection, proposal_id: int) -> Proposal:
    """A proposal by its number; StoreError for an unknown one."""
    table = schema.plan_proposals
    row = conn.execute(select(table).where(table.c.proposal_id == proposal_id)).one_or_none()
    if row is None:
        raise StoreError("no_such_proposal")
    return _proposal(conn, dict(row._mapping))


def open_proposals(conn: Connection, plan_id: str) -> tuple[Proposal, ...]:
    """What is proposed of a plan, oldest first."""
    table = schema.plan_proposals
    query = (
        select(table)
        .where(table.c.plan_id == plan_id, table.c.state == ProposalState.OPEN.value)
        .order_by(table.c.proposal_id)
    )
    return tuple(_proposal(conn, dict(row._mapping)) for row in conn.execute(query).all())


def _proposal(conn: Connection, row: dict[str, object]) -> Proposal:
    table = schema.plan_agreements
    query = (
        select(table.c.name, table.c.agreed_at)
        .where(table.c.proposal_id == row["proposal_id"])
        .order_by(table.c.agreed_at, table.c.name)
    )
    agreements = tuple(Agreement(*each) for each in conn.execute(query))
    read = {
        "agree": tuple(json.loads(str(row["agree"]))),
        "state": ProposalState(str(row["state"])),
        "agreements": agreements,
    }
    return Proposal(**(row | read))  # type: ignore[arg-type]  # the columns are its fields


def _note(
    conn: Connection, action: AuditAction, subject: str, detail: str, who: str, now: datetime
) -> None:
    add_change(conn, ChangeKind.PROPOSAL)
    add_entry(conn, AuditEntry(now, who, action, subject, detail))
