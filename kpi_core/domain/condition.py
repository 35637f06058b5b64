"""What must hold of a lead for it to count: data, never query text."""

from dataclasses import dataclass
from enum import StrEnum
from math import isfinite


class Operator(StrEnum):
    """How an attribute is compared."""

    IN = "in"
    NOT_IN = "not_in"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"


@dataclass(frozen=True)
class Condition:
    """One comparison. A lead without the attribute does not meet any condition on it.

    `channel`, `campaign`, `owner` and `account` name the event's own columns;
    every other name is an attribute of the lead. Texts are compared after case folding.
    """

    attribute: str
    operator: Operator
    values: tuple[str, ...] = ()
    number: float | None = None

    def __post_init__(self) -> None:
        if self.operator in (Operator.IN, Operator.NOT_IN):
            if not self.values or self.number is not None:
                raise ValueError(f"{self.attribute}: {self.operator} needs a list of values")
        elif self.number is None or self.values or not isfinite(self.number):
            raise ValueError(f"{self.attribute}: {self.operator} needs a number")
        else:
            # 100, 100.0 and -0.0 + 0.0: equal conditions are spelled alike in a tally's key.
            object.__setattr__(self, "number", self.number + 0.0)
