"""`password set` and `remove`: the office password of the running board."""

import sys

import click

from kpi_core.cli.command_context import DONE, CannotDo, CommandContext, say
from kpi_core.cli.help import Taught, TaughtGroup
from kpi_core.i18n.catalog import Words


def password_group(words: Words) -> click.Group:
    """`password` and what can be done with it."""
    group = TaughtGroup("password", words=words, key="password")
    for command in (_set(words), _remove(words)):
        group.add_command(command)
    return group


def _set(words: Words) -> click.Command:
    @click.command("set", cls=Taught, words=words, key="password_set")
    @click.option("--stdin", "from_stdin", is_flag=True, help=words("cli.option_stdin"))
    @click.pass_obj
    def run(context: CommandContext, from_stdin: bool) -> int:
        text = _read() if from_stdin else _asked(words)
        with context.store() as store:
            now = context.wall_clock(store)
            store.records.set_office_password(text, who=context.who, now=now)
        say(words("cli.password_is_set"))
        return DONE

    return run


def _remove(words: Words) -> click.Command:
    @click.command("remove", cls=Taught, words=words, key="password_remove")
    @click.pass_obj
    def run(context: CommandContext) -> int:
        with context.store() as store:
            store.records.remove_office_password(who=context.who, now=context.wall_clock(store))
        say(words("cli.password_is_removed"))
        return DONE

    return run


def _read() -> str:
    """The first line of what another program sends."""
    return sys.stdin.readline().rstrip("\r\n")


def _asked(words: Words) -> str:
    """What is typed twice, without being shown."""
    first = click.prompt(words("cli.password_new"), hide_input=True, type=str)
    if first != click.prompt(words("cli.password_again"), hide_input=True, type=str):
        raise CannotDo(words("cli.password_differ"))
    return str(first)
