"""Where the API is, seen from the server's base path."""

from kpi_core.ingest.handoff import IMPORTS

__all__ = ["BOARD", "BOARD_PICTURE", "IMPORT", "IMPORTS", "OPENAPI"]
IMPORT = "/api/imports/{import_id}"
BOARD = "/api/board"
BOARD_PICTURE = "/api/board.png"
OPENAPI = "/api/openapi.json"
