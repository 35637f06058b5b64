"""What a request asks for beside its body: its query, and the language of the answer."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from starlette.datastructures import QueryParams
from starlette.requests import Request

from kpi_core.i18n.catalog import Language, Words
from kpi_core.ingest.question_text import read_answers
from kpi_core.web.events import FIRST_YEAR, LAST_YEAR
from kpi_core.web.refusal import Refusal

LANG = ("lang",)
KNOWN = ("mapping", "dry_run", "answer", "exported_at", "name", "lang")
YES, NO = ("1", "true", "yes"), ("0", "false", "no", "")


@dataclass(frozen=True)
class Params:
    """How a file is to be taken in. `exported_at` may have an offset."""

    mapping: str | None = None
    dry_run: bool = False
    answers: dict[str, str] = field(default_factory=dict)
    exported_at: datetime | None = None


def words_of(request: Request) -> Words:
    """The words of the language asked for: `?lang=`, else the browser's first."""
    asked = request.query_params.get("lang") or request.headers.get("accept-language", "")
    return Words(Language.of(asked.strip()))


def check_params(query: QueryParams, known: Sequence[str] = LANG) -> None:
    """Refusal for what is asked beside these, or in a language that is none of ours."""
    for name in query:
        if name not in known:
            blanks = {"name": name[:80], "choices": ", ".join(known)}
            raise Refusal(422, "unknown_param", blanks)
    if query.get("lang") and query["lang"] not in list(Language):
        raise _wrong("wrong_lang", query["lang"])


def params_of(request: Request) -> Params:
    """What the query says; Refusal for what it says wrongly."""
    query = request.query_params
    check_params(query, KNOWN)
    return Params(
        mapping=query.get("mapping") or None,
        dry_run=_switch("wrong_dry_run", query.get("dry_run", "")),
        answers=_answers(query.getlist("answer")),
        exported_at=_moment("wrong_exported_at", query.get("exported_at", "")),
    )


def _answers(given: Sequence[str]) -> dict[str, str]:
    answers = read_answers(given)
    if isinstance(answers, str):
        raise Refusal(422, "wrong_answer", {"value": answers[:80]}, room="deciding")
    return answers


def _switch(code: str, value: str) -> bool:
    if value.lower() not in (*YES, *NO):
        raise _wrong(code, value)
    return value.lower() in YES


def _moment(code: str, value: str) -> datetime | None:
    if not value:
        return None
    with suppress(ValueError):
        moment = datetime.fromisoformat(_with_plus(value))
        if FIRST_YEAR <= moment.year <= LAST_YEAR:
            return moment
    raise _wrong(code, value)


def _with_plus(value: str) -> str:
    """The plus of an offset, which arrives as a space where it was not encoded."""
    return value.replace(" ", "+") if "T" in value else value


def _wrong(code: str, value: str) -> Refusal:
    return Refusal(422, code, {"value": value[:80]})
