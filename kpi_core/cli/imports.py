"""`import`: files in."""

from collections.abc import Callable, Sequence
from typing import Any

import click

from kpi_core.cli.answers import OpenQuestions, answer_option, answers_given, question_lines
from kpi_core.cli.command_context import (
    COULD_NOT,
    DONE,
    DONE_WITH_REJECTED,
    CannotDo,
    CommandContext,
    complain,
    say_json,
)
from kpi_core.cli.help import Taught, json_option, mapping_option
from kpi_core.cli.import_source import FileImport, Order, Taken
from kpi_core.cli.receipt_text import say_receipt
from kpi_core.i18n.catalog import Words


def import_command(words: Words) -> click.Command:
    """`import FILE…`."""

    @click.command("import", cls=Taught, words=words, key="import")
    @click.argument("files", nargs=-1, required=True, metavar=words("cli.metavar_files"))
    @mapping_option(words)
    @answer_option(words)
    @click.option(
        "--save-mapping",
        "save_as",
        metavar=words("cli.metavar_name"),
        help=words("cli.option_save_mapping"),
    )
    @click.option("--dry-run", is_flag=True, help=words("cli.option_dry_run"))
    @json_option(words)
    @click.pass_obj
    def run(
        context: CommandContext,
        files: tuple[str, ...],
        mapping: str | None,
        answers: tuple[str, ...],
        save_as: str | None,
        dry_run: bool,
        as_json: bool,
    ) -> int:
        order = Order(mapping or None, answers_given(context, answers), save_as or None, dry_run)
        with context.store() as store:
            return _take_all(context, files, FileImport(context, store, order).take, order, as_json)

    return run


def _take_all(
    context: CommandContext,
    files: Sequence[str],
    take: Callable[[str], Taken],
    order: Order,
    as_json: bool,
) -> int:
    """Every file, one after the other; what is wrong with one does not stop the next."""
    code, receipts, questions = DONE, [], []
    for name in files:
        try:
            taken = take(name)
        except CannotDo as problem:
            code = COULD_NOT
            complain(context, *problem.sentences)
            if isinstance(problem, OpenQuestions):
                questions.append({"file": name, "questions": problem.questions})
                if not as_json:
                    click.echo(
                        "\n".join(question_lines(problem.questions, context.words)), err=True
                    )
            continue
        if as_json:
            receipts.append(_document(taken, order))
        else:
            say_receipt(context, taken, dry_run=order.dry_run)
        if taken.receipt.rejected_rows and not taken.receipt.facts:
            code = COULD_NOT
            complain(context, context.words("cli.not_one_row", file=name))
        elif taken.receipt.rejected_rows:
            code = max(code, DONE_WITH_REJECTED)
    if as_json:
        say_json({"receipts": receipts, "questions": questions})
    return code


def _document(taken: Taken, order: Order) -> dict[str, Any]:
    from kpi_core.reports.as_json import as_json

    context = {"dry_run": order.dry_run, "replaces_demo": taken.replaces_demo}
    return dict(as_json(taken.receipt)) | context
