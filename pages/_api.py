"""The API of this process."""

import streamlit as st

from kpi_core.web.api import Api, Host, create_api
from pages import _runtime


def api() -> Api:
    """The API under the path that the board is under."""
    host = Host(
        why_not_ready=lambda: _runtime.app().why_not_ready(),
        store=_runtime.store,
        raw=lambda: _runtime.app().raw_files,
        limit_mb=lambda: _runtime.app().settings.upload_limit_mb,
        now=_runtime.now,
    )
    return create_api(host, str(st.get_option("server.baseUrlPath") or ""))
