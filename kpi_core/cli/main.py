"""The command line as a whole: its language, its commands, and how it ends."""

import logging
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import click

from kpi_core.cli.backup import backup_command, erase_command, restore_command
from kpi_core.cli.board import board_command
from kpi_core.cli.command_context import COULD_NOT, CannotDo, CommandContext, complain
from kpi_core.cli.counts import counts_command
from kpi_core.cli.demo import demo_command
from kpi_core.cli.displays import display_group
from kpi_core.cli.help import PROGRAM, TaughtGroup
from kpi_core.cli.imports import import_command
from kpi_core.cli.inspect import inspect_command
from kpi_core.cli.ledger import imports_command, rejected_command, undo_command
from kpi_core.cli.mappings import mapping_group
from kpi_core.cli.password import password_group
from kpi_core.cli.plans import plan_group
from kpi_core.cli.tokens import token_group
from kpi_core.i18n.catalog import Language, Words
from kpi_core.settings import OWNER_ONLY

LOGGER = logging.getLogger(__name__)
STOPPED = 130
"""What a shell expects of a command that was interrupted."""


def main(
    args: Sequence[str] | None = None,
    environ: Mapping[str, str] | None = None,
    now: datetime | None = None,
) -> int:
    """Run one command and return its exit code: 0, 1 = done with rejected rows, 2 = could not."""
    environ = os.environ if environ is None else environ
    _write_what_the_terminal_can()
    os.umask(OWNER_ONLY)
    language, rest, unknown = take_language(sys.argv[1:] if args is None else args, environ)
    words = Words(language)
    context = CommandContext(words, environ, now or datetime.now(UTC))
    try:
        if unknown is not None:
            choices = ", ".join(Language)
            raise CannotDo(words("cli.not_one_of", option=OPTION, value=unknown, choices=choices))
        code = commands(words).main(rest, PROGRAM, standalone_mode=False, obj=context)
    except CannotDo as problem:
        complain(context, *problem.sentences)
    except click.UsageError as problem:
        complain(context, _usage_sentence(words, problem))
    except click.Abort:
        complain(context, words("cli.stopped"))
        return STOPPED
    except Exception as problem:
        LOGGER.debug("A command failed", exc_info=True)
        finding = f"{type(problem).__name__}: {problem}".splitlines()[0]
        complain(context, words("cli.unexpected", finding=finding))
    else:
        return code if isinstance(code, int) else 0
    return COULD_NOT


def commands(words: Words) -> click.Group:
    """Every command, in the words of one language."""
    group = TaughtGroup(None, words=words, key="top")
    for make in (
        inspect_command,
        import_command,
        imports_command,
        undo_command,
        rejected_command,
        mapping_group,
        counts_command,
        board_command,
        plan_group,
        token_group,
        display_group,
        password_group,
        backup_command,
        restore_command,
        erase_command,
        demo_command,
    ):
        group.add_command(make(words))
    return group


def _usage_sentence(words: Words, problem: click.UsageError) -> str:
    """What was wrong with the command as typed. Click says it in English only."""
    path = problem.ctx.command_path if problem.ctx else PROGRAM
    see = words("cli.try_help", command=path)
    match problem:
        case click.NoSuchOption():
            return words("cli.unknown_option", name=problem.option_name, help=see)
        case click.BadOptionUsage():
            return words("cli.missing_value", option=problem.option_name, help=see)
        case click.MissingParameter():
            name = (problem.param and problem.param.metavar) or ""
            return words("cli.missing_argument", name=name, help=see)
        case click.exceptions.NoSuchCommand():
            return words("cli.unknown_command", name=problem.command_name, help=see)
    return words("cli.usage_wrong", help=see)


def _write_what_the_terminal_can() -> None:
    """A sign that the terminal's encoding lacks becomes ?, not an error."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


OPTION = "--lang"


def of_terminal(environ: Mapping[str, str]) -> Language:
    """As the locale's variables say, the strongest first; English where they say nothing."""
    given = (environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return Language.of(next((locale for locale in given if locale), None))


def take_language(
    args: Sequence[str], environ: Mapping[str, str]
) -> tuple[Language, list[str], str | None]:
    """The language, the arguments without `--lang`, and what was asked for if it is none of ours.

    `--lang` may stand anywhere, before the command or after it; the last one counts.
    """
    language, rest, unknown = of_terminal(environ), [], None
    waiting = iter(args)
    for arg in waiting:
        if arg == "--":
            rest += [arg, *waiting]
        elif arg == OPTION or arg.startswith(f"{OPTION}="):
            name = arg.partition("=")[2] if "=" in arg else next(waiting, "")
            if name in list(Language):
                language = Language(name)
            else:
                unknown = name
        else:
            rest.append(arg)
    return language, rest, unknown
