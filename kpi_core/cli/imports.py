"""`import`, `imports` and `undo`: files in, and back out."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kpi_core.cli.receipt import say_receipt
from kpi_core.cli.teach import Taught
from kpi_core.cli.told import (
    COULD_NOT,
    DONE,
    DONE_WITH_REJECTED,
    CannotDo,
    Told,
    complain,
    say,
    say_json,
    say_table,
)
from kpi_core.i18n.catalog import Words

if TYPE_CHECKING:
    from kpi_core.ingest.meaning.mapping import Mapping
    from kpi_core.storage.facts import ImportRecord, Receipt
    from kpi_core.storage.store import Store


def import_command(words: Words) -> click.Command:
    """`import FILE… --mapping NAME|FILE`."""

    @click.command("import", cls=Taught, words=words, key="import")
    @click.argument("files", nargs=-1, required=True, metavar=words("cli.metavar_files"))
    @click.option(
        "--mapping",
        metavar=words("cli.metavar_name_or_file"),
        help=words("cli.option_mapping"),
    )
    @click.option("--dry-run", is_flag=True, help=words("cli.option_dry_run"))
    @click.option("--json", "as_json", is_flag=True, help=words("cli.option_json"))
    @click.pass_obj
    def run(
        told: Told, files: tuple[str, ...], mapping: str | None, dry_run: bool, as_json: bool
    ) -> int:
        from kpi_core.reports.as_json import as_json as plain_data

        how = _mapping(told, mapping)
        code, documents = DONE, []
        with told.store() as store:
            for name in files:
                had_demo = store.holds_demo()
                try:
                    receipt = _take_in(told, store, name, how, dry_run=dry_run)
                except CannotDo as problem:
                    code = COULD_NOT
                    complain(told, *problem.sentences)
                    continue
                demo_goes = had_demo and bool(_facts(receipt)) and not receipt.repeats
                if as_json:
                    documents.append(
                        plain_data(receipt) | {"dry_run": dry_run, "demo_removed": demo_goes}
                    )
                else:
                    say_receipt(told, receipt, dry_run=dry_run, demo_goes=demo_goes)
                if receipt.rejected_rows and not _facts(receipt):
                    code = COULD_NOT
                    complain(told, words("cli.not_one_row", file=name))
                elif receipt.rejected_rows:
                    code = max(code, DONE_WITH_REJECTED)
        if as_json:
            say_json({"receipts": documents})
        return code

    return run


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
            say(words("imports.none_yet"))
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
        if not (import_id.isascii() and import_id.isdecimal() and len(import_id) < 10):
            raise CannotDo(
                words(
                    "cli.not_a_number",
                    name=words("cli.metavar_number"),
                    value=import_id,
                    help=words("cli.try_help", command=context.command_path),
                )
            )
        with told.store() as store:
            record = store.undo(int(import_id), who=told.who, now=told.wall_clock(store))
        if as_json:
            say_json(plain_data(record))
        else:
            say(words("cli.undone_done", file=record.file_name))
        return DONE

    return run


def _mapping(told: Told, name: str | None) -> "Mapping":
    from kpi_core.ingest.meaning.mapping import Mapping
    from kpi_core.ingest.meaning.mappings import load_mapping, mappings

    if not name:
        choices = ", ".join(mapping.name for mapping in mappings())
        raise CannotDo(told.words("cli.missing_mapping", choices=choices))
    found = load_mapping(name)
    if not isinstance(found, Mapping):
        raise CannotDo(*(problem.sentence(told.words) for problem in found))
    return found


def _take_in(
    told: Told, store: "Store", name: str, mapping: "Mapping", *, dry_run: bool
) -> "Receipt":
    """The receipt of one file; CannotDo for one that could not be read as a whole."""
    from kpi_core.ingest.finding import REFUSALS
    from kpi_core.ingest.importing import import_file
    from kpi_core.ingest.wording import sentence

    try:
        content = Path(name).read_bytes()
    except (OSError, ValueError) as error:
        raise CannotDo(told.no_file(name, error)) from error
    now = told.wall_clock(store)
    file_name = Path(name).name
    receipt = import_file(
        store, content, file_name, mapping, who=told.who, now=now, dry_run=dry_run
    )
    refusals = [issue for issue in receipt.issues if issue.code in REFUSALS]
    if refusals and not _facts(receipt):
        raise CannotDo(*(f"{name}: {sentence(issue, told.words)}" for issue in refusals))
    return receipt


def _facts(receipt: "Receipt") -> int:
    return receipt.new + receipt.changed + receipt.unchanged


def _ledger(told: Told, records: Sequence["ImportRecord"]) -> list[list[str]]:
    words, number = told.words, told.formats.number
    heads = (
        "cli.ledger_id",
        "cli.ledger_when",
        "cli.ledger_file",
        "cli.ledger_who",
        "imports.rows",
        "imports.new",
        "imports.rejected",
        "cli.ledger_state",
    )
    table = [[words(head) for head in heads]]
    for record in records:
        state = words("imports.demo") if record.demo else words("cli.state_stands")
        if record.undone_at is not None:
            state = words("imports.undone", day=f"{record.undone_at:%Y-%m-%d}")
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
