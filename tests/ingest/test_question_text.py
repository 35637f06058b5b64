"""Answers as they are written, and as they are shown."""

import pytest

from kpi_core.domain.question import Ask, Option, Question, decided
from kpi_core.i18n.catalog import Language, Words
from kpi_core.ingest.question_text import answered, read_answers


@pytest.mark.parametrize(
    ("texts", "answers"),
    [
        ([], {}),
        (["grain=lead", "id="], {"grain": "lead", "id": ""}),
        (["source=a=b"], {"source": "a=b"}),
        (["order:a=b=dmy"], {"order:a=b": "dmy"}),
        (["grain=lead", "grain=event"], {"grain": "event"}),
        (["grain=lead", "grain", "=x"], "grain"),
        (["=x"], "=x"),
    ],
)
def test_answers_are_read_by_their_keys_or_the_first_that_is_none_is_told(
    texts: list[str], answers: dict[str, str] | str
) -> None:
    assert read_answers(texts) == answers


def test_an_answer_is_shown_as_its_option_is() -> None:
    words = Words(Language.EN)
    options = (Option("lead"), Option("event"))
    assert answered(Question(Ask.GRAIN, options, "lead"), words).startswith("One lead")
    assert answered(Question(Ask.ID, (Option("nr", "Nr."),), "nr"), words) == "Nr."
    assert answered(Question(Ask.SOURCE, free=True, answer="ours"), words) == "ours"
    assert answered(Question(Ask.GRAIN, options), words) == ""


@pytest.mark.parametrize(("said", "answer"), [("mql", "marketing_qualified"), ("受注", "won")])
def test_a_stage_is_answered_by_any_of_its_names(said: str, answer: str) -> None:
    options = (Option("marketing_qualified"), Option("won"))
    question = decided(Ask.VALUE, {"value:Hot": said}, options, None, subject="Hot")
    assert (question.answer, question.given) == (answer, True)
    other = decided(Ask.VALUE, {"value:Hot": "warm"}, options, None, subject="Hot")
    assert (other.answer, other.given) == (None, False)
