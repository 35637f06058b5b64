"""The colours of both themes. Colour never speaks alone: word and shape go with it."""

from dataclasses import dataclass
from typing import Literal

from kpi_core.domain.status import Status

Theme = Literal["light", "dark", "both"]
"""`both` leaves the choice to the browser: its theme may change while a page is open."""


FILLED = (Status.CRISIS, Status.ACHIEVED)
"""The two that fill the whole panel of the number with their colour, on the board and the wall."""
MIDDLE = "#7b8694"
"""For a picture that cannot know which theme it is shown in."""


@dataclass(frozen=True)
class Palette:
    """One theme's colours. `ink` is text, `quiet` secondary text, `line` hairlines.

    A status has a `tone` for lines and text on the ground, and a `badge`: fill and text on it.
    """

    ground: str
    ink: str
    quiet: str
    line: str
    tones: dict[Status, str]
    badges: dict[Status, tuple[str, str]]

    def tone(self, status: Status) -> str:
        """The status's colour on the ground; grey where nothing is judged."""
        return self.tones.get(status, self.quiet)

    def badge(self, status: Status) -> tuple[str, str]:
        """Fill and text of the status's badge; grey where nothing is judged."""
        return self.badges.get(status, (self.quiet, self.ground))


LIGHT = Palette(
    ground="#fbfaf7",
    ink="#1b2430",
    quiet="#5d6673",
    line="#d9d5cb",
    tones={
        Status.ACHIEVED: "#8a6200",
        Status.ON_PLAN: "#0b5cad",
        Status.ATTENTION: "#8a6d00",
        Status.WARNING: "#b25500",
        Status.CRISIS: "#c0330b",
    },
    badges={
        Status.ACHIEVED: ("#f2c230", "#1b2430"),
        Status.ON_PLAN: ("#0b5cad", "#ffffff"),
        Status.ATTENTION: ("#f7e04b", "#1b2430"),
        Status.WARNING: ("#f39c2c", "#1b2430"),
        Status.CRISIS: ("#c0330b", "#ffffff"),
    },
)
DARK = Palette(
    ground="#11161d",
    ink="#eceff3",
    quiet="#9aa5b4",
    line="#2d3743",
    tones={
        Status.ACHIEVED: "#f0c24b",
        Status.ON_PLAN: "#6cb8f0",
        Status.ATTENTION: "#f0e442",
        Status.WARNING: "#f39c2c",
        Status.CRISIS: "#ff7a4d",
    },
    badges={
        Status.ACHIEVED: ("#f0c24b", "#11161d"),
        Status.ON_PLAN: ("#6cb8f0", "#11161d"),
        Status.ATTENTION: ("#f0e442", "#11161d"),
        Status.WARNING: ("#f39c2c", "#11161d"),
        Status.CRISIS: ("#ff7a4d", "#11161d"),
    },
)


def _either(light: str, dark: str) -> str:
    """A CSS colour that follows the `color-scheme` of its place."""
    return f"light-dark({light}, {dark})"


BOTH = Palette(
    ground=_either(LIGHT.ground, DARK.ground),
    ink=_either(LIGHT.ink, DARK.ink),
    quiet=_either(LIGHT.quiet, DARK.quiet),
    line=_either(LIGHT.line, DARK.line),
    tones={status: _either(tone, DARK.tones[status]) for status, tone in LIGHT.tones.items()},
    badges={
        status: (_either(fill, DARK.badges[status][0]), _either(text, DARK.badges[status][1]))
        for status, (fill, text) in LIGHT.badges.items()
    },
)
PALETTES: dict[Theme, Palette] = {"light": LIGHT, "dark": DARK, "both": BOTH}
"""After Okabe and Ito, darkened on light ground so that text in them reads 4.5:1."""

WALL_LIGHT = Palette(
    ground="#f6f4ee",
    ink="#1b2430",
    quiet="#555e6a",
    line="#d5d0c4",
    tones={
        Status.ACHIEVED: "#7c5800",
        Status.ON_PLAN: "#0b5cad",
        Status.ATTENTION: "#776000",
        Status.WARNING: "#a14c00",
        Status.CRISIS: "#b52f09",
    },
    badges={
        **LIGHT.badges,
        Status.ON_PLAN: ("#0b5cad", "#fbfaf7"),
        Status.CRISIS: ("#c0330b", "#fbfaf7"),
    },
)
WALL_DARK = Palette(
    ground="#0e1319",
    ink="#e9ecf0",
    quiet="#a3adbb",
    line="#2d3743",
    tones=DARK.tones,
    badges=DARK.badges,
)
WALLS = {"light": WALL_LIGHT, "dark": WALL_DARK}
"""For a screen that hangs all year: nothing is pure white, and quiet text is seen from afar."""

PADDING = {"top": 4, "right": 4, "bottom": 4, "left": 4}
"""Around every chart, in pixels, side by side: Streamlit's frame cannot take a single number."""
