"""The API described as OpenAPI 3.1, in the words of a language."""

from __future__ import annotations

from kpi_core.domain.issue import Issue
from kpi_core.domain.question import Ask
from kpi_core.domain.receipt import Receipt
from kpi_core.evaluation.as_of import Moment
from kpi_core.i18n.catalog import Language, Words
from kpi_core.records.displays import KEY
from kpi_core.records.ledger import ImportRecord
from kpi_core.reports.board import BoardReport
from kpi_core.reports.kpi import KpiReport
from kpi_core.web.board_api import THEMES
from kpi_core.web.events import SentEvents
from kpi_core.web.paths import BOARD, BOARD_PICTURE, IMPORT, IMPORTS, OPENAPI
from kpi_core.web.shapes import Node, listed, obj, properties, shape
from kpi_core.web.upload import EVENTS_MB

VERSION = "1"


def description(words: Words, base_path: str, limit_mb: int) -> Node:
    """The document that `GET /api/openapi.json` serves."""
    base = base_path.strip("/")
    return {
        "openapi": "3.1.0",
        "info": {
            "title": words("api.doc_title"),
            "version": VERSION,
            "description": words("api.doc_about"),
        },
        "servers": [{"url": f"/{base}" if base else "/"}],
        "security": [{"token": []}],
        "paths": {
            IMPORTS: {"post": _send(words, limit_mb), "get": _ledger(words)},
            IMPORT: {"get": _receipt(words)},
            BOARD: {"get": _board(words)},
            BOARD_PICTURE: {"get": _picture(words)},
            OPENAPI: {"get": _itself(words)},
        },
        "components": {
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": words("api.doc_token"),
                },
                "display": {
                    "type": "apiKey",
                    "in": "query",
                    "name": KEY,
                    "description": words("api.doc_display"),
                },
            },
            "schemas": _schemas(),
        },
    }


def _send(words: Words, limit_mb: int) -> Node:
    return {
        "operationId": "sendImport",
        "summary": words("api.doc_send"),
        "description": words("api.doc_send_more", limit=limit_mb, events_limit=EVENTS_MB),
        "parameters": [
            _query("mapping", words("api.doc_mapping"), {"type": "string"}),
            _query("dry_run", words("api.doc_dry_run"), {"enum": ["0", "1"]}),
            _query(
                "answer",
                words("api.doc_answer"),
                {"type": "array", "items": {"type": "string", "pattern": "^.+=.*$"}},
            ),
            _query("exported_at", words("api.doc_exported_at"), {"type": "string"}),
            _query("name", words("api.doc_name"), {"type": "string"}),
            _lang(words),
            {
                "name": "X-File-Name",
                "in": "header",
                "description": words("api.doc_file_name"),
                "schema": {"type": "string"},
            },
        ],
        "requestBody": {
            "required": True,
            "content": {
                "multipart/form-data": {
                    "schema": {
                        "type": "object",
                        "required": ["file"],
                        "properties": {
                            "file": {"type": "string", "format": "binary"},
                            "mapping": {"type": "string", "description": words("api.doc_sent")},
                        },
                    }
                },
                "application/json": {"schema": _ref("SentEvents")},
                "*/*": {"schema": {"type": "string", "format": "binary"}},
            },
        },
        "responses": {
            "200": _answer(words("api.doc_200"), "ImportAnswer"),
            "201": _answer(words("api.doc_201"), "ImportAnswer")
            | {"headers": {"Location": {"schema": {"type": "string"}}}},
            **_errors(words, "401", "403", "408", "411", "413", "415", "422", "429", "503"),
        },
    }


def _ledger(words: Words) -> Node:
    return {
        "operationId": "listImports",
        "summary": words("api.doc_ledger"),
        "parameters": [_lang(words)],
        "responses": {
            "200": _answer(words("api.doc_ledger"), "Ledger"),
            **_errors(words, "401", "403", "429", "503"),
            **_misasked(words),
        },
    }


def _receipt(words: Words) -> Node:
    number = {"name": "import_id", "in": "path", "required": True, "schema": {"type": "integer"}}
    return {
        "operationId": "readReceipt",
        "summary": words("api.doc_receipt"),
        "parameters": [number, _lang(words)],
        "responses": {
            "200": _answer(words("api.doc_receipt"), "Receipt"),
            **_errors(words, "401", "403", "404", "429", "503"),
            **_misasked(words),
        },
    }


