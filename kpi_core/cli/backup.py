"""`backup`, `restore` and `erase`: all data in a file, back from it, and one person taken out."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kpi_core.cli.command_context import DONE, CannotDo, CommandContext, say, say_json
from kpi_core.cli.help import Taught, json_option
from kpi_core.i18n.catalog import Words

if TYPE_CHECKING:
    from kpi_core.facts.backup import Backup

MB = 1_000_000


def backup_command(words: Words) -> click.Command:
    """`backup FILE`."""

    @click.command("backup", cls=Taught, words=words, key="backup")
    @click.argument("backup_file", metavar=words("cli.metavar_file"))
    @click.option("--without-secrets", is_flag=True, help=words("cli.option_without_secrets"))
    @click.option("--without-archive", is_flag=True, help=words("cli.option_without_archive"))
    @json_option(words)
    @click.pass_obj
    def run(
        context: CommandContext,
        backup_file: str,
        without_secrets: bool,
        without_archive: bool,
        as_json: bool,
    ) -> int:
        from kpi_core.facts.backup import back_up

        settings = context.settings
        with context.in_words():
            settings.check_folder()
            made = back_up(
                settings.data,
                Path(backup_file),
                now=context.now,
                records_url=settings.records,
                secrets=not without_secrets,
                archive=not without_archive,
            )
        if as_json:
            say_json(made)
        else:
            say(_summary(context, "cli.backed_up", backup_file, made))
            say(words("cli.backup_has_secrets" if made.has_secrets else "cli.backup_no_secrets"))
        return DONE

    return run


def restore_command(words: Words) -> click.Command:
    """`restore FILE`."""

    @click.command("restore", cls=Taught, words=words, key="restore")
    @click.argument("backup_file", metavar=words("cli.metavar_file"))
    @json_option(words)
    @click.pass_obj
    def run(context: CommandContext, backup_file: str, as_json: bool) -> int:
        from kpi_core.facts.backup import restore
        from kpi_core.records.errors import StoreError

        settings, source = context.settings, Path(backup_file)
        try:
            with source.open("rb"):
                pass
        except (OSError, ValueError) as error:
            raise CannotDo(context.no_file(backup_file, error)) from error
        with context.in_words():
            if settings.records is not None:
                raise StoreError("restore_is_postgres")
            settings.check_folder()
            found = restore(source, settings.data)
        if as_json:
            say_json(found)
        else:
            say(_summary(context, "cli.restored", str(settings.data), found))
            if not found.has_secrets:
                say(words("cli.restored_no_secrets"))
        return DONE

    return run


def erase_command(words: Words) -> click.Command:
    """`erase --id ID`."""

    @click.command("erase", cls=Taught, words=words, key="erase")
    @click.option("--id", "lead", metavar=words("cli.metavar_id"), help=words("cli.option_id"))
    @click.option(
        "--source", metavar=words("cli.metavar_source"), help=words("cli.option_erase_source")
    )
    @json_option(words)
    @click.pass_obj
    def run(context: CommandContext, lead: str | None, source: str | None, as_json: bool) -> int:
        if not lead:
            see = words("cli.try_help", command="python -m kpi_core erase")
            raise CannotDo(words("cli.missing_argument", name="--id", help=see))
        from kpi_core.facts.erase import erase

        with context.store() as store:
            stored = _as_stored(lead, store.records.secret())
            now = context.wall_clock(store)
            done = erase(store, [lead, stored], source=source or None, who=context.who, now=now)
        if as_json:
            say_json(done)
        else:
            number = context.formats.number
            sources = ", ".join(done.sources)
            say(words("cli.erased", rows=number(done.rows), sources=sources))
            if done.tables:
                say(words("cli.erased_tables", count=number(done.tables)))
            say(words("cli.erased_elsewhere"))
        return DONE

    return run


def _as_stored(lead: str, secret: bytes) -> str:
    """An id as imports store it: a mail address is hashed."""
    import pandas as pd

    from kpi_core.parsing.pii import hashed, looks_like_mail

    given = pd.Series([lead], dtype="str")
    return str(hashed(given, secret).iloc[0]) if looks_like_mail(given).all() else lead


def _summary(context: CommandContext, key: str, path: str, backup: "Backup") -> str:
    number = context.formats.number
    return context.words(
        key,
        path=path,
        imports=number(backup.imports),
        files=number(backup.files),
        megabytes=number(-(-backup.bytes // MB)),
    )
