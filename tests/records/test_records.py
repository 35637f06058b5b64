"""Tokens, displays, mappings, revisions, firsts and the secret."""

import logging
import sqlite3
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Event, Thread

import pytest

from kpi_core.domain.stage import ORDER
from kpi_core.records import Records, StoreError, open_records
from kpi_core.records.audit import AuditAction
from kpi_core.records.displays import link
from kpi_core.records.mappings import SavedMapping
from kpi_core.records.planning.revisions import Revision
from kpi_core.records.tokens import TokenScope
from tests.records.imports import NOW


def test_the_secret_is_made_once_and_differs_between_databases(tmp_path: Path) -> None:
    first = open_records(f"sqlite:///{tmp_path / 'a.db'}")
    secret = first.secret()
    assert (len(secret), first.secret()) == (32, secret)
    first.close()
    again = open_records(f"sqlite:///{tmp_path / 'a.db'}")
    other = open_records(f"sqlite:///{tmp_path / 'b.db'}")
    assert again.secret() == secret != other.secret()
    again.close()
    other.close()


def test_the_secret_reads_back(records: Records) -> None:
    assert records.secret() == records.secret()


def test_a_saved_mapping_takes_the_place_of_the_one_of_its_name(records: Records) -> None:
    version = records.data_version()
    records.save_mapping("deals", "one", "f1", who="Sato", now=NOW)
    records.save_mapping("a shop", "other", "f2", who="Sato", now=NOW)
    records.save_mapping("deals", "two", "f1", who="Ito", now=NOW)
    assert records.saved_mappings() == (
        SavedMapping("a shop", "other", "f2", NOW, "Sato"),
        SavedMapping("deals", "two", "f1", NOW, "Ito"),
    )
    records.delete_mapping("deals", who="Sato", now=NOW)
    assert [saved.name for saved in records.saved_mappings()] == ["a shop"]
    with pytest.raises(StoreError, match="unknown_mapping name=deals"):
        records.delete_mapping("deals", who="Sato", now=NOW)
    assert records.data_version() == version
    assert [(entry.action, entry.subject) for entry in records.audit(limit=2)] == [
        (AuditAction.MAPPING_DELETED, "deals"),
        (AuditAction.MAPPING_SAVED, "deals"),
    ]


def test_a_token_opens_what_it_is_for_until_it_is_revoked(records: Records) -> None:
    version = records.data_version()
    token, text = records.add_token("nightly job", TokenScope.IMPORTS, who="Sato", now=NOW)
    assert text.startswith("kpi_")
    assert records.find_token(text, TokenScope.IMPORTS, NOW) == token
    assert records.find_token(text, TokenScope.READ, NOW) is None
    assert records.find_token(text + "x", TokenScope.IMPORTS, NOW) is None
    records.revoke_token(token.token_id, who="Ito", now=NOW)
    assert records.find_token(text, TokenScope.IMPORTS, NOW) is None
    (revoked,) = records.tokens()
    assert (revoked.is_current, revoked.revoked_by, revoked.revoked_at) == (False, "Ito", NOW)
    records.revoke_token(token.token_id, who="Sato", now=NOW)
    assert records.tokens() == (revoked,)
    with pytest.raises(StoreError, match="unknown_token token_id=7"):
        records.revoke_token(7, who="Sato", now=NOW)
    assert records.data_version() == version
    assert [entry.action for entry in records.audit()] == [
        AuditAction.TOKEN_REVOKED,
        AuditAction.TOKEN_MADE,
    ]


def test_token_text_and_display_key_are_nowhere_in_the_file(tmp_path: Path) -> None:
    records = open_records(f"sqlite:///{tmp_path / 'records.db'}")
    _, text = records.add_token("job", TokenScope.IMPORTS, who="Sato", now=NOW)
    _, key = records.add_display("hall", who="Sato", now=NOW)
    records.close()
    written = (tmp_path / "records.db").read_bytes()
    assert b"hall" in written
    assert text.encode() not in written
    assert key.encode() not in written


