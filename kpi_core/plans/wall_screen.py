"""The screen on the wall: how large, how far away, and the office hours in which it is bright."""

from datetime import time
from typing import Annotated

from pydantic import Field

from kpi_core.plans.document_values import Document, Number, Switch, Time


class Wall(Document):
    """A screen of 16:9 by its diagonal; `awake_from` to `awake_to` on working days it is bright.

    With `sleeps` off it is bright all the time. The smallest text's font size is 1/200 of
    `distance_m`: Japanese letters are about as high, capitals and digits 0.7 of it. For
    those at 1/200, write 1.4 times the distance.
    """

    distance_m: Annotated[Number, Field(gt=0, le=30)] = 5
    screen_inches: Annotated[Number, Field(gt=0, le=300)] = 55
    sleeps: Switch = True
    awake_from: Time = time(7)
    awake_to: Time = time(21)

    def asleep(self, at: time, *, working: bool) -> bool:
        """Whether the office is empty at this time of a working day, or of a day off.

        Hours that end before they begin reach over midnight.
        """
        if not self.sleeps:
            return False
        if self.awake_from <= self.awake_to:
            inside = self.awake_from <= at < self.awake_to
        else:
            inside = at >= self.awake_from or at < self.awake_to
        return not (working and inside)
