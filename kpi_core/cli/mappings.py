"""`mapping list`, `show`, `save` and `delete`: how files of a shape are read."""

import click

from kpi_core.cli.command_context import (
    DONE,
    CannotDo,
    CommandContext,
    say,
    say_document,
    say_json,
    say_table,
)
from kpi_core.cli.help import Taught, TaughtGroup, json_option
from kpi_core.i18n.catalog import Words


def mapping_group(words: Words) -> click.Group:
    """`mapping` and what can be done with one."""
    group = TaughtGroup("mapping", words=words, key="mapping")
    for command in (_list(words), _show(words), _save(words), _delete(words)):
        group.add_command(command)
    return group


def _list(words: Words) -> click.Command:
    @click.command("list", cls=Taught, words=words, key="mapping_list")
    @json_option(words)
    @click.pass_obj
    def run(context: CommandContext, as_json: bool) -> int:
        from kpi_core.mapping.shipped import mappings

        with context.store() as store:
            saved = store.records.saved_mappings()
        built_in = mappings()
        if as_json:
            names = [mapping.name for mapping in built_in]
            say_json({"saved": saved, "built_in": names})
            return DONE
        rows = [(each.name, f"{each.saved_at:%Y-%m-%d} ({each.saved_by})", "") for each in saved]
        ships = words("cli.built_in")
        rows += [(each.name, ships, words.localize(each.title)) for each in built_in]
        heads = ("cli.mapping_name", "cli.mapping_saved", "cli.mapping_title")
        say_table([tuple(words(head) for head in heads), *rows])
        return DONE

    return run


def _show(words: Words) -> click.Command:
    @click.command("show", cls=Taught, words=words, key="mapping_show")
    @click.argument("mapping_name", metavar=words("cli.metavar_name"))
    @click.pass_obj
    def run(context: CommandContext, mapping_name: str) -> int:
        from kpi_core.mapping.shipped import mappings

        with context.store() as store:
            known = {each.name: each.text for each in mappings()}
            known |= {each.name: each.text for each in store.records.saved_mappings()}
        if mapping_name not in known:
            choices = ", ".join(known)
            raise CannotDo(words("deciding.no_such_mapping", name=mapping_name, choices=choices))
        say_document(known[mapping_name])
        return DONE

    return run


def _save(words: Words) -> click.Command:
    @click.command("save", cls=Taught, words=words, key="mapping_save")
    @click.argument("mapping_file", metavar=words("cli.metavar_file"))
    @click.option("--name", metavar=words("cli.metavar_name"), help=words("cli.option_name"))
    @click.pass_obj
    def run(context: CommandContext, mapping_file: str, name: str | None) -> int:
        from kpi_core.mapping.document import fingerprint
        from kpi_core.mapping.parse import read_mapping

        mapping = context.sound(read_mapping(context.read(mapping_file)))
        name, seal = name or mapping.name, fingerprint(mapping.columns)
        with context.store() as store:
            now = context.wall_clock(store)
            store.records.save_mapping(name, mapping.text, seal, who=context.who, now=now)
        say(words("cli.mapping_kept", name=name))
        return DONE

    return run


def _delete(words: Words) -> click.Command:
    @click.command("delete", cls=Taught, words=words, key="mapping_delete")
    @click.argument("mapping_name", metavar=words("cli.metavar_name"))
    @click.pass_obj
    def run(context: CommandContext, mapping_name: str) -> int:
        with context.store() as store:
            store.records.delete_mapping(
                mapping_name, who=context.who, now=context.wall_clock(store)
            )
        say(words("cli.mapping_gone", name=mapping_name))
        return DONE

    return run
