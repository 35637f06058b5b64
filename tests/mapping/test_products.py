"""What is concluded of the usual exports of the products in use, made up in their shape."""

from datetime import datetime

import pytest

from kpi_core.ingest.inspect import inspect

NOW = datetime.fromisoformat("2026-11-22 09:00")

HUBSPOT_JA = """\
レコードID - Contact,姓,Eメール,作成日,最終更新日,オリジナルソース,リードになった日付,\
MQLになった日付,顧客になった日付
1,山田,a@example.co.jp,2026-03-01,2026-05-01,検索,2026-03-01 10:11,2026-03-15 09:00,
2,鈴木,b@example.co.jp,2026-03-05,2026-05-02,広告,2026-03-05 12:00,2026-03-15 09:00,2026-05-11 10:00
"""
HUBSPOT_INTERNAL = """\
hs_object_id,email,createdate,hs_lifecyclestage_lead_date,hs_lifecyclestage_salesqualifiedlead_date,hubspotscore
51,a@b.co,1704844800000,1704844800000,1708844800000,40
52,a@c.co,1706844800000,1706844800000,,55
"""
SALESFORCE_JA = """\
商談 ID,商談名,取引先名,フェーズ,金額,完了予定日,作成日,最終更新日
0061,A社 導入,A社,受注,"1,200,000",2026/03/31,2026/01/05,2026/04/01
0062,B社 導入,B社,提案,"800,000",2026/12/31,2026/01/15,2026/04/01
"""
PARDOT = """\
Prospect ID,Email,First Name,Last Name,Company,Score,Source,Campaign,Created Date,Updated Date
77,a@b.co,A,B,Acme,120,Web,Spring,"Mar 5, 2026 10:11 AM","Mar 6, 2026 10:11 AM"
78,a@c.co,A,C,Beta,20,Web,Spring,"Apr 25, 2026 10:11 AM","Mar 6, 2026 10:11 AM"
"""
PIPEDRIVE = """\
Deal - ID\tDeal - Title\tDeal - Value\tDeal - Deal created\tDeal - Won time\tDeal - Lost time\t\
Deal - Expected close date
1\tDeal A\t1000\t2026-01-05 10:00:00\t2026-02-05 10:00:00\t\t2026-02-01
2\tDeal B\t500\t2026-01-06 10:00:00\t\t\t2026-02-01
"""
KINTONE = """\
レコード番号,案件名,会社名,受注金額,問い合わせ日,MQL化日,商談化日,受注日,失注日,作成日時,更新日時
1,案件A,A社,1000000,2026/1/5,2026/1/8,2026/1/20,2026/2/15,,2026/1/5 10:00,2026/2/15 9:00
2,案件B,B社,,2026/1/6,2026/1/9,,,,2026/1/6 10:00,2026/2/15 9:00
"""
SATORI = """\
カスタマーID,会社名,氏名,メールアドレス,作成日時,最終アクセス日時,スコア,流入元
c1,A社,山田太郎,taro@a.co.jp,2026-01-05 10:00:00,2026-02-05 10:00:00,30,検索
c2,B社,鈴木花子,hana@b.co.jp,2026-01-06 10:00:00,2026-02-06 10:00:00,10,広告
"""
FORMS = """\
タイムスタンプ,会社名,お名前,メールアドレス
2026/01/05 10:11:12,A社,山田太郎,taro@a.co.jp
2026/01/06 10:11:12,B社,鈴木花子,hana@b.co.jp
"""
GA4_JA = """\
日付,セッション,総ユーザー数,キーイベント,エンゲージメント率
20260105,120,100,3,0.55
20260106,130,110,4,0.61
"""
META_JA = """\
レポート開始日,レポート終了日,キャンペーン名,インプレッション,消化金額 (JPY),結果
2026-01-05,2026-01-05,春,2000,5000,2
2026-01-06,2026-01-06,春,2100,5100,3
"""
GOOGLE_ADS_JA = """\
日,キャンペーン,クリック数,表示回数,クリック率,平均クリック単価,費用
2026-01-05,指名,10,100,10.00%,120,1200
2026-01-06,指名,12,110,10.91%,110,1320
"""
MONTHLY = """\
年月,リード数,MQL数,商談数,受注数,広告費
2026年1月,100,40,12,3,300000
2026年2月,120,45,11,4,310000
"""

