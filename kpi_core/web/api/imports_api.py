"""The routes by which programs send files and events, and read what became of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi import Path as PathParam
from fastapi.concurrency import run_in_threadpool

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
from kpi_core.records.errors import StoreError
from kpi_core.reports.plans import wall_clock
from kpi_core.tabular.file_cache import opened_files
from kpi_core.web.api import models
from kpi_core.web.api.api_error import LONGEST_VALUE, ApiError
from kpi_core.web.api.auth import sender
from kpi_core.web.api.events import as_table, read_events
from kpi_core.web.api.host import ThisHost
from kpi_core.web.api.import_queue import ImportQueue
from kpi_core.web.api.params import BaseQuery, ImportQuery
from kpi_core.web.api.upload import Upload, received
from kpi_core.web.language import words_of

CREATED = 201
ISSUES_SHOWN = 1000
CLOCKS_DIFFER = timedelta(minutes=5)
SENT: dict[str, Any] = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "properties": {
                    "file": {"type": "string", "format": "binary"},
                    "mapping": {
                        "type": "string",
                        "description": "The text of a mapping (TOML) for this file alone",
                    },
                },
            }
        },
        "application/json": {"schema": {"$ref": "#/components/schemas/SentEvents"}},
        "*/*": {"schema": {"type": "string", "format": "binary"}},
    },
}


def not_cached(response: Response) -> None:
    """No cache keeps an answer."""
    response.headers["cache-control"] = "no-store"


router = APIRouter(prefix="/imports", dependencies=[Depends(not_cached)])


@router.post(
    "",
    operation_id="sendImport",
    summary="Import a file or events",
    response_model=models.ImportAnswer,
    response_description="Nothing was added: a dry run, nothing new, or the same content as an "
    "earlier import, which `repeats` names",
    responses={
        CREATED: {
            "model": models.ImportAnswer,
            "description": "Imported; `import_id` is the number by which it can be undone",
            "headers": {"Location": {"schema": {"type": "string"}}},
        },
        **models.problems(
            401, 403, 408, 411, 413, 415, 429, 503,
            special={
                422: "Something has to be answered (`questions`), or cannot be imported (`details`)"
            },
        ),
    },
    openapi_extra={"requestBody": SENT},
)  # fmt: skip
async def send_import(
    request: Request,
    response: Response,
    actor: Annotated[str, Depends(sender)],
    query: Annotated[ImportQuery, Query()],
    host: ThisHost,
    x_file_name: Annotated[
        str, Header(description="The file's name as percent-encoded UTF-8, instead of `name`")
    ] = "",
) -> models.ImportAnswer:
    """The body is the file itself, or a form with the field `file`, up to the server's
    KPI_UPLOAD_LIMIT_MB; or events as JSON, up to 8 MB. The header, `mapping` or `answer` say what
    the columns mean; what they leave open is asked with status 422."""
    queue = request.app.state.queue
    assert isinstance(queue, ImportQueue)
    name = query.name or unquote(x_file_name)
    async with (
        queue.place(),
        received(request, host.limit_mb(), name) as upload,
        queue.turn(is_preview=query.dry_run),
    ):
        sent = SentImport(host.store(), host.raw(), words_of(request), host.now())
        is_new, answer = await run_in_threadpool(sent.run, upload, query, actor)
    if is_new:
        response.status_code = CREATED
        response.headers["location"] = f"{request.url.path}/{answer['import_id']}"
    return models.ImportAnswer.model_validate(answer)


@router.get(
    "",
    operation_id="listImports",
    summary="Every import, newest first",
    responses=models.problems(401, 403, 422, 429, 503),
    dependencies=[Depends(sender)],
)
def list_imports(_query: Annotated[BaseQuery, Query()], host: ThisHost) -> models.Ledger:
    """Undone imports are in it, too."""
    return models.Ledger.model_validate({"imports": host.store().imports()})


@router.get(
    "/{import_id}",
    operation_id="readReceipt",
    summary="The receipt of one import",
    responses=models.problems(401, 403, 404, 422, 429, 503),
    dependencies=[Depends(sender)],
)
def read_receipt(
    request: Request,
    import_id: Annotated[int, PathParam(ge=1, le=999_999_999)],
    _query: Annotated[BaseQuery, Query()],
    host: ThisHost,
) -> models.ReceiptDocument:
    """It is the one that the import was answered with."""
    try:
        receipt = host.store().receipt(import_id)
    except StoreError as error:
        if error.code != "unknown_import":
            raise
        raise ApiError(404, "no_such_import", {"import_id": import_id}) from error
    return models.ReceiptDocument.model_validate(receipt_document(receipt, words_of(request)))


@dataclass(frozen=True)
class SentImport:
    """One request's import, in the words of its language. `now` has a zone."""

    store: Store
    raw: RawFiles
    words: Words
    now: datetime

    def run(self, upload: Upload, query: ImportQuery, actor: str) -> tuple[bool, dict[str, Any]]:
        """Whether it is new, and the answer; ApiError where something is asked or unreadable."""
        try:
            return self._run(upload, query, actor)
        finally:
            opened_files().drop(upload.path)

    def _run(self, upload: Upload, query: ImportQuery, actor: str) -> tuple[bool, dict[str, Any]]:
        answers = query.answers
        _check_together(upload, query)
        zone = self.store.zone
        now = wall_clock(self.store, self.now)
        exported = _exported(query.exported_at, zone, now)
        source: Path | bytes = upload.path
        if upload.is_events:
            found: dict[str, Any] = {"dropped": [], "notes": []}
            source, mapping = as_table(read_events(upload.path.read_bytes()))
        else:
            mapping, found = self._resolved(upload, query, now)
        demo_stood = self.store.holds_demo()
        try:
            receipt = import_file(
                self.store,
                source,
                upload.name,
                mapping,
                who=actor,
                now=now,
                dry_run=query.dry_run,
                exported_at=exported,
                home=zone,
                decisions=decisions_of(answers),
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
        answer = receipt_document(receipt, self.words) | {
            "dry_run": query.dry_run,
            "replaces_demo": replaces_demo(receipt, demo_stood=demo_stood),
            "mapping": mapping.name,
            **found,
        }
        return is_new, answer

    def _resolved(
        self, upload: Upload, query: ImportQuery, now: datetime
    ) -> tuple[Mapping, dict[str, Any]]:
        """The mapping of a file, and what was found in it."""
        inspection = inspect(
            upload.path,
            upload.name,
            now=now,
            answers=query.answers,
            mapping=self._given(upload, query),
            known=self.store.records.saved_mappings(),
            home=self.store.zone,
        )
        if inspection.refused:
            self._refuse(inspection.issues)
        mapping = decide(inspection, query.answers)
        if isinstance(mapping, Undecided):
            raise self._open(mapping)
        notes = issue_documents(inspection.notes, self.words)
        return mapping, {"dropped": inspection.dropped, "notes": notes}

    def _open(self, why: Undecided) -> ApiError:
        """The refusal of what is not answered yet, or answered with what is not on offer."""
        questions = [question_document(each, self.words) for each in why.questions]
        if questions:
            return ApiError(422, "questions_open", why.params, extra={"questions": questions})
        return ApiError(422, why.code, why.params, namespace="deciding")

    def _given(self, upload: Upload, query: ImportQuery) -> Mapping | None:
        """The mapping that was sent or named; None where the header is to find one."""
        if upload.mapping is not None:
            found = read_mapping(upload.mapping)
        elif query.mapping is not None:
            known = named(self.store.records.saved_mappings())
            if query.mapping not in known:
                params = {
                    "name": query.mapping[:LONGEST_VALUE],
                    "choices": ", ".join(sorted(known)),
                }
                raise ApiError(422, "no_such_mapping", params, namespace="deciding")
            found = known[query.mapping]
        else:
            return None
        if isinstance(found, Mapping):
            return found
        raise ApiError(422, "mapping_unusable", details=found)

    def _check(self, receipt: Receipt) -> None:
        """ApiError where not one row could be imported."""
        self._refuse(refusals(receipt))
        if receipt.rejected_rows and not receipt.facts:
            document = models.ReceiptDocument.model_validate(receipt_document(receipt, self.words))
            extra = {"receipt": document.model_dump(mode="json")}
            raise ApiError(422, "not_one_row", {"count": receipt.rows}, extra=extra)

    def _refuse(self, issues: Iterable[Issue]) -> None:
        if details := issue_documents(issues, self.words):
            raise ApiError(422, "refused", extra={"details": details})


def _check_together(upload: Upload, query: ImportQuery) -> None:
    """ApiError for two mappings of a file, and for a mapping or answers with events."""
    if upload.is_events:
        for name, given in (("mapping", query.mapping), ("answer", query.answer)):
            if given:
                raise ApiError(422, "not_with_events", {"name": name})
    elif upload.mapping is not None and query.mapping is not None:
        raise ApiError(422, "mapping_twice")


def _exported(exported: datetime | None, zone: str, now: datetime) -> datetime | None:
    """When the file was exported, by the workspace's clock; ApiError for a time to come."""
    if exported is None:
        return None
    if exported.tzinfo is not None:
        exported = exported.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    if exported > now + CLOCKS_DIFFER:
        raise ApiError(422, "exported_in_future", {"value": exported.isoformat(" ")})
    return exported


def receipt_document(receipt: Receipt, words: Words) -> dict[str, Any]:
    """A receipt with its issues as sentences too, the first of them where there are many."""
    issues = issue_documents(receipt.issues[:ISSUES_SHOWN], words)
    return vars(receipt) | {"facts": receipt.facts, "issues": issues}


def issue_documents(issues: Iterable[Issue], words: Words) -> list[dict[str, Any]]:
    """Issues with their sentences."""
    return [vars(each) | {"message": sentence(each, words)} for each in issues]
