"""The store: facts in, questions answered, plans kept. What the rest of the product talks to."""

import logging
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from threading import Lock

import duckdb
from duckdb import DuckDBPyConnection

from kpi_core.domain.period import Period
from kpi_core.domain.stage import Stage
from kpi_core.domain.tally import Tally
from kpi_core.storage import answers, audit, displays, ledger, mappings, revisions, rollup, tokens
from kpi_core.storage.answers import Coverage
from kpi_core.storage.audit import AuditAction, AuditEntry
from kpi_core.storage.displays import Display
from kpi_core.storage.errors import StoreError
from kpi_core.storage.facts import Batch, ImportRecord, Issue, Receipt
from kpi_core.storage.intake import take_in
from kpi_core.storage.kept_tables import KeptTables
from kpi_core.storage.mappings import SavedMapping
from kpi_core.storage.revisions import Revision
from kpi_core.storage.scripts import ask, ask_one, run
from kpi_core.storage.session import Session
from kpi_core.storage.tokens import Token, TokenScope
from kpi_core.storage.withdrawal import withdraw

_log = logging.getLogger(__name__)


def open_store(path: Path | str, *, read_only: bool = False) -> "Store":
    """The store in a file, made or brought up to date where need be; StoreError says why not."""
    session = Session(Path(path).absolute(), read_only)
    session.open()
    try:
        store = Store(session)
        if not read_only:
            store.register(rollup.PLAIN_TALLIES)
    except BaseException:
        session.close()
        raise
    return store


