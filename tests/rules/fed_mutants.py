"""The defects that the rules must find in what feeds a function, in resources of a team's own.

Neither a stream nor a topic is a kind of the template: what the rules know of them is what is
true of every mapping, and what tests/rules/fed_kinds.yml says in the place of a kind's folder.
"""

from __future__ import annotations

from tests.rules.mutants import Mutant
from tests.rules.planting import DROP

_CLICKS = "OwnFeedFunction.Events.Clicks"
_ORDERS = "OwnFeedFunction.Events.Orders"
_NEWS = "OwnNewsFunction.Events.News.Properties"
_FEED = "OwnFeedRole.Policies.0.PolicyDocument.Statement"
_POLICY = "OwnNewsQueuePolicy.PolicyDocument.Statement"
_LETTERS = "Resources.OwnNewsDeadLetters"
_ALARM = (
    "{Type: AWS::CloudWatch::Alarm, Properties: {AlarmDescription: 'https://example.com/own', "
    "AlarmActions: [!Ref AlarmTopic], Namespace: %s, MetricName: %s, "
    "Dimensions: [{Name: %s, Value: %s}]}}"
)
_SUBSCRIPTION = (
    "{Type: AWS::SNS::Subscription, Properties: {TopicArn: !Ref OwnNews, Protocol: sqs, "
    "Endpoint: %s}}"
)
_BLOCK = ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"]
_BUCKET = (
    "{Type: AWS::S3::Bucket, DeletionPolicy: Retain, UpdateReplacePolicy: Retain, Properties: "
    "{VersioningConfiguration: {Status: Enabled}, PublicAccessBlockConfiguration: {"
    + ", ".join(f"{entry}: true" for entry in _BLOCK)
    + "}, NotificationConfiguration: {QueueConfigurations: "
    "[{Event: 's3:ObjectCreated:*', Queue: %s}]}}}"
)


def _alarm(rule: str, *metric: str) -> Mutant:
    """An alarm on a metric: its namespace and name, its dimension and that one's value."""
    return Mutant(rule, "OwnAlarm", {"Resources.OwnAlarm": _ALARM % metric})


