"""What of a file is kept: nothing that is somebody's, and nothing else is lost."""

from kpi_core.facts.store import Store
from kpi_core.ingest.archive import Archive
from kpi_core.ingest.import_file import import_file
from tests.ingest.read import LEADS, NOW, mapping_of

Table = dict[str, list[str | None]]


def kept(store: Store, text: str, mapping: str = LEADS) -> Table:
    """The kept table of a file, by column."""
    receipt = import_file(
        store, text.encode(), "leads.csv", mapping_of(mapping), who="test", now=NOW
    )
    with store.scratch() as scratch:
        header = Archive.of(store.data).show(receipt.file_hash, scratch, "kept")
        assert header is not None
        rows = scratch.execute("select * exclude (line) from kept order by line").fetchall()
    return {name: [row[place] for row in rows] for place, name in enumerate(header)}


def test_a_person_of_a_deal_is_not_kept(store: Store) -> None:
    text = (
        "id,created,Deal - Contact person,お客様,Deal - Title\n"
        "1,2026-01-05,Ann Lee,山田,Big deal\n2,2026-01-06,Bob Roe,鈴木,Small deal\n"
    )
    assert list(kept(store, text)) == ["id", "created", "Deal - Title"]


def test_what_looks_like_full_names_is_not_kept_unless_it_is_a_list_of_words(
    store: Store,
) -> None:
    text = (
        "id,created,Rencontré,City,Tool\n"
        "1,2026-01-05,Ann Lee,New York,Google Ads\n2,2026-01-06,Bob Roe,New York,Google Ads\n"
        "3,2026-01-06,Cy Coe,Los Angeles,Bing Ads\n4,2026-01-06,Di Moe,Los Angeles,Bing Ads\n"
    )
    assert list(kept(store, text)) == ["id", "created", "City", "Tool"]


def test_what_the_mapping_reads_is_kept_as_it_is(store: Store) -> None:
    mapping = LEADS.replace("[[", 'account = "customer"\n[[')
    text = "id,created,customer\n1,2026-01-05,Jones Lang\n2,2026-01-06,090-1234-5610\n"
    assert kept(store, text, mapping)["customer"] == ["Jones Lang", "090-1234-5610"]


def test_a_phone_number_in_a_note_is_made_unreadable_and_nothing_else_is(store: Store) -> None:
    text = (
        "id,created,memo,renewed,ref\n"
        "1,2026-01-05,call 090-1234-5610,2026-01-05 09:14:05,A-090-1234-5610\n"
        "2,2026-01-06,ann@x.co or 03-1234-5678,2026-01-06 09:14:05,1767193200000\n"
        "3,2026-01-06,ask again,01-15-2026,09012345610\n"
    )
    assert kept(store, text) == {
        "id": ["1", "2", "3"],
        "created": ["2026-01-05", "2026-01-06", "2026-01-06"],
        "memo": ["call …", "…@… or …", "ask again"],
        "renewed": ["2026-01-05 09:14:05", "2026-01-06 09:14:05", "01-15-2026"],
        "ref": ["A-090-1234-5610", "1767193200000", "09012345610"],
    }


def test_addresses_with_something_around_them_are_one_lead_when_read_and_when_kept(
    store: Store,
) -> None:
    text = (
        "mail,created\nAnn Lee <ann@x.co>,2026-01-05\nann@x.co,2026-01-05\n"
        "mailto:ANN@x.co,2026-01-05\n"
    )
    mails = kept(store, text, LEADS.replace('id = "id"', 'id = "mail"'))["mail"]
    assert store.leads() == 1
    assert len(set(mails)) == 1
