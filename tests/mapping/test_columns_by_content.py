"""Columns by what stands in them, whatever they are called."""

from pathlib import Path

import pytest

from kpi_core.domain.stage import Stage
from tests.ingest.inspected import NOW, answer, answered, asked, of, open_keys
from tests.ingest.read import Read, mapping_of, read_file


def found_in(shared: Path, name: str) -> str:
    return (shared / "found" / name).read_text("utf-8")


def read(text: str, **answers: str) -> Read:
    """The file read by the first offer of every question that the answers leave open."""
    found = of(text, **answers)
    for _ in range(9):
        if not found.answers_needed:
            break
        answers |= {each.key: each.options[0].value for each in found.answers_needed}
        found = of(text, **answers)
    assert found.mapping is not None, found.issues
    return read_file(text.encode(), found.mapping, now=NOW)


def reached(read: Read, stage: Stage) -> int:
    events = read.events
    return int((events["stage"] == stage.value).sum())


# --- What says won or lost ---

SHORT = "ID,{},DATE_CREATE,CLOSEDATE\n1,{},2026-10-01,2026-11-01\n2,{},2026-10-02,2026-11-02\n"
IN_JAPANESE = SHORT.format("判定", "受注", "失注")
IN_ENGLISH = SHORT.format("Disposition", "Won", "Lost")


@pytest.mark.parametrize("text", [IN_JAPANESE, IN_ENGLISH])
def test_a_column_with_outcomes_says_which_closes_are_wins(text: str) -> None:
    events = read(text)
    assert (reached(events, Stage.WON), reached(events, Stage.LOST)) == (1, 1)


def test_outcomes_of_a_stage_under_an_unknown_name(shared: Path) -> None:
    text = found_in(shared, "close_date_no_known_stage_column.csv")
    assert asked(of(text, grain="lead"), "stage").options[0].value == "STAGE_ID"
    events = read(text, **{"value:LOSE": "lost"})
    assert (reached(events, Stage.WON), reached(events, Stage.LOST)) == (2, 7)


@pytest.mark.parametrize("close", ["Close Date", "完了予定日", "Closing Date"])
def test_a_close_date_without_an_outcome_is_no_win_unless_the_user_says_so(close: str) -> None:
    text = f"Deal ID,Created Date,{close}\n1,2026-10-01,2026-11-01\n2,2026-10-02,2026-11-02\n"
    assert asked(of(text, grain="lead"), f"column:{close}").options[0].value == "none"
    assert reached(read(text), Stage.WON) == 0
    assert reached(read(text, **{f"column:{close}": "won"}), Stage.WON) == 2


@pytest.mark.parametrize(
    ("win", "stage", "close", "won"),
    [
        ('Date entered ""Closed Won""', "Deal Stage", "Close Date", "Closed Won"),
        ("受注日", "商談フェーズ", "完了予定日", "受注"),
    ],
)
def test_a_win_that_the_stage_alone_tells_counts_beside_dated_ones(
    win: str, stage: str, close: str, won: str
) -> None:
    text = (
        f'案件ID,{stage},{close},"{win}"\n1,{won},2026-02-01,2026-02-01\n'
        f"2,{won},2026-02-03,\n3,Proposal,2026-03-01,\n"
    )
    events = read(text).events
    assert set(events[events["stage"] == Stage.WON.value]["lead"]) == {"1", "2"}


def test_one_dated_stage_leaves_the_state_to_the_stage_column(shared: Path) -> None:
    events = read(found_in(shared, "deals_without_stage_dates.csv")).events
    assert events[events["stage"] == Stage.WON.value]["lead"].nunique() == 2


# --- Logs of other fields ---

LOG = (
    "変更日時,リードID,項目,変更前,変更後\n"
    "2026-01-05 10:00,1,電話,,携帯\n2026-01-06 10:00,1,点数,3,5\n"
)
SCORES = (
    "changed at,lead id,field,old value,new value\n2026-01-05,1,Score,3,5\n2026-01-06,2,Tier,A,B\n"
)


