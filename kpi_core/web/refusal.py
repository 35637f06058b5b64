"""What the API does not do, and why: a status and a sentence that the catalogs word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

from starlette.responses import JSONResponse

from kpi_core.i18n.catalog import Words
from kpi_core.i18n.problem import Problem

NOT_KEPT = {"cache-control": "no-store"}


def for_visitors(params: Mapping[str, object]) -> dict[str, object]:
    """What an error of the store names, without where on the server its files lie."""
    return {
        name: PurePath(value).name
        if isinstance(value, str) and PurePath(value).is_absolute()
        else value
        for name, value in params.items()
    }


class Detail(Problem):
    """One part of a refusal. `code` names the sentence in the catalogs (`api.<code>`)."""

    room = "api"


class Refusal(Exception):
    """A request ends here. `code` names the sentence in a room of the catalogs.

    `extra` is given along with the sentence; `headers` tell a program what to do next.
    """

    def __init__(
        self,
        status: int,
        code: str,
        blanks: Mapping[str, object] | None = None,
        *,
        room: str = "api",
        details: Sequence[Problem] = (),
        extra: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code
        self.blanks = dict(blanks or {})
        self.room = room
        self.details = tuple(details)
        self.extra = dict(extra or {})
        self.headers = dict(headers or {})

    def message(self, words: Words) -> str:
        """The sentence."""
        return words(f"{self.room}.{self.code}", **self.blanks)

    def response(self, words: Words) -> JSONResponse:
        """`{"error": {"code", "message", …}}`."""
        error: dict[str, Any] = {"code": self.code, "message": self.message(words)} | self.extra
        if self.details:
            error["details"] = [
                {"path": each.path, "code": each.code, "message": each.sentence(words)}
                for each in self.details
            ]
        return JSONResponse({"error": error}, self.status, NOT_KEPT | self.headers)
