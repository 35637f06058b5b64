"""The server: Streamlit's pages, our routes beside them. Start it with `streamlit run app.py`."""

import streamlit as st
from starlette.middleware import Middleware

from kpi_core.web.api import api_routes
from kpi_core.web.gate import Gate
from kpi_core.web.health import health_route
from kpi_core.web.static import CompressedStatic
from pages import _api, _lifespan, _lock, _problems, _runtime, _wall

# `streamlit run` finds this assignment by reading the source: it stays a literal st.App(…).
app = st.App(
    _runtime.SHELL,
    lifespan=_lifespan.lifespan,
    on_script_error=_problems.say_what_went_wrong,
    routes=[
        health_route(_runtime.health),
        *api_routes(_api.api()),
        *_wall.walls().routes(),
        *_lock.unlock().routes(),
    ],
    middleware=[
        Middleware(
            Gate,
            rules=_lock.rules,
            index=_lifespan.INDEX,
            base_path=st.get_option("server.baseUrlPath"),
        ),
        Middleware(
            CompressedStatic,
            copies=_lifespan.STATIC_COPIES,
            base_path=st.get_option("server.baseUrlPath"),
        ),
    ],
)
