"""Tokens, saved mappings and the secret: what the ways in need of the store."""

from datetime import timedelta
from pathlib import Path

import pytest

from kpi_core.storage.audit import AuditAction
from kpi_core.storage.errors import StoreError
from kpi_core.storage.mappings import SavedMapping
from kpi_core.storage.store import Store, open_store
from kpi_core.storage.tokens import TokenScope
from tests.storage.batches import NOW, Event, at, batch


def test_the_secret_is_made_once_and_for_each_store_another(tmp_path: Path) -> None:
    first = open_store(tmp_path / "a.duckdb")
    secret = first.secret()
    assert (len(secret), first.secret()) == (32, secret)
    first.close()
    again, other = open_store(tmp_path / "a.duckdb"), open_store(tmp_path / "b.duckdb")
    assert again.secret() == secret != other.secret()
    again.close()
    other.close()


def test_a_saved_mapping_takes_the_place_of_the_one_of_its_name(store: Store) -> None:
    version = store.data_version()
    store.save_mapping("deals", "one", "f1", who="Sato", now=NOW)
    store.save_mapping("a shop", "other", "f2", who="Sato", now=NOW)
    store.save_mapping("deals", "two", "f1", who="Ito", now=NOW)
    assert store.saved_mappings() == (
        SavedMapping("a shop", "other", "f2", NOW, "Sato"),
        SavedMapping("deals", "two", "f1", NOW, "Ito"),
    )
    store.delete_mapping("deals", who="Sato", now=NOW)
    assert [saved.name for saved in store.saved_mappings()] == ["a shop"]
    with pytest.raises(StoreError, match="unknown_mapping name=deals"):
        store.delete_mapping("deals", who="Sato", now=NOW)
    assert store.data_version() == version
    assert [(deed.action, deed.subject) for deed in store.audit(limit=2)] == [
        (AuditAction.MAPPING_DELETED, "deals"),
        (AuditAction.MAPPING_SAVED, "deals"),
    ]


def test_a_token_opens_what_it_is_for_until_it_is_revoked(store: Store) -> None:
    version = store.data_version()
    token, text = store.add_token("nightly job", TokenScope.IMPORTS, who="Sato", now=NOW)
    assert text.startswith("kpi_")
    assert store.find_token(text, TokenScope.IMPORTS, NOW) == token
    assert store.find_token(text, TokenScope.READ, NOW) is None
    assert store.find_token(text + "x", TokenScope.IMPORTS, NOW) is None
    store.revoke_token(token.token_id, who="Ito", now=NOW)
    assert store.find_token(text, TokenScope.IMPORTS, NOW) is None
    (revoked,) = store.tokens()
    assert (revoked.stands, revoked.revoked_by, revoked.revoked_at) == (False, "Ito", NOW)
    store.revoke_token(token.token_id, who="Sato", now=NOW)
    assert store.tokens() == (revoked,)
    with pytest.raises(StoreError, match="unknown_token token_id=7"):
        store.revoke_token(7, who="Sato", now=NOW)
    assert store.data_version() == version
    assert [deed.action for deed in store.audit()] == [
        AuditAction.TOKEN_REVOKED,
        AuditAction.TOKEN_MADE,
    ]


def test_the_text_of_a_token_is_nowhere_in_the_file(tmp_path: Path) -> None:
    store = open_store(tmp_path / "kpi.duckdb")
    _, text = store.add_token("job", TokenScope.IMPORTS, who="Sato", now=NOW)
    store.close()
    assert text.encode() not in (tmp_path / "kpi.duckdb").read_bytes()


def test_the_last_use_of_a_token_is_noted_once_a_minute(store: Store) -> None:
    _, text = store.add_token("job", TokenScope.IMPORTS, who="Sato", now=NOW)
    noted = []
    for seconds in (0, 59, 60):
        store.find_token(text, TokenScope.IMPORTS, NOW + timedelta(seconds=seconds))
        noted.append(store.tokens()[0].used_at)
    assert noted == [NOW, NOW, NOW + timedelta(seconds=60)]


def test_the_mapping_of_an_import_can_be_asked_for(store: Store) -> None:
    store.commit(batch(Event("1", "lead", at("2026-05-01"))), who="me", now=NOW)
    assert store.mapping_of(1) == ""
    with pytest.raises(StoreError, match="unknown_import import_id=2"):
        store.mapping_of(2)
