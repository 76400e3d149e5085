"""Facts about AWS that rules lean on, each with the page it comes from."""

from __future__ import annotations

# The wildcards that a role of delivery may have all the same, since AWS gives the resource an id
# that nobody knows before: a pattern for its ARN, the condition that tells whose it is (empty where
# AWS has none), and the actions. A kind names those that it alone needs. A test sees that each is
# there for something.
REVIEWED_WILDCARDS: tuple[tuple[str, str, frozenset[str]], ...] = (
    # The key of the artifacts, made after this role: it decrypts what the role may read in S3.
    ("arn:*:kms:*:*:key/*", "kms:ViaService", frozenset({"kms:Decrypt"})),
    ("*", "aws:RequestTag/service", frozenset({"kms:TagResource"})),
    (
        "arn:*:kms:*:*:key/*",
        "aws:ResourceTag/service",
        frozenset(
            {
                "kms:DescribeKey",
                "kms:DisableKey",
                "kms:EnableKey",
                "kms:EnableKeyRotation",
                "kms:GetKeyPolicy",
                "kms:GetKeyRotationStatus",
                "kms:ListResourceTags",
                "kms:PutKeyPolicy",
                "kms:ScheduleKeyDeletion",
                "kms:TagResource",
                "kms:UntagResource",
                "kms:UpdateKeyDescription",
            }
        ),
    ),
    (
        "*",
        "lambda:FunctionArn",
        frozenset(
            f"lambda:{verb}EventSourceMapping" for verb in ("Create", "Delete", "Get", "Update")
        ),
    ),
    # What a record's change is called, and whether it is everywhere yet.
    ("arn:*:route53:::change/*", "", frozenset({"route53:GetChange"})),
    # The tags of a mapping do nothing but tell whose it is.
    (
        "arn:*:lambda:*:*:event-source-mapping:*",
        "",
        frozenset({"lambda:ListTags", "lambda:TagResource", "lambda:UntagResource"}),
    ),
)

# What Lambda calls to hand a failed event to a destination:
# https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
SEND_ACTIONS = {
    "AWS::SQS::Queue": "sqs:SendMessage",
    "AWS::SNS::Topic": "sns:Publish",
    "AWS::Events::EventBus": "events:PutEvents",
    "AWS::S3::Bucket": "s3:PutObject",
    "AWS::Lambda::Function": "lambda:InvokeFunction",
    "AWS::Lambda::Alias": "lambda:InvokeFunction",
}

# What hands a queue something without a role, so that the queue's own policy must let it: type to
# service, to the property that names the queue, and to the one that names the source, by which a
# condition tells whose it is; none where that is the resource itself. A schedule has a role.
# https://docs.aws.amazon.com/sns/latest/dg/sns-configure-dead-letter-queue.html
# https://docs.aws.amazon.com/sns/latest/dg/subscribe-sqs-queue-to-sns-topic.html
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-event-delivery.html
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html
SENDERS: tuple[tuple[str, str, tuple[str, ...], str], ...] = (
    (
        "AWS::Events::Rule",
        "events.amazonaws.com",
        ("Targets", "DeadLetterConfig", "Arn"),
        "",
    ),
    (
        "AWS::S3::Bucket",
        "s3.amazonaws.com",
        ("NotificationConfiguration", "QueueConfigurations", "Queue"),
        "",
    ),
    ("AWS::SNS::Subscription", "sns.amazonaws.com", ("Endpoint",), "TopicArn"),
    (
        "AWS::SNS::Subscription",
        "sns.amazonaws.com",
        ("RedrivePolicy", "deadLetterTargetArn"),
        "TopicArn",
    ),
)
# Where the policy of a queue stands: type to the property that names the queue.
QUEUE_POLICIES = {"AWS::SQS::QueueInlinePolicy": "Queue", "AWS::SQS::QueuePolicy": "Queues"}

# Where failed work ends: type to the property that names the queue. Kinds name more.
DEAD_LETTERS: dict[str, tuple[str, ...]] = {
    "AWS::Events::Rule": ("Targets", "DeadLetterConfig", "Arn"),
    "AWS::Lambda::EventInvokeConfig": ("DestinationConfig", "OnFailure", "Destination"),
    "AWS::Lambda::EventSourceMapping": ("DestinationConfig", "OnFailure", "Destination"),
    "AWS::Lambda::Function": ("DeadLetterConfig", "TargetArn"),
    "AWS::SNS::Subscription": ("RedrivePolicy", "deadLetterTargetArn"),
    "AWS::SQS::Queue": ("RedrivePolicy", "deadLetterTargetArn"),
}

# A mapping of a stream says where it starts to read; with one of these it reads something else.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-eventsourcemapping.html
NO_STREAMS = (
    "AmazonManagedKafkaEventSourceConfig",
    "DocumentDBEventSourceConfig",
    "SelfManagedEventSource",
    "SelfManagedKafkaEventSourceConfig",
    "Topics",
)

# Attributes whose value is a credential, from the reference of the types, read November 2026:
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/
SECRET_ATTRIBUTES = {
    "AWS::Cognito::UserPoolClient": "ClientSecret",
    "AWS::IAM::AccessKey": "SecretAccessKey",
}

