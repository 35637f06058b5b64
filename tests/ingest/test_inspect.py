"""What is concluded of a file, and what is asked."""

import pytest

from kpi_core.domain.stage import Stage
from kpi_core.facts.store import Store
from kpi_core.ingest.import_file import import_file
from kpi_core.ingest.inspect import inspect
from kpi_core.mapping.document import Grain, Merge, Per
from kpi_core.parsing.pii import PersonKind
from tests.ingest.inspected import NOW, answer, answered, asked, at, codes, of, open_keys

# --- What is asked ---


def test_days_and_months_that_may_be_either_are_asked_with_both_readings() -> None:
    text = "Lead ID,Created,Email\n1,03/04/2026,a@b.co\n2,05/06/2026,b@b.co\n"
    question = asked(of(text), "order:Created")
    assert question.open
    assert {option.value: option.examples for option in question.options} == {
        "day-month": ("03/04/2026 → 2026-04-03",),
        "month-day": ("03/04/2026 → 2026-03-04",),
    }
    found = of(text, grain="lead", source="x", **{"order:Created": "month-day"})
    assert found.mapping is not None
    assert found.preview[0].stages == {Stage.LEAD: at("2026-03-04")}


def test_one_cell_decides_the_order_of_its_column() -> None:
    text = "Lead ID,Created\n1,03/04/2026\n2,25/06/2026\n"
    assert answer(of(text), "order:Created") == "day-month"


def test_contradicting_dates_are_asked_with_a_cell_of_each_side() -> None:
    question = asked(of("Lead ID,Created\n1,03/25/2026\n2,25/06/2026\n"), "order:Created")
    assert question.open
    shown = " ".join(question.options[0].examples)
    assert "03/25/2026" in shown
    assert "25/06/2026" in shown


def test_a_number_that_may_be_a_thousand_or_a_little_over_one_is_asked() -> None:
    text = "Deal ID,Created,Amount\n1,2026-01-05,1.234\n2,2026-01-06,5.678\n"
    question = asked(of(text), "decimal:Amount")
    assert question.open
    assert {option.value: option.examples[0] for option in question.options} == {
        "comma": "1.234 → 1,234",
        "point": "1.234 → 1.234",
    }
    found = of(text, grain="lead", source="x", **{"decimal:Amount": "comma"})
    assert found.mapping is not None
    assert found.mapping.numbers == {"Amount": "comma"}


def test_days_that_begin_with_a_nought_are_no_phone_numbers() -> None:
    found = of("Lead ID,Created\n1,01-15-2026\n2,02-16-2026\n", grain="lead", source="x")
    assert found.dropped == ()
    assert found.preview[0].stages == {Stage.LEAD: at("2026-01-15")}


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("Won Date", ("2026-02-01", "0000-00-00", "tbd")),
        ("受注日", ("2026/2/1", "未定", "調整中")),
        ("Won Date", ("46054", "soon", "2026-02-03")),
        ("受注", ("2026/2/1", "未定", "2026/2/2")),
    ],
)
def test_a_column_that_is_called_a_date_is_one_though_few_cells_are(
    header: str, cells: tuple[str, ...]
) -> None:
    rows = "".join(f"{n},2026-01-0{n},{cell}\n" for n, cell in enumerate(cells, start=1))
    found = of(f"Lead ID,Created,{header}\n{rows}", grain="lead", source="x")
    assert answer(found, f"column:{header}") == "won"
    reached = [row.stages.get(Stage.WON) for row in found.preview]
    assert [moment is not None for moment in reached] == [cell[0] in "24" for cell in cells]