def _board(words: Words) -> Node:
    return {
        "operationId": "readBoard",
        "summary": words("api.doc_board"),
        "description": words("api.doc_board_more"),
        "parameters": _board_asked(words),
        "responses": {
            "200": _answer(words("api.doc_board"), "Board") | _tag(words),
            "304": {"description": words("api.doc_304")},
            **_board_errors(words),
        },
    }


def _picture(words: Words) -> Node:
    return {
        "operationId": "drawBoard",
        "summary": words("api.doc_picture"),
        "security": [{"token": []}, {"display": []}],
        "parameters": [
            *_board_asked(words),
            _query("theme", words("api.doc_theme"), {"enum": list(THEMES)}),
        ],
        "responses": {
            "200": {
                "description": words("api.doc_picture"),
                "content": {"image/png": {"schema": {"type": "string", "format": "binary"}}},
            }
            | _tag(words),
            "304": {"description": words("api.doc_304")},
            **_board_errors(words),
        },
    }


def _board_asked(words: Words) -> list[Node]:
    return [
        _query("plan", words("api.doc_plan"), {"type": "string"}),
        _query("as_of", words("api.doc_as_of"), {"type": "string"}),
        _lang(words),
    ]


def _board_errors(words: Words) -> Node:
    """The errors of reading, which mean something else here than where a file is sent."""
    told = {"404": words("api.doc_no_plan"), "503": words("api.doc_not_shown")}
    own = {status: _answer(about, "Error") for status, about in told.items()}
    return _errors(words, "401", "403", "429") | _misasked(words) | own


def _tag(words: Words) -> Node:
    schema = {"type": "string"}
    return {"headers": {"ETag": {"description": words("api.doc_etag"), "schema": schema}}}


def _itself(words: Words) -> Node:
    return {
        "operationId": "describe",
        "summary": words("api.doc_itself"),
        "security": [],
        "parameters": [_lang(words)],
        "responses": {
            "200": {
                "description": words("api.doc_itself"),
                "content": {"application/json": {"schema": {"type": "object"}}},
            },
            **_misasked(words),
        },
    }


def _query(name: str, about: str, schema: Node) -> Node:
    return {"name": name, "in": "query", "description": about, "schema": schema}


def _lang(words: Words) -> Node:
    return _query("lang", words("api.doc_lang"), {"enum": [each.value for each in Language]})


def _answer(about: str, schema: str) -> Node:
    return {"description": about, "content": {"application/json": {"schema": _ref(schema)}}}


def _errors(words: Words, *statuses: str) -> Node:
    return {status: _answer(words(f"api.doc_{status}"), "Error") for status in statuses}


def _misasked(words: Words) -> Node:
    """The error of reading with a parameter that is not understood."""
    return {"422": _answer(words("api.doc_not_read"), "Error")}


def _ref(name: str) -> Node:
    return {"$ref": f"#/components/schemas/{name}"}


def _schemas() -> Node:
    events = SentEvents.model_json_schema(ref_template="#/components/schemas/{model}")
    text, whole, truth = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}
    issue = obj(properties(Issue) | {"message": text})
    receipt = properties(Receipt) | {"issues": listed(issue)}
    option = obj({"value": text, "text": text, "examples": listed(text)})
    question = {
        "key": text,
        "code": shape(Ask),
        "subject": text,
        "title": text,
        "answer": shape(str | None),
        "free": truth,
        "options": listed(option),
    }
    detail = properties(Issue) | {"path": text, "message": text}
    error = {
        "code": text,
        "message": text,
        "details": listed(obj(detail, optional=tuple(set(detail) - {"message"}))),
        "questions": listed(obj(question)),
        "receipt": _ref("Receipt"),
        "limit_mb": whole,
    }
    told = {"dry_run": truth, "replaces_demo": truth, "mapping": text, "notes": listed(issue)}
    dropped = listed(obj({"header": text, "kind": text}))
    return {
        **events.pop("$defs"),
        "SentEvents": events,
        "Receipt": obj(receipt),
        "ImportAnswer": obj(receipt | told | {"dropped": dropped}),
        "Board": _report(),
        "Ledger": obj({"imports": listed(shape(ImportRecord))}),
        "Error": obj(
            {"error": obj(error, optional=tuple(set(error) - {"code", "message"}))},
        ),
    }


def _report() -> Node:
    """The board's report, without the moment at which it was asked for."""
    found = properties(BoardReport)
    moment = properties(Moment)
    del moment["now"]
    kpi = obj(properties(KpiReport) | {"moment": obj(moment)})
    return obj(found | {"kpi": kpi, "second_kpi": {"anyOf": [kpi, {"type": "null"}]}})
