"""What a page could not do, in a sentence for its visitor."""

import logging

import streamlit as st

from kpi_core.records.errors import StoreError
from kpi_core.reports.plans import UnreadablePlan
from pages import _lock, _markdown, _runtime

LOGGER = logging.getLogger(__name__)


def say_what_went_wrong(error: Exception) -> bool:
    """Tell a visitor what a page could not do, in a sentence; the log has the rest."""
    words = _runtime.words()
    if isinstance(error, _lock.Locked):
        _lock.notice(words)
    elif isinstance(error, StoreError):
        st.error(_runtime.refusal(error, words))
    elif isinstance(error, UnreadablePlan):
        for problem in error.problems:
            st.error(_markdown.plain(problem.sentence(words)))
    else:
        LOGGER.error("A page failed", exc_info=error)
        st.error(words("frame.failed"))
    return True
