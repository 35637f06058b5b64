"""What was sent, into the store: looked at, taken in, and told as JSON."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from kpi_core.i18n.catalog import Words
from kpi_core.ingest.asking import question_document
from kpi_core.ingest.finding import REFUSALS
from kpi_core.ingest.importing import import_file
from kpi_core.ingest.inspecting import Inspection, inspect
from kpi_core.ingest.meaning.mapping import Mapping
from kpi_core.ingest.meaning.mapping_document import read_mapping
from kpi_core.ingest.meaning.mappings import mappings
from kpi_core.ingest.question import Question
from kpi_core.ingest.raw import RawFiles
from kpi_core.ingest.wording import sentence
from kpi_core.reports.as_json import as_json
from kpi_core.reports.plans import home_calendar
from kpi_core.storage.facts import Issue, Receipt
from kpi_core.storage.store import Store
from kpi_core.web.events import as_table, read_events
from kpi_core.web.params import Params
from kpi_core.web.refusal import Refusal
from kpi_core.web.upload import Upload

LOGGER = logging.getLogger(__name__)
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
        calendar = home_calendar(self.store, self.now)
        now, exported = calendar.local(self.now), params.exported_at
        if exported is not None:
            exported = calendar.local(exported) if exported.tzinfo else exported
            if exported > now + CLOCKS_DIFFER:
                raise Refusal(422, "exported_in_future", {"value": exported.isoformat(" ")})
        if upload.is_events:
            mapping = as_table(read_events(upload.path.read_bytes()), upload.path, calendar.zone)
            found = None
        else:
            found = self._look(upload, params, now)
            mapping = self._decided(found, upload, params)
        demo_stood = self.store.holds_demo()
        receipt = import_file(
            self.store,
            upload.path,
            upload.name,
            mapping,
            who=who,
            now=now,
            dry_run=params.dry_run,
            exported_at=exported,
        )
        self._check(receipt)
        is_new = receipt.import_id is not None and receipt.repeats is None
        if is_new:
            self._keep_raw(upload, now)
        told = receipt_document(receipt, self.words) | {
            "dry_run": params.dry_run,
            "demo_removed": demo_stood and bool(receipt.facts) and receipt.repeats is None,
            "mapping": mapping.name,
            "dropped": as_json(found.dropped) if found else [],
            "notes": issue_documents(found.notes, self.words) if found else [],
        }
        return CREATED if is_new else DONE, told

    def _look(self, upload: Upload, params: Params, now: datetime) -> Inspection:
        found = inspect(
            upload.path,
            upload.name,
            now=now,
            answers=params.answers,
            mapping=self._mapping(upload, params),
            known=self.store.saved_mappings(),
        )
        if found.refused:
            self._refuse(found.issues)
        return found

    def _mapping(self, upload: Upload, params: Params) -> Mapping | None:
        """The mapping that was sent or named; None where the header is to find one."""
        if upload.mapping is not None:
            sent = read_mapping(upload.mapping)
            if isinstance(sent, Mapping):
                return sent
            told = [{"path": each.path, "message": each.sentence(self.words)} for each in sent]
            raise Refusal(422, "mapping_unusable", extra={"details": told})
        if params.mapping is None:
            return None
        named = {each.name: each for each in mappings()}
        for saved in self.store.saved_mappings():
            mapping = read_mapping(saved.text)
            if isinstance(mapping, Mapping):
                named[saved.name] = mapping
        if params.mapping not in named:
            blanks = {"name": params.mapping[:80], "choices": ", ".join(sorted(named))}
            raise Refusal(422, "no_such_mapping", blanks)
        return named[params.mapping]

    def _decided(self, found: Inspection, upload: Upload, params: Params) -> Mapping:
        """The mapping, once nothing is open and somebody has chosen it: nothing is guessed."""
        _check_answers(params, found.questions)
        if found.answers_needed or found.mapping is None:
            raise self._questions("questions_open", found.answers_needed)
        chosen = found.known or upload.mapping or params.mapping or params.answers
        if not chosen and found.questions:
            raise self._questions("questions_unconfirmed", found.questions)
        return found.mapping

    def _questions(self, code: str, questions: Sequence[Question]) -> Refusal:
        told = [question_document(each, self.words) for each in questions]
        return Refusal(422, code, {"count": len(told)}, extra={"questions": told})

    def _check(self, receipt: Receipt) -> None:
        """Refuse to call it done where not one row could be taken in."""
        if receipt.facts:
            return
        self._refuse(issue for issue in receipt.issues if issue.code in REFUSALS)
        if receipt.rejected_rows:
            told = receipt_document(receipt, self.words)
            raise Refusal(422, "not_one_row", {"count": receipt.rows}, extra={"receipt": told})

    def _refuse(self, issues: Iterable[Issue]) -> None:
        if told := issue_documents(issues, self.words):
            raise Refusal(422, "refused", extra={"details": told})

    def _keep_raw(self, upload: Upload, now: datetime) -> None:
        try:
            self.raw.keep(upload.path, upload.name, now)
        except OSError as problem:
            LOGGER.warning("A file could not be kept as it came: %s", problem.strerror)


def _check_answers(params: Params, questions: Sequence[Question]) -> None:
    """Refuse an answer to what was not asked, or one that is not on offer."""
    known = {question.key: question for question in questions}
    for key, value in params.answers.items():
        question = known.get(key)
        if question is None:
            blanks = {"name": key[:80], "choices": ", ".join(known) or "–"}
            raise Refusal(422, "answer_not_asked", blanks)
        if not question.given:
            choices = ", ".join(option.value for option in question.options)
            blanks = {"name": key, "value": value[:80], "choices": choices}
            raise Refusal(422, "answer_not_on_offer", blanks)


def receipt_document(receipt: Receipt, words: Words) -> dict[str, Any]:
    """A receipt with its issues as sentences too, the first of them where there are many."""
    issues = receipt.issues[:ISSUES_TOLD]
    return dict(as_json(receipt)) | {"issues": issue_documents(issues, words)}


def issue_documents(issues: Iterable[Issue], words: Words) -> list[dict[str, Any]]:
    """Issues with their sentences."""
    return [dict(as_json(each)) | {"message": sentence(each, words)} for each in issues]
