"""`token add`, `list` and `revoke`: which programs may send files to the running board."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from kpi_core.cli.command_context import DONE, CannotDo, CommandContext, say, say_json, say_table
from kpi_core.cli.help import Number, OneOf, Taught, TaughtGroup, json_option
from kpi_core.i18n.catalog import Words

if TYPE_CHECKING:
    from kpi_core.records.tokens import Token

LONGEST_NAME = 100
SCOPES = ("imports", "read", "plans")
"""Sending files and events; reading board and plans; reading and saving plans."""


def token_group(words: Words) -> click.Group:
    """`token` and what can be done with one."""
    group = TaughtGroup("token", words=words, key="token")
    for command in (_add(words), _list(words), _revoke(words)):
        group.add_command(command)
    return group


def _add(words: Words) -> click.Command:
    @click.command("add", cls=Taught, words=words, key="token_add")
    @click.argument("token_name", metavar=words("cli.metavar_token_name"))
    @click.option(
        "--scope", type=OneOf(words, *SCOPES), default=SCOPES[0], help=words("cli.option_scope")
    )
    @json_option(words)
    @click.pass_obj
    def run(context: CommandContext, token_name: str, scope: str, as_json: bool) -> int:
        from kpi_core.records.tokens import TokenScope
        from kpi_core.reports.as_json import as_json as plain_data

        name = token_name.strip()
        if not name or len(name) > LONGEST_NAME:
            raise CannotDo(words("cli.token_name_length", bound=LONGEST_NAME))
        with context.store() as store:
            now = context.wall_clock(store)
            token, text = store.records.add_token(name, TokenScope(scope), who=context.who, now=now)
        if as_json:
            say_json(plain_data(token) | {"token": text})
        else:
            say(words("cli.token_made", name=token.name, number=token.token_id))
            say(text)
            say(words("cli.token_once", number=token.token_id))
        return DONE

    return run


def _list(words: Words) -> click.Command:
    @click.command("list", cls=Taught, words=words, key="token_list")
    @json_option(words)
    @click.pass_obj
    def run(context: CommandContext, as_json: bool) -> int:

        with context.store() as store:
            tokens = store.records.tokens()
        if as_json:
            say_json({"tokens": tokens})
        elif tokens:
            say_table(_table(context, tokens), right=[True])
        else:
            say(words("cli.no_token"))
        return DONE

    return run


def _revoke(words: Words) -> click.Command:
    @click.command("revoke", cls=Taught, words=words, key="token_revoke")
    @click.argument("token_id", type=Number(words), metavar=words("cli.metavar_number"))
    @json_option(words)
    @click.pass_obj
    def run(context: CommandContext, token_id: int, as_json: bool) -> int:
        with context.store() as store:
            store.records.revoke_token(token_id, who=context.who, now=context.wall_clock(store))
            token = next(each for each in store.records.tokens() if each.token_id == token_id)
        if as_json:
            say_json(token)
        else:
            say(words("cli.token_revoked", name=token.name))
        return DONE

    return run


def _table(context: CommandContext, tokens: "Sequence[Token]") -> list[list[str]]:
    words = context.words
    heads = (
        "cli.ledger_id",
        "cli.token_name",
        "cli.token_scope",
        "cli.token_made_at",
        "cli.token_made_by",
        "cli.token_used_at",
        "cli.ledger_state",
    )
    table = [[words(head) for head in heads]]
    for token in tokens:
        state = words("cli.state_stands")
        if token.revoked_at is not None:
            state = words("cli.token_is_revoked", day=f"{token.revoked_at:%Y-%m-%d}")
        table.append(
            [
                str(token.token_id),
                token.name,
                token.scope.value,
                f"{token.made_at:%Y-%m-%d %H:%M}",
                token.made_by,
                f"{token.used_at:%Y-%m-%d %H:%M}" if token.used_at else "–",
                state,
            ]
        )
    return table
