"""The records: what people and the program agreed and did. Safe to use from many threads."""

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime

from sqlalchemy import Connection

from kpi_core.domain.issue import Issue
from kpi_core.domain.receipt import Case, Receipt
from kpi_core.records import (
    aggregates,
    audit,
    changes,
    displays,
    ended_sources,
    fact_files,
    import_receipts,
    ledger,
    mappings,
    milestones,
    office_password,
    stages,
    tokens,
    workspace,
)
from kpi_core.records.audit import AuditEntry
from kpi_core.records.database import Database
from kpi_core.records.displays import Display
from kpi_core.records.errors import StoreError
from kpi_core.records.import_receipts import ISSUES_SHOWN
from kpi_core.records.ledger import ImportRecord
from kpi_core.records.mappings import SavedMapping
from kpi_core.records.migrate import migrate
from kpi_core.records.office_password import OfficePassword
from kpi_core.records.planning import revisions
from kpi_core.records.planning.plan_records import PlanRecords
from kpi_core.records.planning.revisions import Revision
from kpi_core.records.stages import StageRow
from kpi_core.records.tokens import Token, TokenScope

_log = logging.getLogger(__name__)

_NOTE_PATIENCE = 0.1
"""Seconds that a note waits which may as well be left out."""


def open_records(url: str) -> "Records":
    """The records at a URL, made or brought up to date where need be; StoreError says why not.

    `sqlite:///` with a path, or `postgresql+psycopg://`.
    """
    migrate(url)
    return Records(Database(url))


