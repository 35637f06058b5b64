"""What the walls are told of the process they meet."""

import os

import streamlit as st

from kpi_core.settings import Settings
from kpi_core.web.wall.access import Access
from kpi_core.web.wall.faces import Faces
from kpi_core.web.wall.party import Parties
from kpi_core.web.wall.routes import Walls
from pages import _reports, _runtime


def walls() -> Walls:
    """The walls of this process, under the path that the board is under."""
    return Walls(
        _runtime.hub, faces, parties, access, base=str(st.get_option("server.baseUrlPath") or "")
    )


@st.cache_resource(show_spinner=False)
def faces() -> Faces:
    """Makes each plan's face once for all walls."""
    return Faces(_runtime.store(), _runtime.now)


@st.cache_resource(show_spinner=False)
def parties() -> Parties:
    """Knows what has been celebrated."""
    return Parties(_runtime.store(), _runtime.now)


@st.cache_resource(show_spinner=False)
def access() -> Access:
    """Lets screens in."""
    needed = Settings.from_env(os.environ).wall_keys
    return Access(_runtime.store(), _reports.wall_clock_now, keys_needed=needed)
