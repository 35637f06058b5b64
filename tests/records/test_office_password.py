"""The office password: its hash, what it signs, and that open pages hear of a change."""

from datetime import datetime

import pytest

from kpi_core.records.audit import AuditAction
from kpi_core.records.errors import StoreError
from kpi_core.records.office_password import LONGEST, SHORTEST, OfficePassword
from kpi_core.records.records import Records

NOW = datetime(2026, 11, 22, 12, 0)  # noqa: DTZ001 - the records' clocks have no zone
TEXT = "correct horse"


def test_the_password_is_known_by_its_hash_alone(records: Records) -> None:
    assert records.office_password() is None
    records.set_office_password(TEXT, who="sato", now=NOW)
    found = records.office_password()
    assert found is not None
    assert TEXT.encode() not in found.salt + found.hash
    assert found.matches(TEXT)
    assert not found.matches("correct house")
    assert not found.matches("x" * (LONGEST + 1))


def test_two_of_the_same_have_hashes_of_their_own() -> None:
    assert OfficePassword.of(TEXT).hash != OfficePassword.of(TEXT).hash


def test_what_an_input_method_widens_or_composes_is_the_same() -> None:
    assert OfficePassword.of("ｃａｆé 1234").matches("cafe\u0301 1234")


@pytest.mark.parametrize("text", ["x" * (SHORTEST - 1), "x" * (LONGEST + 1), ""])
def test_a_bad_length_is_refused_and_changes_nothing(records: Records, text: str) -> None:
    with pytest.raises(StoreError) as refused:
        records.set_office_password(text, who="sato", now=NOW)
    assert refused.value.code == "password_length"
    assert records.office_password() is None


def test_a_new_password_or_none_ends_what_the_old_one_signed(records: Records) -> None:
    records.set_office_password(TEXT, who="sato", now=NOW)
    first = records.office_password()
    assert first is not None
    assert first.sign("claim") == first.sign("claim") != first.sign("another")
    records.set_office_password(TEXT, who="sato", now=NOW)
    second = records.office_password()
    assert second is not None
    assert first.sign("claim") != second.sign("claim")
    records.remove_office_password(who="sato", now=NOW)
    assert records.office_password() is None
    with pytest.raises(StoreError):
        records.remove_office_password(who="sato", now=NOW)


def test_each_change_raises_the_data_version_and_is_audited_without_the_text(
    records: Records,
) -> None:
    versions = [records.data_version()]
    records.set_office_password(TEXT, who="sato", now=NOW)
    versions.append(records.data_version())
    records.remove_office_password(who="sato", now=NOW)
    versions.append(records.data_version())
    assert versions == sorted(set(versions))
    newest = records.audit(2)
    assert [each.action for each in newest] == [
        AuditAction.PASSWORD_REMOVED,
        AuditAction.PASSWORD_SET,
    ]
    assert TEXT not in repr(newest)
