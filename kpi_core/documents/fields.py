"""What the documents of plans and mappings have in common: their tables, names of stages."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict

from kpi_core.domain.stage import Stage, stage_named


class Document(BaseModel):
    """A table of a document: frozen, and refusing keys it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _stage(value: Any) -> Any:
    return (stage_named(value) or value) if isinstance(value, str) else value


StageName = Annotated[Stage, BeforeValidator(_stage)]
"""A stage by its own word or by what people call it: `marketing_qualified`, `mql`."""
