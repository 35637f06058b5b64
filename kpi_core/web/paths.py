"""Where the API and the pages of our own are, seen from the server's base path."""

API = "/api"
IMPORTS = f"{API}/imports"
BOARD = f"{API}/board"
PLANS = f"{API}/plans"
DESCRIPTION = "/openapi.json"
OPENAPI = API + DESCRIPTION
UNLOCK = "/unlock"