@pytest.mark.parametrize("text", [LOG, SCORES])
def test_a_log_of_other_fields_is_offered_no_stage_first(text: str) -> None:
    assert asked(of(text, grain="event"), "stage").options[0].value == ""


def test_a_log_of_other_fields_makes_no_leads(shared: Path) -> None:
    found = answered(found_in(shared, "change_log_without_stages.csv").encode(), "log.csv")
    assert found.mapping is None
    assert found.refused


def test_a_log_of_stages_is_read_and_may_be_said_to_have_none() -> None:
    text = "変更日時,リードID,変更後\n2026-01-05,1,リード\n2026-01-06,1,商談\n"
    stage = asked(of(text, grain="event"), "stage")
    assert "" in [option.value for option in stage.options]
    assert reached(read(text, grain="event"), Stage.OPPORTUNITY) == 1


# --- Ids ---


@pytest.mark.parametrize("header", ["Lead-Nr", "Opportunity Number", "管理No", "编号", "Numéro"])
def test_a_number_of_its_own_is_offered_as_the_id(header: str) -> None:
    text = f"{header},作成日\nA-1,2026-01-05\nA-2,2026-01-06\n"
    assert asked(of(text, grain="lead"), "id").options[0].value == header


@pytest.mark.parametrize("grain", ["lead", "event_without_id"])
@pytest.mark.parametrize("header", ["Vorgang", "伝票", "Expediente"])
def test_any_column_can_be_named_as_the_id(header: str, grain: str) -> None:
    text = f"{header},作成日\nA1,2026-01-05\nA2,2026-01-06\n"
    found = of(text, grain=grain, id=header, source="x")
    assert found.mapping is not None
    assert found.mapping.id == header


KEYED = (
    'name = "a"\nsource = "a"\ngrain = "lead"\nid = "ID"\n[[stages]]\nstage = "lead"\ndate = "日"\n'
)


@pytest.mark.parametrize("sign", ["'", "’", "＇"])
def test_an_apostrophe_before_an_id_is_no_part_of_it(sign: str) -> None:
    text = f"ID,日\n{sign}7001230000000001,2026-10-01\n7001230000000001,2026-10-01\n"
    events = read_file(text.encode(), mapping_of(KEYED), now=NOW).events
    assert set(events["lead"]) == {"7001230000000001"}


@pytest.mark.parametrize("cell", ["7.00123E+15", "9,9e+15", "7E+15"])
def test_an_id_that_a_spreadsheet_rounded_is_rejected_and_said(cell: str) -> None:
    text = f'ID,日\n"{cell}",2026-10-01\nE-15,2026-10-01\n1e5f,2026-10-02\n'
    found = read_file(text.encode(), mapping_of(KEYED), now=NOW)
    assert set(found.events["lead"]) == {"E-15", "1e5f"}
    assert [str(issue.code) for issue in found.issues] == ["id_rounded"]


@pytest.mark.parametrize(
    ("header", "ids"),
    [
        ("Lead ID,Created", ("123457000000000000", "123458000000000000", "123457000000000000")),
        ("広告リード番号,日", tuple(f"12034567890123{n}0" for n in range(1, 7))),
        ("商談ID,日", tuple(f"2026300000000{n}00" for n in (11, 12, 13))),
        ("Ref,When", ("'98765432109876500", "98765432109876600.0", "98765432109877700", "A-1")),
    ],
)
def test_long_ids_that_a_spreadsheet_cut_are_rejected_and_others_are_not(
    header: str, ids: tuple[str, ...]
) -> None:
    id_column, day = header.split(",")
    mapping = mapping_of(KEYED.replace('"ID"', f'"{id_column}"').replace('"日"', f'"{day}"'))
    rows = "".join(f"{each},2026-10-0{n + 1}\n" for n, each in enumerate(ids))
    found = read_file(f"{header}\n{rows}".encode(), mapping, now=NOW)
    assert set(found.events["lead"]) <= {"A-1"}
    assert {str(issue.code) for issue in found.issues} == {"id_rounded"}