def test_the_last_use_of_a_token_is_noted_once_a_minute(records: Records) -> None:
    _, text = records.add_token("job", TokenScope.IMPORTS, who="Sato", now=NOW)
    noted = []
    for seconds in (0, 59, 60):
        records.find_token(text, TokenScope.IMPORTS, NOW + timedelta(seconds=seconds))
        noted.append(records.tokens()[0].used_at)
    assert noted == [NOW, NOW, NOW + timedelta(seconds=60)]


def test_a_request_is_answered_while_another_thread_writes(
    records: Records, caplog: pytest.LogCaptureFixture
) -> None:
    token, text = records.add_token("job", TokenScope.IMPORTS, who="Sato", now=NOW)
    display, _ = records.add_display("hall", who="Sato", now=NOW)
    begun, ended = Event(), Event()

    def write() -> None:
        with records.writing():
            begun.set()
            ended.wait(10)

    writer = Thread(target=write)
    writer.start()
    assert begun.wait(10)
    with caplog.at_level(logging.ERROR):
        assert records.find_token(text, TokenScope.IMPORTS, NOW) == token
        records.display_seen(display, "10.0.0.1", now=NOW)
    ended.set()
    writer.join()
    assert records.tokens()[0].used_at is None
    assert records.displays()[0].seen_at is None


def test_a_display_is_known_by_its_key_alone(records: Records) -> None:
    display, key = records.add_display("hall", who="t", now=NOW)
    _, other = records.add_display("attic", who="t", now=NOW)
    assert key != other
    assert records.find_display(key) == display
    assert records.find_display(key[:-1]) is None
    assert records.find_display("") is None
    assert [each.name for each in records.displays()] == ["hall", "attic"]
    assert (display.made_at, display.made_by, display.is_current) == (NOW, "t", True)
    assert key not in repr(records.displays()) + repr(records.audit())


def test_a_link_leads_to_a_plan_or_to_the_first() -> None:
    assert link("k", "saas") == "/wall/saas?key=k"
    assert link("k") == "/wall?key=k"


def test_a_display_is_switched_off_for_good_and_stays_in_the_list(records: Records) -> None:
    display, key = records.add_display("hall", networks=["10.0.0.0/8"], who="t", now=NOW)
    version = records.data_version()
    off = records.revoke_display(display.display_id, who="u", now=NOW)
    assert (off.is_current, off.networks) == (False, ("10.0.0.0/8",))
    assert records.data_version() > version
    assert records.find_display(key) == off
    assert records.displays() == (off,)
    with pytest.raises(StoreError, match=f"display_already_off display_id={off.display_id}"):
        records.revoke_display(display.display_id, who="u", now=NOW)
    with pytest.raises(StoreError, match="no_such_display display_id=99"):
        records.revoke_display(99, who="u", now=NOW)
    second, _ = records.add_display("b", who="t", now=NOW)
    assert second.display_id > display.display_id


def test_a_display_is_noted_once_a_minute_and_when_it_moves(records: Records) -> None:
    display, key = records.add_display("hall", who="t", now=NOW)
    version = records.data_version()

    def seen(seconds: int, address: str = "10.0.0.1") -> tuple[datetime | None, str | None]:
        known = records.find_display(key)
        assert known is not None
        records.display_seen(known, address, now=NOW + timedelta(seconds=seconds))
        [now] = records.displays()
        return now.seen_at, now.seen_from

    assert display.seen_at is None
    assert seen(0) == (NOW, "10.0.0.1")
    assert seen(59) == (NOW, "10.0.0.1")
    assert seen(60) == (NOW + timedelta(minutes=1), "10.0.0.1")
    assert seen(61, "10.0.0.2") == (NOW + timedelta(seconds=61), "10.0.0.2")
    # A clock that was set back is believed.
    assert seen(-3600, "10.0.0.2") == (NOW - timedelta(hours=1), "10.0.0.2")
    assert records.data_version() == version


def test_many_displays_are_noted_at_once_and_unknown_ones_left_out(records: Records) -> None:
    first, _ = records.add_display("hall", who="t", now=NOW)
    second, _ = records.add_display("attic", who="t", now=NOW)
    there = {first.display_id: "10.0.0.2", second.display_id: "10.0.0.3", 99: "10.0.0.4"}
    records.displays_seen(there, now=NOW)
    records.displays_seen({}, now=NOW + timedelta(minutes=1))
    assert [(each.seen_at, each.seen_from) for each in records.displays()] == [
        (NOW, "10.0.0.2"),
        (NOW, "10.0.0.3"),
    ]


