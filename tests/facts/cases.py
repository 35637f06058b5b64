"""Cases worked by hand: some files in the order of their import, and what is current then."""

from dataclasses import dataclass

from tests.facts.files import (
    File,
    corrected,
    event,
    history,
    leads,
    push,
    row,
    snapshot,
    unnamed,
)


@dataclass(frozen=True)
class Case:
    """`expected` are the days of all who reached the stage, "?" for an unknown one."""

    name: str
    stage: str
    expected: str
    files: tuple[File, ...]


def case(name: str, stage: str, expected: str, *files: File) -> Case:
    return Case(name, stage, expected, files)


OLD = leads(row("1", lead="05-01", won="05-09", amount=100), through="05-10")
LOST = leads(row("1", lead="05-01", lost="05-20"), through="05-21", columns=["won"])
BLANK = leads(row("1", lead="05-01"), columns=["won", "lost"], through="05-21")
WHOLE = (
    event("1", "lead", "05-01"),
    event("1", "won", "05-05"),
    event("1", "opportunity", "05-10"),
    event("1", "won", "05-15"),
)
EARLY, LATE = history(*WHOLE[:2], through="05-08"), history(*WHOLE[2:])
FIXED = history(event("2", "lead", "05-04"), event("1", "won", "05-08"))


def _pushed(*events: tuple[str, str]) -> tuple[File, ...]:
    """A push for each of these stages and days of lead 1, sent in this order."""
    return tuple(
        push(event("1", stage, day), through=f"06-{n:02d}")
        for n, (stage, day) in enumerate(events, start=1)
    )