# Where a resource says whom it invokes: type to property paths.
INVOCATIONS: dict[str, tuple[tuple[str, ...], ...]] = {
    "AWS::ApiGateway::Authorizer": (("AuthorizerUri",),),
    "AWS::ApiGateway::Method": (("Integration",),),
    "AWS::ApiGateway::RestApi": (("Body",),),
    "AWS::ApiGatewayV2::Api": (("Body",), ("Target",)),
    "AWS::ApiGatewayV2::Authorizer": (("AuthorizerUri",),),
    "AWS::ApiGatewayV2::Integration": (("IntegrationUri",),),
    "AWS::Cognito::UserPool": (("LambdaConfig",),),
    "AWS::Events::Rule": (("Targets",),),
    "AWS::IoT::TopicRule": (("TopicRulePayload",),),
    "AWS::Lambda::EventInvokeConfig": (("FunctionName",),),
    "AWS::Lambda::EventSourceMapping": (("FunctionName",),),
    "AWS::Lambda::Permission": (("FunctionName",),),
    "AWS::Lambda::Url": (("TargetFunctionArn",),),
    "AWS::Logs::SubscriptionFilter": (("DestinationArn",),),
    "AWS::Pipes::Pipe": (("Target",), ("Enrichment",)),
    "AWS::S3::Bucket": (("NotificationConfiguration",),),
    "AWS::SNS::Subscription": (("Endpoint",),),
    "AWS::SNS::Topic": (("Subscription",),),
    "AWS::Scheduler::Schedule": (("Target", "Arn"),),
    "AWS::StepFunctions::StateMachine": (
        ("Definition",),
        ("DefinitionString",),
        ("DefinitionSubstitutions",),
    ),
}

# Who is given a function itself: AWS says nowhere that a rotation may call an alias.
# https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html
CALLERS_PAST_ALIAS = frozenset({"secretsmanager.amazonaws.com"})

# How a resource that holds data is kept: what brings lost data back, and what stops a deletion.
# Each is a property path and the values that are good; None where CloudFormation has no switch.
Switch = tuple[tuple[str, ...], tuple[object, ...]] | None
STATEFUL: dict[str, tuple[Switch, Switch]] = {
    "AWS::Cognito::UserPool": (None, (("DeletionProtection",), ("ACTIVE",))),
    "AWS::DynamoDB::GlobalTable": (None, None),
    "AWS::DynamoDB::Table": (
        (("PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled"), (True,)),
        (("DeletionProtectionEnabled",), (True,)),
    ),
    "AWS::EFS::FileSystem": ((("BackupPolicy", "Status"), ("ENABLED",)), None),
    "AWS::KMS::Key": (None, None),
    "AWS::Kinesis::Stream": (None, None),
    "AWS::RDS::DBCluster": (None, (("DeletionProtection",), (True,))),
    "AWS::RDS::DBInstance": (None, (("DeletionProtection",), (True,))),
    "AWS::S3::Bucket": ((("VersioningConfiguration", "Status"), ("Enabled",)), None),
    "AWS::SecretsManager::Secret": (None, None),
}
# A snapshot keeps a database's data, so it counts as well; other types have none.
KEEPING_POLICIES = ("Retain", "RetainExceptOnCreate", "Snapshot")

# Who calls a function and waits, or sends it events, as principals of its permissions:
# https://docs.aws.amazon.com/lambda/latest/dg/lambda-services.html
SYNCHRONOUS_CALLERS = frozenset(
    {
        "alexa-appkit.amazon.com",
        "apigateway.amazonaws.com",
        "cognito-idp.amazonaws.com",
        "elasticloadbalancing.amazonaws.com",
        "lexv2.amazonaws.com",
        "vpc-lattice.amazonaws.com",
    }
)
ASYNCHRONOUS_CALLERS = frozenset(
    {
        "codecommit.amazonaws.com",
        "config.amazonaws.com",
        "events.amazonaws.com",
        "iot.amazonaws.com",
        "logs.amazonaws.com",
        "s3.amazonaws.com",
        "scheduler.amazonaws.com",
        "ses.amazonaws.com",
        "sns.amazonaws.com",
    }
)

# How a dimension names a resource: its types, and the attribute that holds the name. An API of
# kind REST is named by a name that the template gives it, so `ApiName` is not judged. `Ref` of a
# rule is its name on the default bus alone: on another, that bus stands before it.
DIMENSIONS: dict[str, tuple[tuple[str, ...], str]] = {
    "ApiId": (("AWS::ApiGatewayV2::Api",), ""),
    "EventBusName": (("AWS::Events::EventBus",), ""),
    "FilterName": (("AWS::Logs::SubscriptionFilter",), ""),
    "FunctionName": (("AWS::Lambda::Function",), ""),
    "LogGroupName": (("AWS::Logs::LogGroup",), ""),
    "QueueName": (("AWS::SQS::Queue",), ".QueueName"),
    "RuleName": (("AWS::Events::Rule",), ".RuleName"),
    "ScheduleGroup": (("AWS::Scheduler::ScheduleGroup",), ""),
    "StateMachineArn": (("AWS::StepFunctions::StateMachine",), ""),
    "StreamName": (("AWS::Kinesis::Stream",), ""),
    "TableName": (("AWS::DynamoDB::Table",), ""),
    "TopicName": (("AWS::SNS::Topic",), ".TopicName"),
}

# For how many seconds a built-in deployment type tells versions apart: a canary for its minutes,
# a linear shift until the last of ten steps, the first of which comes at once.
# https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html
# A test compares the names with those that the SAM transform knows.
SHIFTS = {
    "AllAtOnce": 0,
    "Canary10Percent5Minutes": 5 * 60,
    "Canary10Percent10Minutes": 10 * 60,
    "Canary10Percent15Minutes": 15 * 60,
    "Canary10Percent30Minutes": 30 * 60,
    "Linear10PercentEvery1Minute": 9 * 60,
    "Linear10PercentEvery2Minutes": 9 * 2 * 60,
    "Linear10PercentEvery3Minutes": 9 * 3 * 60,
    "Linear10PercentEvery10Minutes": 9 * 10 * 60,
}

# Metrics of Lambda reach CloudWatch about a minute after what they count.
METRIC_DELAY = 60
