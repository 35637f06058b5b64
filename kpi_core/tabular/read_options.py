"""How a file is to be read, as far as a mapping says so."""

from dataclasses import dataclass


@dataclass(frozen=True)
class How:
    """What is settled beforehand. None is found out from the file, or asked.

    `table` is the key of a table in it; `header` the record number of the header, 0 for none.
    """

    encoding: str | None = None
    table: str | None = None
    header: int | None = None
    delimiter: str | None = None
