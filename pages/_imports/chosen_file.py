"""One file that a visitor has chosen: what is known of it, and how far it has come."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Generic, TypeVar

from kpi_core.domain.question import Question
from kpi_core.domain.receipt import Conflict, Receipt
from kpi_core.facts.conflicts import REPLACES, Undecided
from kpi_core.ingest.conflict_questions import (
    NEUTRAL,
    answers_about_file,
    decisions_of,
    first_offers,
    questions_of,
)
from kpi_core.ingest.import_file import import_file
from kpi_core.ingest.inbox.held_files import take_back
from kpi_core.ingest.inbox.inbox_folder import Inbox
from kpi_core.ingest.inspect import Inspection, inspect
from kpi_core.ingest.progress import Watch
from kpi_core.mapping.document import Mapping
from kpi_core.mapping.shipped import Known
from kpi_core.server.jobs import Job, JobKind
from kpi_core.tabular.file_cache import opened_files
from pages import _lock, _mappings, _runtime

LOGGER = logging.getLogger(__name__)
SOON = 0.35
"""Seconds that a page waits for work that is likely to end at once, rather than show it running."""

Found = TypeVar("Found")


class State(StrEnum):
    """How far a file has come. Values name the words in the catalogs (`imports.state_<state>`)."""

    READING = "reading"
    UNREADABLE = "unreadable"
    ASKING = "asking"
    COMPARING = "comparing"
    READY = "ready"
    NOTHING = "nothing"
    REPEATS = "repeats"
    IMPORTING = "importing"
    IMPORTED = "imported"
    FAILED = "failed"


@dataclass
class _Step(Generic[Found]):
    """Work whose outcome holds as long as what it was asked about stays the same.

    While it runs again, the earlier result is still shown. Nothing of it changes while a page
    is drawn: what has ended is taken over by `settle` alone.
    """

    asked: object = None
    work: Job[Found] | None = None
    found: Found | None = None
    settled: bool = False

    def begin(self, asked: object, begin: Callable[[], Job[Found]]) -> None:
        """Do it, unless it is done or being done.

        What is being done for an older question is let come to its end first, so that many
        answers in a row are not as many pieces of work.
        """
        if self.work is None or (asked != self.asked and self.work.ended):
            self.asked, self.work, self.settled = asked, begin(), False
        elif asked != self.asked:
            self.work.cancel()
            self.asked = None

    def settle(self, seconds: float) -> None:
        """Take over what was found, if it was within this time and is still asked for."""
        if self.work is not None and self.work.wait(seconds) and self.asked is not None:
            self.found, self.settled = self.work.found, True

    @property
    def running(self) -> bool:
        """It is being done, as far as the page knows."""
        return self.work is not None and not self.settled

    @property
    def problem(self) -> Exception | None:
        """Why it did not end well."""
        return self.work.problem if self.work is not None and self.settled else None

    def drop(self) -> None:
        """Stop it, and forget what was found."""
        if self.work is not None:
            self.work.cancel()
        self.asked = self.work = self.found = None
        self.settled = False


@dataclass(frozen=True)
class Previewed:
    """What the import would do, as it is decided, and what the store asks about it."""

    receipt: Receipt
    conflicts: tuple[Conflict, ...] = ()


@dataclass(frozen=True)
class Imported:
    """The receipt of an import, and why its mapping could not be saved, where it was to be."""

    receipt: Receipt
    not_kept: Exception | None = None


@dataclass(eq=False)
class Upload:
    """One chosen file. Its content is released once it is imported."""

    id: str
    name: str
    size: int
    content: bytes
    answers: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    """Keys of the questions that were open at any time: they stay where they were asked."""
    mapping: Mapping | None = None
    """One that the visitor chose; the file is then read by it alone."""
    waiting: Path | None = None
    """Where it lies in the inbox, if it comes from there."""
    unfolded: bool | None = None
    """Whether its card is open; None until the visitor says."""
    inspecting: _Step[Inspection] = field(default_factory=_Step)
    previewing: _Step[Previewed] = field(default_factory=_Step)
    importing: _Step[Imported] = field(default_factory=_Step)
    asked_late: bool = False
    """The data changed while it was imported: the store asks something first."""

    @property
    def inspection(self) -> Inspection | None:
        """What is known of the file; None until it was read."""
        return self.inspecting.found

    @property
    def preview(self) -> Receipt | None:
        """What the import would do; None until that is known."""
        return None if self.previewing.found is None else self.previewing.found.receipt

    @property
    def conflicts(self) -> tuple[Conflict, ...]:
        """Where it meets what is stored, and only the visitor knows which counts."""
        return () if self.previewing.found is None else self.previewing.found.conflicts

    @property
    def decisions(self) -> dict[str, str]:
        """What is decided of the conflicts: as the visitor says, else as offered first."""
        return first_offers(self.conflicts) | decisions_of(self.answers)

    @property
    def receipt(self) -> Receipt | None:
        """What the import did; None until it has ended well."""
        return None if self.importing.found is None else self.importing.found.receipt

    @property
    def not_kept(self) -> Exception | None:
        """Why the mapping was not saved, though the file was imported."""
        return None if self.importing.found is None else self.importing.found.not_kept

    @property
    def problem(self) -> Exception | None:
        """Why the last thing that was tried did not end well."""
        steps = (self.importing, self.previewing, self.inspecting)
        return next((step.problem for step in steps if step.problem is not None), None)

    @property
    def questions(self) -> tuple[Question, ...]:
        """What has been asked, answered or not, in the order of asking; the store asks last."""
        if self.inspection is None:
            return ()
        of_file = (each for each in self.inspection.questions if each.key in self.asked)
        decisions = self.decisions
        of_store = questions_of(self.conflicts)
        return (*of_file, *(replace(each, answer=decisions[each.key]) for each in of_store))

    @property
    def to_confirm(self) -> int:
        """How many questions its visitor has to look at."""
        needed = 0 if self.inspection is None else len(self.inspection.answers_needed)
        return needed or sum(each.code not in self.answers for each in self.conflicts)

    @property
    def state(self) -> State:
        """How far it has come."""
        found, preview = self.inspection, self.preview
        if self.importing.running:
            return State.IMPORTING
        if self.receipt is not None:
            return State.IMPORTED
        if found is None or self.inspecting.running:
            return State.FAILED if self.problem else State.READING
        if found.answers_needed:
            return State.ASKING
        if found.mapping is None:
            return State.UNREADABLE
        if self.problem:
            return State.FAILED
        if preview is None or self.previewing.running:
            return State.COMPARING
        if preview.repeats is not None:
            return State.REPEATS
        if not preview.facts:
            return State.NOTHING
        return State.ASKING if self.to_confirm else State.READY

    def unfold(self, whether: bool) -> None:
        """Open or close its card."""
        self.unfolded = whether

    def say(self, key: str, value: str) -> None:
        """The visitor's answer to a question."""
        self.answers[key] = value

    def said(self, question: Question) -> str | None:
        """The answer to a question: the visitor's at once, though the file is still read by it."""
        if self.inspecting.running:
            return self.answers.get(question.key, question.answer)
        return question.answer

    def work_on(self) -> None:
        """Start what can start: read the file, then compare it with the current data."""
        self._settle_import(0)
        if self.receipt is not None or self.importing.running:
            return
        known = _runtime.store().records.saved_mappings()
        answers = answers_about_file(self.answers)
        asked = (tuple(sorted(answers.items())), self.mapping, known)
        if asked != self.inspecting.asked:
            self.importing.drop()
        self.inspecting.begin(asked, lambda: self._inspect(known))
        self.inspecting.settle(0)
        found = self.inspection
        if found is None or self.inspecting.running:
            return
        self.asked += [each.key for each in found.answers_needed if each.key not in self.asked]
        if found.mapping is None:
            self.previewing.drop()
            return
        mapping = found.mapping
        version, decided = _runtime.store().data_version(), decisions_of(self.answers)
        self.previewing.begin(
            (mapping.text, version, tuple(sorted(decided.items()))),
            lambda: self._compare(mapping, decided),
        )

    def settle(self) -> None:
        """Wait a moment for what is likely to be there in a moment."""
        if self.importing.running:
            self._settle_import(SOON)
        if self.receipt is not None or self.importing.running:
            return
        self.inspecting.settle(SOON)
        self.work_on()
        self.previewing.settle(SOON)

    @property
    def running(self) -> Job[object] | None:
        """What goes on with it just now."""
        steps = (self.importing, self.previewing, self.inspecting)
        return next((step.work for step in steps if step.running), None)

    def start_import(self, save_as: str | None = None) -> None:
        """Import it, once; `save_as` keeps how it was read under this name."""
        found = self.inspection
        if found is None or found.mapping is None or self.importing.running:
            return
        _lock.demand()
        mapping, header = found.mapping, found.header
        store, now, waiting = _runtime.store(), _runtime.app().wall_clock(), self.waiting
        content, name = self.content, self.name
        commit, decisions = self._action(mapping, dry_run=False), self.decisions

        def action(watch: Watch) -> Imported:
            receipt = commit(watch, decisions)
            not_kept: Exception | None = None
            if receipt.import_id is not None:
                _runtime.app().raw_files.keep_or_warn(content, name, now)
            if save_as:
                try:
                    _mappings.save(store, save_as, mapping, header, now=now)
                except Exception as problem:  # whatever it is, the import stands
                    LOGGER.warning("A mapping could not be saved", exc_info=problem)
                    not_kept = problem
            if waiting is not None:  # the inbox sees that it is imported, and moves it to done
                take_back(Inbox(waiting.parent.parent), waiting.name)
            return Imported(receipt, not_kept)

        self.asked_late = False
        self.importing.drop()
        self.importing.begin("import", lambda: _runtime.app().jobs.import_(self.name, action))

    def let_go(self) -> None:
        """Stop whatever goes on with it."""
        for step in (self.inspecting, self.previewing, self.importing):
            step.drop()
        opened_files().drop(self.content)

    def _settle_import(self, seconds: float) -> None:
        self.importing.settle(seconds)
        if isinstance(self.importing.problem, Undecided):
            self.asked_late = True
            self.importing.drop()
            self.previewing.drop()
        if self.receipt is not None:
            self.content = b""

    def _inspect(self, known: Sequence[Known]) -> Job[Inspection]:
        answers, content = answers_about_file(self.answers), self.content
        now, home = _runtime.app().wall_clock(), _runtime.app().home()
        name, mapping = self.name, self.mapping
        return _runtime.app().jobs.look(
            JobKind.READING,
            name,
            lambda _: inspect(
                content, name, now=now, answers=answers, mapping=mapping, known=known, home=home
            ),
        )

    def _compare(self, mapping: Mapping, decided: dict[str, str]) -> Job[Previewed]:
        preview = self._action(mapping, dry_run=True)

        def action(watch: Watch) -> Previewed:
            receipt = preview(watch, {})
            conflicts = receipt.conflicts
            decisions = first_offers(conflicts) | decided
            # What an import to be replaced says is counted in a preview, however it is decided.
            if any(
                decisions[each.code] != NEUTRAL[each.code]
                for each in conflicts
                if each.code != REPLACES
            ):
                receipt = preview(watch, decisions)
            return Previewed(receipt, conflicts)

        return _runtime.app().jobs.look(JobKind.COMPARING, self.name, action)

    def _action(
        self, mapping: Mapping, *, dry_run: bool
    ) -> Callable[[Watch, dict[str, str]], Receipt]:
        """What a thread does: it holds all that it needs, and asks nothing of the page."""
        store, content, name = _runtime.store(), self.content, self.name
        now, home = _runtime.app().wall_clock(), _runtime.app().home()
        return lambda watch, decisions: import_file(
            store,
            content,
            name,
            mapping,
            who=_runtime.BY_PAGE,
            now=now,
            dry_run=dry_run,
            decisions=decisions,
            home=home,
            watch=watch,
        )
