"""Files that wait for an answer: what is asked about each, and how one is taken back."""

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from kpi_core.i18n.catalog import Language, Words
from kpi_core.ingest.inbox.atomic_move import beside, move_into, write_json, write_text
from kpi_core.ingest.inbox.inbox_folder import Inbox, passed_over, seen, told_name

FOR_PEOPLE, FOR_PROGRAMS = ".question.txt", ".question.json"
LARGEST_NOTE = 1_000_000


@dataclass(frozen=True)
class NeedsAttention:
    """A file that could not be imported, with what is asked about it in every language.

    `name` is that of the file in `needs-attention/`, `since` the wall clock of the plan's zone;
    None for one that was put there by hand.
    """

    name: str
    path: Path
    question: dict[Language, str]
    since: datetime | None

    @property
    def told_name(self) -> str:
        """The name as text that can be shown."""
        return told_name(self.name)


def set_aside(
    inbox: Inbox, file: Path, question: dict[Language, str], since: datetime
) -> NeedsAttention:
    """Move a file to those that need attention, with the question beside it."""
    moved = move_into(inbox.needs_attention, file)
    for_people = "\n\n".join(question[language] for language in Language)
    document = {
        "since": since.isoformat(),
        "question": {language.value: text for language, text in question.items()},
    }
    write_text(moved, FOR_PEOPLE, for_people)
    write_json(moved, FOR_PROGRAMS, document)
    return NeedsAttention(moved.name, moved, question, since)


def waiting(inbox: Inbox) -> tuple[NeedsAttention, ...]:
    """The files that need attention, oldest first; none where the folder cannot be read."""
    try:
        files = [file for file in inbox.needs_attention.iterdir() if not passed_over(file.name)]
    except OSError:
        return ()
    found = (_read(file) for file in files if not _is_note(file))
    return tuple(sorted(filter(None, found), key=_age))


def take_back(inbox: Inbox, name: str) -> bool:
    """Put a file that waits back into the inbox, to be tried again; False where it is not there."""
    return any(each.name == name and put_back(inbox, each) for each in waiting(inbox))


def put_back(inbox: Inbox, file: NeedsAttention) -> bool:
    """The same of a file that is known to wait."""
    try:
        move_into(inbox.path, file.path)
    except OSError:
        return False
    for ending in (FOR_PEOPLE, FOR_PROGRAMS):
        with suppress(OSError):
            beside(file.path, ending).unlink(missing_ok=True)
    return True


def _age(waiting: NeedsAttention) -> tuple[str, str]:
    return waiting.since.isoformat() if waiting.since else "", waiting.name


def _is_note(file: Path) -> bool:
    """A question beside the file that it is about."""
    return any(
        file.name.endswith(ending) and file.with_name(file.name.removesuffix(ending)).exists()
        for ending in (FOR_PEOPLE, FOR_PROGRAMS)
    )


def _read(file: Path) -> NeedsAttention | None:
    """A file that waits. One without a note of ours was put there by hand: all can be tried."""
    there = seen(file)
    if there is None:
        return None
    try:
        with beside(file, FOR_PROGRAMS).open("rb") as note:
            document = json.loads(note.read(LARGEST_NOTE))
        question = {each: str(document["question"][each.value]) for each in Language}
        since: datetime | None = datetime.fromisoformat(document["since"]).replace(tzinfo=None)
    except (OSError, ValueError, LookupError, TypeError):
        question = {each: Words(each)("inbox.no_note", file=there.name) for each in Language}
        since = None
    return NeedsAttention(file.name, file, question, since)
