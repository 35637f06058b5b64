"""Whether a file can be taken in as it is, or what is to be said of it first."""

from datetime import datetime

import pytest

from kpi_core.domain.receipt import Conflict
from kpi_core.facts.conflicts import OPTIONS
from kpi_core.i18n.catalog import Language, Words
from kpi_core.ingest.conflict_questions import answers_about_file, decisions_of, questions_of
from kpi_core.ingest.inspect import Inspection, inspect
from kpi_core.ingest.question_text import asked, offered
from kpi_core.ingest.resolve import Undecided, decide, misanswered, undecided
from kpi_core.mapping.document import Mapping
from kpi_core.mapping.shipped import load_mapping

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


def test_what_the_store_asks_is_a_question_like_any_other() -> None:
    conflict = Conflict("replaces", 7, ("yes", "no"), import_id=3)
    (question,) = questions_of([conflict])
    assert (question.key, question.open) == ("replaces", True)
    words = Words(Language.EN)
    assert asked(question, words).startswith("Replace import #3? It already has 7 of these rows")
    assert offered(question, question.options[0], words) == "Yes, undo import #3"
    why = undecided([conflict])
    assert (why.code, why.questions) == ("questions_open", (question,))


def test_examples_of_ids_that_two_things_share_are_shown() -> None:
    conflict = Conflict("same_ids", 1200, ("different", "same"), examples=("deal", "A1", "A2"))
    text = asked(questions_of([conflict])[0], Words(Language.EN))
    assert "1,200 IDs" in text
    assert "also used for deals" in text
    assert "(A1, A2, …)" in text


@pytest.mark.parametrize("code", OPTIONS)
@pytest.mark.parametrize("language", Language)
def test_every_conflict_has_its_words(code: str, language: Language) -> None:
    words = Words(language)
    (question,) = questions_of([Conflict(code, 1, OPTIONS[code], 3, ("deal", "A1"))])
    assert asked(question, words)
    assert all(offered(question, option, words) for option in question.options)
    assert words(f"questions.{code}_help")


def test_answers_to_what_the_store_asks_are_decisions_and_not_about_the_file() -> None:
    answers = {**ANSWERS, "older": "overwrite"}
    assert decisions_of(answers) == {"older": "overwrite"}
    assert answers_about_file(answers) == ANSWERS
    found = look(UNKNOWN, answers)
    assert misanswered(found, answers) is None
    assert isinstance(decide(found, answers), Mapping)
    wrong = misanswered(found, {"older": "both"})
    assert wrong is not None
    assert (wrong.code, wrong.params["choices"]) == (
        "answer_not_on_offer",
        "fill_gaps, overwrite",
    )
