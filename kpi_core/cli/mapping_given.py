"""The mapping that a command names: saved in the store, built in, or in a file."""

from typing import TYPE_CHECKING

from kpi_core.cli.told import CannotDo, Told

if TYPE_CHECKING:
    from kpi_core.ingest.meaning.mapping import Mapping
    from kpi_core.storage.store import Store


def mapping_given(told: Told, name: str | None, store: "Store | None") -> "Mapping | None":
    """The mapping of that name; None where none is named, CannotDo where it cannot be used."""
    from kpi_core.ingest.meaning.mapping import Mapping
    from kpi_core.ingest.meaning.mapping_document import read_mapping
    from kpi_core.ingest.meaning.mappings import load_mapping

    if name is None:
        return None
    saved = store.saved_mappings() if store is not None else ()
    text = next((each.text for each in saved if each.name == name), None)
    found = load_mapping(name) if text is None else read_mapping(text)
    if not isinstance(found, Mapping):
        raise CannotDo(*(problem.sentence(told.words) for problem in found))
    return found
