"""A queue, which Lambda fetches batches from.

Assumed: SQS hands out what is visible, at most a batch an invocation; what is not deleted is
visible again after the visibility timeout, and goes to the dead letters after the last delivery.
From its third delivery on a message is not counted in the age, save in a FIFO queue, whose messages
are each of a group of its own here. A queue tells of itself once a minute.
"""

from __future__ import annotations

import heapq

from tests.cloudwatch.metrics import key
from tests.cloudwatch.world import MINUTE, World


def work_off(world: World) -> None:
    """Let messages be sent, fetched, deleted, and come back."""
    load, coming = world.load, list(world.comes())[::-1]
    name, size = world.own.fed_by("Queue"), world.own.event["BatchSize"]
    queue = world.own.properties(name)
    most = queue["RedrivePolicy"]["maxReceiveCount"]
    received, deleted, age = (
        key("AWS/SQS", metric, QueueName=f"${{{name}.QueueName}}")
        for metric in (
            "NumberOfMessagesReceived",
            "NumberOfMessagesDeleted",
            "ApproximateAgeOfOldestMessage",
        )
    )
    visible: list[tuple[int, int]] = []  # second, number
    sent: dict[int, int] = {}
    deliveries: dict[int, int] = {}
    dead = 0
    for now in range(-load.before, load.after):
        while coming and coming[-1][1] <= now:
            number, second = coming.pop()
            sent[number], deliveries[number] = second, 0
            heapq.heappush(visible, (second, number))
        while visible and visible[0][0] <= now and not world.off(now):
            batch: list[int] = []
            while visible and visible[0][0] <= now and len(batch) < size:
                _, number = heapq.heappop(visible)
                if deliveries[number] == most:
                    dead += 1
                    del sent[number]
                    continue
                deliveries[number] += 1
                batch.append(number)
            if not batch:
                break
            world.metrics.put(received, now, len(batch))
            done = world.invoke(now, batch) or set()
            end = now + int(world.lasts(now))
            world.metrics.put(deleted, end, len(done))
            for number in batch:
                if number in done:
                    del sent[number]
                else:
                    heapq.heappush(visible, (now + queue["VisibilityTimeout"], number))
        if now % MINUTE == 0:
            fifo = queue.get("FifoQueue", False)
            young = [at for number, at in sent.items() if fifo or deliveries[number] < 3]
            oldest = now - min(young, default=now)
            world.metrics.put(age, now, oldest)
            world.metrics.put(received, now, 0)
            world.metrics.put(deleted, now, 0)
            world.tell_dead(now, dead)
