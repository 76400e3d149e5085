"""What a topic tells of notifications that it may not deliver: as AWS documents it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.cloudwatch.deployed import Deployed
from tests.cloudwatch.events import deliver
from tests.cloudwatch.metrics import key
from tests.cloudwatch.world import MINUTE, Fault, Load, World

LOAD = Load("a notification a second", "sqs", "reader", 1, before=0, after=MINUTE)
TOPIC = {"type": "AWS::SNS::Topic", "keeps": {"AWS::SNS::Subscription": "RedrivePolicy"}}
TOLD = {
    metric: key("AWS/SNS", metric, TopicName="${ReaderTopic.TopicName}")
    for metric in ("NumberOfNotificationsFailed", "NumberOfNotificationsFailedToRedriveToDlq")
}
DEAD = key(
    "AWS/SQS", "ApproximateNumberOfMessagesVisible", QueueName="${ReaderDeadLetters.QueueName}"
)


@pytest.mark.parametrize("lost", [False, True])
def test_a_topic_tells_at_once_and_of_what_it_could_not_keep(lost: bool) -> None:
    reader = Deployed(10, {"Topic": {"Ref": "ReaderTopic"}}, {})
    handlers = SimpleNamespace(deployed={"Reader": reader})
    world = World(LOAD, Fault("", denied=True, lost=lost), handlers)
    world.source = TOPIC
    deliver(world)
    told = {
        metric: world.metrics.points(name, "Sum", MINUTE, MINUTE, 1)
        for metric, name in TOLD.items()
    }
    assert told["NumberOfNotificationsFailed"] == {0: 60}
    assert bool(told["NumberOfNotificationsFailedToRedriveToDlq"]) is lost
    assert world.metrics.silent(DEAD, 0, MINUTE) is lost
