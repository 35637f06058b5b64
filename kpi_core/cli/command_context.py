"""The context of every command: its language, settings and store, and how it prints."""

import getpass
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

import click

from kpi_core.cli.terminal_text import aligned, plain
from kpi_core.i18n.catalog import Words
from kpi_core.settings import Settings, SettingsError

if TYPE_CHECKING:
    from kpi_core.facts.store import Store
    from kpi_core.i18n.formats import Formats
    from kpi_core.i18n.problem import Problem
    from kpi_core.plans.document import Plan

Read = TypeVar("Read")

DONE, DONE_WITH_REJECTED, COULD_NOT = 0, 1, 2
"""What a command gives back to its caller."""


class CannotDo(Exception):
    """The command ends here. Each sentence says what is wrong and what to do next."""

    def __init__(self, *sentences: str) -> None:
        super().__init__(*sentences)
        self.sentences = sentences


@dataclass(frozen=True)
class CommandContext:
    """The words of one language, the environment, and the moment the command was given."""

    words: Words
    environ: Mapping[str, str]
    now: datetime

    @cached_property
    def formats(self) -> "Formats":
        """Numbers and dates in the language of the words."""
        from kpi_core.i18n.formats import Formats

        return Formats(self.words.language)

    def wall_clock(self, store: "Store | None") -> datetime:
        """The time of day where the plan is run; in the default calendar's zone without a store."""
        from kpi_core.domain.calendar import WorkCalendar
        from kpi_core.reports.plans import wall_clock

        return WorkCalendar().local(self.now) if store is None else wall_clock(store, self.now)

    def home(self, store: "Store | None") -> str:
        """The zone of that clock: in it times count."""
        from kpi_core.records.workspace import DEFAULT_ZONE

        return DEFAULT_ZONE if store is None else store.zone

    def data_through(self, moment: datetime | None) -> tuple[str, str]:
        """How far the data reach, as a row; the year is shown where it is not this one."""
        label = self.words("cli.data_through")
        if moment is None:
            return label, self.words("board.no_data")
        text = self.formats.moment(moment, self.now)
        return label, self.words("cli.data_through_value", moment=text)

    @property
    def who(self) -> str:
        """The name that goes into the ledger: the account at the terminal."""
        try:
            return getpass.getuser()
        except (KeyError, OSError, ImportError):
            return "cli"

    @cached_property
    def settings(self) -> Settings:
        """The settings of the environment."""
        try:
            return Settings.from_env(self.environ)
        except SettingsError as error:
            raise self.bad_setting(error) from error

    def bad_setting(self, error: SettingsError) -> CannotDo:
        """What is wrong with a setting, in a sentence."""
        return CannotDo(self.words(f"settings.{error.code}", **error.params))

    @contextmanager
    def in_words(self) -> Iterator[None]:
        """What goes wrong with settings or store inside ends the command, in plain words."""
        from kpi_core.records.errors import StoreError

        try:
            yield
        except SettingsError as error:
            raise self.bad_setting(error) from error
        except StoreError as error:
            raise CannotDo(self.words(f"store.{error.code}", **error.params)) from error

    @contextmanager
    def store(self) -> "Iterator[Store]":
        """The store of the settings, closed at the end; what goes wrong with it in plain words.

        Another process may have it open, too: a running board, or another command.
        """
        from kpi_core.facts.store import open_store

        with self.in_words():
            settings = self.settings
            settings.check_folder()
            with closing(open_store(settings.data, records_url=settings.records)) as store:
                yield store

    def read(self, path: str) -> str:
        """A text file the user names."""
        try:
            with open(path, encoding="utf-8-sig") as file:  # noqa: PTH123 - "-" is no file
                return file.read()
        except UnicodeDecodeError as error:
            raise CannotDo(self.words("cli.not_utf8", file=path)) from error
        except OSError as error:
            raise CannotDo(self.no_file(path, error)) from error

    def sound(self, found: "Read | tuple[Problem, ...]") -> Read:
        """A document as it was read; CannotDo with every mistake in it."""
        if isinstance(found, tuple):
            raise CannotDo(*(problem.sentence(self.words) for problem in found))
        return found

    def no_file(self, path: str, error: OSError | ValueError) -> str:
        """Why a file cannot be read, as far as the system says."""
        match error:
            case FileNotFoundError():
                return self.words("cli.no_file", file=path)
            case IsADirectoryError():
                return self.words("cli.is_folder", file=path)
            case PermissionError():
                return self.words("cli.no_permission", file=path)
            case OSError(errno=int() as number):
                return self.words("cli.unreadable", file=path, finding=os.strerror(number))
        return self.words("cli.unreadable", file=path, finding=str(error))


def newest_plan(store: "Store", plan_id: str) -> "Plan | None":
    """The newest revision as a plan; None where this version of the program cannot read it."""
    from kpi_core.plans.document import Plan
    from kpi_core.plans.parse import read_plan

    plan = read_plan(store.records.revisions(plan_id)[-1].text)
    return plan if isinstance(plan, Plan) else None


def complain(context: CommandContext, *sentences: str) -> None:
    """Why something could not be done, on standard error."""
    for sentence in sentences:
        click.echo(plain(context.words("cli.error", sentence=sentence)), err=True)


def say(*lines: str) -> None:
    """Lines on standard output."""
    for line in lines:
        click.echo(plain(line))


def say_document(text: str) -> None:
    """A document as it is, for a file; what could steer a terminal is left out on one."""
    if sys.stdout.isatty():
        say(*text.splitlines())
    else:
        click.echo(text, nl=not text.endswith("\n"))


def say_table(rows: Sequence[Sequence[str]], *, right: Sequence[bool] = ()) -> None:
    """Rows in columns; `right` names the columns of numbers."""
    for line in aligned(rows, right=right):
        click.echo(line)


def say_json(document: object) -> None:
    """One JSON document, and nothing else. Reports in it become plain data."""
    from kpi_core.reports.as_json import as_json

    click.echo(json.dumps(as_json(document), ensure_ascii=False, indent=2))
