"""The board: will the month be made, what to do today, and what was agreed for this case."""

import streamlit as st

from kpi_core.charts.spec import Spec
from kpi_core.demo.load import load_demo
from kpi_core.domain.period import Month
from kpi_core.i18n.formats import Formats
from kpi_core.reports import narrative
from kpi_core.reports.board import BoardReport
from kpi_core.reports.indicators import IndicatorReport
from kpi_core.reports.plans import PlanChoice
from pages import (
    _display_dialog,
    _live,
    _lock,
    _markdown,
    _plan_picker,
    _reports,
    _runtime,
    _url,
)
from pages._board import html
from pages._imports import receipt_view
from pages._plan import proposal

PER_ROW = 3
FACTS_NAMED = 8

words = _runtime.words()
formats = Formats(words.language)


def draw() -> None:
    """One report, from top to bottom as it is seen."""
    version = _live.follow()
    plans = _reports.plans(version)
    if _reports.is_empty(version):
        _empty()
        return
    if not plans:
        _language_alone()
        st.title(words("board.no_plan_title"))
        _begin_with_a_plan(plans, version)
        return
    top = st.container(horizontal=True, vertical_alignment="center", key="board_top")
    with top:
        plan = _plan(plans, version)
    month = _month_asked()
    board = _reports.board(version, plan, month)
    missing = None
    if month is not None and month not in board.months:
        missing, month = month, None
        board = _reports.board(version, plan, month)
    has_track = any(day.value is not None or day.plan is not None for day in board.kpi.track)
    # Made before the number is sent: where the month changes, both change together.
    track = _reports.track(version, plan, month, words.language) if has_track else None
    st.html(html.hero(board.kpi, words))
    _runtime.show_before_the_rest()
    if missing is not None:
        asked, shown = formats.month(missing), formats.month(board.kpi.moment.month)
        st.info(words("board.month_without", asked=asked, shown=shown))
    if notice := narrative.notice(board, words):
        st.info(_markdown.plain(notice))
        if board.behind is not None and not (board.rebuilding or board.nothing_fits):
            st.page_link("imports.py", label=words("board.behind_link"))
    if board.nothing_fits and not board.rebuilding:
        st.page_link("plan.py", label=words("board.see_definition"), icon=":material/edit:")
    if board.kpi.moment.data_through is None or board.nothing_fits:
        _begin_with_a_plan(plans, version)
    if track is not None:
        with st.container(key="board_track_room"):
            st.vega_lite_chart(
                track, theme=None, alt=narrative.takeaway(board.kpi, words), key="board_track"
            )
    _why(board, version, month)
    if board.second_kpi is not None:
        with st.expander(words("board.second_kpi")):
            reason = _reports.plan(plan, board.kpi.moment.month).reason_for_second_kpi
            st.caption(_markdown.plain(words("board.second_kpi_reason", reason=reason or "–")))
            st.html(html.hero(board.second_kpi, words))
    _management(board, version, month)
    st.html(html.chain(board, words))
    if proposed := proposal.line(plan, words):
        with st.container(horizontal=True, vertical_alignment="center", key="board_proposed"):
            st.caption(_markdown.plain(proposed), width="content")
            st.page_link("plan.py", label=words("plan_page.see_proposal"))
    with top:
        _display_dialog.button(plan, words)
        _month(board)
        _runtime.choose_language()


def _month_asked() -> Month | None:
    """The month in the URL; None where it names none."""
    try:
        return Month.parse(st.query_params.get("month", ""))
    except ValueError:
        return None


def _plan(plans: tuple[PlanChoice, ...], version: int) -> str:
    """The plan shown; a choice where there are several."""
    if _reports.holds_demo(version):
        st.badge(words("board.demo"), color="gray", help=words("board.demo_help"))
    st.space("stretch")
    return _plan_picker.draw(plans, words)


def _month(board: BoardReport) -> None:
    _url.control(
        st.selectbox,
        "month",
        [str(month) for month in board.months],
        str(board.kpi.moment.month),
        label=words("board.month"),
        label_visibility="collapsed",
        format_func=lambda month: formats.month(Month.parse(month)),
        width=180,
    )


def _language_alone() -> None:
    with st.container(horizontal=True, horizontal_alignment="right"):
        _runtime.choose_language()


