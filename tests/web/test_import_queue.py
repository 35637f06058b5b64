"""Imports that come at once."""

import asyncio

import pytest

from kpi_core.web.api import import_queue as module
from kpi_core.web.api.api_error import ApiError
from kpi_core.web.api.import_queue import ImportQueue


def test_one_runs_at_a_time_in_the_order_they_came() -> None:
    async def scene() -> list[str]:
        queue, said = ImportQueue(), []

        async def one(name: str) -> None:
            async with queue.place(), queue.turn():
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
        queue = ImportQueue(places=2)
        async with queue.place():
            async with queue.place():
                with pytest.raises(ApiError) as refusal:
                    async with queue.place():
                        pass
                assert (refusal.value.status, refusal.value.code) == (429, "busy")
                assert int(refusal.value.headers["retry-after"]) > 0
            async with queue.place():
                pass

    asyncio.run(scene())


def test_a_place_is_given_back_by_whoever_fails() -> None:
    async def scene() -> None:
        queue = ImportQueue(places=1)
        for _ in range(3):
            with pytest.raises(RuntimeError):
                async with queue.place(), queue.turn():
                    raise RuntimeError

    asyncio.run(scene())


def test_an_import_waits_for_no_preview() -> None:
    async def scene() -> None:
        queue = ImportQueue()
        async with queue.turn(is_preview=True), asyncio.timeout(5), queue.turn():
            pass

    asyncio.run(scene())


def test_a_slow_import_steps_aside_for_others_and_a_second_one_keeps_its_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "SLOW_SECONDS", 0.01)

    async def scene() -> None:
        turns, said = ImportQueue(), []
        ends = {name: asyncio.Event() for name in "abc"}

        async def one(name: str) -> None:
            async with turns.turn():
                said.append(name)
                await ends[name].wait()

        slow = asyncio.create_task(one("a"))
        async with asyncio.timeout(30):
            while said != ["a"]:
                await asyncio.sleep(0)
            async with turns.turn():
                assert not slow.done()
            second = asyncio.create_task(one("b"))
            third = asyncio.create_task(one("c"))
            while said != ["a", "b"]:
                await asyncio.sleep(0)
            await asyncio.sleep(0.1)
            assert said == ["a", "b"]  # the second waits in its turn until aside is free
            ends["a"].set()
            await slow
            while said != ["a", "b", "c"]:
                await asyncio.sleep(0.001)
            ends["b"].set()
            ends["c"].set()
            await asyncio.gather(second, third)
            for is_preview in (False, True):
                async with turns.turn(is_preview=is_preview):  # none was lost
                    await asyncio.sleep(0.05)

    asyncio.run(scene())
