"""`imports`, `undo` and `rejected`: the list of imports, undoing one, and its rejected rows."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from kpi_core.cli.command_context import DONE, CommandContext, say, say_json, say_table
from kpi_core.cli.help import Number, Taught, json_option
from kpi_core.i18n.catalog import Words

if TYPE_CHECKING:
    from kpi_core.records.ledger import ImportRecord


def imports_command(words: Words) -> click.Command:
    """`imports`."""

    @click.command("imports", cls=Taught, words=words, key="imports")
    @json_option(words)
    @click.pass_obj
    def run(context: CommandContext, as_json: bool) -> int:

        with context.store() as store:
            records = store.imports()
        if as_json:
            say_json({"imports": records})
        elif records:
            say_table(_ledger(context, records), right=[True, *[False] * 3, *[True] * 3])
        else:
            say(words("receipt.none_yet"))
        return DONE

    return run


def undo_command(words: Words) -> click.Command:
    """`undo NUMBER`."""

    @click.command("undo", cls=Taught, words=words, key="undo")
    @click.argument("import_id", type=Number(words), metavar=words("cli.metavar_number"))
    @json_option(words)
    @click.pass_obj
    def run(context: CommandContext, import_id: int, as_json: bool) -> int:
        with context.store() as store:
            record = store.undo(import_id, who=context.who, now=context.wall_clock(store))
        if as_json:
            say_json(record)
        else:
            say(words("cli.undone_done", file=record.file_name))
        return DONE

    return run


def rejected_command(words: Words) -> click.Command:
    """`rejected NUMBER`."""

    @click.command("rejected", cls=Taught, words=words, key="rejected")
    @click.argument("import_id", type=Number(words), metavar=words("cli.metavar_number"))
    @click.pass_obj
    def run(context: CommandContext, import_id: int) -> int:
        from kpi_core.ingest.rejected_rows import rejected_rows

        with context.store() as store:
            receipt = store.receipt(import_id)
            content = rejected_rows(store, import_id, words) if receipt.rejected_rows else b""
        if content:
            click.echo(content, nl=False)
        else:
            click.echo(words("cli.none_rejected", number=import_id), err=True)
        return DONE

    return run


def _ledger(context: CommandContext, records: Sequence["ImportRecord"]) -> list[list[str]]:
    words, number = context.words, context.formats.number
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
            day = f"{record.undone_at:%Y-%m-%d}"
            state = words("receipt.undone", day=day)
            if record.replaced_by is not None:
                state = words("receipt.replaced", number=record.replaced_by, day=day)
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