def test_words_in_a_column_of_dates_are_said_and_sentinels_are_none(store: Store) -> None:
    text = (
        "Lead ID,Created,Won Date\n1,2026-01-05,2026-02-01\n"
        "2,2026-01-05,0000-00-00\n3,2026-01-06,tbd\n"
    )
    mapping = of(text, grain="lead", source="x").mapping
    assert mapping is not None
    receipt = import_file(store, text.encode(), "leads.csv", mapping, who="test", now=NOW)
    assert [(each.code, each.line, each.value) for each in receipt.issues] == [
        ("date_unreadable", 4, "tbd")
    ]


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("Opportunity", ("Acme 2026", "Beta", "2026-01-05")),
        ("Note", ("2026-01-05", "call", "mail")),
        ("Month", ("2026-01", "2026-02", "2026-03", "2026-04", "2026-05-01")),
    ],
)
def test_a_date_or_two_make_no_column_of_dates_under_another_name(
    header: str, cells: tuple[str, ...]
) -> None:
    rows = "".join(f"{n},2026-01-0{n},{cell}\n" for n, cell in enumerate(cells, start=1))
    found = of(f"Lead ID,Created,{header}\n{rows}", grain="lead", source="x")
    stages = [stage.date for stage in found.mapping.stages] if found.mapping else []
    assert stages == ["Created"]


def test_bare_numbers_are_dates_where_the_header_says_so() -> None:
    found = of("Lead ID,createdate,Employees\n1,1767571200000,45000\n2,1767657600000,46000\n")
    assert answer(found, "unit:createdate") == "milliseconds"
    assert answer(found, "column:createdate") == "lead"
    assert answer(found, "column:Employees") == "attribute"


def test_several_ids_are_asked_and_no_id_is_on_offer() -> None:
    text = "人物ID,名刺ID,名刺交換日\nP1,C1,2026/01/05\nP2,C2,2026/01/06\n"
    question = asked(of(text), "id")
    assert question.open
    assert [option.value for option in question.options] == [
        "人物ID", "名刺ID", "", "名刺交換日",
    ]  # fmt: skip


def test_a_mail_address_is_the_id_where_there_is_no_other_and_it_is_said() -> None:
    text = (
        "タイムスタンプ,会社名,メールアドレス\n2026/01/05 10:11:12,A社,taro@a.co.jp\n"
        "2026/01/06 10:11:12,B社,hanako@b.co.jp\n"
    )
    found = of(text, grain="lead", source="form")
    assert found.mapping is not None
    assert found.mapping.id == "メールアドレス"
    assert codes(found.notes) == ["mail_hashed"]
    assert found.dropped == ()
    assert "taro" not in repr(found.preview)


def test_without_an_id_every_row_counts_and_identical_ones_are_counted() -> None:
    found = of(
        "問い合わせ日,流入元\n2026/01/05,検索\n2026/01/05,検索\n2026/01/07,広告\n", source="x"
    )
    assert asked(found, "grain").options[0].value == "event_without_id"
    found = of(
        "問い合わせ日,流入元\n2026/01/05,検索\n2026/01/05,検索\n2026/01/07,広告\n",
        grain="event_without_id", source="x",
    )  # fmt: skip
    assert found.mapping is not None
    assert found.mapping.id is None
    assert [(note.code, note.value) for note in found.notes] == [("identical_rows", "1")]


def test_a_stage_that_is_not_known_is_asked_and_never_dropped() -> None:
    text = (
        "Deal ID,Stage,Changed at\n"
        "1,Kickoff,2026-01-05\n1,Closed Won,2026-02-05\n2,Kickoff,2026-01-06\n"
    )
    found = of(text)
    assert asked(found, "value:Kickoff").open
    assert answer(found, "value:Closed Won") == "won"
    found = of(text, grain="event", source="x", **{"value:Kickoff": ""})
    assert found.mapping is not None
    assert found.mapping.stage_values == {"Kickoff": None, "Closed Won": Stage.WON}


def test_a_snapshot_of_deals_dates_the_creation_and_nothing_else() -> None:
    text = (
        "商談ID,商談名,フェーズ,作成日\n"
        "1,A,受注,2026/01/05\n"
        "2,B,提案,2026/01/06\n"
        "3,C,失注,2026/01/07\n"
    )
    found = of(text, grain="snapshot", source="sf")
    assert found.mapping is not None
    assert [row.stages for row in found.preview] == [
        {Stage.OPPORTUNITY: at("2026-01-05"), Stage.WON: None},
        {Stage.OPPORTUNITY: at("2026-01-06")},
        {Stage.OPPORTUNITY: at("2026-01-07"), Stage.LOST: None},
    ]


