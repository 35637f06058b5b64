"""A file given to `import`: taken in here, or by the running board that has the store."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kpi_core.cli.answers import OpenQuestions, not_decided
from kpi_core.cli.told import CannotDo, Told, complain

if TYPE_CHECKING:
    from kpi_core.ingest.handoff import Server
    from kpi_core.ingest.inspecting import Inspection
    from kpi_core.ingest.meaning import mapping as meaning
    from kpi_core.storage.facts import Issue, Receipt
    from kpi_core.storage.store import Store


@dataclass(frozen=True)
class Order:
    """How files are to be taken in. `mapping` is a name or a file, None for the one that fits."""

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
class Here:
    """This process, with the store to itself."""

    told: Told
    store: "Store"
    order: Order
    saved: bool = False

    def take(self, name: str) -> Taken:
        """Take a file in; CannotDo for one that could not be read as a whole."""
        from kpi_core.ingest.deciding import refusals, replaces_demo
        from kpi_core.ingest.importing import import_file
        from kpi_core.ingest.inbox.folder import told_name

        told, path, now = self.told, Path(name), self.told.wall_clock(self.store)
        try:
            header, how = self._decided(name)
            demo_stood = self.store.holds_demo()
            receipt = import_file(
                self.store,
                path,
                told_name(path.name),
                how,
                who=told.who,
                now=now,
                dry_run=self.order.dry_run,
            )
        except OSError as error:
            raise CannotDo(told.no_file(name, error)) from error
        if refused := refusals(receipt):
            raise not_taken(told, name, refused)
        if receipt.facts and not self.order.dry_run:
            self._save_mapping(header, how, now)
        if receipt.import_id is not None:
            self._keep_raw(path, now)
        return Taken(receipt, replaces_demo(receipt, demo_stood=demo_stood))

    def _decided(self, name: str) -> "tuple[tuple[str, ...], meaning.Mapping]":
        """The header and the mapping of a file; what else is held of it is let go."""
        from kpi_core.ingest.deciding import Undecided, decide

        found = look_at(self.told, name, self.order, self.store)
        if found.refused:
            raise not_taken(self.told, name, found.issues)
        mapping = decide(found, self.order.answers)
        if isinstance(mapping, Undecided):
            raise not_decided(self.told, name, mapping)
        return found.header, mapping

    def _save_mapping(self, header: tuple[str, ...], how: "meaning.Mapping", now: datetime) -> None:
        """Keep how the first file was read under its name, where that is asked for."""
        from kpi_core.ingest.meaning.fingerprint import fingerprint

        name = self.order.save_as
        if name and not self.saved:
            self.saved = True
            seal = fingerprint(header)
            self.store.save_mapping(name, how.text, seal, who=self.told.who, now=now)

    def _keep_raw(self, path: Path, now: datetime) -> None:
        """Keep the file as it came, where the settings say so; without it the import stands."""
        from kpi_core.ingest.raw import RawFiles

        told, settings = self.told, self.told.settings
        try:
            RawFiles.beside(settings.database, settings.keep_raw_days).keep(path, path.name, now)
        except OSError as error:
            complain(told, told.words("cli.raw_not_kept", file=path, finding=error.strerror))


@dataclass(frozen=True)
class ThroughServer:
    """The running board, which has the store open."""

    told: Told
    server: "Server"
    order: Order

    def __post_init__(self) -> None:
        if self.order.save_as:
            raise CannotDo(self.told.words("cli.save_while_running", url=self.server.url))

    def take(self, name: str) -> Taken:
        """Have a file taken in; CannotDo for one that could not be read as a whole."""
        from kpi_core.ingest.handoff import ServerAway, send_file

        told = self.told
        params = [("who", told.who), ("lang", told.words.language.value)]
        params += [("answer", f"{key}={value}") for key, value in self.order.answers.items()]
        if self.order.dry_run:
            params.append(("dry_run", "1"))
        text = self._mapping_text()
        if text is None and self.order.mapping is not None:
            params.append(("mapping", self.order.mapping))
        try:
            status, answer = send_file(self.server, Path(name), params, mapping=text)
        except ServerAway as error:
            raise CannotDo(told.words("cli.server_away", file=name)) from error
        except (OSError, ValueError) as error:
            raise CannotDo(told.no_file(name, error)) from error
        if status in (200, 201):
            return Taken(_receipt(answer), bool(answer["replaces_demo"]))
        return self._refused(name, answer["error"])

    def _mapping_text(self) -> str | None:
        """The text of a mapping of the user's own; None for one that the board knows by name."""
        from kpi_core.ingest.meaning.mappings import mappings

        name = self.order.mapping
        known = [mapping.name for mapping in mappings()]
        if name is None or name in known or not Path(name).is_file():
            return None
        return self.told.read(name)

    def _refused(self, name: str, error: Mapping[str, Any]) -> Taken:
        """What the board did not do; the receipt where not one row of the file could be read."""
        if "receipt" in error:
            return Taken(_receipt(error["receipt"]), replaces_demo=False)
        sentence = f"{name}: {error['message']}"
        if questions := error.get("questions"):
            raise OpenQuestions(sentence, questions)
        details = [detail["message"] for detail in error.get("details", ())]
        raise CannotDo(*(f"{name}: {detail}" for detail in details) if details else (sentence,))


def look_at(told: Told, name: str, order: Order, store: "Store | None") -> "Inspection":
    """What is concluded of a file; CannotDo for one that is not there, or not to be read."""
    from kpi_core.ingest.inbox.folder import told_name
    from kpi_core.ingest.inspecting import inspect
    from kpi_core.ingest.meaning.mappings import load_mapping

    path, mapping = Path(name), None
    saved = store.saved_mappings() if store is not None else ()
    try:
        with path.open("rb"):
            pass
    except (OSError, ValueError) as error:
        raise CannotDo(told.no_file(name, error)) from error
    if order.mapping is not None:
        mapping = told.sound(load_mapping(order.mapping, saved))
    return inspect(
        path,
        told_name(path.name),
        now=told.wall_clock(store),
        answers=order.answers,
        mapping=mapping,
        known=saved,
    )


def not_taken(told: Told, name: str, issues: "Iterable[Issue]") -> CannotDo:
    """Why a file is not taken in as a whole."""
    from kpi_core.ingest.wording import sentence

    return CannotDo(*(f"{name}: {sentence(issue, told.words)}" for issue in issues))


def _receipt(document: Mapping[str, Any]) -> "Receipt":
    """A receipt as the board sends it."""
    from dataclasses import fields
    from datetime import date, datetime

    from kpi_core.storage.facts import Issue, MonthChange, Receipt, Severity

    given = {each.name: document[each.name] for each in fields(Receipt) if each.name in document}
    through = document["data_through"]
    issues = tuple(
        Issue(each["code"], each["line"], each["column"], each["value"], Severity(each["severity"]))
        for each in document["issues"]
    )
    months = tuple(
        MonthChange(each["name"], date.fromisoformat(each["month"]), each["before"], each["after"])
        for each in document["months"]
    )
    moment = datetime.fromisoformat(through) if through else None
    return Receipt(**given | {"data_through": moment, "issues": issues, "months": months})
