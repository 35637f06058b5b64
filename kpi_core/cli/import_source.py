"""A file given to `import`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from kpi_core.cli.answers import asked_by_store, not_decided
from kpi_core.cli.command_context import CannotDo, CommandContext, complain

if TYPE_CHECKING:
    from kpi_core.domain.issue import Issue
    from kpi_core.domain.receipt import Receipt
    from kpi_core.facts.store import Store
    from kpi_core.ingest.inspect import Inspection
    from kpi_core.mapping import document as meaning


@dataclass(frozen=True)
class Order:
    """How to import files. `mapping` is a name or a file, None for the one that fits."""

    mapping: str | None = None
    answers: Mapping[str, str] = field(default_factory=dict)
    save_as: str | None = None
    dry_run: bool = False


@dataclass(frozen=True)
class Taken:
    """What became of a file. `replaces_demo`: it takes the place of the demo, or would."""

    receipt: "Receipt"
    replaces_demo: bool


@dataclass
class FileImport:
    """Imports files one after the other."""

    context: CommandContext
    store: "Store"
    order: Order
    saved: bool = False

    def take(self, name: str) -> Taken:
        """Take a file in; CannotDo for one that could not be read as a whole."""
        from kpi_core.facts.conflicts import Undecided
        from kpi_core.ingest.conflict_questions import decisions_of
        from kpi_core.ingest.import_file import import_file
        from kpi_core.ingest.inbox.inbox_folder import told_name
        from kpi_core.ingest.resolve import refusals, replaces_demo

        context, path, now = self.context, Path(name), self.context.wall_clock(self.store)
        try:
            header, how = self._decided(name)
            demo_stood = self.store.holds_demo()
            receipt = import_file(
                self.store,
                path,
                told_name(path.name),
                how,
                who=context.who,
                now=now,
                dry_run=self.order.dry_run,
                home=context.home(self.store),
                decisions=decisions_of(self.order.answers),
            )
        except Undecided as problem:
            raise asked_by_store(context, name, problem.conflicts) from problem
        except OSError as error:
            raise CannotDo(context.no_file(name, error)) from error
        if receipt.conflicts:
            raise asked_by_store(context, name, receipt.conflicts)
        if refused := refusals(receipt):
            raise refusal(context, name, refused)
        if receipt.facts and not self.order.dry_run:
            self._save_mapping(header, how, now)
        if receipt.import_id is not None:
            self._keep_raw(path, now)
        return Taken(receipt, replaces_demo(receipt, demo_stood=demo_stood))

    def _decided(self, name: str) -> "tuple[tuple[str, ...], meaning.Mapping]":
        """The header and the mapping of a file; the rest of it is released."""
        from kpi_core.ingest.resolve import Undecided, decide

        found = look_at(self.context, name, self.order, self.store)
        if found.refused:
            raise refusal(self.context, name, found.issues)
        mapping = decide(found, self.order.answers)
        if isinstance(mapping, Undecided):
            raise not_decided(self.context, name, mapping)
        return found.header, mapping

    def _save_mapping(self, header: tuple[str, ...], how: "meaning.Mapping", now: datetime) -> None:
        """Keep how the first file was read under its name, where that is asked for."""
        from kpi_core.mapping.document import fingerprint

        name = self.order.save_as
        if name and not self.saved:
            self.saved = True
            seal = fingerprint(header)
            self.store.records.save_mapping(name, how.text, seal, who=self.context.who, now=now)

    def _keep_raw(self, path: Path, now: datetime) -> None:
        """Keep the file as it came, where the settings say so; without it the import stands."""
        from kpi_core.ingest.raw_archive import RawFiles

        context, settings = self.context, self.context.settings
        try:
            RawFiles.of(settings.data, settings.keep_raw_days).keep(path, path.name, now)
        except OSError as error:
            complain(context, context.words("cli.raw_not_kept", file=path, finding=error.strerror))


def look_at(
    context: CommandContext, name: str, order: Order, store: "Store | None"
) -> "Inspection":
    """What is concluded of a file; CannotDo for one that is not there, or not to be read."""
    from kpi_core.ingest.inbox.inbox_folder import told_name
    from kpi_core.ingest.inspect import inspect
    from kpi_core.mapping.shipped import load_mapping
    from kpi_core.tabular.file_cache import opened_files

    path, mapping = Path(name), None
    opened_files(None if store is None else store.data)
    saved = store.records.saved_mappings() if store is not None else ()
    try:
        with path.open("rb"):
            pass
    except (OSError, ValueError) as error:
        raise CannotDo(context.no_file(name, error)) from error
    if order.mapping is not None:
        mapping = context.sound(load_mapping(order.mapping, saved))
    return inspect(
        path,
        told_name(path.name),
        now=context.wall_clock(store),
        answers=order.answers,
        mapping=mapping,
        known=saved,
        home=context.home(store),
    )


def refusal(context: CommandContext, name: str, issues: "Iterable[Issue]") -> CannotDo:
    """Why a file is rejected as a whole."""
    from kpi_core.ingest.issue_text import sentence

    return CannotDo(*(f"{name}: {sentence(issue, context.words)}" for issue in issues))
