"""The walls of this process."""

import streamlit as st

from kpi_core.web.wall.routes import Walls
from pages import _runtime


def walls() -> Walls:
    """The walls of this process, under the path that the board is under."""
    return Walls(
        lambda: _runtime.app().hub,
        lambda: _runtime.app().views,
        lambda: _runtime.app().celebrations,
        lambda: _runtime.app().access,
        base=str(st.get_option("server.baseUrlPath") or ""),
    )