def _why(board: BoardReport, version: int, month: Month | None) -> None:
    """Collapsed: a question. Opened: what the forecast goes by, its record, and what if."""
    kpi = board.kpi
    if kpi.landing is None or kpi.moment.is_over:
        return
    expected = formats.short(narrative.rounded(kpi.landing.expected))
    box = st.expander(words("forecast.why", value=expected), key="board_why", on_change="rerun")
    if not box.open:
        return
    basis = _reports.forecast(version, board.plan_id, month)
    if basis is None:
        return
    text = narrative.forecast_text
    with box:
        for sentence in text.reasons(basis, words):
            st.write(_markdown.plain(sentence))
        if bulk := text.bulk_day(basis, words):
            st.info(_markdown.plain(bulk))
            if st.toggle(words("forecast.leave_out"), key="board_leave_out"):
                st.write(_markdown.plain(text.without_bulk(basis, words)))
        if basis.days_left:
            most = basis.largest_rate
            rate = st.slider(
                words("forecast.what_if"),
                0.0,
                most,
                basis.level,
                basis.rate_step,
                key="board_what_if",
            )
            st.write(_markdown.plain(text.at_rate(basis, rate, words)))
        if basis.record:
            st.table([text.record_row(past, words) for past in basis.record])


def _management(board: BoardReport, version: int, month: Month | None) -> None:
    """Collapsed: only the count of the abnormal is known. Opened: each with its trend."""
    if board.indicators == 0:
        return
    label = _markdown.plain(narrative.management(board, words))
    box = st.expander(label, key="board_management", on_change="rerun")
    if not box.open:
        return
    reports = _reports.management(version, board.plan_id, month)
    charts = _reports.trends(version, board.plan_id, month)
    with box:
        for row in [reports[at : at + PER_ROW] for at in range(0, len(reports), PER_ROW)]:
            for column, report in zip(st.columns(PER_ROW, gap="large"), row, strict=False):
                with column:
                    _indicator(report, charts.get(report.id))


def _indicator(report: IndicatorReport, chart: Spec | None) -> None:
    st.html(html.card(report, words))
    if chart is not None:
        alt = (
            words.localize(report.name) + words("board.colon") + narrative.last_week(report, words)
        )
        st.vega_lite_chart(chart, theme=None, alt=alt, key=f"board_trend_{report.id}")


def _empty() -> None:
    """What to do next, where there is nothing to show."""
    _language_alone()
    st.title(words("board.empty_title"))
    st.write(words("board.empty_text"))
    if _lock.shows_notice(words):
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(words("board.empty_demo"), type="primary"):
            _lock.demand()
            load_demo(_runtime.store(), now=_reports.minute())
            st.rerun()
        st.page_link("imports.py", label=words("board.empty_import"))
        st.page_link("make_plan.py", label=words("board.make_plan"))
    st.caption(words("board.empty_demo_note"))


def _there_is(version: int) -> None:
    """What was imported: a plan is chosen by it."""
    facts, through = _reports.imported(version)
    if through is None:
        return
    named = words("board.and").join(
        receipt_view.name_of(each, words) for each in facts[:FACTS_NAMED]
    )
    more = words("board.more") if len(facts) > FACTS_NAMED else ""
    moment = formats.moment(through, _runtime.app().wall_clock())
    st.write(_markdown.plain(words("board.there_is", facts=named + more, moment=moment)))


def _begin_with_a_plan(plans: tuple[PlanChoice, ...], version: int) -> None:
    """The plans that ship and are not in use yet: facts alone have no number to run on."""
    _there_is(version)
    st.page_link("make_plan.py", label=words("board.make_plan"), icon=":material/edit_note:")
    taken = {plan.id for plan in plans}
    names = {key: name for key, name in _reports.starter_names(version).items() if key not in taken}
    if not names:
        return
    st.write(words("board.no_plan_text"))
    if _lock.shows_notice(words):
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            words("board.plan"),
            list(names),
            format_func=lambda key: words.localize(names[key]),
            key="board_starter",
            width=360,
        )
        if st.button(words("board.begin"), type="primary") and chosen:
            _lock.demand()
            _reports.begin_with(chosen, who=_runtime.BY_PAGE)
            st.query_params["plan"] = chosen
            st.rerun()
    if chosen:
        st.caption(_markdown.plain(_reports.starter_says(version, chosen, words)))


draw()
