"""The defects that the rules must find, each one planted alone in the good service.

`plant` sets paths of template.yaml (`answers`: of the answers) to a value; DROP takes them away.
`at` is where the finding must point: a path of the mutated file, the resource when not given.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.rules.planting import DROP


@dataclass(frozen=True)
class Mutant:
    """One defect."""

    rule: str
    resource: str
    plant: dict[str, str | None] = field(default_factory=dict)
    at: str | None = None
    answers: dict[str, str | None] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.rule} {' '.join([*self.plant, *self.answers])}"


_WORKER = "WorkerRole.Policies.0.PolicyDocument.Statement"
_REPORT = "ReportRole.Policies.0.PolicyDocument.Statement"
_SCHEDULE = "ReportScheduleRole.Policies.0.PolicyDocument.Statement"
_RECOVERY = "Table.PointInTimeRecoverySpecification"
_BARE = "!GetAtt ReportFunction.Arn"
_EXCUSE = "{golden-path: {%s: %s}}"
_ANY_AGE = "Made before queues were split, gone by spring."

MUTANTS = [
    # GP0xx: suppressions
    Mutant(
        "GP001",
        "ItemsFunction",
        {"ItemsFunction:Metadata.golden-path": "{GP205: short}"},
        at="ItemsFunction:Metadata.golden-path.GP205",
    ),
    Mutant(
        "GP001",
        "Table",
        {"Table:Metadata": "{golden-path: {GP501: }}"},
        at="Table:Metadata",
    ),
    Mutant(
        "GP002",
        "WorkerQueue",
        {"WorkerQueue:Metadata": _EXCUSE % ("GP999", _ANY_AGE.replace(",", ""))},
        at="WorkerQueue:Metadata",
    ),
    Mutant(
        "GP003",
        "WorkerQueue",
        {"WorkerQueue:Metadata": _EXCUSE % ("GP504", _ANY_AGE.replace(",", ""))},
        at="WorkerQueue:Metadata",
    ),
    # GP10x: roles
    Mutant(
        "GP101",
        "OwnFunction",
        {"OwnFunction.Role": "arn:aws:iam::123456789012:role/shared"},
        at="OwnFunction.Role",
    ),
    Mutant(
        "GP102",
        "OwnFunction",
        {
            "OwnFunction.Role": "!GetAtt ItemsRole.Arn",
            "OwnFunction.LoggingConfig.LogGroup": "!Ref ItemsLogs",
            "OwnFunction.DeadLetterQueue": DROP,
        },
        at="OwnFunction.Role",
    ),
    Mutant(
        "GP103",
        "ItemsRole",
        {"ItemsRole.ManagedPolicyArns": "[arn:aws:iam::aws:policy/AWSLambdaExecute]"},
        at="ItemsRole.ManagedPolicyArns",
    ),
    Mutant(
        "GP103",
        "WorkerFunction",
        {"WorkerFunction.Policies": "[AmazonSQSFullAccess]"},
        at="WorkerFunction.Policies",
    ),
    Mutant("GP103", "OwnPolicy", {"OwnPolicy:Type": "AWS::IAM::ManagedPolicy"}),
    # GP11x: too much
    Mutant(
        "GP111",
        "WorkerRole",
        {f"{_WORKER}.3.Action": "dynamodb:*"},
        at=f"{_WORKER}.3.Action",
    ),
    Mutant(
        "GP111",
        "OwnPolicy",
        {"OwnPolicy.PolicyDocument.Statement.3.Action": "[s3:GetObject, s3:Get*]"},
        at="OwnPolicy.PolicyDocument.Statement.3.Action",
    ),
    Mutant(
        "GP111",
        "OwnPolicy",
        {"OwnPolicy.PolicyDocument.Statement.3.Action": DROP}
        | {"OwnPolicy.PolicyDocument.Statement.3.NotAction": "s3:PutObject"},
        at="OwnPolicy.PolicyDocument.Statement.3",
    ),
    Mutant(
        "GP112",
        "WorkerRole",
        {f"{_WORKER}.3.Resource": '"*"'},
        at=f"{_WORKER}.3.Resource",
    ),
    Mutant(
        "GP112",
        "WorkerRole",
        {f"{_WORKER}.3.Resource": "!Sub arn:${AWS::Partition}:dynamodb:*:*:table/*"},
        at=f"{_WORKER}.3.Resource",
    ),
    Mutant(
        "GP112",
        "WorkerRole",
        {f"{_WORKER}.3.Resource": "!If [Shared, '*', !GetAtt Table.Arn]"},
        at=f"{_WORKER}.3.Resource",
    ),
    Mutant(
        "GP112",
        "WorkerRole",
        {f"{_WORKER}.1.Action": "[xray:PutTelemetryRecords, xray:PutTraceSegments, s3:GetObject]"},
        at=f"{_WORKER}.1.Resource",
    ),
    Mutant(
        "GP112",
        "OwnPolicy",
        {"OwnPolicy.PolicyDocument.Statement.3.Resource": DROP}
        | {"OwnPolicy.PolicyDocument.Statement.3.NotResource": "!GetAtt Table.Arn"},
        at="OwnPolicy.PolicyDocument.Statement.3",
    ),
    Mutant(
        "GP113",
        "WorkerRole",
        {f"{_WORKER}.3.Action": "lambda:InvokeFunction"}
        | {f"{_WORKER}.3.Resource": "!Ref ReportFunction.Alias"},
        at=f"{_WORKER}.3.Resource",
    ),
    # GP12x: too little
    Mutant("GP121", "WorkerRole", {f"{_WORKER}.2": DROP}),
    Mutant(
        "GP121",
        "WorkerRole",
        {f"{_WORKER}.2.Action": "[sqs:ReceiveMessage, sqs:DeleteMessage]"},
    ),
    Mutant("GP121", "WorkerRole", {f"{_WORKER}.2.Resource": "!GetAtt WorkerDeadLetters.Arn"}),
    Mutant("GP122", "WorkerRole", {f"{_WORKER}.0": DROP}),
    Mutant("GP122", "WorkerRole", {f"{_WORKER}.0.Action": "logs:CreateLogStream"}),
    Mutant("GP122", "WorkerRole", {f"{_WORKER}.0.Resource": "!GetAtt OwnLogs.Arn"}),
    Mutant("GP123", "WorkerRole", {f"{_WORKER}.1": DROP}),
    Mutant("GP123", "WorkerRole", {f"{_WORKER}.1.Effect": "Deny"}),
    Mutant("GP124", "ReportRole", {f"{_REPORT}.2": DROP}),
    Mutant("GP124", "ReportRole", {f"{_REPORT}.2.Resource": "!GetAtt WorkerDeadLetters.Arn"}),
    Mutant("GP124", "OwnRole", {"OwnPolicy.PolicyDocument.Statement.2": DROP}),
    # GP2xx: configuration
    Mutant("GP201", "ItemsFunction", {"ItemsFunction.Timeout": DROP}),
    Mutant("GP202", "ItemsFunction", {"ItemsFunction.MemorySize": DROP}),
    Mutant("GP203", "OwnFunction", {"Globals.Function.Architectures": DROP}),
    Mutant("GP204", "ItemsLogs", {"ItemsLogs.Tags": "[]", "ItemsLogs.RetentionInDays": DROP}),
    Mutant(
        "GP204",
        "ItemsFunction",
        {"ItemsFunction.LoggingConfig": "{LogFormat: JSON}"},
        at="ItemsFunction.LoggingConfig",
    ),
    Mutant("GP205", "ItemsFunction", {"ItemsFunction.Timeout": "30"}, at="ItemsFunction.Timeout"),
    Mutant(
        "GP205",
        "OwnFunction",
        {"OwnFunction.Timeout": "!If [Patient, 60, 20]"},
        at="OwnFunction.Timeout",
    ),
    # GP3xx: events
    Mutant(
        "GP301",
        "WorkerQueue",
        {"WorkerQueue.VisibilityTimeout": "359"},
        at="WorkerQueue.VisibilityTimeout",
    ),
    Mutant("GP301", "WorkerQueue", {"WorkerQueue.VisibilityTimeout": DROP}),
    Mutant(
        "GP301",
        "WorkerQueue",
        {"WorkerFunction.Timeout": "61"},
        at="WorkerQueue.VisibilityTimeout",
    ),
    Mutant("GP302", "WorkerQueue", {"WorkerQueue.RedrivePolicy": DROP}),
    Mutant(
        "GP302",
        "WorkerQueue",
        {"WorkerQueue.RedrivePolicy.deadLetterTargetArn": "!GetAtt WorkerQueue.Arn"},
        at="WorkerQueue.RedrivePolicy",
    ),
    Mutant(
        "GP302",
        "WorkerQueue",
        {"WorkerQueue.RedrivePolicy.deadLetterTargetArn": "!GetAtt WorkerGraveyard.Arn"},
        at="WorkerQueue.RedrivePolicy",
    ),
    Mutant(
        "GP303",
        "WorkerFunction",
        {"WorkerFunction.Events.Queue.Properties.FunctionResponseTypes": DROP},
        at="WorkerFunction.Events.Queue",
    ),
    # GP4xx: versions and aliases
    Mutant("GP401", "WorkerFunction", {"Globals.Function.AutoPublishAlias": DROP}),
    Mutant("GP402", "OwnRule", {"OwnRule.Targets.0.Arn": _BARE}, at="OwnRule.Targets"),
    Mutant(
        "GP402",
        "OwnRule",
        {"OwnRule.Targets.0.Arn": "!Sub '${ReportFunction.Arn}:$LATEST'"},
        at="OwnRule.Targets",
    ),
    Mutant(
        "GP402",
        "OwnRulePermission",
        {"OwnRulePermission.FunctionName": "!Ref ReportFunction"},
        at="OwnRulePermission.FunctionName",
    ),
    Mutant(
        "GP402",
        "ReportScheduleRole",
        {f"{_SCHEDULE}.0.Resource": _BARE},
        at=f"{_SCHEDULE}.0.Resource",
    ),
    Mutant(
        "GP402",
        "ReportScheduleRole",
        {f"{_SCHEDULE}.0.Resource": "!Sub '${ReportFunction.Arn}:*'"},
        at=f"{_SCHEDULE}.0.Resource",
    ),
    Mutant("GP403", "WorkerFunction", {"WorkerFunction.AutoPublishCodeSha256": DROP}),
    Mutant(
        "GP403",
        "WorkerFunction",
        {"WorkerFunction.AutoPublishCodeSha256": "0123456789abcdef"},
        at="WorkerFunction.AutoPublishCodeSha256",
    ),
    Mutant(
        "GP403",
        "WorkerFunction",
        {"Parameters.Release.Default": "0123456789abcdef"},
        at="WorkerFunction.AutoPublishCodeSha256",
    ),
    # GP5xx: state
    Mutant("GP501", "Table", {"Table.PointInTimeRecoverySpecification": DROP}),
    Mutant(
        "GP501",
        "Table",
        {
            f"{_RECOVERY}.PointInTimeRecoveryEnabled": "!If [Precious, true, false]",
        },
        at=f"{_RECOVERY}.PointInTimeRecoveryEnabled",
    ),
    Mutant(
        "GP501",
        "OwnBucket",
        {"OwnBucket.VersioningConfiguration.Status": "Suspended"},
        at="OwnBucket.VersioningConfiguration.Status",
    ),
    Mutant("GP502", "Table", {"Table.DeletionProtectionEnabled": DROP}),
    Mutant("GP503", "Table", {"Table:DeletionPolicy": DROP}),
    Mutant(
        "GP503",
        "OwnBucket",
        {"OwnBucket:UpdateReplacePolicy": "Delete"},
        at="OwnBucket:UpdateReplacePolicy",
    ),
    Mutant("GP504", "WorkerQueue", {"WorkerQueue.SqsManagedSseEnabled": DROP}),
    Mutant(
        "GP504",
        "WorkerDeadLetters",
        {"WorkerDeadLetters.SqsManagedSseEnabled": "false"},
        at="WorkerDeadLetters.SqsManagedSseEnabled",
    ),
    # GP6xx: APIs
    Mutant("GP601", "HttpApi", {"HttpApi.Auth": DROP}),
    Mutant(
        "GP601",
        "ItemsFunction",
        {"ItemsFunction.Events.Show.Properties.Auth": "{Authorizer: NONE}"},
        at="ItemsFunction.Events.Show",
    ),
    Mutant("GP601", "OwnApi", {"OwnApi.Auth": DROP}),
    Mutant("GP601", "OwnFunction", {"OwnFunction.FunctionUrlConfig": "{AuthType: NONE}"}),
    Mutant("GP602", "HttpApi", {"HttpApi.DefaultRouteSettings.ThrottlingRateLimit": DROP}),
    Mutant("GP602", "OwnApi", {"OwnApi.MethodSettings.0.ResourcePath": "/statements"}),
    # GP9xx: answers
    Mutant(
        "GP901",
        "StatementsFunction",
        answers={"functions.statements": "sqs"},
        at="functions.statements",
    ),
    Mutant(
        "GP901",
        "WorkerFunction",
        {"WorkerFunction.Handler": "service.handlers.other.handler"},
        at="WorkerFunction.Handler",
    ),
    Mutant("GP902", "WorkerFunction", answers={"functions.worker": DROP}),
    Mutant(
        "GP903",
        "WorkerFunction",
        answers={"functions.worker": "{trigger: sqs, timeout: 50}"},
        at="WorkerFunction.Timeout",
    ),
    Mutant(
        "GP903",
        "WorkerFunction",
        answers={"functions.worker": "{trigger: sqs, memory: 1024}"},
        at="WorkerFunction.MemorySize",
    ),
    Mutant("GP903", "WorkerFunction", answers={"runtime": "python3.12"}),
    Mutant("GP903", "WorkerFunction", {"Globals.Function.Architectures": "[x86_64]"}),
]
