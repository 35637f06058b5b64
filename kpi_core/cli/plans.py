"""`plan check`, `load`, `export`, `print` and `list`: the plan document in and out."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kpi_core.cli.command_context import (
    DONE,
    CannotDo,
    CommandContext,
    newest_plan,
    say,
    say_document,
    say_json,
    say_table,
)
from kpi_core.cli.help import Taught, TaughtGroup, json_option
from kpi_core.domain.period import Month
from kpi_core.i18n.catalog import Words

if TYPE_CHECKING:
    from kpi_core.facts.store import Store
    from kpi_core.plans.document import Plan


def plan_group(words: Words) -> click.Group:
    """`plan` and what can be done with one."""
    group = TaughtGroup("plan", words=words, key="plan")
    for command in (_check(words), _load(words), _export(words), _print(words), _list(words)):
        group.add_command(command)
    return group


def _check(words: Words) -> click.Command:
    @click.command("check", cls=Taught, words=words, key="plan_check")
    @click.argument("plan_file", metavar=words("cli.metavar_file"))
    @json_option(words)
    @click.pass_obj
    def run(context: CommandContext, plan_file: str, as_json: bool) -> int:
        from kpi_core.plans.parse import read_plan

        plan = context.sound(read_plan(_text(context, plan_file)))
        _say_plan(context, "cli.plan_sound", plan, as_json=as_json)
        return DONE

    return run


def _load(words: Words) -> click.Command:
    @click.command("load", cls=Taught, words=words, key="plan_load")
    @click.argument("plan_file", metavar=words("cli.metavar_file"))
    @click.option(
        "--from",
        "effective",
        metavar=words("cli.metavar_month"),
        help=words("cli.option_effective"),
    )
    @click.option(
        "--why", metavar=words("cli.metavar_text"), default="", help=words("cli.option_why")
    )
    @json_option(words)
    @click.pass_obj
    def run(
        context: CommandContext, plan_file: str, effective: str | None, why: str, as_json: bool
    ) -> int:
        from kpi_core.plans.parse import read_plan
        from kpi_core.plans.revisions import load_plan

        since = None if effective is None else month_given(words, "--from", effective)
        text = _text(context, plan_file)
        now = context.sound(read_plan(text)).work_calendar.local(context.now)
        with context.store() as store:
            loaded = load_plan(store, text, who=context.who, why=why, effective_from=since, now=now)
        _say_plan(context, "cli.plan_loaded", context.sound(loaded), as_json=as_json)
        return DONE

    return run


def _export(words: Words) -> click.Command:
    @click.command("export", cls=Taught, words=words, key="plan_export")
    @click.argument("plan_id", required=False, metavar=words("cli.metavar_optional_plan"))
    @click.pass_obj
    def run(context: CommandContext, plan_id: str | None) -> int:
        from kpi_core.plans.starter_plans import starters
        from kpi_core.reports.plans import plans_in_use

        with context.store() as store:
            ships = plan_id in starters() and plan_id not in plans_in_use(store)
            if ships and plan_id is not None:
                text = starters()[plan_id]
            else:
                text = store.records.revisions(plan_given(context, store, plan_id))[-1].text
        say_document(text)
        return DONE

    return run


def _print(words: Words) -> click.Command:
    @click.command("print", cls=Taught, words=words, key="plan_print")
    @click.argument("plan_id", required=False, metavar=words("cli.metavar_optional_plan"))
    @click.option("--out", metavar=words("cli.metavar_file"), help=words("cli.option_out"))
    @click.pass_obj
    def run(context: CommandContext, plan_id: str | None, out: str | None) -> int:
        from kpi_core.charts.png import NoFont
        from kpi_core.plans.parse import read_plan
        from kpi_core.plans.starter_plans import starters
        from kpi_core.reports.plan_sheet import plan_sheet
        from kpi_core.reports.plans import plans_in_use
        from kpi_core.sheet.plan_sheet import KINDS, draw_sheet

        kind = KINDS.get(Path(out).suffix.lower()) if out else "pdf"
        if kind is None:
            raise CannotDo(words("cli.not_a_sheet", file=out, choices=", ".join(KINDS)))
        with context.store() as store:
            ships = plan_id in starters() and plan_id not in plans_in_use(store)
            chosen = plan_id if ships and plan_id else plan_given(context, store, plan_id)
            revisions = () if ships else store.records.revisions(chosen)
        text = revisions[-1].text if revisions else starters()[chosen]
        plan = context.sound(read_plan(text))
        report = plan_sheet(plan, words, now=context.now, revisions=revisions)
        target = Path(out or f"{chosen}.pdf")
        try:
            target.write_bytes(draw_sheet(report, kind))
        except NoFont:
            raise CannotDo(words("cli.no_font")) from None
        except (OSError, ValueError) as error:
            raise CannotDo(_not_written(words, target, error)) from error
        say(words("cli.plan_printed", plan=chosen, file=target))
        return DONE

    return run


def _not_written(words: Words, target: Path, error: OSError | ValueError) -> str:
    """Why a file cannot be written, as far as the system says."""
    finding = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return words("cli.not_written", file=target, finding=finding)


def _list(words: Words) -> click.Command:
    @click.command("list", cls=Taught, words=words, key="plan_list")
    @json_option(words)
    @click.pass_obj
    def run(context: CommandContext, as_json: bool) -> int:
        from kpi_core.reports.as_json import as_json as plain_data

        documents, table = [], []
        with context.store() as store:
            for plan_id in store.records.plan_ids():
                revisions = store.records.revisions(plan_id)
                newest, plan = revisions[-1], newest_plan(store, plan_id)
                name = words.localize(plan.name) if plan else "–"
                kpi = words.localize(plan.kpi[0].name) if plan else "–"
                saved = f"{newest.at:%Y-%m-%d} ({newest.who})"
                table.append((plan_id, name, kpi, str(len(revisions)), saved, newest.why))
                history = [plain_data(each) for each in revisions]
                for each in history:
                    del each["text"]
                document = {"id": plan_id, "name": name, "kpi": kpi, "revisions": history}
                documents.append(document)
        if as_json:
            say_json({"plans": documents})
        elif table:
            heads = (
                "cli.plan",
                "cli.plan_name",
                "board.kpi",
                "cli.plan_revisions",
                "cli.plan_saved",
                "cli.reason",
            )
            say_table([tuple(words(head) for head in heads), *table])
        else:
            say(words("cli.no_plan"))
        return DONE

    return run


def plan_given(context: CommandContext, store: "Store", plan_id: str | None) -> str:
    """The plan of that id, or the first; CannotDo where there is none."""
    from kpi_core.reports.plans import plans_in_use

    plans = plans_in_use(store)
    if not plans:
        raise CannotDo(context.words("cli.no_plan"))
    if plan_id is not None and plan_id not in plans:
        raise CannotDo(context.words("cli.no_such_plan", plan=plan_id, choices=", ".join(plans)))
    return plan_id or plans[0]


def month_given(words: Words, option: str, text: str) -> Month:
    """A month such as 2026-11."""
    try:
        return Month.parse(text)
    except ValueError:
        raise CannotDo(words("cli.not_a_month", option=option, value=text)) from None


def _text(context: CommandContext, name: str) -> str:
    """The text of a file, or of a plan that ships where no such file is there."""
    from kpi_core.plans.starter_plans import starters

    if name in starters() and not Path(name).exists():
        return starters()[name]
    return context.read(name)


def _say_plan(context: CommandContext, key: str, plan: "Plan", *, as_json: bool) -> None:
    name, kpi = context.words.localize(plan.name), context.words.localize(plan.kpi[0].name)
    if as_json:
        say_json({"plan": plan.id, "name": name, "kpi": kpi})
    else:
        say(context.words(key, plan=plan.id, name=name, kpi=kpi))