class Records:
    """One per process and database.

    Every `now` is the wall clock of the plan's zone, without zone.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.plans = PlanRecords(database)

    @property
    def path(self) -> str:
        """Where they are, for messages: a file's path, or a URL without the password."""
        return self._database.path

    def close(self) -> None:
        """Wait for the writer, then release the database."""
        self._database.close()

    def writing(self, *, patience: float | None = None) -> AbstractContextManager[Connection]:
        """One write transaction: commits, or rolls back on any exception.

        Waits for threads of this process, and up to five seconds for other processes; with
        `patience` no longer than that many seconds for either. StoreError `locked` after it.
        """
        return self._database.writing(patience=patience)

    def reading(self) -> AbstractContextManager[Connection]:
        """One snapshot for all selects inside, whatever is committed meanwhile."""
        return self._database.reading()

    def data_version(self) -> int:
        """A number that rises with every change of facts or plans, by whichever process."""
        with self.reading() as conn:
            return changes.data_version(conn)

    # --- the ledger ---

    def imports(self) -> tuple[ImportRecord, ...]:
        """The ledger, newest first."""
        with self.reading() as conn:
            return ledger.imports(conn)

    def find_import(self, import_id: int) -> ImportRecord:
        """One row of the ledger; StoreError where there is none."""
        with self.reading() as conn:
            return ledger.find_import(conn, import_id)

    def issues(self, import_id: int, limit: int = ISSUES_SHOWN) -> tuple[Issue, ...]:
        """What was wrong in an import, by line; none for an unknown one."""
        with self.reading() as conn:
            return import_receipts.issues(conn, import_id, limit)

    def receipt(self, import_id: int) -> Receipt | None:
        """What an import did; None until it is applied, StoreError for an unknown one."""
        with self.reading() as conn:
            return import_receipts.receipt(conn, import_id)

    def cases(self, import_id: int, code: str) -> tuple[Case, ...]:
        """All that an import's receipt names of one code; none for an unknown one."""
        with self.reading() as conn:
            return import_receipts.cases(conn, import_id, code)

    def replaced(self, import_id: int) -> tuple[int, ...]:
        """The imports whose place an import has taken."""
        with self.reading() as conn:
            return ledger.replaced(conn, import_id)

    def mapping_of(self, import_id: int) -> str:
        """The text of the mapping by which an import was read; StoreError for an unknown one."""
        with self.reading() as conn:
            return ledger.mapping_of(conn, import_id)

    def names_file(self, path: str) -> bool:
        """Whether a file of facts belongs to an import."""
        with self.reading() as conn:
            return fact_files.is_noted(conn, path)

    # --- mappings ---

    def ended_sources(self) -> frozenset[str]:
        """The sources that have ended."""
        with self.reading() as conn:
            return ended_sources.ended_sources(conn)

    def end_source(self, source: str, *, who: str, now: datetime) -> None:
        """Have no number wait for a source any more, until its next import."""
        with self.writing() as conn:
            ended_sources.end_source(conn, source, who, now)

    def resume_source(self, source: str, *, who: str, now: datetime) -> None:
        """Have a source that had ended go on."""
        with self.writing() as conn:
            ended_sources.resume_source(conn, source, who, now)

    def save_mapping(
        self, name: str, text: str, fingerprint: str, *, who: str, now: datetime
    ) -> None:
        """Save a mapping's text in the place of the one of the same name."""
        with self.writing() as conn:
            mappings.save_mapping(conn, SavedMapping(name, text, fingerprint, now, who))

    def saved_mappings(self) -> tuple[SavedMapping, ...]:
        """The saved mappings, by name."""
        with self.reading() as conn:
            return mappings.saved_mappings(conn)

    def delete_mapping(self, name: str, *, who: str, now: datetime) -> None:
        """Delete a saved mapping; StoreError where none has the name."""
        with self.writing() as conn:
            mappings.delete_mapping(conn, name, who=who, now=now)

    # --- tokens ---

    def add_token(
        self, name: str, scope: TokenScope, *, who: str, now: datetime
    ) -> tuple[Token, str]:
        """A new token and its text, which cannot be asked for again."""
        with self.writing() as conn:
            return tokens.add_token(conn, name, scope, who=who, now=now)

    def tokens(self) -> tuple[Token, ...]:
        """All tokens, newest first; revoked ones too."""
        with self.reading() as conn:
            return tokens.tokens(conn)

    def find_token(self, text: str, scope: TokenScope, now: datetime) -> Token | None:
        """The current token of this text and scope; None where there is none.

        Its use is noted, once a minute at most, and left out where it cannot be written soon.
        """
        with self.reading() as conn:
            token = tokens.find_token(conn, text, scope)
        if token is not None and token.is_use_due(now):
            try:
                with self.writing(patience=_NOTE_PATIENCE) as conn:
                    tokens.note_use(conn, token, now)
            except StoreError as error:
                _log.warning("The use of token %s could not be noted: %s", token.token_id, error)
        return token

    def revoke_token(self, token_id: int, *, who: str, now: datetime) -> None:
        """Refuse a token from now on; StoreError for an unknown one."""
        with self.writing() as conn:
            tokens.revoke_token(conn, token_id, who=who, now=now)

    # --- plans ---

    def save_revision(
        self,
        plan_id: str,
        text: str,
        *,
        effective_from: date | None,
        who: str,
        why: str,
        now: datetime,
        zone: str | None = None,
        expected: int | None = None,
    ) -> int:
        """Save a plan's text. Returns the revision's number.

        The newest revision, saved again with the same text for the same month on, changes
        nothing and keeps its number. `zone` is the plan's, which may be the workspace's. StoreError
        where `expected` is given and is not the number of the newest.
        """
        with self.writing() as conn:
            number = revisions.save_revision(
                conn,
                plan_id,
                text,
                effective_from=effective_from,
                who=who,
                why=why,
                now=now,
                expected=expected,
            )
            if zone is not None:
                workspace.follow(conn, plan_id, zone)
            return number

    def zone(self) -> str:
        """The workspace's zone: that of the first plan."""
        with self.reading() as conn:
            return workspace.zone(conn)

    def revisions(self, plan_id: str) -> tuple[Revision, ...]:
        """A plan's revisions, oldest first; empty for an unknown plan."""
        with self.reading() as conn:
            return revisions.revisions(conn, plan_id)

    def plan_ids(self) -> tuple[str, ...]:
        """The plans in use, in the order of the list."""
        with self.reading() as conn:
            return revisions.plan_ids(conn)

    # --- displays ---

    def add_display(
        self, name: str, *, networks: Sequence[str] = (), who: str, now: datetime
    ) -> tuple[Display, str]:
        """A new display and its key, which cannot be asked for again."""
        with self.writing() as conn:
            return displays.add_display(conn, name, tuple(networks), who=who, now=now)

    def displays(self) -> tuple[Display, ...]:
        """Every display there ever was, oldest first."""
        with self.reading() as conn:
            return displays.displays(conn)

    def find_display(self, key: str) -> Display | None:
        """The display a key was made for, switched off or not; None for an unknown key."""
        with self.reading() as conn:
            return displays.find_display(conn, key)

    def display_seen(self, display: Display, address: str, *, now: datetime) -> None:
        """Note that a display is there, once a minute."""
        if display.is_news(address, now):
            self.displays_seen({display.display_id: address}, now=now)

    def displays_seen(self, there: Mapping[int, str], *, now: datetime) -> None:
        """Note which displays are there, by their numbers, each at an address.

        Left out where it cannot be written soon.
        """
        if not there:
            return
        try:
            with self.writing(patience=_NOTE_PATIENCE) as conn:
                displays.note_seen(conn, there, now)
        except StoreError as error:
            _log.warning("Which displays were there could not be noted: %s", error)

    def revoke_display(self, display_id: int, *, who: str, now: datetime) -> Display:
        """Switch a display off for good; it raises the data version, so that screens hear of it."""
        with self.writing() as conn:
            return displays.revoke_display(conn, display_id, who=who, now=now)

    # --- the office password ---

    def set_office_password(self, text: str, *, who: str, now: datetime) -> None:
        """Set the password that opens everything but the board and the wall.

        It raises the data version, so that open pages hear of it. StoreError for one that is too
        short or too long.
        """
        password = OfficePassword.of(text)
        with self.writing() as conn:
            office_password.set_password(conn, password, who=who, now=now)

    def remove_office_password(self, *, who: str, now: datetime) -> None:
        """Open everything to everyone who reaches the port; StoreError where none is set."""
        with self.writing() as conn:
            office_password.remove_password(conn, who=who, now=now)

    def office_password(self) -> OfficePassword | None:
        """The password as it is stored; None where none is set."""
        with self.reading() as conn:
            return office_password.find_password(conn)

    # --- firsts and the secret ---

    def is_done(self, what: str) -> bool:
        """Whether `first_time` was asked about it before."""
        with self.reading() as conn:
            return milestones.is_done(conn, what)

    def first_time(self, what: str, *, now: datetime) -> bool:
        """True once in the life of the records for each `what`; it is remembered as done."""
        with self.writing() as conn:
            return milestones.first_time(conn, what, now=now)

    def secret(self) -> bytes:
        """The key of hashed mail addresses: 32 random bytes, made once for each database."""
        with self.reading() as conn:
            key = milestones.find_secret(conn)
        if key is not None:
            return key
        with self.writing() as conn:
            return milestones.make_secret(conn)

    # --- what the facts maintain ---

    def aggregates(self) -> tuple[tuple[str, str], ...]:
        """Key and JSON document of the aggregates to maintain, oldest first."""
        with self.reading() as conn:
            return aggregates.aggregates(conn)

    def add_aggregates(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Add those whose key is new; the process that maintains the cache is notified."""
        wanted = dict(pairs)
        if wanted.keys() <= dict(self.aggregates()).keys():
            return
        with self.writing() as conn:
            aggregates.add_aggregates(conn, wanted.items())

    def keep_aggregates(self, keys: Collection[str]) -> None:
        """Remove all but these; the process that maintains the cache is notified."""
        with self.writing() as conn:
            aggregates.keep_aggregates(conn, keys)

    def stages(self) -> tuple[StageRow, ...]:
        """The stages in the order of the funnel; alternatives by name."""
        with self.reading() as conn:
            return stages.stages(conn)

    # --- who did what ---

    def audit(self, limit: int = 100) -> tuple[AuditEntry, ...]:
        """The newest actions, newest first."""
        with self.reading() as conn:
            return audit.entries(conn, limit)
