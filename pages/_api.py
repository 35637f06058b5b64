"""The API of this process."""

import os

import streamlit as st

from kpi_core.settings import Settings
from kpi_core.web.api import Api, Host
from pages import _inbox, _runtime


def api() -> Api:
    """The API of this process, under the path that the board is under."""
    host = Host(
        why_not_ready=_runtime.why_not_ready,
        store=_runtime.store,
        raw=_inbox.raw_files,
        limit_mb=lambda: _settings().upload_limit_mb,
        now=_runtime.now,
    )
    return Api(host, st.get_option("server.baseUrlPath"))


def _settings() -> Settings:
    return Settings.from_env(os.environ)
