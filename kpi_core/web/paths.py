"""Where the API and the pages of our own are, seen from the server's base path."""

IMPORTS = "/api/imports"
IMPORT = "/api/imports/{import_id}"
BOARD = "/api/board"
BOARD_PICTURE = "/api/board.png"
OPENAPI = "/api/openapi.json"
UNLOCK = "/unlock"
