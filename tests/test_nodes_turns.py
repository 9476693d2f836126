"""Readers begin a few at a time, in the order in which they came, and whoever goes away keeps nobody waiting."""

import asyncio
from itertools import pairwise

from nodes.app.application import EACH, Turns


def test_a_crowd_begins_a_few_in_each_pass_of_the_event_loop() -> None:
    async def work() -> None:
        turns, began, passes = Turns(), [], [0]

        async def reader(number: int) -> None:
            await turns.take()
            began.append(number)

        readers = [asyncio.create_task(reader(number)) for number in range(100)]
        gone = readers[50:60]
        while len(began) < 90:
            if len(passes) == 3:
                for task in gone:
                    task.cancel()
            await asyncio.sleep(0)
            passes.append(len(began))
        assert began == [number for number in range(100) if not 50 <= number < 60]
        assert max(later - earlier for earlier, later in pairwise(passes)) <= EACH
        assert len(passes) < 90 / EACH + 10

    asyncio.run(asyncio.wait_for(work(), 10))


async def test_one_alone_never_waits() -> None:
    turns = Turns()
    for _ in range(100):
        taken = asyncio.create_task(turns.take())
        await asyncio.sleep(0)
        assert taken.done()
        await asyncio.sleep(0)
