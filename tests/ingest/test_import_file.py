"""Files into the store: whole, or not at all."""

from datetime import date, datetime
from pathlib import Path
from threading import Thread

import pytest

from kpi_core.domain.aggregate import Tally, TallyKind
from kpi_core.domain.period import Period
from kpi_core.domain.receipt import Receipt
from kpi_core.domain.stage import Stage
from kpi_core.facts.store import Store
from kpi_core.ingest.archive import Archive
from kpi_core.ingest.import_file import import_again, import_file
from kpi_core.ingest.progress import Cancelled, Step, Watch
from kpi_core.mapping.document import Mapping
from kpi_core.mapping.parse import read_mapping
from kpi_core.records.errors import StoreError
from tests.ingest.read import LEADS, NOW, mapping_of

at = datetime.fromisoformat
ALWAYS = Period(date(2000, 1, 1), date(2030, 12, 31))

FILE = b"id,created,name,note\nA,2026-01-05,Ann Lee,x\nB,2026-01-06,Bob Roe,ask a@b.jp\n"
LONGER = FILE + b"C,2026-01-06,Cy Coe,y\n"


def take_in(
    store: Store, content: bytes = FILE, mapping: str = LEADS, watch: Watch | None = None
) -> Receipt:
    return import_file(
        store, content, "leads.csv", mapping_of(mapping), who="test", now=NOW, watch=watch
    )


def reached(store: Store, stage: Stage) -> dict[date, float]:
    return store.daily([Tally(TallyKind.REACHED, stage=stage)], ALWAYS)[
        Tally(TallyKind.REACHED, stage=stage)
    ]


def test_the_same_file_twice_is_taken_in_once(store: Store) -> None:
    first = take_in(store)
    again = take_in(store)
    assert (first.import_id, first.new) == (1, 2)
    assert (again.import_id, again.repeats) == (None, 1)


def test_an_import_that_is_cancelled_leaves_nothing_behind(store: Store, tmp_path: Path) -> None:
    watch = Watch()
    watch.cancel()
    version = store.data_version()
    with pytest.raises(Cancelled):
        take_in(store, watch=watch)
    assert (store.is_empty(), store.data_version(), store.imports()) == (True, version, ())
    assert not list((tmp_path / "data").glob("archive/*"))
    assert take_in(store).new == 2


class CancelledAt(Watch):
    """Somebody cancels in the middle of a step."""

    def __init__(self, step: Step) -> None:
        super().__init__()
        self.step = step
        self.steps: list[Step] = []

    def begin(self, step: Step, rows: int = 0) -> None:
        super().begin(step, rows)
        self.steps.append(step)
        if step is self.step:
            self._cancelled.set()


@pytest.mark.parametrize("step", [Step.READING, Step.COMPARING])
def test_cancelled_in_any_step_nothing_is_taken_in(store: Store, step: Step) -> None:
    with pytest.raises(Cancelled):
        take_in(store, watch=CancelledAt(step))
    assert store.is_empty()


