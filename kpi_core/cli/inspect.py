"""`inspect`: how a file would be read, and which questions are open. Nothing is imported."""

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
    CommandContext,
    complain,
    say,
    say_json,
    say_table,
)
from kpi_core.cli.help import PROGRAM, Taught, json_option, mapping_option
from kpi_core.cli.import_source import Order, look_at
from kpi_core.i18n.catalog import Words

if TYPE_CHECKING:
    from kpi_core.facts.store import Store
if TYPE_CHECKING:
    from kpi_core.domain.issue import Issue
    from kpi_core.ingest.inspect import Inspection
    from kpi_core.mapping.document import Mapping


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
        context: CommandContext,
        file: str,
        mapping: str | None,
        answers: tuple[str, ...],
        as_json: bool,
    ) -> int:
        from kpi_core.ingest.resolve import misanswered

        order = Order(mapping or None, answers_given(context, answers))
        with _store_if_any(context) as store:
            seen = look_at(context, file, order, store)
        if not seen.refused and (wrong := misanswered(seen, order.answers)):
            raise not_decided(context, file, wrong)
        found = inspection_document(seen, words)
        if as_json:
            say_json(found)
        else:
            _say(context, found, file, order)
        if found["issues"]:
            complain(context, *(f"{file}: {issue['message']}" for issue in found["issues"]))
            return COULD_NOT
        return DONE

    return run


@contextmanager
def _store_if_any(context: CommandContext) -> "Iterator[Store | None]":
    """The store, for its saved mappings; None where there is none, or where it cannot be opened."""
    settings = context.settings
    if settings.records is None and not (settings.data / RECORDS_FILE).is_file():
        yield None
        return
    store = None
    with ExitStack() as stack:
        try:
            store = stack.enter_context(context.store())
        except CannotDo as problem:
            finding = " ".join(problem.sentences)
            click.echo(context.words("cli.without_store", finding=finding), err=True)
        yield store


def _say(context: CommandContext, found: Document, file: str, order: Order) -> None:
    """From the file to its first rows, then what is open."""
    words = context.words
    say(found["file"])
    say_table(list(_facts(context, found)))
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


def _facts(context: CommandContext, found: Document) -> Iterator[tuple[str, str]]:
    from kpi_core.mapping.document import AS_WRITTEN

    words, number = context.words, context.formats.number
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


def inspection_document(found: "Inspection", words: Words) -> dict[str, Any]:
    """Everything that an inspection says; `questions` are those that are open."""
    from kpi_core.ingest.question_text import question_document
    from kpi_core.reports.as_json import as_json

    opened, mapping = found.opened, found.mapping
    table = opened.table
    roles = dict(_roles(mapping)) if mapping else {}
    questions = [question_document(question, words) for question in found.questions]
    return {
        "file": found.name,
        "kind": opened.kind.value,
        "encoding": opened.encoding,
        "delimiter": opened.delimiter,
        "tables": as_json(opened.tables),
        "table": _answer(found, "table"),
        "header_record": _answer(found, "header"),
        "title": list(table.title) if table else [],
        "left_out": dict(table.left_out) if table else {},
        "header": list(found.header),
        "rows": found.rows,
        "known": found.known,
        "grain": mapping.grain.value if mapping else _answer(found, "grain"),
        "source": mapping.source if mapping else _answer(found, "source"),
        "zone": mapping.zone if mapping else _answer(found, "zone"),
        "columns": [{"column": name, "means": roles.get(name, [])} for name in found.header],
        "dropped": as_json(found.dropped),
        "concluded": [each for each in questions if each["answer"] is not None],
        "questions": [each for each in questions if each["answer"] is None],
        "preview": as_json(found.preview),
        "notes": _issues(found.notes, words),
        "issues": _issues(found.issues, words),
        "mapping": mapping.text if mapping else None,
    }


def _answer(found: "Inspection", key: str) -> str | None:
    """What was concluded, or answered, to a question; None where it is open or was not asked."""
    return next((each.answer for each in found.questions if each.key == key), None)


def _issues(issues: "tuple[Issue, ...]", words: Words) -> list[dict[str, Any]]:
    from kpi_core.ingest.issue_text import sentence
    from kpi_core.reports.as_json import as_json

    return [dict(as_json(issue)) | {"message": sentence(issue, words)} for issue in issues]


def _roles(mapping: "Mapping") -> Iterator[tuple[str, list[str]]]:
    """What each column of a mapping is used for, in the words of the mapping document."""
    roles: dict[str, list[str]] = {}

    def add(column: str | None, role: str) -> None:
        if column is not None and role not in roles.setdefault(column, []):
            roles[column].append(role)

    for name in ("id", "stage", "at", "date"):
        add(getattr(mapping, name), name)
    for stage in mapping.stages:
        add(stage.date, f"stages.{stage.stage}")
        for column in stage.where:
            add(column, "where")
        add(stage.amount, "amount")
        add(stage.quality, "quality")
    for count in mapping.counts:
        add(count.column, f"counts.{count.stage or count.measure}")
        for column in count.where:
            add(column, "where")
    for column in mapping.periods:
        add(column, "periods")
    for name in ("channel", "campaign", "owner", "account", "amount", "quality"):
        add(getattr(mapping, name), name)
    for name, column in mapping.attributes.items():
        add(column, f"attributes.{name}")
    yield from roles.items()