FED_MUTANTS = [
    # Lambda reads streams with the function's role, and sends with it what it gives up
    Mutant("GP121", "OwnFeedRole", {f"{_FEED}.2": DROP}),
    Mutant(
        "GP121",
        "OwnFeedRole",
        {f"{_FEED}.2.Action": "[kinesis:DescribeStream, kinesis:GetShardIterator]"},
        at="Resources.OwnFeedRole",
    ),
    Mutant("GP124", "OwnFeedRole", {f"{_FEED}.3": DROP}),
    Mutant(
        "GP124",
        "OwnFeedRole",
        {f"{_FEED}.3.Resource": "!GetAtt OwnNewsDeadLetters.Arn"},
        at="Resources.OwnFeedRole",
    ),
    # A batch of a stream
    *(
        Mutant("GP303", "OwnFeedFunction", {f"{at}.Properties.FunctionResponseTypes": DROP}, at=at)
        for at in (_CLICKS, _ORDERS)
    ),
    Mutant("GP303", "OwnFeedFunction", {f"{_CLICKS}.Properties.FunctionResponseTypes": "[]"}),
    *(
        Mutant("GP306", "OwnFeedFunction", {f"{at}.Properties.DestinationConfig": DROP}, at=at)
        for at in (_CLICKS, _ORDERS)
    ),
    Mutant(
        "GP306",
        "OwnFeedFunction",
        {f"{_CLICKS}.Properties.DestinationConfig": DROP}
        | {"OwnFeedFunction.DeadLetterQueue": "{Type: SNS, TargetArn: !Ref OwnNews}"}
        | {
            f"{_FEED}.3": "{Effect: Allow, Action: [sqs:SendMessage, sns:Publish], Resource: "
            "[!GetAtt OwnFeedDeadLetters.Arn, !Ref OwnNews]}"
        },
        at=_CLICKS,
    ),
    Mutant(
        "GP307", "OwnFeedFunction", {f"{_CLICKS}.Properties.MaximumRetryAttempts": DROP}, at=_CLICKS
    ),
    Mutant("GP307", "OwnFeedFunction", {f"{_CLICKS}.Properties.MaximumRetryAttempts": "-1"}),
    Mutant(
        "GP307",
        "OwnFeedFunction",
        {f"{_CLICKS}.Properties.MaximumRetryAttempts": "!If [Patient, -1, 5]"}
        | {f"{_CLICKS}.Properties.MaximumRecordAgeInSeconds": "!If [Patient, -1, 60]"},
        at=f"{_CLICKS}.Properties.MaximumRetryAttempts",
    ),
    Mutant(
        "GP307",
        "OwnFeedFunction",
        {f"{_ORDERS}.Properties.MaximumRecordAgeInSeconds": "-1"},
        at=_ORDERS,
    ),
    Mutant("GP503", "OwnStream", {"OwnStream:DeletionPolicy": DROP}),
    Mutant("GP504", "OwnStream", {"OwnStream.StreamEncryption": "!Ref AWS::NoValue"}),
    Mutant("GP504", "OwnStream", {"OwnStream.StreamEncryption": "{EncryptionType: KMS}"}),
    # What goes out is counted by shard
    _alarm("GP701", "AWS/Kinesis", "OutgoingBytes", "StreamName", "!Ref OwnStream"),
    _alarm("GP701", "AWS/Lambda", "IteratorAge", "StreamName", "!Ref OwnStream"),
    _alarm("GP702", "AWS/Kinesis", "IncomingBytes", "StreamName", "!GetAtt OwnStream.Arn"),
    Mutant("GP704", "OwnFeedFunction", {"OwnFeedLate": DROP}),
    Mutant("GP704", "OwnFeedDeadLetters", {"OwnFeedLost": DROP}),
    # What a topic cannot deliver
    Mutant("GP305", "OwnNewsFunction", {f"{_NEWS}.RedrivePolicy": DROP}),
    Mutant(
        "GP305",
        "OwnNews",
        {"OwnNews.Subscription": "[{Protocol: lambda, Endpoint: !Ref OwnNewsFunction.Alias}]"},
    ),
    Mutant("GP504", "OwnNews", {"OwnNews:Properties": DROP}),
    _alarm("GP702", "AWS/SNS", "PublishSize", "TopicName", "!Ref OwnNews"),
    Mutant("GP704", "OwnNews", {"OwnNewsUndelivered": DROP}),
    Mutant("GP704", "OwnNewsDeadLetters", {"OwnNewsLost": DROP}),
    Mutant("GP308", "OwnNewsDeadLetters", {"OwnNewsQueuePolicy": DROP}),
    *(
        Mutant("GP308", "OwnNewsDeadLetters", {f"{_POLICY}.{path}": value}, at=_LETTERS)
        for path, value in (
            ("0", DROP),
            ("1", DROP),
            ("0.Effect", "Deny"),
            ("0.Principal", "{Service: events.amazonaws.com}"),
            ("0.Principal", "{AWS: !Sub 'arn:${AWS::Partition}:iam::${AWS::AccountId}:root'}"),
            ("0.Action", "sqs:ReceiveMessage"),
            ("0.Resource", "!GetAtt OwnFeedDeadLetters.Arn"),
            ("0.Condition", "{ArnEquals: {aws:SourceArn: !Ref AlarmTopic}}"),
            ("1.Condition", "{ArnEquals: {aws:SourceArn: !GetAtt OwnStream.Arn}}"),
        )
    ),
    Mutant(
        "GP308",
        "OwnNewsDeadLetters",
        {"OwnNewsQueuePolicy.Queues": "[!Ref OwnFeedDeadLetters]"},
        at=_LETTERS,
    ),
    Mutant("GP308", "OwnNewsQueuePolicy", {f"{_POLICY}.0.Condition": DROP}, at=f"{_POLICY}.0"),
    Mutant(
        "GP308",
        "OwnNewsQueuePolicy",
        {f"{_POLICY}.0.Condition": "{StringEquals: {aws:PrincipalOrgID: o-1}}"},
        at=f"{_POLICY}.0",
    ),
    # What an encrypted queue is sent, and what else is sent without a role
    Mutant(
        "GP308",
        "OwnNewsDeadLetters",
        {"OwnNewsDeadLetters.KmsMasterKeyId": "alias/aws/sqs"},
    ),
    Mutant(
        "GP308",
        "AlarmKey",
        {"OwnNewsDeadLetters.KmsMasterKeyId": "!Ref AlarmKey"},
        at="AlarmKey.KeyPolicy",
    ),
    *(
        Mutant(
            "GP308",
            "OwnFeedDeadLetters",
            {"Resources.OwnSender": sender % "!GetAtt OwnFeedDeadLetters.Arn"},
            at="Resources.OwnFeedDeadLetters",
        )
        for sender in (_SUBSCRIPTION, _BUCKET)
    ),
]