CASES = (
    # 1. A missing column or a blank cell says nothing.
    case(
        "a missing outcome column leaves a win", "won", "05-09", OLD, leads(row("1", lead="05-01"))
    ),
    case(
        "a file without a lead leaves it", "lead", "05-01 05-02", OLD, leads(row("2", lead="05-02"))
    ),
    # 2. A lead stage once dated is reached.
    case("a blank leaves a lead stage", "lead", "05-01", OLD, leads(row("1"), columns=["lead"])),
    case("an unknown moment leaves a date", "lead", "05-01", OLD, leads(row("1", lead="?"))),
    case(
        "a date takes the place of an unknown moment",
        "lead",
        "05-01",
        leads(row("1", lead="?"), through="05-01"),
        OLD,
    ),
    case("a stage without any date is undated", "lead", "?", leads(row("1", lead="?"))),
    case(
        "the newest date of a mapping may be later",
        "lead",
        "05-03",
        OLD,
        leads(row("1", lead="05-03")),
    ),
    case(
        "the newest date of a mapping may be earlier",
        "lead",
        "04-30",
        OLD,
        leads(row("1", lead="04-30")),
    ),
    case(
        "across mappings the earliest date counts",
        "lead",
        "05-01",
        OLD,
        leads(row("1", lead="05-03"), mapping="other"),
    ),
    case(
        "across mappings an earlier date of a newer file counts",
        "lead",
        "04-30",
        OLD,
        leads(row("1", lead="04-30"), mapping="other"),
    ),
    case(
        "the newest of one mapping and then the earliest of both",
        "lead",
        "05-04",
        leads(row("1", lead="05-01"), through="05-10"),
        leads(row("1", lead="05-04"), mapping="other", through="05-11"),
        leads(row("1", lead="05-06"), through="05-12"),
    ),
    case(
        "within one file the earliest date counts",
        "lead",
        "05-02",
        leads(row("1", lead="05-09"), row("1", lead="05-02")),
    ),
    case(
        "the same id in another source is another lead",
        "lead",
        "05-01 05-03",
        OLD,
        leads(row("1", lead="05-03"), source="web"),
    ),
    # 3. An outcome is state.
    case("a win lost in a newer export is no win", "won", "", OLD, LOST),
    case("a win lost in a newer export is lost", "lost", "05-20", OLD, LOST),
    case(
        "a loss won in a newer export is no loss",
        "lost",
        "",
        LOST,
        leads(row("1", won="05-25"), columns=["lost"]),
    ),
    case("a blank reopens a win", "won", "", OLD, BLANK),
    case("a win after a blank is a win", "won", "05-25", OLD, BLANK, leads(row("1", won="05-25"))),
    case("a newer win has its own date", "won", "05-12", OLD, leads(row("1", won="05-12"))),
    case(
        "an undated win keeps the newest known date",
        "won",
        "05-12",
        OLD,
        leads(row("1", won="05-12"), through="05-13"),
        leads(row("1", won="?")),
    ),
    case(
        "an undated win after a blank has the date known before",
        "won",
        "05-09",
        OLD,
        BLANK,
        leads(row("1", won="?")),
    ),
    case(
        "of two wins in one file the later is the date known",
        "won",
        "05-12",
        leads(row("1", won="05-12"), row("1", won="05-09"), through="05-13"),
        leads(row("1", won="?")),
    ),
    case("a win never dated is undated", "won", "?", leads(row("1", won="?"))),
    case(
        "a churned account stays won",
        "won",
        "05-09",
        OLD,
        leads(row("1", churned="05-20"), mapping="churn"),
    ),
    case(
        "a blank ends churn",
        "churned",
        "",
        leads(row("1", churned="05-20"), through="05-21"),
        leads(row("1"), columns=["churned"]),
    ),
    case(
        "each renewal date is a renewal",
        "renewed",
        "05-01 05-20",
        leads(row("1", renewed="05-01"), through="05-02"),
        leads(row("1", renewed="05-20")),
    ),
    case(
        "a renewal date said twice is one renewal",
        "renewed",
        "05-01",
        leads(row("1", renewed="05-01"), through="05-02"),
        leads(row("1", lead="04-01", renewed="05-01")),
    ),
    # 4. A history speaks for what it names from its first event on.
    case("in a history the newest win counts", "won", "05-15", history(*WHOLE)),
    case("a history cut in two, early part first", "won", "05-15", EARLY, LATE),
    case("a history cut in two, late part first", "won", "05-15", LATE, EARLY),
    case(
        "a lead stage of a history has its earliest date",
        "opportunity",
        "05-02",
        history(event("1", "opportunity", "05-02"), event("1", "opportunity", "05-10")),
    ),
    case(
        "a lead stage cut in two has its earliest date",
        "opportunity",
        "05-02",
        history(event("1", "opportunity", "05-10"), through="05-12"),
        history(event("1", "opportunity", "05-02"), through="05-08"),
    ),
    case("an earlier stage after the outcome reopens", "won", "", history(*WHOLE[:3])),
    case(
        "a later part reopens what an earlier part won",
        "won",
        "",
        EARLY,
        history(event("1", "opportunity", "05-10")),
    ),
    case(
        "a lead stage in the moment of the outcome does not reopen",
        "won",
        "05-05",
        history(event("1", "won", "05-05"), event("1", "opportunity", "05-05")),
    ),
    case(
        "a history exported again corrects a date",
        "won",
        "05-08",
        history(event("1", "won", "05-12"), through="05-20"),
        FIXED,
    ),
    case(
        "a history exported again leaves what came before its first event",
        "lead",
        "05-01 05-04",
        history(event("1", "lead", "05-01"), event("1", "won", "05-12"), through="05-20"),
        FIXED,
    ),
    case(
        "a history exported again leaves stages that it does not name",
        "opportunity",
        "05-06",
        history(event("1", "opportunity", "05-06"), through="05-20"),
        FIXED,
    ),
    case(
        "a corrected lead stage may be later",
        "lead",
        "05-04 05-09",
        history(event("1", "lead", "05-06"), through="05-20"),
        history(event("2", "lead", "05-04"), event("1", "lead", "05-09")),
    ),
    # 5. A push continues.
    case(
        "a push adds a stage", "opportunity", "05-12", OLD, push(event("1", "opportunity", "05-12"))
    ),
    case(
        "pushes out of order keep the earliest date",
        "lead",
        "05-02",
        *_pushed(("lead", "05-09"), ("lead", "05-02")),
    ),
    case(
        "a later push leaves a lead stage",
        "lead",
        "05-02",
        *_pushed(("lead", "05-02"), ("lead", "05-09")),
    ),
    case(
        "a push older than the outcome reopens nothing",
        "won",
        "05-09",
        OLD,
        push(event("1", "opportunity", "05-08")),
    ),
    case(
        "a push newer than the outcome reopens",
        "won",
        "",
        *_pushed(("won", "05-09"), ("opportunity", "05-12")),
    ),
    case(
        "a pushed loss older than the win changes nothing",
        "won",
        "05-09",
        *_pushed(("won", "05-09"), ("lost", "05-05")),
    ),
    case(
        "a push that corrects dates a lead stage anew",
        "lead",
        "05-04",
        OLD,
        push(*corrected("1", "lead", "05-04")),
    ),
    case(
        "a push that corrects dates a win anew, earlier too",
        "won",
        "05-03",
        *_pushed(("won", "05-09")),
        push(*corrected("1", "won", "05-03"), through="06-09"),
    ),
    case(
        "a push without a moment takes a lead stage back",
        "lead",
        "",
        OLD,
        push(event("1", "lead", withdrawn=True)),
    ),
    case(
        "a push without a moment takes a win back",
        "won",
        "",
        OLD,
        push(event("1", "won", withdrawn=True)),
    ),
    case(
        "what was taken back can be reached again",
        "lead",
        "05-07",
        OLD,
        push(event("1", "lead", withdrawn=True), through="05-20"),
        leads(row("1", lead="05-07")),
    ),
    # 6. A snapshot dates nothing.
    case("a snapshot ends a win", "won", "", OLD, snapshot(("1", "opportunity"))),
    case(
        "a snapshot never ends a lead stage", "lead", "05-01", OLD, snapshot(("1", "opportunity"))
    ),
    case(
        "a snapshot reaches a stage without a date",
        "opportunity",
        "?",
        snapshot(("1", "opportunity")),
    ),
    case(
        "a snapshot that agrees leaves the date of a win",
        "won",
        "05-09",
        OLD,
        snapshot(("1", "won")),
    ),
    # 7. Of rows without ids the larger number of alike rows counts.
    case(
        "alike rows of one file are leads of their own",
        "lead",
        "05-01 05-01",
        leads(row(unnamed("a", 1), lead="05-01"), row(unnamed("a", 2), lead="05-01")),
    ),
)
"""The first file is the oldest but where the name says otherwise; none of them is asked about."""