class Store:
    """One per process and file. Safe to use from many threads; one writes at a time.

    Every `now` is the wall clock of the plan's zone, without zone.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._coverage: tuple[int, Coverage | None] = (0, None)
        self._tables = KeptTables.of(session.path)
        self._displays = Lock()
        with session.reading() as cursor:
            self._registered = rollup.registered(cursor)

    def close(self) -> None:
        """Wait for the writer, then let go of the file."""
        self._session.close()

    # --- what changed ---

    def data_version(self) -> int:
        """A number that rises with every change of facts or plans. Costs nothing to ask."""
        return self._session.version

    def subscribe(self, callback: Callable[[int], None]) -> Callable[[], None]:
        """Have each new version told, after its commit; call the result to stop.

        Told in the thread that committed: hand over and return. A failing callback harms nobody.
        """
        return self._session.subscribe(callback)

    # --- facts in ---

    @contextmanager
    def scratch(self) -> Iterator[DuckDBPyConnection]:
        """A cursor in which a file is made into a batch: nothing in it is seen by others.

        Make only temporary tables and views there, and outside a transaction of one's own: a
        batch that names them is then taken in without being copied.
        """
        with self._session.reading() as cursor:
            yield cursor

    def commit(self, batch: Batch, *, who: str, now: datetime) -> Receipt:
        """Take a batch in, whole or not at all."""
        _check_wall_clock(now)
        with self._session.writing(batch.scratch) as transaction:
            return take_in(transaction, batch, who=who, now=now)

    def preview(self, batch: Batch, *, now: datetime) -> Receipt:
        """The receipt that `commit` would give; nothing is kept."""
        _check_wall_clock(now)
        with self._session.writing(batch.scratch) as transaction:
            transaction.keep = False
            return take_in(transaction, batch, who="", now=now)

    def undo(self, import_id: int, *, who: str, now: datetime) -> ImportRecord:
        """Take an import back; StoreError for one that is unknown or undone already."""
        _check_wall_clock(now)
        with self._session.writing() as transaction:
            return withdraw(transaction.cursor, import_id, who=who, now=now)

    def set_data_through(
        self, import_id: int, moment: datetime, *, who: str, now: datetime
    ) -> None:
        """Correct up to when an import tells everything; StoreError for an unknown one."""
        _check_wall_clock(moment)
        with self._session.writing() as transaction:
            ledger.find(transaction.cursor, import_id)
            run(
                transaction.cursor,
                "writes/set_data_through",
                import_id=import_id,
                moment=moment,
            )
            deed = AuditEntry(
                now, who, AuditAction.DATA_THROUGH, str(import_id), moment.isoformat(" ")
            )
            audit.record(transaction.cursor, deed)

    def imports(self) -> tuple[ImportRecord, ...]:
        """The ledger, newest first."""
        with self._session.reading() as cursor:
            return ledger.records(cursor)

    def issues(self, import_id: int, limit: int = ledger.ISSUES_SHOWN) -> tuple[Issue, ...]:
        """What was wrong in an import, by line; none for an unknown one."""
        with self._session.reading() as cursor:
            return ledger.issues(cursor, import_id, limit)

    def receipt(self, import_id: int) -> Receipt:
        """What an import did when it was taken in; StoreError for an unknown one."""
        with self._session.reading() as cursor:
            return ledger.receipt(cursor, import_id)

    def mapping_of(self, import_id: int) -> str:
        """The text of the mapping by which an import was read; StoreError for an unknown one."""
        with self._session.reading() as cursor:
            return ledger.mapping_of(cursor, import_id)

    # --- ways in ---

    def secret(self) -> bytes:
        """The key of hashed mail addresses: 32 random bytes, made once for each store."""
        with self._session.reading() as cursor:
            known = ask(cursor, "questions/secret")
        if not known:
            with self._session.writing() as transaction:
                transaction.raises_version = False
                known = ask(transaction.cursor, "questions/secret")
                if not known:
                    known = [(secrets.token_bytes(32),)]
                    run(transaction.cursor, "writes/add_secret", key=known[0][0])
        return bytes(known[0][0])

    def save_mapping(
        self, name: str, text: str, fingerprint: str, *, who: str, now: datetime
    ) -> None:
        """Save a mapping's text in the place of the one of the same name."""
        _check_wall_clock(now)
        with self._session.writing() as transaction:
            transaction.raises_version = False
            saved = SavedMapping(name, text, fingerprint, now, who)
            mappings.save_mapping(transaction.cursor, saved)

    def saved_mappings(self) -> tuple[SavedMapping, ...]:
        """The saved mappings, by name."""
        with self._session.reading() as cursor:
            return mappings.saved_mappings(cursor)

    def delete_mapping(self, name: str, *, who: str, now: datetime) -> None:
        """Forget a saved mapping; StoreError where none has the name."""
        _check_wall_clock(now)
        with self._session.writing() as transaction:
            transaction.raises_version = False
            mappings.delete_mapping(transaction.cursor, name, who=who, now=now)

    def add_token(
        self, name: str, scope: TokenScope, *, who: str, now: datetime
    ) -> tuple[Token, str]:
        """A new token and its text, which cannot be asked for again."""
        _check_wall_clock(now)
        with self._session.writing() as transaction:
            transaction.raises_version = False
            return tokens.add_token(transaction.cursor, name, scope, who=who, now=now)

    def tokens(self) -> tuple[Token, ...]:
        """All tokens, newest first; revoked ones too."""
        with self._session.reading() as cursor:
            return tokens.tokens(cursor)

    def find_token(self, text: str, scope: TokenScope, now: datetime) -> Token | None:
        """The standing token of this text and scope; None where there is none.

        Its use is noted, once a minute at most, without waiting for an import that is under way.
        """
        _check_wall_clock(now)
        with self._session.reading() as cursor:
            token = tokens.find_token(cursor, text, scope)
        if token is not None and tokens.is_use_due(token, now) and not self._session.read_only:
            try:
                with self._session.noting() as cursor:
                    tokens.note_use(cursor, token, now)
            except (duckdb.Error, StoreError):
                _log.warning("The use of token %s could not be noted", token.token_id)
        return token

    def revoke_token(self, token_id: int, *, who: str, now: datetime) -> None:
        """Let nobody in by a token any more; StoreError for an unknown one."""
        _check_wall_clock(now)
        with self._session.writing() as transaction:
            transaction.raises_version = False
            tokens.revoke_token(transaction.cursor, token_id, who=who, now=now)

    def keep_table(
        self, file_hash: str, scratch: DuckDBPyConnection, relation: str, header: tuple[str, ...]
    ) -> StoreError | None:
        """Keep a table as it was read, by the hash of its file; why not, where it cannot be."""
        return self._tables.keep(file_hash, scratch, relation, header)

    def kept_table(
        self, file_hash: str, scratch: DuckDBPyConnection, name: str
    ) -> tuple[str, ...] | None:
        """Make a temporary view of a kept table; its header, or None where it is not kept."""
        return self._tables.show(file_hash, scratch, name)

    # --- questions ---

    def daily(self, tallies: Sequence[Tally], period: Period) -> dict[Tally, dict[date, float]]:
        """Each registered tally per day, over all channels; days without a value are left out."""
        self._check_registered(tallies)
        with self._session.reading() as cursor:
            return answers.daily(cursor, tallies, period)

    def by_channel(self, tallies: Sequence[Tally], period: Period) -> dict[Tally, dict[str, float]]:
        """Each registered tally per channel over the period; '' where no channel is known."""
        self._check_registered(tallies)
        with self._session.reading() as cursor:
            return answers.by_channel(cursor, tallies, period)

    def coverage(self) -> Coverage:
        """Up to when the facts of each stage, activity and measure are told.

        Remembered per data version: every report begins with it.
        """
        version = self.data_version()
        known_for, coverage = self._coverage
        if coverage is None or known_for != version:
            with self._session.reading() as cursor:
                coverage = answers.coverage(cursor)
            self._coverage = version, coverage
        return coverage

    def data_through(self, tallies: Sequence[Tally]) -> datetime | None:
        """Up to when the facts of all the tallies tell everything; None where none has facts."""
        return self.coverage().through(tallies)

    def first_day(self, tallies: Sequence[Tally]) -> date | None:
        """The oldest day on which any of the tallies has a value; None where none has one."""
        self._check_registered(tallies)
        with self._session.reading() as cursor:
            return answers.first_day(cursor, tallies)

    def undated(self, stage: Stage) -> int:
        """Leads that reached the stage nobody knows when."""
        with self._session.reading() as cursor:
            return answers.undated(cursor, stage)

    def leads(self) -> int:
        """Leads that any event is known of; the same id in two sources is two leads."""
        with self._session.reading() as cursor:
            return answers.leads(cursor)

    def is_empty(self) -> bool:
        """No fact stands."""
        with self._session.reading() as cursor:
            return answers.is_empty(cursor)

    def holds_demo(self) -> bool:
        """Something of the demo stands."""
        with self._session.reading() as cursor:
            return bool(ledger.standing_demos(cursor))

    # --- plans ---

    def save_revision(
        self,
        plan_id: str,
        text: str,
        *,
        effective_from: date | None,
        tallies: Sequence[Tally],
        who: str,
        why: str,
        now: datetime,
    ) -> int:
        """Save a plan's text and roll its tallies up. Returns the revision's number.

        The newest revision, saved again with the same text for the same month on, changes
        nothing and keeps its number.
        """
        _check_wall_clock(now)
        with self._session.writing() as transaction:
            cursor = transaction.cursor
            added = rollup.register(cursor, tallies)
            saved = revisions.revisions(cursor, plan_id)
            newest = (saved[-1].text, saved[-1].effective_from) if saved else None
            if newest == (text, effective_from):
                transaction.raises_version = False
                number = saved[-1].revision
            else:
                number = len(saved) + 1
                revision = Revision(number, effective_from, text, who, why, now)
                revisions.add_revision(cursor, plan_id, revision)
                audit.record(cursor, AuditEntry(now, who, AuditAction.REVISION, plan_id, why))
        self._registered |= added
        return number

    def revisions(self, plan_id: str) -> tuple[Revision, ...]:
        """A plan's revisions, oldest first; empty for an unknown plan."""
        with self._session.reading() as cursor:
            return revisions.revisions(cursor, plan_id)

    def plan_ids(self) -> tuple[str, ...]:
        """The plans, in the order in which they were first saved."""
        with self._session.reading() as cursor:
            return revisions.plan_ids(cursor)

    def register(self, tallies: Sequence[Tally]) -> None:
        """Have tallies rolled up from now on; those that are already cost nothing."""
        if all(tally.key in self._registered for tally in tallies):
            return
        with self._session.writing() as transaction:
            transaction.raises_version = False
            added = rollup.register(transaction.cursor, tallies)
        self._registered |= added

    # --- screens on walls ---

    def add_display(
        self, name: str, *, networks: Sequence[str] = (), who: str, now: datetime
    ) -> tuple[Display, str]:
        """A new screen, and its key: told this once, kept as a hash."""
        _check_wall_clock(now)
        with self._session.writing() as transaction:
            transaction.raises_version = False
            return displays.add(transaction.cursor, name, tuple(networks), who=who, now=now)

    def displays(self) -> tuple[Display, ...]:
        """Every screen there ever was, oldest first."""
        with self._session.reading() as cursor:
            return displays.displays(cursor)

    def find_display(self, key: str) -> Display | None:
        """The screen a key was made for, switched off or not; None for a key of nobody's."""
        with self._session.reading() as cursor:
            return displays.by_key(cursor, key)

    def display_seen(self, display: Display, address: str, *, now: datetime) -> None:
        """A screen is there; written down once a minute."""
        if displays.is_news(display, address, now):
            self.displays_seen({display.display_id: address}, now=now)

    def displays_seen(self, there: Mapping[int, str], *, now: datetime) -> None:
        """Screens are there, by their numbers, each at an address.

        Waits for no import, and is left out where it cannot be written, or while one of them
        is switched off: two changes of a row at once would be refused, and that one matters.
        """
        _check_wall_clock(now)
        if self._session.read_only or not there or not self._displays.acquire(blocking=False):
            return
        try:
            with self._session.noting() as cursor:
                displays.seen(cursor, there, now)
        except (duckdb.Error, StoreError):
            _log.warning("Which screens were there could not be noted")
        finally:
            self._displays.release()

    def revoke_display(self, display_id: int, *, who: str, now: datetime) -> Display:
        """Switch a screen off for good; it hears of it at once."""
        _check_wall_clock(now)
        with self._displays, self._session.writing() as transaction:
            return displays.revoke(transaction.cursor, display_id, who=who, now=now)

    def is_done(self, what: str) -> bool:
        """Whether `first_time` has been told it."""
        with self._session.reading() as cursor:
            return bool(ask_one(cursor, "questions/done_once", what=what)[0])

    def first_time(self, what: str, *, now: datetime) -> bool:
        """True once in the life of this store for each `what`; it is remembered as done."""
        _check_wall_clock(now)
        with self._session.writing() as transaction:
            transaction.raises_version = False
            if ask_one(transaction.cursor, "questions/done_once", what=what)[0]:
                transaction.keep = False
                return False
            run(transaction.cursor, "writes/do_once", what=what, done_at=now)
            return True

    # --- who did what ---

    def audit(self, limit: int = 100) -> tuple[AuditEntry, ...]:
        """The newest deeds, newest first."""
        with self._session.reading() as cursor:
            return audit.entries(cursor, limit)

    def _check_registered(self, tallies: Sequence[Tally]) -> None:
        unknown = [tally for tally in tallies if tally.key not in self._registered]
        if unknown:
            raise LookupError(f"Not rolled up; register it first: {unknown[0]}")


def _check_wall_clock(moment: datetime) -> None:
    if moment.tzinfo is not None:
        raise ValueError(f"A wall-clock moment carries no zone: {moment}")
