"""Whether a change of a plan is saved directly, or only once the persons named have agreed."""

from kpi_core.i18n.catalog import Words
from pages import _runtime, _visitor

PREFERENCE = "plan_agreement"
DIRECT, AGREED = "direct", "agreed"
CHOICES = (DIRECT, AGREED)


def chosen() -> str:
    """What was chosen for all; direct saving unless it was."""
    stored = _runtime.store().records.plans.preference(PREFERENCE)
    return stored if stored in CHOICES else DIRECT


def is_needed() -> bool:
    """Whether only changes that were agreed are saved."""
    return chosen() == AGREED


def choose(value: str) -> None:
    """Choose it for all."""
    now = _runtime.app().wall_clock()
    who = _visitor.name() or _runtime.BY_PAGE
    store = _runtime.store()
    store.records.plans.set_preference(PREFERENCE, value, who=who, now=now)
    store.catch_up()


def signed(who: str, words: Words) -> str:
    """A name as it stands beside a change."""
    return words("imports.by_page") if who == _runtime.BY_PAGE else who
