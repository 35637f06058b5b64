"""`imports`, `undo` and `rejected`: what was taken in, taken back, and left out."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from kpi_core.cli.teach import Taught
from kpi_core.cli.told import DONE, CannotDo, Told, say, say_json, say_table
from kpi_core.i18n.catalog import Words

if TYPE_CHECKING:
    from kpi_core.storage.facts import ImportRecord


def imports_command(words: Words) -> click.Command:
    """`imports`."""

    @click.command("imports", cls=Taught, words=words, key="imports")
    @click.option("--json", "as_json", is_flag=True, help=words("cli.option_json"))
    @click.pass_obj
    def run(told: Told, as_json: bool) -> int:
        from kpi_core.reports.as_json import as_json as plain_data

        with told.store() as store:
            records = store.imports()
        if as_json:
            say_json({"imports": plain_data(records)})
        elif records:
            say_table(_ledger(told, records), right=[True, *[False] * 3, *[True] * 3])
        else:
            say(words("receipt.none_yet"))
        return DONE

    return run


def undo_command(words: Words) -> click.Command:
    """`undo NUMBER`."""

    @click.command("undo", cls=Taught, words=words, key="undo")
    @click.argument("import_id", metavar=words("cli.metavar_number"))
    @click.option("--json", "as_json", is_flag=True, help=words("cli.option_json"))
    @click.pass_context
    def run(context: click.Context, import_id: str, as_json: bool) -> int:
        from kpi_core.reports.as_json import as_json as plain_data

        told: Told = context.obj
        number = _number(context, import_id)
        with told.store() as store:
            record = store.undo(number, who=told.who, now=told.wall_clock(store))
        if as_json:
            say_json(plain_data(record))
        else:
            say(words("cli.undone_done", file=record.file_name))
        return DONE

    return run


def rejected_command(words: Words) -> click.Command:
    """`rejected NUMBER`."""

    @click.command("rejected", cls=Taught, words=words, key="rejected")
    @click.argument("import_id", metavar=words("cli.metavar_number"))
    @click.pass_context
    def run(context: click.Context, import_id: str) -> int:
        from kpi_core.ingest.rejected import rejected_rows

        told: Told = context.obj
        number = _number(context, import_id)
        with told.store() as store:
            receipt = store.receipt(number)
            content = rejected_rows(store, number, words) if receipt.rejected_rows else b""
        if content:
            click.echo(content, nl=False)
        else:
            click.echo(words("cli.none_rejected", number=number), err=True)
        return DONE

    return run


def _number(context: click.Context, import_id: str) -> int:
    """The number of an import."""
    if import_id.isascii() and import_id.isdecimal() and len(import_id) < 10:
        return int(import_id)
    words: Words = context.obj.words
    raise CannotDo(
        words(
            "cli.not_a_number",
            name=words("cli.metavar_number"),
            value=import_id,
            help=words("cli.try_help", command=context.command_path),
        )
    )


def _ledger(told: Told, records: Sequence["ImportRecord"]) -> list[list[str]]:
    words, number = told.words, told.formats.number
    heads = (
        "cli.ledger_id",
        "cli.ledger_when",
        "cli.ledger_file",
        "cli.ledger_who",
        "receipt.rows",
        "receipt.new",
        "receipt.rejected",
        "cli.ledger_state",
    )
    table = [[words(head) for head in heads]]
    for record in records:
        state = words("receipt.demo") if record.demo else words("cli.state_stands")
        if record.undone_at is not None:
            state = words("receipt.undone", day=f"{record.undone_at:%Y-%m-%d}")
        table.append(
            [
                str(record.import_id),
                f"{record.imported_at:%Y-%m-%d %H:%M}",
                record.file_name,
                record.imported_by,
                number(record.rows),
                number(record.new),
                number(record.rejected_rows),
                state,
            ]
        )
    return table
