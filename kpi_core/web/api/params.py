"""The query parameters of the API's routes."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from kpi_core.domain.calendar import end_of
from kpi_core.domain.period import Month
from kpi_core.i18n.catalog import Language
from kpi_core.ingest.question_text import read_answers
from kpi_core.web.api.api_error import LONGEST_VALUE

FIRST_YEAR, LAST_YEAR = 1900, 2999


def moment(value: str) -> datetime:
    """A date with a time in ISO form. ValueError for others, and for a year of no calendar.

    The plus of an offset arrives as a space where it was not encoded.
    """
    read = datetime.fromisoformat(value.replace(" ", "+") if "T" in value else value)
    if not FIRST_YEAR <= read.year <= LAST_YEAR:
        raise ValueError(value)
    return read


def _end_or_moment(value: str) -> datetime:
    """A day stands for its end."""
    with suppress(OverflowError):
        return moment(value) if "T" in value else moment(str(end_of(date.fromisoformat(value))))
    raise ValueError(value)


def _answer(value: str) -> str:
    if isinstance(read_answers([value]), str):
        raise ValueError(value)
    return value


class BaseQuery(BaseModel):
    """Unknown names are refused; an empty value counts as left out."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    lang: Language | None = Field(
        None, description="The language of the sentences. Left out: Accept-Language, else English"
    )

    @model_validator(mode="before")
    @classmethod
    def _known(cls, given: dict[str, Any]) -> dict[str, Any]:
        known = [field.alias or name for name, field in cls.model_fields.items()]
        for name in given:
            if name not in known:
                params = {"name": name[:LONGEST_VALUE], "choices": ", ".join(known)}
                raise PydanticCustomError("unknown_param", "unknown", params)
        return {name: value for name, value in given.items() if value != ""}


class ImportQuery(BaseQuery):
    """How a file is to be imported. `exported_at` may have an offset."""

    mapping: str | None = Field(
        None,
        description="The name of a mapping, saved or shipped, for a file. Left out: the one that "
        "fits the header",
    )
    dry_run: bool = Field(False, description="1: preview the import, and store nothing")
    answer: list[
        Annotated[str, AfterValidator(_answer), Field(json_schema_extra={"pattern": "^.+=.*$"})]
    ] = Field([], description="An answer to a question about a file: key=value; may be repeated")
    exported_at: Annotated[datetime | None, BeforeValidator(moment, json_schema_input_type=str)] = (
        Field(
            None,
            description="When the file was exported, in ISO 8601: data are complete up to then",
        )
    )
    name: str | None = Field(None, description="The name of the file, for the list of imports")

    @property
    def answers(self) -> dict[str, str]:
        """The answers by their keys."""
        answers = read_answers(self.answer)
        assert isinstance(answers, dict)
        return answers


class BoardQuery(BaseQuery):
    """Which board. `as_of` without an offset is meant where the plan is run."""

    plan: str | None = Field(None, description="The plan's id. Left out: the first plan")
    as_of: Annotated[
        datetime | None, BeforeValidator(_end_or_moment, json_schema_input_type=str)
    ] = Field(
        None,
        description="A day, which stands for its end, or a moment in ISO 8601; in the plan's zone "
        "unless an offset says otherwise. Left out, or later than now: now",
    )


class PictureQuery(BoardQuery):
    """The same board as a picture."""

    theme: Literal["light", "dark"] = Field("light", description="The theme of the picture")
    key: str | None = Field(None, description="The key of a display link")


class PlanQuery(BaseQuery):
    """Which revision of a plan."""

    revision: Annotated[int | None, Field(ge=1, le=999_999_999)] = Field(
        None, description="The revision's number. Left out: the newest"
    )


class PlanSaveQuery(BaseQuery):
    """From which month on a plan is in force, and why it was changed."""

    since: Annotated[Month | None, BeforeValidator(Month.parse, json_schema_input_type=str)] = (
        Field(
            None,
            alias="from",
            description="The month from which on the revision is in force: 2026-12. Left out: the "
            "running month; for a plan's first revision, from the beginning",
        )
    )
    why: str = Field("", max_length=400, description="The reason, kept with the revision")