def test_instants_of_utc_are_asked_for_their_zone_and_of_one_place_are_not() -> None:
    text = "Lead ID,Created at\n1,2026-01-31T20:00:00{0}\n2,2026-02-01T01:00:00{0}\n"
    question = asked(of(text.format("Z")), "zone")
    assert question.open
    assert question.options[0].examples == ("2026-01-31T20:00:00Z → 2026-02-01 05:00",)
    assert answer(of(text.format("+09:00")), "zone") == ""
    found = of(text.format("Z"), grain="lead", source="x", zone="Asia/Tokyo")
    assert found.preview[0].stages == {Stage.LEAD: at("2026-02-01 05:00")}
    assert "zone" in open_keys(of(text.format("Z"), grain="lead", source="x", zone="JST+9"))


@pytest.mark.parametrize("home", ["Europe/London", "America/Sao_Paulo"])
def test_the_workspaces_own_zone_is_offered_first_and_keeps_times_as_written(home: str) -> None:
    text = "Lead ID,Created at\n1,2026-01-31T20:00:00Z\n2,2026-02-01T01:00:00Z\n"
    offered = [option.value for option in asked(of(text, home=home), "zone").options]
    assert offered[0] == home
    assert len(set(offered)) == len(offered)
    found = of(text, home=home, grain="lead", source="x", zone=home)
    assert found.mapping is not None
    assert found.mapping.zone is None


@pytest.mark.parametrize(
    ("cell", "unit"), [("1767193200000", "milliseconds"), ("1767193200", "seconds")]
)
def test_what_counts_from_1970_is_asked_for_its_zone_as_well(cell: str, unit: str) -> None:
    text = f"Lead ID,Created\n1,{cell}\n"
    question = asked(of(text), "zone")
    assert question.open
    assert {option.value: option.examples for option in question.options} == {
        "Asia/Tokyo": (f"{cell} → 2026-01-01 00:00",),
        "UTC": (f"{cell} → 2025-12-31 15:00",),
        "America/New_York": (f"{cell} → 2025-12-31 10:00",),
        "Europe/London": (f"{cell} → 2025-12-31 15:00",),
    }
    found = of(text, grain="lead", source="x", zone="Asia/Tokyo")
    assert answer(found, "unit:Created") == unit
    assert found.preview[0].stages == {Stage.LEAD: at("2026-01-01")}
    assert found.mapping is not None
    assert found.mapping.zone == "Asia/Tokyo"


def test_the_serials_of_a_spreadsheet_are_of_no_zone() -> None:
    assert "zone" not in [each.key for each in of("Lead ID,Created\n1,46027\n").questions]


@pytest.mark.parametrize("place", [" Asia/Tokyo", " JST", "+09:00[Asia/Tokyo]"])
def test_instants_of_one_named_place_are_not_asked(place: str) -> None:
    text = f"Lead ID,Created at\n1,2026-01-31 20:00{place}\n2,2026-02-01 01:00{place}\n"
    assert answer(of(text), "zone") == ""


def test_personal_columns_are_dropped_listed_and_kept_where_the_user_says_so() -> None:
    text = (
        "Lead ID,氏名,電話番号,作成日\n"
        "1,山田 太郎,03-1234-5678,2026/01/05\n"
        "2,鈴木 花子,03-1234-9999,2026/01/06\n"
    )
    found = of(text, grain="lead", source="x")
    assert [(each.header, each.kind) for each in found.dropped] == [
        ("氏名", PersonKind.NAME), ("電話番号", PersonKind.PHONE),
    ]  # fmt: skip
    assert answer(found, "keep:氏名") == "no"
    kept = of(text, grain="lead", source="x", **{"keep:氏名": "yes"})
    assert kept.mapping is not None
    assert kept.mapping.keep == {"氏名"}
    assert [each.header for each in kept.dropped] == ["電話番号"]


def test_columns_that_nothing_is_made_of_are_told() -> None:
    text = "Lead ID,氏名,作成日,Weather,Moon\n1,山田 太郎,2026/01/05,rain,full\n"
    found = of(text, grain="lead", source="x")
    assert found.unread == ("Weather", "Moon")
    assert of(text).unread == ()  # while it is open what the rows are


