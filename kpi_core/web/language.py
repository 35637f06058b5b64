"""The language of an answer."""

from starlette.requests import Request

from kpi_core.i18n.catalog import Language, Words


def words_of(request: Request) -> Words:
    """The words of the language asked for: `?lang=`, else the browser's first."""
    asked = request.query_params.get("lang") or request.headers.get("accept-language", "")
    return Words(Language.of(asked.strip()))
