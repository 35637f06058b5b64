"""What is counted of a log of what users do: log-ins and the like."""

import re

from kpi_core.domain.question import Ask, Option
from kpi_core.mapping.questions import MOST_VALUES, Asking
from kpi_core.mapping.row_grain import is_login, kinds_column

LOGIN = "login"

_OTHER_SIGNS = re.compile(r"[^a-z0-9]+")


def ask_activity(asking: Asking) -> tuple[str, dict[str, list[str]]]:
    """What is counted, as plans name it, and the rows that count.

    Where a column says what was done, its values are on offer, log-ins first; without one the
    user says what each row is.
    """
    layout = asking.layout
    kinds = kinds_column(layout)
    if kinds is None:
        sure = any(is_login(each.header) for each in layout.columns)
        said = asking.ask(Ask.ACTIVITY, [LOGIN], LOGIN if sure else None, free=True)
        return name_of_activity(said), {}
    known = layout.profile.values(kinds.header, MOST_VALUES)
    values = sorted(known, key=lambda value: not is_login(value))
    only = values[0] if len(values) == 1 else None
    said = asking.ask(Ask.ACTIVITY, [Option(each, each) for each in values], only)
    return name_of_activity(said), {kinds.header: [said]}


def name_of_activity(text: str) -> str:
    """The name that plans call an activity by: `login`; other words as they are spelled."""
    if is_login(text):
        return LOGIN
    return _OTHER_SIGNS.sub("_", text.casefold()).strip("_") or text.strip()
