"""`demo`: made-up months to try the board with."""

import click

from kpi_core.cli.command_context import DONE, CannotDo, CommandContext, say, say_json
from kpi_core.cli.help import Taught, json_option
from kpi_core.i18n.catalog import Words


def demo_command(words: Words) -> click.Command:
    """`demo`."""

    @click.command("demo", cls=Taught, words=words, key="demo")
    @json_option(words)
    @click.pass_obj
    def run(context: CommandContext, as_json: bool) -> int:
        from kpi_core.demo.load import load_demo

        with context.store() as store:
            receipts = load_demo(store, now=context.now)
        if not receipts:
            raise CannotDo(words("cli.demo_not_loaded"))
        if as_json:
            say_json({"receipts": receipts})
        else:
            say(words("cli.demo_loaded"))
        return DONE

    return run