@pytest.mark.parametrize(
    "ids",
    [
        ("1000000000000000", "1000000000000001", "1000000000000002", "1000000000000003"),
        ("71234567890123400", "71234567890123411", "71234567890123422"),
        ("0000000000000010", "0000000000000020", "0000000000000030"),
        ("123450000000000", "123460000000000", "123470000000000"),
    ],
)
def test_long_ids_that_end_in_noughts_by_chance_are_ids(ids: tuple[str, ...]) -> None:
    rows = "".join(f"{each},2026-10-01\n" for each in ids)
    found = read_file(f"ID,日\n{rows}".encode(), mapping_of(KEYED), now=NOW)
    assert set(found.events["lead"]) == set(ids)
    assert not found.issues


@pytest.mark.parametrize(
    "header", ["Deal ID,Contact ID,Deal Status,Created Date", "商談ID,顧客ID,商談ステータス,作成日"]
)
def test_an_id_of_others_that_repeats_beside_one_of_its_own_is_no_history(header: str) -> None:
    rows = "".join(f"D{n},K{n % 4},Won,2026-10-{n + 1:02}\n" for n in range(12))
    found = of(f"{header}\n{rows}")
    assert asked(found, "grain").options[0].value == "lead"
    assert answer(found, "id") == header.partition(",")[0]


@pytest.mark.parametrize("mail", ["Email Address", "メールアドレス", "E-Mail"])
def test_a_mail_column_that_is_blank_in_some_rows_is_not_the_id(mail: str) -> None:
    text = f"{mail},Date Added\na@x.co,2026-01-05\n,2026-01-06\nb@x.co,2026-01-07\n"
    assert len(read(text).events) == 3


# --- Figures ---


@pytest.mark.parametrize(
    "header", ["bounce_rate", "avg_time", "visit_duration", "滞在時間", "離脱率"]
)
def test_a_rate_or_a_duration_is_not_added_up(header: str) -> None:
    found = of(f"date,visitors,{header}\n2026-10-01,10,40\n2026-10-02,20,60\n", grain="day")
    assert answer(found, f"column:{header}") == "none"


@pytest.mark.parametrize(
    "header", ["Start Date", "開始日", "Fecha", "Datum", "日期", "날짜", "Data"]
)
def test_a_day_in_front_of_figures_is_their_day(header: str) -> None:
    found = of(f"{header},Clicks,Leads\n2026-10-01,10,1\n2026-10-02,20,2\n")
    assert asked(found, "grain").options[0].value == "day"
    assert answer(found, "date") == header
    assert "source" in open_keys(found)


@pytest.mark.parametrize(
    ("header", "leads"),
    [
        ("Fecha,Campaña,Clics,Impresiones,Clientes potenciales", "Clientes potenciales"),
        ("Tag,Kampagne,Klicks,Impressionen,Neue Leads", "Neue Leads"),
        ("Jour,Campagne,Clics,Impressions,Nouveaux leads", "Nouveaux leads"),
        ("Data,Campanha,Cliques,Impressões,Novos leads", "Novos leads"),
        ("日期,广告系列,点击次数,展示次数,线索数", "线索数"),
        ("날짜,캠페인,클릭수,노출수,리드 수", "리드 수"),
        ("日付,キャンペーン,クリック数,表示回数,リード数", "リード数"),
    ],
)
def test_days_and_figures_are_known_in_many_languages(header: str, leads: str) -> None:
    text = f"{header}\n2026-10-01,C,10,100,1\n2026-10-02,C,20,200,2\n2026-10-05,C,30,300,4\n"
    found = of(text)
    assert open_keys(found) == ["grain", "source"]
    assert answer(found, f"column:{leads}") == "count:lead"
    assert read(text).counts["count"].sum() == 7


