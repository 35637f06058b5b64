"""What was sent, into the store: looked at, taken in, and told as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from kpi_core.domain.calendar import WorkCalendar
from kpi_core.domain.issue import Issue
from kpi_core.domain.receipt import Receipt
from kpi_core.facts import conflicts
from kpi_core.facts.store import Store
from kpi_core.i18n.catalog import Words
from kpi_core.ingest.conflict_questions import decisions_of
from kpi_core.ingest.import_file import import_file
from kpi_core.ingest.inspect import inspect
from kpi_core.ingest.issue_text import sentence
from kpi_core.ingest.question_text import question_document
from kpi_core.ingest.raw_archive import RawFiles
from kpi_core.ingest.resolve import Undecided, decide, refusals, replaces_demo, undecided
from kpi_core.mapping.document import Mapping
from kpi_core.mapping.parse import read_mapping
from kpi_core.mapping.shipped import named
from kpi_core.reports.as_json import as_json
from kpi_core.reports.plans import home_calendar
from kpi_core.tabular.file_cache import opened_files
from kpi_core.web.events import as_table, read_events
from kpi_core.web.params import Params
from kpi_core.web.refusal import Refusal
from kpi_core.web.upload import Upload

DONE, CREATED = 200, 201
ISSUES_TOLD = 1000
CLOCKS_DIFFER = timedelta(minutes=5)


@dataclass(frozen=True)
class Taking:
    """One request's import, in the words of its language. `now` has a zone."""

    store: Store
    raw: RawFiles
    words: Words
    now: datetime

    def take_in(self, upload: Upload, params: Params, who: str) -> tuple[int, dict[str, Any]]:
        """The status and the receipt; Refusal where something is to be asked or cannot be read."""
        try:
            return self._take_in(upload, params, who)
        finally:
            opened_files().drop(upload.path)

    def _take_in(self, upload: Upload, params: Params, who: str) -> tuple[int, dict[str, Any]]:
        _check_together(upload, params)
        calendar = home_calendar(self.store, self.now)
        now = calendar.local(self.now)
        exported = _exported(params.exported_at, calendar, now)
        source: Path | bytes = upload.path
        if upload.is_events:
            seen: dict[str, Any] = {"dropped": [], "notes": []}
            source, mapping = as_table(read_events(upload.path.read_bytes()), calendar.zone)
        else:
            mapping, seen = self._decided(upload, params, now)
        demo_stood = self.store.holds_demo()
        try:
            receipt = import_file(
                self.store,
                source,
                upload.name,
                mapping,
                who=who,
                now=now,
                dry_run=params.dry_run,
                exported_at=exported,
                home=calendar.zone,
                decisions=decisions_of(params.answers),
            )
        except conflicts.Undecided as problem:
            raise self._open(undecided(problem.conflicts)) from problem
        finally:
            opened_files().drop(source)
        if receipt.conflicts:
            raise self._open(undecided(receipt.conflicts))
        self._check(receipt)
        is_new = receipt.import_id is not None and receipt.repeats is None
        if is_new:
            self.raw.keep_or_warn(upload.path, upload.name, now)
        told = receipt_document(receipt, self.words) | {
            "dry_run": params.dry_run,
            "replaces_demo": replaces_demo(receipt, demo_stood=demo_stood),
            "mapping": mapping.name,
            **seen,
        }
        return CREATED if is_new else DONE, told

    def _decided(
        self, upload: Upload, params: Params, now: datetime
    ) -> tuple[Mapping, dict[str, Any]]:
        """The mapping of a file, and what was seen of it; what is held of it is let go."""
        found = inspect(
            upload.path,
            upload.name,
            now=now,
            answers=params.answers,
            mapping=self._given(upload, params),
            known=self.store.records.saved_mappings(),
        )
        if found.refused:
            self._refuse(found.issues)
        mapping = decide(found, params.answers)
        if isinstance(mapping, Undecided):
            raise self._open(mapping)
        notes = issue_documents(found.notes, self.words)
        return mapping, {"dropped": as_json(found.dropped), "notes": notes}

    def _open(self, why: Undecided) -> Refusal:
        """The refusal of what is not answered yet, or answered with what is not on offer."""
        told = [question_document(each, self.words) for each in why.questions]
        if told:
            return Refusal(422, "questions_open", why.blanks, extra={"questions": told})
        return Refusal(422, why.code, why.blanks, room="deciding")

    def _given(self, upload: Upload, params: Params) -> Mapping | None:
        """The mapping that was sent or named; None where the header is to find one."""
        if upload.mapping is not None:
            found = read_mapping(upload.mapping)
        elif params.mapping is not None:
            known = named(self.store.records.saved_mappings())
            if params.mapping not in known:
                blanks = {"name": params.mapping[:80], "choices": ", ".join(sorted(known))}
                raise Refusal(422, "no_such_mapping", blanks, room="deciding")
            found = known[params.mapping]
        else:
            return None
        if isinstance(found, Mapping):
            return found
        raise Refusal(422, "mapping_unusable", details=found)

    def _check(self, receipt: Receipt) -> None:
        """Refuse to call it done where not one row could be taken in."""
        self._refuse(refusals(receipt))
        if receipt.rejected_rows and not receipt.facts:
            told = receipt_document(receipt, self.words)
            raise Refusal(422, "not_one_row", {"count": receipt.rows}, extra={"receipt": told})

    def _refuse(self, issues: Iterable[Issue]) -> None:
        if told := issue_documents(issues, self.words):
            raise Refusal(422, "refused", extra={"details": told})


def _check_together(upload: Upload, params: Params) -> None:
    """Refuse what says twice what a file means, or says it of events."""
    if upload.is_events:
        for name, given in (("mapping", params.mapping), ("answer", params.answers)):
            if given:
                raise Refusal(422, "not_with_events", {"name": name})
    elif upload.mapping is not None and params.mapping is not None:
        raise Refusal(422, "mapping_twice")


def _exported(exported: datetime | None, calendar: WorkCalendar, now: datetime) -> datetime | None:
    """When the file was exported, by the plan's clock; Refusal for what has not come yet."""
    if exported is None:
        return None
    if exported.tzinfo is not None:
        exported = calendar.local(exported)
    if exported > now + CLOCKS_DIFFER:
        raise Refusal(422, "exported_in_future", {"value": exported.isoformat(" ")})
    return exported


def receipt_document(receipt: Receipt, words: Words) -> dict[str, Any]:
    """A receipt with its issues as sentences too, the first of them where there are many."""
    issues = receipt.issues[:ISSUES_TOLD]
    return dict(as_json(receipt)) | {"issues": issue_documents(issues, words)}


def issue_documents(issues: Iterable[Issue], words: Words) -> list[dict[str, Any]]:
    """Issues with their sentences."""
    return [dict(as_json(each)) | {"message": sentence(each, words)} for each in issues]