def test_a_statement_that_runs_is_interrupted(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = Watch()

    def endless(*_: object, **__: object) -> None:
        with store.scratch() as scratch:
            watch.interruptible(scratch.interrupt)
            Thread(target=watch.cancel).start()
            scratch.execute("select count(*) from range(100000000000) a").fetchall()

    monkeypatch.setattr("kpi_core.ingest.import_file.read_batch", endless)
    with pytest.raises(Cancelled):
        take_in(store, watch=watch)
    assert store.is_empty()


def test_a_watch_sees_the_steps_and_the_rows(store: Store) -> None:
    watch = CancelledAt(Step.WAITING)
    take_in(store, watch=watch)
    assert watch.steps == [Step.READING, Step.READING, Step.COMPARING, Step.STORING]
    assert watch.progress.rows == 2


def test_a_win_that_two_columns_tell_counts_once(store: Store) -> None:
    told_by = '[[stages]]\nstage = "won"\ndate = "{0}"\namount = "{0}_amount"\n'
    take_in(
        store,
        b"id,created,signed,signed_amount,paid,paid_amount\n"
        b"A,2026-01-05,2026-02-01,100,2026-02-01,90\n",
        LEADS + told_by.format("signed") + told_by.format("paid"),
    )
    assert reached(store, Stage.WON) == {date(2026, 2, 1): 1.0}


def test_two_imports_at_once_are_both_right(store: Store) -> None:
    other = FILE.replace(b"A,", b"C,").replace(b"B,", b"D,")
    threads = [Thread(target=take_in, args=(store, content)) for content in (FILE, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.leads() == 4
    assert reached(store, Stage.LEAD) == {date(2026, 1, 5): 2, date(2026, 1, 6): 2}


def kept(store: Store, receipt: Receipt) -> tuple[tuple[str, ...] | None, list[tuple[object, ...]]]:
    with store.scratch() as scratch:
        header = Archive.of(store.data).show(receipt.file_hash, scratch, "kept")
        return header, scratch.execute("select * from kept order by line").fetchall()


def test_the_table_is_kept_without_what_is_personal(store: Store) -> None:
    header, rows = kept(store, take_in(store, LONGER))
    assert header == ("id", "created", "note")
    assert rows == [
        (2, "A", "2026-01-05", "x"),
        (3, "B", "2026-01-06", "ask …@…"),
        (4, "C", "2026-01-06", "y"),
    ]


def test_a_personal_column_is_kept_where_the_mapping_says_so(store: Store) -> None:
    mapping = LEADS.replace("[[", 'owner = "name"\nkeep = ["name"]\n[[')
    header, rows = kept(store, take_in(store, LONGER, mapping))
    assert header == ("id", "created", "name", "note")
    assert [row[3] for row in rows] == ["Ann Lee", "Bob Roe", "Cy Coe"]


def test_an_import_is_repeated_with_another_mapping(store: Store) -> None:
    first = take_in(store)
    assert first.import_id is not None
    qualified = mapping_of(LEADS.replace('stage = "lead"', 'stage = "marketing_qualified"'))
    as_read_first = reached(store, Stage.LEAD)
    again = import_again(store, first.import_id, qualified, who="test", now=NOW)
    assert (again.new, again.file_name) == (2, "leads.csv")
    assert reached(store, Stage.MARKETING_QUALIFIED) == as_read_first


def test_the_new_reading_of_an_import_takes_the_place_of_the_old_one(store: Store) -> None:
    first, later = take_in(store), take_in(store, b"id,created\nA,2026-01-09\n")
    assert first.import_id is not None
    qualified = mapping_of(LEADS.replace('stage = "lead"', 'stage = "marketing_qualified"'))
    again = import_again(store, first.import_id, qualified, who="test", now=NOW)
    current = [record.import_id for record in store.imports() if record.is_current]
    assert current == [again.import_id, later.import_id]
    assert reached(store, Stage.LEAD) == {date(2026, 1, 9): 1}
    store.undo(again.import_id or 0, who="test", now=NOW)
    assert reached(store, Stage.LEAD) == {date(2026, 1, 6): 1, date(2026, 1, 9): 1}


def test_leads_known_by_hashed_addresses_stay_the_same_when_repeated(store: Store) -> None:
    content = b"mail,created\nann@example.com,2026-01-05\nANN@example.com,2026-01-07\n"
    mapping = LEADS.replace('"id"', '"mail"')
    first = take_in(store, content, mapping)
    assert first.import_id is not None
    again = import_again(
        store, first.import_id, mapping_of(mapping + "\n# again"), who="test", now=NOW
    )
    assert (first.new_leads, again.changed) == (1, 0)
    assert store.leads() == 1


def test_a_table_that_is_not_kept_cannot_be_repeated(store: Store, tmp_path: Path) -> None:
    first = take_in(store)
    assert first.import_id is not None
    for table in (tmp_path / "data").glob("archive/*"):
        table.unlink()
    with pytest.raises(StoreError, match="table_not_kept"):
        import_again(store, first.import_id, mapping_of(LEADS), who="test", now=NOW)


def test_a_file_that_leaves_something_open_is_not_taken_in(store: Store) -> None:
    receipt = take_in(store, "id,created\nÄÖ,2026-01-05\nå,2026-01-06\n".encode("latin-1"))
    assert receipt.import_id is None
    assert [issue.code for issue in receipt.issues] == ["left_open"]
    assert store.is_empty()


LARGE_ROWS = 90_000
"""More than 2 MB: read in one go where all of it is plain."""


@pytest.mark.parametrize(
    ("strange", "rows", "codes"),
    [
        ("", LARGE_ROWS, ["date_unreadable"]),
        ("L1,2026-01-02,web,extra\n", LARGE_ROWS + 1, ["ragged", "date_unreadable"]),
        ("id,at,channel\n", LARGE_ROWS, ["header_repeated", "date_unreadable"]),
        (",,\n", LARGE_ROWS, ["date_unreadable"]),
        ("\n", LARGE_ROWS, ["date_unreadable"]),
    ],
)
def test_a_large_file_that_is_not_as_plain_as_it_looks_is_read_as_it_is(
    store: Store, strange: str, rows: int, codes: list[str]
) -> None:
    body = [f"L{n:09d},2026-01-02 10:00:00,web\n" for n in range(LARGE_ROWS - 1)]
    body.insert(40_000, strange)
    text = "".join(["id,at,channel\n", *body, "last,never,web\n"])
    mapping = read_mapping(
        'name = "large"\nsource = "crm"\ngrain = "lead"\nid = "id"\nchannel = "channel"\n'
        '[[stages]]\nstage = "lead"\ndate = "at"\n'
    )
    assert isinstance(mapping, Mapping)
    receipt = import_file(store, text.encode(), "large.csv", mapping, who="test", now=NOW)
    assert (receipt.rows, [issue.code for issue in receipt.issues]) == (rows, codes)
    assert receipt.new == LARGE_ROWS - 1
    assert receipt.issues[-1].line == len(text.splitlines())
