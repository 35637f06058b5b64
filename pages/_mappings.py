"""How files are read: the mappings that visitors saved, and those that ship."""

from collections.abc import Sequence
from datetime import datetime

from kpi_core.facts.store import Store
from kpi_core.i18n.catalog import Words
from kpi_core.mapping.document import Mapping, fingerprint
from kpi_core.mapping.parse import read_mapping
from kpi_core.mapping.shipped import mappings
from pages import _runtime


def offered(words: Words) -> dict[str, Mapping]:
    """Every mapping there is by what it is called, saved ones first."""
    saved = (
        (each.name, read_mapping(each.text)) for each in _runtime.store().records.saved_mappings()
    )
    own = {name: mapping for name, mapping in saved if isinstance(mapping, Mapping)}
    return own | {words.localize(each.title) or each.name: each for each in mappings()}


def save(
    store: Store, name: str, mapping: Mapping, header: Sequence[str], *, now: datetime
) -> None:
    """Keep how a file was read, for the next of its shape."""
    store.records.save_mapping(
        name, mapping.text, fingerprint(header), who=_runtime.BY_PAGE, now=now
    )


def title(mapping: Mapping, words: Words) -> str:
    """What a mapping is called: as its visitor saved it, or by its title in the language."""
    for each in _runtime.store().records.saved_mappings():
        if each.text == mapping.text:
            return each.name
    return words.localize(mapping.title) or mapping.name
