"""Imports that come at once."""

import asyncio

import pytest

from kpi_core.web.refusal import Refusal
from kpi_core.web.turns import Turns


def test_one_runs_at_a_time_in_the_order_they_came() -> None:
    async def scene() -> list[str]:
        turns, said = Turns(), []

        async def one(name: str) -> None:
            async with turns.place(), turns.turn():
                said.append(f"{name} begins")
                await asyncio.sleep(0)
                said.append(f"{name} ends")

        await asyncio.gather(*(one(name) for name in "abc"))
        return said

    assert asyncio.run(scene()) == [
        "a begins", "a ends", "b begins", "b ends", "c begins", "c ends",
    ]  # fmt: skip


def test_who_finds_no_place_is_asked_to_come_again_and_finds_one_then() -> None:
    async def scene() -> None:
        turns = Turns(places=2)
        async with turns.place():
            async with turns.place():
                with pytest.raises(Refusal) as refusal:
                    async with turns.place():
                        pass
                assert (refusal.value.status, refusal.value.code) == (429, "busy")
                assert int(refusal.value.headers["retry-after"]) > 0
            async with turns.place():
                pass

    asyncio.run(scene())


def test_a_place_is_given_back_by_whoever_fails() -> None:
    async def scene() -> None:
        turns = Turns(places=1)
        for _ in range(3):
            with pytest.raises(RuntimeError):
                async with turns.place(), turns.turn():
                    raise RuntimeError

    asyncio.run(scene())


def test_an_import_waits_for_no_preview() -> None:
    async def scene() -> None:
        turns = Turns()
        async with turns.turn(is_preview=True), asyncio.timeout(5), turns.turn():
            pass

    asyncio.run(scene())
