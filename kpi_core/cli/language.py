"""The language of the command line: `--lang`, else the terminal's own."""

from collections.abc import Mapping, Sequence

from kpi_core.i18n.catalog import Language

OPTION = "--lang"


def of_terminal(environ: Mapping[str, str]) -> Language:
    """As the locale's variables say, the strongest first; English where they say nothing."""
    given = (environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return Language.of(next((locale for locale in given if locale), None))


def take_language(
    args: Sequence[str], environ: Mapping[str, str]
) -> tuple[Language, list[str], str | None]:
    """The language, the arguments without `--lang`, and what was asked for if it is none of ours.

    `--lang` may stand anywhere, before the command or after it; the last one counts.
    """
    language, rest, unknown = of_terminal(environ), [], None
    waiting = iter(args)
    for arg in waiting:
        if arg == "--":
            rest += [arg, *waiting]
        elif arg == OPTION or arg.startswith(f"{OPTION}="):
            name = arg.partition("=")[2] if "=" in arg else next(waiting, "")
            if name in list(Language):
                language = Language(name)
            else:
                unknown = name
        else:
            rest.append(arg)
    return language, rest, unknown
