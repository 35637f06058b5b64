"""Commands that explain themselves in the chosen language, each with an example."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from kpi_core.cli.command_context import CannotDo
from kpi_core.cli.terminal_text import aligned
from kpi_core.i18n.catalog import Words
from kpi_core.plans.starter_plans import STARTERS

PROGRAM = "python -m kpi_core"
LONGEST_NUMBER = 9
"""Digits; DuckDB's integers have one more."""

Command = TypeVar("Command", bound=Callable[..., Any])


def json_option(words: Words) -> Callable[[Command], Command]:
    """`--json`."""
    return click.option("--json", "as_json", is_flag=True, help=words("cli.option_json"))


def mapping_option(words: Words) -> Callable[[Command], Command]:
    """`--mapping NAME|FILE`."""
    return click.option(
        "--mapping", metavar=words("cli.metavar_name_or_file"), help=words("cli.option_mapping")
    )


class Taught(click.Command):
    """A command. `key` finds its sentence (`cli.help_<key>`) and example (`cli.example_<key>`)."""

    def __init__(self, name: str | None, *, words: Words, key: str, **kwargs: Any) -> None:
        super().__init__(
            name,
            options_metavar=words("cli.options_metavar"),
            context_settings={"allow_extra_args": True},
            **kwargs,
        )
        self.words, self.key = words, key

    def invoke(self, ctx: click.Context) -> Any:
        if ctx.args:
            see = self.words("cli.try_help", command=ctx.command_path)
            names = " ".join(ctx.args)
            raise CannotDo(self.words("cli.too_many", names=names, help=see))
        return super().invoke(ctx)

    def get_short_help_str(self, limit: int = 45) -> str:
        return self.words(f"cli.help_{self.key}")

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write(_help_text(self, self.words, self.key, ctx))


class TaughtGroup(click.Group):
    """Commands under one name. Called alone, it shows its help."""

    def __init__(self, name: str | None, *, words: Words, key: str, **kwargs: Any) -> None:
        super().__init__(name, invoke_without_command=True, callback=_called_alone, **kwargs)
        self.words, self.key = words, key
        self.subcommand_metavar = words("cli.command_metavar")
        self.options_metavar = ""

    def get_short_help_str(self, limit: int = 45) -> str:
        return self.words(f"cli.help_{self.key}")

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write(_help_text(self, self.words, self.key, ctx))


@click.pass_context
def _called_alone(context: click.Context) -> None:
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


class OneOf(click.ParamType[str]):
    """One of a few words."""

    name = "choice"

    def __init__(
        self,
        words: Words,
        *choices: str,
        metavar: str | None = None,
        named: Callable[[str], str | None] = lambda _: None,
    ) -> None:
        """`named` says which choice another word stands for; None for none."""
        self.words, self.choices, self.metavar, self.named = words, choices, metavar, named

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        return self.metavar or "|".join(self.choices)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value in self.choices:
            return str(value)
        if (meant := self.named(value)) is not None:
            return meant
        name = param.opts[0] if param else ""
        choices = ", ".join(self.choices)
        raise CannotDo(self.words("cli.not_one_of", option=name, value=value, choices=choices))


class Number(click.ParamType[int]):
    """The number of something in a list."""

    name = "number"

    def __init__(self, words: Words) -> None:
        self.words = words

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if value.isascii() and value.isdecimal() and len(value) <= LONGEST_NUMBER:
            return int(value)
        name, path = self.words("cli.metavar_number"), ctx.command_path if ctx else PROGRAM
        see = self.words("cli.try_help", command=path)
        raise CannotDo(self.words("cli.not_a_number", name=name, value=value, help=see))


def _help_text(command: click.Command, words: Words, key: str, ctx: click.Context) -> str:
    pieces = (ctx.command_path, *command.collect_usage_pieces(ctx))
    usage = " ".join(piece for piece in pieces if piece)
    lines = [words("cli.usage", usage=usage), "", f"  {words(f'cli.help_{key}')}"]
    if isinstance(command, click.Group):
        names = [(name, command.commands[name]) for name in command.list_commands(ctx)]
        rows = [[name, each.get_short_help_str()] for name, each in names]
        lines += ["", words("cli.commands"), *aligned(rows)]
    rows = []
    for param in command.params:
        if isinstance(param, click.Argument):
            about = words(f"cli.argument_{param.name}", starters=", ".join(STARTERS))
            rows.append([param.make_metavar(ctx), about])
        elif isinstance(param, click.Option):
            rows.append([_spelled(param, ctx), param.help or ""])
    rows.append(["--lang ja|en", words("cli.option_lang")])
    rows.append(["--help", words("cli.option_help")])
    lines += ["", words("cli.options"), *aligned(rows)]
    lines += ["", words("cli.example"), *_indented(words(f"cli.example_{key}"))]
    return "\n".join(lines) + "\n"


def _spelled(option: click.Option, ctx: click.Context) -> str:
    return option.opts[0] if option.is_flag else f"{option.opts[0]} {option.make_metavar(ctx)}"


def _indented(text: str) -> list[str]:
    return [f"  {line}" for line in text.strip().splitlines()]
