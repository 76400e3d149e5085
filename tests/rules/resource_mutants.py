"""Defects of state, APIs, alarms, secrets, answers and quotas."""

from __future__ import annotations

from tests.rules.mutants import CODEDEPLOY, EXCUSE, REASON, WORKER, Mutant
from tests.rules.planting import DROP

_CONFIGURATIONS = "Domain.DomainNameConfigurations"
_NAMED = f"{_CONFIGURATIONS}.0"
_RECOVERY = "Table.PointInTimeRecoverySpecification"
_METRIC = "OwnErrors.Metrics.2.MetricStat.Metric"


def _many(name: str, count: int, value: str) -> str:
    """The value of the first of many entries, and the others on lines below it."""
    return "\n".join([value, *(f"  {name}{number}: {value}" for number in range(1, count + 1))])


_HANDLE = "{Type: AWS::CloudFormation::WaitConditionHandle}"
_LONG = ", ".join(["arn:aws:s3:::" + "x" * 60] * 150)
_DENIED = "{Effect: Deny, Action: s3:GetObject, Resource: [%s]}"
_MANAGED = (
    "{Type: AWS::IAM::ManagedPolicy, Metadata: "
    + EXCUSE % ("GP103", REASON)
    + ", Properties: {PolicyDocument: {Statement: [%s]}}}"
)
_VARIABLES = "{Variables: {LIST: %s}}"
_DASHBOARD = "{Type: AWS::CloudWatch::Dashboard, Properties: {DashboardBody: %s}}"
_WIDGETS = '!Sub \'{"widgets": [' + ", ".join(["{}"] * 501) + "]}'"
_NO_DEFAULT = (
    "{Authorizers: {Own: {IdentitySource: $request.header.Authorization, JwtConfiguration: {%s}}}}"
)
_JWT = _NO_DEFAULT[:-1] + ", DefaultAuthorizer: Own}"
_UNPROVED = (
    "{Type: AWS::ApiGatewayV2::Api, Metadata: "
    + EXCUSE % ("GP704", REASON)
    + ", Properties: {Body: {paths: {/own: {get: {security: [{Own: []}]}}}, "
    "components: {securitySchemes: {Own: {type: oauth2}}}}}}"
)