@pytest.mark.parametrize("network", ["office", "192.168.0.0/33", "300.1.1.1", "fe80::/200"])
def test_a_bad_network_makes_no_display(records: Records, network: str) -> None:
    with pytest.raises(StoreError) as error:
        records.add_display("hall", networks=["10.0.0.0/8", network], who="t", now=NOW)
    assert (error.value.code, error.value.params) == ("bad_network", {"value": network})
    assert records.displays() == ()


def test_the_first_time_comes_once(records: Records) -> None:
    assert records.first_time("celebrated saas 2026-11", now=NOW)
    assert not records.first_time("celebrated saas 2026-11", now=NOW)
    assert records.first_time("celebrated saas 2026-12", now=NOW)
    assert records.is_done("celebrated saas 2026-12")
    assert not records.is_done("celebrated saas 2027-01")


def test_the_newest_revision_saved_again_keeps_its_number(records: Records) -> None:
    def save(text: str, month: date | None, plan_id: str = "saas") -> int:
        return records.save_revision(
            plan_id, text, effective_from=month, who="Sato", why="because", now=NOW
        )

    may = date(2026, 5, 1)
    assert [save("a", None), save("a", None), save("a", may), save("b", may)] == [1, 1, 2, 3]
    assert records.data_version() == 3
    assert save("a", None, "another") == 1
    assert save("a", None) == 4
    assert records.revisions("saas")[:2] == (
        Revision(1, None, "a", "Sato", "because", NOW),
        Revision(2, may, "a", "Sato", "because", NOW),
    )
    assert records.revisions("unknown") == ()
    assert records.plan_ids() == ("saas", "another")
    assert len(records.audit()) == 5


def test_a_revision_that_expects_another_newest_one_is_refused(records: Records) -> None:
    def save(text: str, expected: int) -> int:
        return records.save_revision(
            "saas", text, effective_from=None, who="Ito", why="", now=NOW, expected=expected
        )

    assert [save("a", 0), save("b", 1)] == [1, 2]
    for expected in (0, 1, 3):
        with pytest.raises(StoreError) as error:
            save("c", expected)
        assert (error.value.code, error.value.params) == ("plan_saved_meanwhile", {"revision": 2})
    assert [each.text for each in records.revisions("saas")] == ["a", "b"]


def test_aggregates_are_added_once_and_kept_in_their_order(records: Records) -> None:
    records.add_aggregates([("k2", "{}"), ("k1", '{"a": 1}')])
    records.add_aggregates([("k1", "other"), ("k0", "[]")])
    assert records.aggregates() == (("k2", "{}"), ("k1", '{"a": 1}'), ("k0", "[]"))


def test_the_shipped_stages_are_those_of_the_funnel(records: Records) -> None:
    shipped = records.stages()
    assert {stage.name: stage.position for stage in shipped} == {
        stage.value: place for stage, place in ORDER.items()
    }
    assert {stage.name for stage in shipped if stage.kind == "outcome"} == {
        "won",
        "lost",
        "churned",
    }
    assert {stage.name for stage in shipped if stage.kind == "repeating"} == {"renewed"}


def test_a_moment_with_a_zone_is_a_mistake_and_writes_nothing(records: Records) -> None:
    with pytest.raises(ValueError, match="carries no zone"):
        records.first_time("x", now=datetime(2026, 5, 1, tzinfo=UTC))
    assert not records.is_done("x")


def test_closed_records_say_so(records: Records) -> None:
    records.close()
    with pytest.raises(StoreError, match="closed"):
        records.tokens()
    with pytest.raises(StoreError, match="closed"):
        records.first_time("x", now=NOW)


def test_a_note_is_left_out_while_another_program_holds_the_file(tmp_path: Path) -> None:
    path = tmp_path / "records.db"
    records = open_records(f"sqlite:///{path}")
    token, text = records.add_token("job", TokenScope.READ, who="Sato", now=NOW)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("begin exclusive")
    assert records.find_token(text, TokenScope.READ, NOW) == token
    holder.close()
    records.close()
