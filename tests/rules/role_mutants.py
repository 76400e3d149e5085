"""Defects of functions and their roles, and of suppressions: one for each way to be wrong."""

from __future__ import annotations

from tests.rules.mutants import EXCUSE, REASON, WORKER, Mutant
from tests.rules.planting import DROP

_REPORT = "ReportRole.Policies.0.PolicyDocument.Statement"
_BOUNDED = {"permissions_boundary": "platform/boundary"}

_KEY = (
    "{Type: AWS::KMS::Key, DeletionPolicy: Retain, UpdateReplacePolicy: Retain, Properties: "
    "{KeyPolicy: {Statement: [{Effect: Allow, Action: 'kms:*', Resource: '*', %s}]}}}"
)

ROLE_MUTANTS = [
    # GP0xx: suppressions
    Mutant(
        "GP001",
        "ItemsFunction",
        {"ItemsFunction:Metadata.golden-path": "{GP205: short}"},
        at="ItemsFunction:Metadata.golden-path.GP205",
    ),
    Mutant("GP001", "Table", {"Table:Metadata": "{golden-path: {GP501: }}"}),
    Mutant(
        "GP002",
        "WorkerQueue",
        {"WorkerQueue:Metadata": EXCUSE % ("GP999", REASON)},
    ),
    Mutant(
        "GP003",
        "WorkerQueue",
        {"WorkerQueue:Metadata": EXCUSE % ("GP504", REASON)},
    ),
    # GP10x: roles
    Mutant("GP101", "OwnFunction", {"OwnFunction.Role": "arn:aws:iam::123456789012:role/shared"}),
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
    ),
    Mutant("GP103", "WorkerFunction", {"WorkerFunction.Policies": "[AmazonSQSFullAccess]"}),
    Mutant(
        "GP103",
        "OwnPolicy",
        {"OwnPolicy:Type": "AWS::IAM::ManagedPolicy"},
        at="Resources.OwnPolicy",
    ),
    Mutant("GP104", "WorkerRole", answers=_BOUNDED),
    Mutant(
        "GP104",
        "WorkerRole",
        {"WorkerRole.PermissionsBoundary": "!Sub arn:aws:iam::${AWS::AccountId}:policy/other"},
        answers=_BOUNDED,
    ),
    Mutant(
        "GP104",
        "ReportFunction",
        {"ReportFunction.Events.Schedule.Properties.RoleArn": DROP},
        answers=_BOUNDED,
    ),
    # GP11x: too much
    Mutant("GP111", "WorkerRole", {f"{WORKER}.3.Action": "dynamodb:*"}),
    # Reviewed for the roles of delivery alone
    Mutant(
        "GP112",
        "WorkerRole",
        {
            f"{WORKER}.3.Action": "apigateway:GET",
            f"{WORKER}.3.Resource": "arn:aws:apigateway:eu-west-1::/apis/*",
        },
        at=f"{WORKER}.3.Resource",
    ),
    Mutant(
        "GP111",
        "OwnPolicy",
        {"OwnPolicy.PolicyDocument.Statement.3.Action": "[s3:GetObject, s3:Get*]"},
    ),
    Mutant(
        "GP111",
        "OwnPolicy",
        {"OwnPolicy.PolicyDocument.Statement.3.Action": DROP}
        | {"OwnPolicy.PolicyDocument.Statement.3.NotAction": "s3:PutObject"},
        at="OwnPolicy.PolicyDocument.Statement.3",
    ),
    Mutant("GP112", "WorkerRole", {f"{WORKER}.3.Resource": '"*"'}),
    Mutant(
        "GP112",
        "WorkerRole",
        {f"{WORKER}.3.Resource": "!Sub arn:${AWS::Partition}:dynamodb:*:*:table/*"},
    ),
    Mutant(
        "GP111",
        "OwnRole",
        {
            "OwnRole.Policies": "[!If [Shared, {PolicyName: x, PolicyDocument: {Statement: "
            "{Effect: Allow, Action: 's3:*', Resource: !Ref OwnTopic}}}, !Ref AWS::NoValue]]"
        },
    ),
    Mutant("GP112", "WorkerRole", {f"{WORKER}.3.Resource": "!If [Shared, '*', !GetAtt Table.Arn]"}),
    Mutant(
        "GP112",
        "WorkerRole",
        {f"{WORKER}.1.Action": "[xray:PutTelemetryRecords, xray:PutTraceSegments, s3:GetObject]"},
        at=f"{WORKER}.1.Resource",
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
        {f"{WORKER}.3.Action": "lambda:InvokeFunction"}
        | {f"{WORKER}.3.Resource": "!Ref ReportFunction.Alias"},
        at=f"{WORKER}.3.Resource",
    ),
    # GP12x: too little
    Mutant("GP122", "WorkerRole", {f"{WORKER}.0": DROP}),
    Mutant(
        "GP122",
        "WorkerRole",
        {f"{WORKER}.0.Action": "logs:CreateLogStream"},
        at="Resources.WorkerRole",
    ),
    Mutant(
        "GP122",
        "WorkerRole",
        {f"{WORKER}.0.Resource": "!GetAtt OwnLogs.Arn"},
        at="Resources.WorkerRole",
    ),
    Mutant("GP123", "WorkerRole", {f"{WORKER}.1": DROP}),
    Mutant("GP123", "WorkerRole", {f"{WORKER}.1.Effect": "Deny"}, at="Resources.WorkerRole"),
    Mutant("GP124", "ReportRole", {f"{_REPORT}.2": DROP}),
    Mutant(
        "GP124",
        "ReportRole",
        {f"{_REPORT}.2.Resource": "!GetAtt WorkerDeadLetters.Arn"},
        at="Resources.ReportRole",
    ),
    Mutant("GP124", "OwnRole", {"OwnPolicy.PolicyDocument.Statement.2": DROP}),
    Mutant(
        "GP125",
        "OwnBucket",
        {"OwnBucket.CorsConfiguration": "{CorsRules: [{AllowedMethods: [GET]}]}"},
        at="Resources.OwnBucket",
    ),
    Mutant(
        "GP125",
        "OwnPipe",
        {"Resources.OwnPipe": "{Type: AWS::Pipes::Pipe}"},
    ),
    # GP2xx: configuration
    Mutant("GP201", "ItemsFunction", {"ItemsFunction.Timeout": DROP}),
    Mutant("GP202", "ItemsFunction", {"ItemsFunction.MemorySize": DROP}),
    Mutant("GP203", "OwnFunction", {"Globals.Function.Architectures": DROP}),
    Mutant("GP204", "ItemsLogs", {"ItemsLogs.Tags": "[]", "ItemsLogs.RetentionInDays": DROP}),
    Mutant("GP204", "ItemsFunction", {"ItemsFunction.LoggingConfig": "{LogFormat: JSON}"}),
    Mutant("GP205", "OwnFunction", {"OwnFunction.Timeout": "!If [Patient, 30, 20]"}),
    Mutant(
        "GP205",
        "OwnFunction",
        {"OwnFunction.Timeout": "30"}
        | {
            "OwnFunction.Events.Both": "{Type: HttpApi, Properties: {ApiId: !Ref HttpApi, "
            "Method: GET, Path: /both}}"
        },
        at="OwnFunction.Timeout",
    ),
    Mutant("GP206", "ItemsFunction", {"ItemsFunction.ReservedConcurrentExecutions": "901"}),
    # GP5xx: whom a key lets in
    Mutant("GP506", "OwnKey", {"Resources.OwnKey": _KEY % "Principal: '*'"}),
    Mutant(
        "GP507",
        "OwnKey",
        {"Resources.OwnKey": _KEY % "Principal: {Service: sqs.amazonaws.com}"},
    ),
    Mutant(
        "GP507",
        "AlarmKey",
        {"WorkerLogs.KmsKeyId": "!GetAtt AlarmKey.Arn"},
        at="AlarmKey.KeyPolicy",
    ),
]