def test_rows_of_one_record_are_one_lead() -> None:
    kintone = (
        "レコードの開始行,レコード番号,会社名,作成日時,ステータス,内容\n"
        "*,1,A社,2026-01-05 10:00,商談,電話\n,1,A社,2026-01-05 10:00,商談,訪問\n"
        "*,2,B社,2026-01-06 10:00,受注,電話\n"
    )
    found = of(kintone, "kintone.csv", grain="lead")
    assert found.mapping is not None
    assert found.mapping.merge is Merge.KINTONE
    assert [row.lead for row in found.preview] == ["1", "2"]
    odoo = (
        "External ID,Opportunity,Created on,Stage,Activities\n"
        "crm_1,A,2026-01-05 10:00:00,Proposition,Call\n,,,,Mail\n,,,,Visit\n"
        "crm_2,B,2026-01-06 10:00:00,Won,Call\n"
    )
    mapping = answered(odoo.encode(), "crm.csv").mapping
    assert mapping is not None
    assert mapping.merge is Merge.CONTINUATION


CONTINUED = (
    "Created on,Opportunity,Activities/Summary\n"
    "2026-01-05,A,Call\n,,Mail\n,,Visit\n2026-01-06,B,Call\n"
)


def test_rows_without_an_id_that_go_on_with_the_one_above_are_asked_and_no_leads(
    store: Store,
) -> None:
    question = asked(of(CONTINUED), "grain")
    assert question.open
    values = [option.value for option in question.options]
    assert values[:2] == ["continued", "event_without_id"]
    mapping = of(CONTINUED, grain="continued", source="odoo").mapping
    assert mapping is not None
    import_file(store, CONTINUED.encode(), "crm.csv", mapping, who="test", now=NOW)
    assert store.leads() == 2


@pytest.mark.parametrize(
    "text",
    [
        "Created on,Won Date,Amount\n2026-01-05,2026-02-01,100\n2026-01-06,,\n",
        "Created on,Opportunity,Source\n2026-01-05,A,web\n,B,web\n2026-01-06,C,web\n",
        "Created on,Company,Source\n2026-01-05,A,web\n2026-01-06,B,web\n",
    ],
)
def test_rows_of_which_something_is_not_known_are_rows_of_their_own(text: str) -> None:
    values = [option.value for option in asked(of(text), "grain").options]
    assert "continued" not in values


def test_a_stage_column_that_is_empty_as_yet_is_read_in_the_next_file() -> None:
    found = of("Lead ID,作成日,受注日,失注日\n1,2026/01/05,2026/02/01,\n", grain="lead", source="x")
    assert found.mapping is not None
    assert Stage.LOST in {stage.stage for stage in found.mapping.stages}


def test_counts_by_month_are_understood_at_the_months_end() -> None:
    text = (
        "年月,リード数,MQL数,広告費,クリック率\n"
        "2026年1月,100,40,300000,1.2%\n"
        "2026年2月,120,45,310000,1.3%\n"
    )
    found = of(text, grain="day", source="x")
    assert found.mapping is not None
    assert (found.mapping.grain, found.mapping.per) == (Grain.DAY, Per.MONTH)
    assert [(each.column, each.stage, each.measure) for each in found.mapping.counts] == [
        ("リード数", Stage.LEAD, None),
        ("MQL数", Stage.MARKETING_QUALIFIED, None),
        ("広告費", None, "広告費"),
    ]


def test_numbers_that_may_be_leads_are_asked() -> None:
    found = of("日,クリック数,コンバージョン\n2026-01-05,10,1\n2026-01-06,12,0\n")
    assert asked(found, "column:コンバージョン").open
    assert answer(found, "column:クリック数") == "measure"


# --- How it is asked ---


def test_questions_go_from_the_file_to_the_cells() -> None:
    text = (
        "Lead ID,Created,受付,Stage\n"
        "1,03/04/2026,2026-01-05T10:00:00Z,Kickoff\n2,05/06/2026,2026-01-06T10:00:00Z,Won\n"
    )
    order = [question.code for question in of(text, grain="event").questions]
    places = ("grain", "id", "stage", "at", "column", "value", "order", "zone", "source")
    assert [code for code in dict.fromkeys(order) if code in places] == [
        code for code in places if code in order
    ]


