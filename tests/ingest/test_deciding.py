"""Whether a file can be taken in as it is, or what is to be said of it first."""

from datetime import datetime

import pytest

from kpi_core.i18n.catalog import Language, Words
from kpi_core.ingest.deciding import Undecided, decide, misanswered
from kpi_core.ingest.inspecting import Inspection, inspect
from kpi_core.ingest.meaning.mapping import Mapping
from kpi_core.ingest.meaning.mappings import load_mapping

NOW = datetime(2026, 11, 22, 12, 0)  # noqa: DTZ001 - a wall clock
KNOWN = b"lead_id,lead_date\n1,2026-05-01\n2,2026-05-02\n"
UNKNOWN = b"key,arrived\n1,2026-05-01\n2,2026-05-02\n"
ANSWERS = {"grain": "lead", "id": "key", "column:arrived": "lead", "source": "mine"}


def look(content: bytes, answers: dict[str, str], mapping: Mapping | None = None) -> Inspection:
    return inspect(content, "a.csv", now=NOW, answers=answers, mapping=mapping)


def test_a_mapping_that_fits_is_named_or_answers_all_decides() -> None:
    template = load_mapping("funnel-template")
    assert isinstance(template, Mapping)
    assert decide(look(KNOWN, {}), {}) == template
    assert decide(look(KNOWN, {}, template), {}) == template
    decided = decide(look(UNKNOWN, ANSWERS), ANSWERS)
    assert isinstance(decided, Mapping)
    assert (decided.id, decided.source) == ("key", "mine")


@pytest.mark.parametrize("left_out", ANSWERS)
def test_nothing_is_decided_while_a_question_is_open(left_out: str) -> None:
    answers = {key: value for key, value in ANSWERS.items() if key != left_out}
    found = look(UNKNOWN, answers)
    why = decide(found, answers)
    if left_out in ("grain", "source"):  # the others are concluded where they are not said
        assert isinstance(why, Undecided)
        assert why.code == "questions_open"
        assert [question.key for question in why.questions] == [left_out]


@pytest.mark.parametrize(
    "content",
    [
        UNKNOWN,
        b"created\n2026-05-01\n2026-05-02\n",
        b"Record ID,Create Date,Deal Stage\n1,2026-05-01,Closed Won\n",
        "日付,リード数\n2026-05-01,3\n2026-05-02,4\n".encode(),
    ],
)
def test_what_no_mapping_fits_is_never_decided_by_itself(content: bytes) -> None:
    why = decide(look(content, {}), {})
    assert isinstance(why, Undecided)
    assert "grain" in [question.key for question in why.questions]


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(
    ("key", "value", "code", "said"),
    [
        ("colour", "red", "answer_not_asked", "grain"),
        ("grain", "century", "answer_not_on_offer", "lead"),
        ("x" * 1000, "", "answer_not_asked", "x" * 80),
    ],
)
def test_an_answer_that_answers_nothing_says_what_would(
    key: str, value: str, code: str, said: str, language: Language
) -> None:
    answers = ANSWERS | {key: value}
    found = look(UNKNOWN, answers)
    why = decide(found, answers)
    assert isinstance(why, Undecided)
    assert why == misanswered(found, answers)
    assert (why.code, why.questions) == (code, ())
    assert said in why.sentence(Words(language))
    assert len(why.sentence(Words(language))) < 300
