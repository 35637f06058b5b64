"""The stages of the funnel, shipped ones and a company's own, with their order."""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from kpi_core.records import schema


@dataclass(frozen=True)
class StageRow:
    """A stage at its place in the funnel. `kind` is "lead", "outcome" or "repeating"."""

    name: str
    position: int
    kind: str


def stages(conn: Connection) -> tuple[StageRow, ...]:
    """The stages in the order of the funnel; alternatives by name."""
    rows = (StageRow(*row) for row in conn.execute(select(schema.stages)))
    return tuple(sorted(rows, key=lambda stage: (stage.position, stage.name)))
