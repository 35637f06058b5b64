"""Importing a stored table again with another mapping."""

import streamlit as st

from kpi_core.domain.receipt import Receipt
from kpi_core.i18n.catalog import Words
from kpi_core.ingest.import_file import import_again
from kpi_core.records.errors import StoreError
from kpi_core.records.ledger import ImportRecord
from kpi_core.server.jobs import Job
from pages import _lock, _mappings, _runtime
from pages._imports import chosen_file

_STARTED = "imports_again_started"


def draw(record: ImportRecord, words: Words) -> None:
    """A choice of mappings, and what came of the last one."""
    with st.popover(words("imports.again"), help=words("imports.again_help")):
        offered = _mappings.offered(words)
        name = st.selectbox(
            words("imports.mapping"),
            list(offered),
            index=None,
            placeholder=words("imports.choose"),
            key=f"imports_again_{record.import_id}",
        )
        work = _started().get(record.import_id)
        running = work is not None and not work.ended
        begin = st.button(
            words("imports.again_go"),
            key=f"imports_again_go_{record.import_id}",
            disabled=name is None or running,
        )
        # A second press may be on its way before the button is seen to be disabled.
        if begin and name is not None and not running:
            _begin(record, name, words)
        if work is not None and work.ended:
            _outcome(work, words)


def _started() -> dict[int, Job[Receipt]]:
    started: dict[int, Job[Receipt]] = st.session_state.setdefault(_STARTED, {})
    return started


def _begin(record: ImportRecord, name: str, words: Words) -> None:
    _lock.demand()
    store, now, home = _runtime.store(), _runtime.app().wall_clock(), _runtime.app().home()
    mapping = _mappings.offered(words)[name]
    work = _runtime.app().jobs.import_(
        record.file_name,
        lambda watch: import_again(
            store, record.import_id, mapping, who=_runtime.BY_PAGE, now=now, home=home, watch=watch
        ),
    )
    _started()[record.import_id] = work
    work.wait(chosen_file.SOON)
    st.rerun()


def _outcome(work: Job[Receipt], words: Words) -> None:
    """Nothing where all went well: the new import stands above."""
    if isinstance(work.problem, StoreError):
        st.error(_runtime.refusal(work.problem, words))
    elif work.problem is not None:
        st.error(words("imports.failed"))
    elif work.found is not None and work.found.import_id is None:
        st.warning(words("imports.nothing" if work.found.facts == 0 else "imports.no_change"))