RESOURCE_MUTANTS = [
    # GP5xx: state
    Mutant("GP501", "Table", {"Table.PointInTimeRecoverySpecification": DROP}),
    Mutant(
        "GP501", "Table", {f"{_RECOVERY}.PointInTimeRecoveryEnabled": "!If [Precious, true, false]"}
    ),
    Mutant("GP501", "OwnBucket", {"OwnBucket.VersioningConfiguration.Status": "Suspended"}),
    Mutant("GP502", "Table", {"Table.DeletionProtectionEnabled": DROP}),
    Mutant("GP503", "Table", {"Table:DeletionPolicy": DROP}),
    Mutant("GP503", "OwnBucket", {"OwnBucket:UpdateReplacePolicy": "Delete"}),
    Mutant("GP504", "WorkerDeadLetters", {"WorkerDeadLetters.SqsManagedSseEnabled": "false"}),
    Mutant("GP505", "OwnBucket", {"OwnBucket.PublicAccessBlockConfiguration": "{}"}),
    Mutant(
        "GP505",
        "OwnBucket",
        {"OwnBucket.PublicAccessBlockConfiguration.RestrictPublicBuckets": "false"},
        at="OwnBucket.PublicAccessBlockConfiguration",
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
    Mutant("GP601", "OwnHttp", {"Resources.OwnHttp": _UNPROVED}, at="Resources.OwnHttp"),
    Mutant("GP604", "HttpApi", {"HttpApi.Auth": _JWT % "issuer: https://id.example.com"}),
    Mutant(
        "GP604", "HttpApi", {"HttpApi.Auth": _JWT % "issuer: https://id.example.com, audience: []"}
    ),
    Mutant(
        "GP604",
        "HttpApi",
        {"HttpApi.Auth": _JWT % "issuer: http://id.example.com, audience: [own]"},
    ),
    Mutant(
        "GP601",
        "HttpApi",
        {"HttpApi.Auth": _NO_DEFAULT % "issuer: https://id.example.com, audience: [own]"},
    ),
    Mutant("GP602", "HttpApi", {"HttpApi.DefaultRouteSettings.ThrottlingRateLimit": DROP}),
    Mutant(
        "GP602",
        "OwnApi",
        {"OwnApi.MethodSettings.0.ResourcePath": "/statements"},
        at="Resources.OwnApi",
    ),
    # GP61x: pages and names
    Mutant("GP612", "Domain", {f"{_NAMED}.SecurityPolicy": "TLS_1_0"}, at=_CONFIGURATIONS),
    Mutant("GP612", "Domain", {f"{_NAMED}.SecurityPolicy": DROP}, at=_CONFIGURATIONS),
    Mutant("GP613", "HttpApi", {"HttpApi.DisableExecuteApiEndpoint": DROP}),
    Mutant("GP613", "HttpApi", {"HttpApi.DisableExecuteApiEndpoint": "false"}),
    # GP7xx: alarms
    Mutant("GP701", "OwnSent", {"OwnSent.MetricName": "MessagesSent"}),
    Mutant("GP701", "OwnSent", {"OwnSent.Namespace": "AWS/Lambda"}, at="OwnSent.MetricName"),
    Mutant(
        "GP701",
        "HttpApiLatencyAlarm",
        {"HttpApiLatencyAlarm.Dimensions": "[{Name: ApiID, Value: !Ref HttpApi}]"},
    ),
    Mutant(
        "GP701",
        "OwnErrors",
        {
            f"{_METRIC}.Dimensions": "[{Name: FunctionName, Value: !Ref OwnFunction}, "
            "{Name: Alias, Value: live}]"
        },
    ),
    Mutant(
        "GP702",
        "WorkerThrottlesAlarm",
        {"WorkerThrottlesAlarm.Dimensions.1.Value": "!Sub '${WorkerFunction}:prod'"},
        at="WorkerThrottlesAlarm.Dimensions",
    ),
    Mutant(
        "GP702",
        "WorkerThrottlesAlarm",
        {"WorkerThrottlesAlarm.Dimensions.1.Value": "!Sub '${ReportFunction}:live'"},
        at="WorkerThrottlesAlarm.Dimensions",
    ),
    Mutant("GP703", "OwnErrors", {"OwnErrors.Metrics.1.Expression": "errors + throttled"}),
    Mutant(
        "GP703", "OwnErrors", {"OwnErrors.Metrics.2.ReturnData": "true"}, at="OwnErrors.Metrics"
    ),
    Mutant("GP703", "OwnErrors", {"OwnErrors.Metrics.3.Id": "errors"}),
    Mutant("GP703", "OwnErrors", {"OwnErrors.Metrics.0.Id": "Worst"}),
    Mutant(
        "GP703",
        "OwnErrors",
        {"OwnErrors.Metrics.1.Expression": "errors * 1"},
        at="OwnErrors.Metrics.3.Id",
    ),
    Mutant(
        "GP703",
        "WorkerErrorsAlarm",
        {"WorkerErrorsAlarm.Metrics.1.MetricStat.Period": "60"},
        at="WorkerErrorsAlarm.Metrics",
    ),
    Mutant("GP704", "OwnFunction", {"OwnDuration": DROP}),
    # Of another stage, and of another API.
    Mutant(
        "GP704",
        "OwnApi",
        {"OwnApiFaults.Dimensions.1.Value": "other", "OwnApiLatency.Dimensions.0.Value": "other"},
        at="Resources.OwnApi",
    ),
    # While the gate of its releases still watches one version
    Mutant(
        "GP704",
        "OwnFunction",
        {
            "OwnErrors.Metrics": "[{Id: throttles, MetricStat: {Period: 60, Stat: Sum, Metric: "
            "{Namespace: AWS/Lambda, MetricName: Throttles, Dimensions: ["
            "{Name: FunctionName, Value: !Ref OwnFunction}, "
            "{Name: Resource, Value: !Sub '${OwnFunction}:live'}]}}}]"
        },
        at="Resources.OwnFunction",
    ),
    # The alarm of one function moved to another.
    Mutant(
        "GP704",
        "WorkerFunction",
        {
            "WorkerDurationAlarm.Dimensions": "[{Name: FunctionName, Value: !Ref ReportFunction}]",
        },
        at="Resources.WorkerFunction",
    ),
    Mutant("GP705", "AlarmTopic", {"AlarmTopic.KmsMasterKeyId": "alias/aws/sns"}),
    Mutant("GP705", "AlarmKey", {"AlarmKey.KeyPolicy.Statement.1": DROP}, at="AlarmKey.KeyPolicy"),
    Mutant(
        "GP705",
        "AlarmKey",
        {"AlarmKey.KeyPolicy.Statement.1.Action": "kms:Decrypt"},
        at="AlarmKey.KeyPolicy",
    ),
    Mutant("GP705", "OwnDuration", {"OwnDuration.AlarmActions": DROP}),
    Mutant("GP705", "OwnDuration", {"OwnDuration.AlarmActions": "[]"}),
    Mutant("GP706", "WorkerAgeAlarm", {"WorkerAgeAlarm.AlarmDescription": DROP}),
    Mutant("GP706", "WorkerAgeAlarm", {"WorkerAgeAlarm.AlarmDescription": "The queue is old."}),
    Mutant(
        "GP706",
        "WorkerAgeAlarm",
        {"WorkerAgeAlarm.AlarmDescription": '"Old: docs/runbook.md#worker-old"'},
    ),
    # GP8xx: secrets
    Mutant("GP503", "PaymentKeySecret", {"PaymentKeySecret:DeletionPolicy": DROP}),
    Mutant("GP704", "RotatePaymentKeyFunction", {"RotatePaymentKeyFailedAlarm": DROP}),
    Mutant(
        "GP801",
        "ItemsFunction",
        {"ItemsFunction.Environment": "{Variables: {PARTNER_TOKEN: abc0123456789}}"},
    ),
    Mutant(
        "GP801",
        "ItemsFunction",
        {"ItemsFunction.Environment": "{Variables: {PARTNER: '{{resolve:ssm-secure:/p:1}}'}}"},
    ),
    Mutant(
        "GP801",
        "ItemsFunction",
        {
            "ItemsFunction.Environment": "{Variables: {PARTNER: 'AKIA0123456789ABCDEF'}}"
        },  # pragma: allowlist secret
    ),
    Mutant(
        "GP801",
        "ItemsFunction",
        {
            "ItemsFunction.Environment": "{Variables: {PARTNER: 'ASIA0123456789ABCDEF'}}"
        },  # pragma: allowlist secret
    ),
    Mutant(
        "GP801",
        "ItemsFunction",
        {"ItemsFunction.Environment": "{Variables: {PARTNER: !Sub 'p:${Partner}'}}"}
        | {"Parameters.Partner": "{Type: String, NoEcho: true}"},
        at="ItemsFunction.Environment",
    ),
    Mutant(
        "GP801",
        "ItemsFunction",
        {"ItemsFunction.Environment": "{Variables: {API_KEY: !Ref Partner}}"}
        | {"Parameters.Partner": "{Type: String}"},
        at="ItemsFunction.Environment",
    ),
    Mutant(
        "GP801",
        "OwnFunction",
        {"Globals.Function.Environment.Variables.DB_PASSWORD": "hunter2"},
        at="Resources.OwnFunction",
    ),
    Mutant("GP801", "Partner", {"Parameters.Partner": "{Type: String, NoEcho: true, Default: a}"}),
    Mutant("GP801", "ApiKey", {"Parameters.ApiKey": "{Type: String, Default: abc0123456789}"}),
    Mutant("GP801", "Partner", {"Outputs.Partner": "{Value: '{{resolve:secretsmanager:p}}'}"}),
    Mutant(
        "GP801",
        "Partner",
        {"Outputs.Partner": "{Value: !GetAtt OwnClient.ClientSecret}"}
        | {"Resources.OwnClient": "{Type: AWS::Cognito::UserPoolClient}"},
        at="Outputs.Partner",
    ),
    Mutant("GP801", "PaymentKeySecret", {"PaymentKeySecret.SecretString": "abc"}),
    Mutant("GP802", "PaymentKeySecret", {"PaymentKeySecretPolicy": DROP}),
    Mutant(
        "GP802",
        "PaymentKeySecret",
        {"PaymentKeySecretPolicy.BlockPublicPolicy": "false"},
        at="Resources.PaymentKeySecret",
    ),
    Mutant(
        "GP802",
        "PaymentKeySecret",
        {"PaymentKeySecretPolicy.ResourcePolicy.Statement.0.Effect": "Allow"},
        at="Resources.PaymentKeySecret",
    ),
    Mutant(
        "GP803",
        "WorkerRole",
        {f"{WORKER}.3.Action": "secretsmanager:GetSecretValue"}
        | {f"{WORKER}.3.Resource": "!Ref PaymentKeySecret"},
        at=f"{WORKER}.3.Resource",
    ),
    Mutant(
        "GP803",
        "WorkerRole",
        {f"{WORKER}.3.Action": "ssm:GetParameter"}
        | {
            f"{WORKER}.3.Resource": "!Sub arn:${AWS::Partition}:ssm:${AWS::Region}:"
            "${AWS::AccountId}:parameter/items-service/${Environment}/partner-token"
        },
        at=f"{WORKER}.3.Resource",
    ),
    Mutant(
        "GP803",
        "ReportRole",
        {"ReportFunction.Environment": DROP},
        at="ReportRole.Policies.0.PolicyDocument.Statement.6.Resource",
    ),
    # GP9xx: answers
    Mutant(
        "GP901",
        "StatementsFunction",
        answers={"functions.statements": "sqs"},
        at="functions.statements",
    ),
    Mutant("GP901", "WorkerFunction", {"WorkerFunction.Handler": "service.handlers.other.handler"}),
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
    Mutant(
        "GP903",
        "WorkerFunction",
        {"Globals.Function.Architectures": "[x86_64]"},
        at="Resources.WorkerFunction",
    ),
    # GP95x: quotas
    Mutant("GP951", "Resources", {"Resources.Own0": _many("Own", 450, _HANDLE)}, at="Resources"),
    Mutant("GP951", "Outputs", {"Outputs.Own0": _many("Own", 200, "{Value: own}")}, at="Outputs"),
    Mutant(
        "GP951",
        "Parameters",
        {"Parameters.Own0": _many("Own", 200, "{Type: String}")},
        at="Parameters",
    ),
    Mutant("GP951", "Resources", {"OwnRule.Description": "x" * 1_000_000}, at="Resources"),
    Mutant("GP952", "WorkerRole", {f"{WORKER}.3": _DENIED % _LONG}, at="Resources.WorkerRole"),
    Mutant(
        "GP952",
        "OwnManaged",
        {"Resources.OwnManaged": _MANAGED % (_DENIED % _LONG)},
        at="Resources.OwnManaged",
    ),
    Mutant(
        "GP952",
        "CodeDeployRole",
        {
            "CodeDeployRole:Metadata": EXCUSE % ("GP103", REASON),
            "CodeDeployRole.ManagedPolicyArns": str(["arn:aws:iam::aws:policy/Own"] * 11),
        },
        at=CODEDEPLOY,
    ),
    Mutant("GP953", "WorkerRole", {f"{WORKER}.0.Sid": "SendTraces"}, at="Resources.WorkerRole"),
    Mutant("GP954", "WorkerFunction", {"WorkerFunction.Environment": _VARIABLES % ("x" * 4096)}),
    Mutant(
        "GP955",
        "OwnDashboard",
        {"Resources.OwnDashboard": _DASHBOARD % _WIDGETS},
        at="OwnDashboard.DashboardBody",
    ),
]
