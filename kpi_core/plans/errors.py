"""One mistake in a plan: where it is, what was found, what to do."""

from collections.abc import Iterator

from pydantic import ValidationError

from kpi_core.documents import pydantic_errors
from kpi_core.documents.pydantic_errors import Loc, mistakes
from kpi_core.i18n import problem
from kpi_core.plans.document import Plan


class Problem(problem.Problem):
    """One mistake in a plan. `code` names the sentence in the catalogs (`plans.<code>`)."""

    namespace = "plans"


def complaints(error: ValidationError, *, single_kpi: bool) -> Iterator[Problem]:
    """One problem per error, in the document's order."""
    for loc, code, params in mistakes(error, Plan):
        if loc[0] in ("kpi", "indicators") and len(loc) > 1:
            # behind the number pydantic puts the kind, or nothing where the kind is wrong
            is_of_kind = code in ("missing_kind", "not_one_of") and len(loc) == 2
            loc = (*loc[:2], "kind") if is_of_kind else (*loc[:2], *loc[3:])
        code = f"formula_{params['fault']}" if code == "formula" else code
        yield Problem(path_of(loc, single_kpi=single_kpi), code, params)


def path_of(loc: Loc, *, single_kpi: bool) -> str:
    """The place in words. One KPI is at `("kpi", 0)` as two would be, and has no number."""
    if single_kpi and loc[:1] == ("kpi",):
        loc = (*loc[:1], *loc[2:])
    return pydantic_errors.path_of(loc)
