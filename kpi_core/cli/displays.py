"""`display add`, `list` and `revoke`: which screens may show the wall."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from kpi_core.cli.command_context import DONE, CannotDo, CommandContext, say, say_json, say_table
from kpi_core.cli.help import Number, Taught, TaughtGroup, json_option
from kpi_core.cli.plans import plan_given
from kpi_core.i18n.catalog import Words

if TYPE_CHECKING:
    from kpi_core.records.displays import Display

LONGEST_NAME = 60


def display_group(words: Words) -> click.Group:
    """`display` and what can be done with one."""
    group = TaughtGroup("display", words=words, key="display")
    for command in (_add(words), _list(words), _revoke(words)):
        group.add_command(command)
    return group


def _add(words: Words) -> click.Command:
    @click.command("add", cls=Taught, words=words, key="display_add")
    @click.argument("display_name", metavar=words("cli.metavar_token_name"))
    @click.option(
        "--network",
        "networks",
        multiple=True,
        metavar=words("cli.metavar_network"),
        help=words("cli.option_network"),
    )
    @click.option(
        "--plan", "plan_id", metavar=words("cli.metavar_plan"), help=words("cli.option_wall_plan")
    )
    @json_option(words)
    @click.pass_obj
    def run(
        context: CommandContext,
        display_name: str,
        networks: tuple[str, ...],
        plan_id: str | None,
        as_json: bool,
    ) -> int:
        from kpi_core.records.displays import link
        from kpi_core.reports.as_json import as_json as plain_data

        name = display_name.strip()
        if not name or len(name) > LONGEST_NAME:
            raise CannotDo(words("cli.display_name_length", bound=LONGEST_NAME))
        with context.store() as store:
            plan = "" if plan_id is None else plan_given(context, store, plan_id)
            now = context.wall_clock(store)
            display, key = store.records.add_display(
                name, networks=networks, who=context.who, now=now
            )
        path = link(key, plan)
        if as_json:
            say_json(plain_data(display) | {"link": path})
        else:
            say(words("cli.display_made", name=display.name, number=display.display_id))
            say(path)
            say(words("cli.display_once", number=display.display_id))
        return DONE

    return run


def _list(words: Words) -> click.Command:
    @click.command("list", cls=Taught, words=words, key="display_list")
    @json_option(words)
    @click.pass_obj
    def run(context: CommandContext, as_json: bool) -> int:

        with context.store() as store:
            displays = store.records.displays()[::-1]
        if as_json:
            say_json({"displays": displays})
        elif displays:
            say_table(_table(words, displays), right=[True])
        else:
            say(words("cli.no_display"))
        return DONE

    return run


def _revoke(words: Words) -> click.Command:
    @click.command("revoke", cls=Taught, words=words, key="display_revoke")
    @click.argument("display_id", type=Number(words), metavar=words("cli.metavar_number"))
    @json_option(words)
    @click.pass_obj
    def run(context: CommandContext, display_id: int, as_json: bool) -> int:
        with context.store() as store:
            now = context.wall_clock(store)
            display = store.records.revoke_display(display_id, who=context.who, now=now)
        if as_json:
            say_json(display)
        else:
            say(words("cli.display_revoked", name=display.name))
        return DONE

    return run


def _table(words: Words, displays: "Sequence[Display]") -> list[list[str]]:
    heads = (
        "cli.ledger_id",
        "cli.display_name",
        "cli.display_networks",
        "cli.token_made_at",
        "cli.token_made_by",
        "cli.display_seen_at",
        "cli.display_seen_from",
        "cli.ledger_state",
    )
    table = [[words(head) for head in heads]]
    for display in displays:
        state = words("cli.state_stands")
        if display.revoked_at is not None:
            state = words("cli.display_is_off", day=f"{display.revoked_at:%Y-%m-%d}")
        table.append(
            [
                str(display.display_id),
                display.name,
                ", ".join(display.networks) or "–",
                f"{display.made_at:%Y-%m-%d %H:%M}",
                display.made_by,
                f"{display.seen_at:%Y-%m-%d %H:%M}" if display.seen_at else "–",
                display.seen_from or "–",
                state,
            ]
        )
    return table
