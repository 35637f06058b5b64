"""The API: programs send files and events in, and read receipts and the board."""

from fastapi import FastAPI as Api

from kpi_core.web.api.create_api import api_routes, create_api
from kpi_core.web.api.host import Host

__all__ = ["Api", "Host", "api_routes", "create_api"]