# --- What rows are, and what describes them ---


@pytest.mark.parametrize(
    "header",
    ["lead_id,created_date,deal_value", "リードID,作成日,商談名", "Lead Number,Created,Deal Name"],
)
def test_rows_with_the_id_of_a_lead_are_leads(header: str) -> None:
    events = read(f"{header}\nL1,2026-10-01,2500\nL2,2026-10-02,1800\n", grain="lead")
    assert (reached(events, Stage.LEAD), reached(events, Stage.OPPORTUNITY)) == (2, 0)


@pytest.mark.parametrize("header", ["TITLE", "Title", "Position"])
def test_the_title_of_a_deal_is_no_role_of_a_person(header: str) -> None:
    text = f"ID,{header},OPPORTUNITY,DATE_CREATE\n1,Machine for Erika Muster,10,2026-10-01\n"
    assert answer(of(text, grain="lead"), f"column:{header}") == "none"


def test_a_title_beside_a_mail_address_is_a_role() -> None:
    text = "ID,Title,Email,Created\n1,CEO,a@x.co,2026-10-01\n2,CTO,b@x.co,2026-10-02\n"
    assert answer(of(text, grain="lead"), "column:Title") == "attribute"


@pytest.mark.parametrize(
    "header", ["UTM_Medium", "流入媒体", "Session primary channel group (Default)"]
)
def test_a_medium_is_the_channel(header: str) -> None:
    text = f"Created Date,{header}\n2026-01-24,paid\n2026-01-25,organic\n"
    assert answer(of(text), f"column:{header}") == "channel"


@pytest.mark.parametrize("header", ["lead_id,created", "リードID,作成日", "a,b"])
def test_a_file_without_rows_is_not_said_to_lack_a_date(header: str) -> None:
    assert "no_date_column" not in [str(each.code) for each in of(f"{header}\n").issues]


AMOUNTS = KEYED + 'amount = "額"\n'


@pytest.mark.parametrize(
    ("cells", "total"),
    [
        (("100", "-1", "-1", "0"), 100),
        (("1200", "-1.00", "300"), 1500),
        (("-1", "-250", "300"), 49),  # a refund: -1 is a number like it
        (("-1", "--", "7"), 7),
    ],
)
def test_minus_one_alone_below_nought_says_none(cells: tuple[str, ...], total: float) -> None:
    rows = "".join(f"D{n},2026-01-05,{cell}\n" for n, cell in enumerate(cells))
    found = read_file(f"ID,日,額\n{rows}".encode(), mapping_of(AMOUNTS), now=NOW)
    assert found.events["amount"].sum() == total
    assert found.issues == ()


def grid(header: str, parts: tuple[str, ...] = ("A", "B"), days: int = 5) -> str:
    rows = (f"{n:02}.10.2026,{part},{n * 10},{n}\n" for n in range(13, 13 + days) for part in parts)
    return f"{header}\n{''.join(rows)}"


@pytest.mark.parametrize(
    "header",
    [
        "Dzień,Kanał,Wyświetlenia,Zgłoszenia",
        "Dag,Plek,Weergaven,Aanmeldingen",
        "集計,媒体,流入,獲得",
    ],
)
def test_a_row_for_each_day_and_word_with_figures_is_known_in_any_language(header: str) -> None:
    assert asked(of(grid(header)), "grain").options[0].value == "day"


@pytest.mark.parametrize(
    "text",
    [
        grid("Created,Country,Score,Budget"),
        grid("Lead ID,Kanał,Wyświetlenia,Zgłoszenia"),
        grid("Dzień,Kanał,Wyświetlenia,Zgłoszenia", ("A", "A")),
        grid("Dzień,Kanał,Wyświetlenia,Zgłoszenia", days=2),
    ],
    ids=["known by name", "an id", "several rows of one", "too few"],
)
def test_rows_of_another_shape_are_not_days(text: str) -> None:
    assert asked(of(text), "grain").options[0].value != "day"