FIVETRAN = """\
deal_id,_fivetran_active,_fivetran_synced,date_entered,source,source_id,value
3954,TRUE,2026-01-07 8:15:46,2026-01-07 6:49:18,2ed5fac05df5,4669,appointment
3955,TRUE,2026-01-07 9:15:50,2026-01-08 8:00:46,2ed5fac05df5,88c8,appointment
"""

LEAD, MQL, SQL, OPP = "lead", "marketing_qualified", "sales_qualified", "opportunity"
WON, LOST, NONE = "won", "lost", "none"


@pytest.mark.parametrize(
    ("text", "grain", "rest", "columns", "source"),
    [
        (
            HUBSPOT_JA, "lead", [],
            {"リードになった日付": LEAD, "MQLになった日付": MQL, "顧客になった日付": WON,
             "作成日": NONE, "オリジナルソース": "channel"},
            "hubspot",
        ),
        (
            HUBSPOT_INTERNAL, "lead", ["zone"],
            {"hs_lifecyclestage_lead_date": LEAD, "createdate": NONE,
             "hs_lifecyclestage_salesqualifiedlead_date": SQL, "hubspotscore": "quality"},
            "hubspot",
        ),
        (
            SALESFORCE_JA, "lead", [],
            {"作成日": OPP, "完了予定日": "close", "最終更新日": NONE, "取引先名": "account",
             "金額": "amount"},
            "salesforce",
        ),
        (
            PARDOT, "lead", [],
            {"Created Date": LEAD, "Updated Date": NONE, "Score": "quality",
             "Campaign": "campaign"},
            "account-engagement",
        ),
        (
            PIPEDRIVE, "lead", [],
            {"Deal - Deal created": OPP, "Deal - Won time": WON, "Deal - Lost time": LOST,
             "Deal - Expected close date": NONE, "Deal - Value": "amount", "Deal - Title": NONE},
            "pipedrive",
        ),
        (
            KINTONE, "lead", [],
            {"問い合わせ日": LEAD, "MQL化日": MQL, "商談化日": OPP, "受注日": WON, "失注日": LOST,
             "作成日時": NONE, "更新日時": NONE, "受注金額": "amount"},
            "kintone",
        ),
        (
            SATORI, "lead", ["source"],
            {"作成日時": LEAD, "最終アクセス日時": NONE, "スコア": "quality"},
            None,
        ),
        (FORMS, "lead", ["source"], {"タイムスタンプ": LEAD, "会社名": "account"}, None),
        (
            GA4_JA, "day", ["column:キーイベント"],
            {"セッション": "measure", "エンゲージメント率": NONE},
            "ga4",
        ),
        (
            META_JA, "day", ["column:結果"],
            {"消化金額 (JPY)": "measure", "キャンペーン名": "channel"},
            "meta",
        ),
        (
            GOOGLE_ADS_JA, "day", [],
            {"クリック数": "measure", "クリック率": NONE, "平均クリック単価": NONE,
             "費用": "measure"},
            "google-ads",
        ),
        (
            MONTHLY, "day", ["source"],
            {"リード数": "count:lead", "MQL数": f"count:{MQL}", "受注数": "count:won",
             "広告費": "measure"},
            None,
        ),
    ],
    ids=[
        "hubspot-ja", "hubspot-internal", "salesforce-ja", "account-engagement", "pipedrive",
        "kintone", "satori", "forms", "ga4-ja", "meta-ja", "google-ads-ja", "monthly",
    ],
)  # fmt: skip
def test_an_export_is_understood_by_its_headers_and_cells(
    text: str, grain: str, rest: list[str], columns: dict[str, str], source: str | None
) -> None:
    found = inspect(text.encode(), "export.csv", now=NOW)
    answers = {question.key: question.answer for question in found.questions}
    first = next(question for question in found.questions if question.code == "grain")
    assert first.options[0].value == grain
    assert [question.key for question in found.answers_needed] == ["grain", *rest]
    assert {header: answers[f"column:{header}"] for header in columns} == columns
    assert answers["source"] == source
    assert "@" not in repr(found.preview)


def test_a_table_that_a_connector_copied_is_known_by_its_columns_together() -> None:
    found = inspect(FIVETRAN.encode(), "deal_stage.csv", now=NOW)
    assert next(each for each in found.questions if each.code == "source").answer == "hubspot"
    less = FIVETRAN.replace("source_id", "other")
    open_now = inspect(less.encode(), "deal_stage.csv", now=NOW).answers_needed
    assert "source" in [each.key for each in open_now]