def test_an_answer_that_is_not_on_offer_is_not_taken() -> None:
    text = "Lead ID,作成日\n1,2026/01/05\n"
    assert open_keys(of(text, grain="month", source="x")) == ["grain"]
    assert answer(of(text, grain="lead", id="Nobody"), "id") == "Lead ID"


def test_what_was_concluded_can_be_overruled() -> None:
    text = "Lead ID,作成日,備考番号\n1,2026/01/05,9\n2,2026/01/06,8\n"
    found = of(text, grain="lead", source="x", id="備考番号", **{"column:作成日": "won"})
    assert found.mapping is not None
    assert found.mapping.id == "備考番号"
    assert Stage.WON in {stage.stage for stage in found.mapping.stages}
    assert asked(found, "id").given


def test_saying_what_the_rows_are_sets_a_known_mapping_aside() -> None:
    text = "日付,小計\n2026-01-05,10\n2026-01-06,11\n"
    assert of(text).known == "daily-counts"
    found = of(text, grain="day")
    assert (found.known, found.mapping) == (None, None)


def test_a_mapping_that_is_given_reads_the_file() -> None:
    first = of("Lead ID,作成日\n1,2026/01/05\n", grain="lead", source="x").mapping
    assert first is not None
    found = inspect(
        b"Lead ID,\xe4\xbd\x9c\xe6\x88\x90\xe6\x97\xa5\n7,2026/03/01\n",
        "n.csv",
        now=NOW,
        mapping=first,
    )
    assert (found.mapping, found.answers_needed) == (first, ())
    assert [row.lead for row in found.preview] == ["7"]
    known = inspect(
        "Lead ID,作成日\n8,2026/03/02\n".encode(), "n.csv", now=NOW, known=[first]
    )  # fmt: skip
    assert known.known == first.name


def test_a_mapping_that_does_not_fit_says_which_column_is_missing() -> None:
    first = of("Lead ID,作成日\n1,2026/01/05\n", grain="lead", source="x").mapping
    found = inspect("Lead ID,登録日\n7,2026/03/01\n".encode(), "n.csv", now=NOW, mapping=first)
    assert found.mapping is None
    assert [(issue.code, issue.column) for issue in found.issues] == [("column_missing", "作成日")]


def test_a_file_of_a_known_shape_still_lists_what_is_dropped() -> None:
    text = "Lead ID,作成日,メールアドレス\n1,2026/01/05,taro@a.co.jp\n"
    first = of(text, grain="lead", source="x").mapping
    assert first is not None
    found = inspect(text.encode(), "n.csv", now=NOW, known=[first])
    assert found.known == first.name
    assert [(each.header, each.kind) for each in found.dropped] == [
        ("メールアドレス", PersonKind.MAIL)
    ]


def test_where_no_column_is_used_that_is_said() -> None:
    found = of("日,x\n2026-01-05,10\n", grain="day", source="s", **{"column:x": "none"})
    assert (found.mapping, codes(found.issues)) == (None, ["nothing_mapped"])


def test_a_blank_name_of_the_source_is_no_answer() -> None:
    assert open_keys(of("Lead ID,作成日\n1,2026/01/05\n", grain="lead", source=" ")) == ["source"]


def test_what_a_late_row_proves_counts_as_well() -> None:
    days = [f"{n},{n % 9 + 1:02}/0{n % 8 + 1}/2026" for n in range(12_000)]
    text = "Lead ID,Created\n" + "\n".join([*days, "x,25/06/2026"]) + "\n"
    assert answer(of(text), "order:Created") == "day-month"


def test_ids_that_come_again_late_make_a_history() -> None:
    rows = [f"{n % 11_000},Proposal,2026-01-05" for n in range(22_000)]
    text = "Deal ID,Stage,Created\n" + "\n".join(rows) + "\n"
    assert asked(of(text), "grain").options[0].value == "event"


def test_a_number_too_small_for_a_day_of_ours_has_no_day_as_its_example() -> None:
    text = "Lead ID,Created,Stage\n1,20227,MQL\n2,20228,MQL\n3,2026-01-02,MQL\n"
    question = asked(of(text), "unit:Created")
    assert question.options[0].examples == ("20227 → –",)
