"""`inspect`: what is concluded of a file, and what would be asked. Nothing is taken in."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import click

from kpi_core.cli.answers import (
    answer_as_typed,
    answer_option,
    answers_given,
    not_decided,
    question_lines,
    quoted,
)
from kpi_core.cli.command_context import (
    COULD_NOT,
    DONE,
    CannotDo,
    Told,
    complain,
    say,
    say_json,
    say_table,
)
from kpi_core.cli.help import PROGRAM, Taught, json_option, mapping_option
from kpi_core.cli.import_source import Order, look_at
from kpi_core.cli.inspection import inspection_document
from kpi_core.i18n.catalog import Words

if TYPE_CHECKING:
    from kpi_core.facts.store import Store

Document = dict[str, Any]
DELIMITERS = {",": "comma", "\t": "tab", ";": "semicolon", "|": "bar"}
NOTES_SHOWN = 20
RECORDS_FILE = "records.db"


def inspect_command(words: Words) -> click.Command:
    """`inspect FILE`."""

    @click.command("inspect", cls=Taught, words=words, key="inspect")
    @click.argument("file", metavar=words("cli.metavar_file"))
    @mapping_option(words)
    @answer_option(words)
    @json_option(words)
    @click.pass_obj
    def run(
        told: Told, file: str, mapping: str | None, answers: tuple[str, ...], as_json: bool
    ) -> int:
        from kpi_core.ingest.resolve import misanswered

        order = Order(mapping or None, answers_given(told, answers))
        with _store_if_any(told) as store:
            seen = look_at(told, file, order, store)
        if not seen.refused and (wrong := misanswered(seen, order.answers)):
            raise not_decided(told, file, wrong)
        found = inspection_document(seen, words)
        if as_json:
            say_json(found)
        else:
            _say(told, found, file, order)
        if found["issues"]:
            complain(told, *(f"{file}: {issue['message']}" for issue in found["issues"]))
            return COULD_NOT
        return DONE

    return run


@contextmanager
def _store_if_any(told: Told) -> "Iterator[Store | None]":
    """The store, for its saved mappings; None where there is none, or where it cannot be opened."""
    settings = told.settings
    if settings.records is None and not (settings.data / RECORDS_FILE).is_file():
        yield None
        return
    store = None
    with ExitStack() as stack:
        try:
            store = stack.enter_context(told.store())
        except CannotDo as problem:
            finding = " ".join(problem.sentences)
            click.echo(told.words("cli.without_store", finding=finding), err=True)
        yield store


def _say(told: Told, found: Document, file: str, order: Order) -> None:
    """From the file to its first rows, then what is open."""
    words = told.words
    say(found["file"])
    say_table(list(_facts(told, found)))
    if found["mapping"]:
        say("", words("cli.columns"))
        say_table([(each["column"], ", ".join(each["means"]) or "–") for each in found["columns"]])
    concluded = [_decision(each) for each in found["concluded"]]
    if concluded:
        say("", words("cli.concluded"))
        say_table(concluded)
    if found["preview"]:
        say("", words("cli.preview"))
        say_table(list(_preview(words, found["preview"])))
    for note in found["notes"][:NOTES_SHOWN]:
        say("", note["message"])
    if found["questions"]:
        say("", words("cli.would_ask"))
        click.echo("\n".join(question_lines(found["questions"], words)))
    elif not found["issues"]:
        say("", words("cli.to_import", command=_command(found, file, order)))


def _facts(told: Told, found: Document) -> Iterator[tuple[str, str]]:
    from kpi_core.mapping.document import AS_WRITTEN

    words, number = told.words, told.formats.number
    delimiter = found["delimiter"]
    kind = [words(f"cli.kind_{found['kind']}"), found["encoding"]]
    if delimiter in DELIMITERS:
        kind.append(words(f"cli.delimiter_{DELIMITERS[delimiter]}"))
    yield words("cli.file_kind"), ", ".join(filter(None, kind))
    if found["table"] and len(found["tables"]) > 1:
        yield words("cli.table"), found["table"]
    if found["title"]:
        yield words("cli.above"), " / ".join(found["title"])
    yield words("receipt.rows"), number(found["rows"])
    if found["left_out"]:
        counts = (
            words("cli.bracketed", text=words(f"cli.left_{name}"), note=number(count))
            for name, count in found["left_out"].items()
        )
        yield words("cli.passed_over"), ", ".join(counts)
    if found["known"]:
        yield words("cli.known"), found["known"]
    if found["grain"]:
        yield words("cli.grain"), words(f"questions.grain_{found['grain']}")
    if found["source"]:
        yield words("cli.source"), found["source"]
    if found["mapping"]:
        zone = found["zone"] or words("cli.zone_of_plan")
        yield words("cli.zone"), words("cli.zone_as_written") if zone == AS_WRITTEN else zone
    if found["dropped"]:
        names = (
            words(
                "cli.bracketed", text=each["header"], note=words(f"receipt.person_{each['kind']}")
            )
            for each in found["dropped"]
        )
        yield words("cli.dropped"), ", ".join(names)


def _decision(question: Document) -> tuple[str, str, str]:
    """A question that is decided, how, and the option that would say so."""
    answer = question["answer"]
    texts = {option["value"]: option["text"] for option in question["options"]}
    return (
        question["title"],
        texts.get(answer, answer) or "–",
        answer_as_typed(question["key"], answer),
    )


def _preview(words: Words, rows: Iterable[Document]) -> Iterator[tuple[str, ...]]:
    yield words("cli.preview_line"), words("cli.preview_lead"), words("cli.preview_says")
    for row in rows:
        stages = (
            f"{stage} {(at or words('cli.no_date')).removesuffix('T00:00:00')}"
            for stage, at in row["stages"].items()
        )
        other = (f"{name}: {value}" for name, value in row["other"].items())
        yield str(row["line"]), row["lead"] or "–", ", ".join([*stages, *other]) or "–"


def _command(found: Document, file: str, order: Order) -> str:
    """The command that takes the file in as it was inspected."""
    given = [f"--mapping {quoted(order.mapping)}"] if order.mapping else []
    given += [answer_as_typed(key, value) for key, value in order.answers.items()]
    if not given and not found["known"] and found["concluded"]:
        first = found["concluded"][0]
        given = [answer_as_typed(first["key"], first["answer"])]
    return " ".join([PROGRAM, "import", quoted(file), *given])
