"""Work done is told by its name, in both languages."""

import pytest

from kpi_core.plans.work_done import counts_work


@pytest.mark.parametrize(
    "name",
    [
        "mails_sent",
        "Emails",
        "Seminars held",
        "whitepapers",
        "articles",
        "onboarding",
        "架電数",
        "メール配信数",
        "ｾﾐﾅｰ開催数",
        "記事公開",
    ],
)
def test_the_name_of_work_done_is_known(name: str) -> None:
    assert counts_work(name)


@pytest.mark.parametrize(
    "name",
    [
        "mqls",
        "opportunity",
        "cost",
        "page_views",
        "login",
        "商談",
        "有効リード",
        "受注金額",
        "recalls",
    ],
)
def test_an_outcome_is_not_taken_for_work(name: str) -> None:
    assert not counts_work(name)
