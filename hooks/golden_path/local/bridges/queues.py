"""SQS: how dead letters go back."""

import time
from collections import defaultdict

from ministack.services import sqs

from golden_path.local.bridges.cloudformation import Record


def dead_letters_move_back() -> None:
    """Bridge: a task moves the messages of a dead-letter queue back to where they come from.

    The emulator knows no such tasks. A task ends here as soon as it is begun.
    """
    tasks: dict[str, list[Record]] = defaultdict(list)

    def start(asked: Record, _url: str) -> Record:
        letters = sqs._queue_by_arn(asked["SourceArn"])
        moved, letters["messages"] = letters["messages"], []
        for message in moved:
            source = sqs._queue_by_arn(message["sys"].pop("DeadLetterQueueSourceArn"))
            source["messages"].append(message | {"receive_count": 0, "visible_at": time.time()})
        task = {"Status": "COMPLETED", "ApproximateNumberOfMessagesMoved": len(moved)}
        tasks[asked["SourceArn"]].insert(0, task | {"SourceArn": asked["SourceArn"]})
        sqs.esm_wake.set()
        return {"TaskHandle": asked["SourceArn"]}

    sqs._HANDLERS["StartMessageMoveTask"] = start
    sqs._HANDLERS["ListMessageMoveTasks"] = lambda asked, _url: {
        "Results": tasks[asked["SourceArn"]]
    }
