"""A file given to `import`: taken in here, or by the running board that has the store."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kpi_core.cli.answers import OpenQuestions, check_answers
from kpi_core.cli.mapping_given import mapping_given
from kpi_core.cli.told import CannotDo, Told

if TYPE_CHECKING:
    from kpi_core.ingest.handoff import Server
    from kpi_core.ingest.inspecting import Inspection
    from kpi_core.ingest.meaning import mapping as meaning
    from kpi_core.storage.facts import Receipt
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
    """What became of a file. `demo_goes`: it takes the place of the demo."""

    receipt: "Receipt"
    demo_goes: bool


@dataclass
class Here:
    """This process, with the store to itself."""

    told: Told
    store: "Store"
    order: Order
    saved: bool = False

    def take(self, name: str) -> Taken:
        """Take a file in; CannotDo for one that could not be read as a whole."""
        from kpi_core.ingest.finding import REFUSALS
        from kpi_core.ingest.importing import import_file
        from kpi_core.ingest.inbox.folder import told_name
        from kpi_core.ingest.wording import sentence

        told, order, path = self.told, self.order, Path(name)
        now = told.wall_clock(self.store)
        try:
            header, how = self._chosen(name)
            had_demo = self.store.holds_demo()
            receipt = import_file(
                self.store,
                path,
                told_name(path.name),
                how,
                who=told.who,
                now=now,
                dry_run=order.dry_run,
            )
        except OSError as error:
            raise CannotDo(told.no_file(name, error)) from error
        if not header and not receipt.facts and not receipt.issues:
            self._decided(name, look_at(told, path, order, how, self.store))
        refusals = [issue for issue in receipt.issues if issue.code in REFUSALS]
        if refusals and not receipt.facts:
            raise CannotDo(*(f"{name}: {sentence(issue, told.words)}" for issue in refusals))
        if receipt.facts and not order.dry_run:
            self._keep(header, how, receipt, path)
        demo_goes = had_demo and bool(receipt.facts) and receipt.repeats is None
        return Taken(receipt, demo_goes)

    def _chosen(self, name: str) -> "tuple[tuple[str, ...], meaning.Mapping]":
        """The header and the mapping. A file whose mapping is named is not looked at beforehand."""
        told, order, path = self.told, self.order, Path(name)
        readable(told, path)
        mapping = mapping_given(told, order.mapping, self.store)
        if mapping is not None and not order.answers and not order.save_as:
            return (), mapping
        found = look_at(told, path, order, mapping, self.store)
        return found.header, self._decided(name, found)

    def _decided(self, name: str, found: "Inspection") -> "meaning.Mapping":
        """The mapping, once nothing is open and somebody has chosen it: nothing is guessed."""
        from kpi_core.ingest.asking import question_document
        from kpi_core.ingest.wording import sentence

        words = self.told.words
        if found.refused:
            raise CannotDo(*(f"{name}: {sentence(issue, words)}" for issue in found.issues))
        if found.mapping is None:
            asked = [question_document(each, words) for each in found.answers_needed]
            raise OpenQuestions(words("cli.questions_open", file=name), asked)
        if not (found.known or self.order.mapping or self.order.answers) and found.questions:
            asked = [question_document(each, words) for each in found.questions]
            raise OpenQuestions(words("cli.questions_unconfirmed", file=name), asked)
        return found.mapping

    def _keep(
        self, header: tuple[str, ...], how: "meaning.Mapping", receipt: "Receipt", path: Path
    ) -> None:
        """Keep the mapping under its name, and the file as it came, where that is asked for."""
        from kpi_core.ingest.meaning.fingerprint import fingerprint
        from kpi_core.ingest.raw import RawFiles

        told, now = self.told, self.told.wall_clock(self.store)
        if self.order.save_as and not self.saved:
            self.saved = True
            seal = fingerprint(header)
            self.store.save_mapping(self.order.save_as, how.text, seal, who=told.who, now=now)
        if receipt.import_id is not None:
            settings = told.settings
            RawFiles.beside(settings.database, settings.keep_raw_days).keep(path, path.name, now)


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
            return Taken(_receipt(answer), bool(answer["demo_removed"]))
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
            return Taken(_receipt(error["receipt"]), demo_goes=False)
        sentence = f"{name}: {error['message']}"
        if questions := error.get("questions"):
            raise OpenQuestions(sentence, questions)
        details = [detail["message"] for detail in error.get("details", ())]
        raise CannotDo(*(f"{name}: {detail}" for detail in details) if details else (sentence,))


def look_at(
    told: Told,
    path: Path,
    order: Order,
    mapping: "meaning.Mapping | None",
    store: "Store | None",
) -> "Inspection":
    """What is concluded of a file; CannotDo for an answer that answers nothing."""
    from kpi_core.ingest.inbox.folder import told_name
    from kpi_core.ingest.inspecting import inspect

    readable(told, path)
    found = inspect(
        path,
        told_name(path.name),
        now=told.wall_clock(store),
        answers=order.answers,
        mapping=mapping,
        known=store.saved_mappings() if store is not None else (),
    )
    check_answers(told, order.answers, found.questions)
    return found


def readable(told: Told, path: Path) -> None:
    """CannotDo for a file that is not there, or not to be read."""
    try:
        with path.open("rb"):
            pass
    except (OSError, ValueError) as error:
        raise CannotDo(told.no_file(str(path), error)) from error


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
