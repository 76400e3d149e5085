"""The defects that the rules must find, each one planted alone in the good service.

`plant` sets paths of a template (`answers`: of the answers) to a value; DROP takes them away.
`at` is where the finding must point: a path of the mutated file. When not given it is what was
planted or, where something was taken away, the resource.
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
    file: str = "template"

    @property
    def place(self) -> str:
        """The path at whose line the finding stands."""
        planted = [path for path, value in self.plant.items() if value is not DROP]
        alone = len(self.plant) == len(planted) == 1
        return self.at or (planted[0] if alone else f"Resources.{self.resource}")

    def __str__(self) -> str:
        return f"{self.rule} {' '.join([*self.plant, *self.answers])}"


_WORKER = "WorkerRole.Policies.0.PolicyDocument.Statement"
_REPORT = "ReportRole.Policies.0.PolicyDocument.Statement"
_SCHEDULE = "ReportScheduleRole.Policies.0.PolicyDocument.Statement"
_CODEDEPLOY = "Resources.CodeDeployRole"
_SHIFT = "CodeDeployRole.Policies.0.PolicyDocument.Statement"
_HOOK = "PreTrafficRole.Policies.0.PolicyDocument.Statement"
_PREFERENCE = "Globals.Function.DeploymentPreference"
_GATE = "WorkerReleaseAlarm.Metrics.%d.MetricStat.Metric.Dimensions"
_ALARMS = "WorkerFunction.DeploymentPreference.Alarms"
_ELEVEN = ", ".join(["!Ref WorkerReleaseAlarm"] * 11)
_RECOVERY = "Table.PointInTimeRecoverySpecification"
_METRIC = "OwnErrors.Metrics.2.MetricStat.Metric"
_BARE = "!GetAtt ReportFunction.Arn"
_BOUNDED = {"permissions_boundary": "platform/boundary"}
_EXCUSE = "{golden-path: {%s: %s}}"
_REASON = "Made before queues were split and gone by spring."


def _many(name: str, count: int, value: str) -> str:
    """The value of the first of many entries, and the others on lines below it."""
    return "\n".join([value, *(f"  {name}{number}: {value}" for number in range(1, count + 1))])


_HANDLE = "{Type: AWS::CloudFormation::WaitConditionHandle}"
_LONG = ", ".join(["arn:aws:s3:::" + "x" * 60] * 150)
_DENIED = "{Effect: Deny, Action: s3:GetObject, Resource: [%s]}"
_MANAGED = (
    "{Type: AWS::IAM::ManagedPolicy, Metadata: "
    + _EXCUSE % ("GP103", _REASON)
    + ", Properties: {PolicyDocument: {Statement: [%s]}}}"
)
_VARIABLES = "{Variables: {LIST: %s}}"
_DASHBOARD = "{Type: AWS::CloudWatch::Dashboard, Properties: {DashboardBody: %s}}"
_WIDGETS = '!Sub \'{"widgets": [' + ", ".join(["{}"] * 501) + "]}'"

MUTANTS = [
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
        {"WorkerQueue:Metadata": _EXCUSE % ("GP999", _REASON)},
    ),
    Mutant(
        "GP003",
        "WorkerQueue",
        {"WorkerQueue:Metadata": _EXCUSE % ("GP504", _REASON)},
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
    Mutant("GP111", "WorkerRole", {f"{_WORKER}.3.Action": "dynamodb:*"}),
    # Reviewed for the roles of delivery alone
    Mutant(
        "GP112",
        "WorkerRole",
        {
            f"{_WORKER}.3.Action": "apigateway:GET",
            f"{_WORKER}.3.Resource": "arn:aws:apigateway:eu-west-1::/apis/*",
        },
        at=f"{_WORKER}.3.Resource",
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
    Mutant("GP112", "WorkerRole", {f"{_WORKER}.3.Resource": '"*"'}),
    Mutant(
        "GP112",
        "WorkerRole",
        {f"{_WORKER}.3.Resource": "!Sub arn:${AWS::Partition}:dynamodb:*:*:table/*"},
    ),
    Mutant(
        "GP111",
        "OwnRole",
        {
            "OwnRole.Policies": "[!If [Shared, {PolicyName: x, PolicyDocument: {Statement: "
            "{Effect: Allow, Action: 's3:*', Resource: !Ref OwnTopic}}}, !Ref AWS::NoValue]]"
        },
    ),
    Mutant(
        "GP112", "WorkerRole", {f"{_WORKER}.3.Resource": "!If [Shared, '*', !GetAtt Table.Arn]"}
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
    Mutant("GP122", "WorkerRole", {f"{_WORKER}.0": DROP}),
    Mutant(
        "GP122",
        "WorkerRole",
        {f"{_WORKER}.0.Action": "logs:CreateLogStream"},
        at="Resources.WorkerRole",
    ),
    Mutant(
        "GP122",
        "WorkerRole",
        {f"{_WORKER}.0.Resource": "!GetAtt OwnLogs.Arn"},
        at="Resources.WorkerRole",
    ),
    Mutant("GP123", "WorkerRole", {f"{_WORKER}.1": DROP}),
    Mutant("GP123", "WorkerRole", {f"{_WORKER}.1.Effect": "Deny"}, at="Resources.WorkerRole"),
    Mutant("GP124", "ReportRole", {f"{_REPORT}.2": DROP}),
    Mutant(
        "GP124",
        "ReportRole",
        {f"{_REPORT}.2.Resource": "!GetAtt WorkerDeadLetters.Arn"},
        at="Resources.ReportRole",
    ),
    Mutant("GP124", "OwnRole", {"OwnPolicy.PolicyDocument.Statement.2": DROP}),
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
    # GP4xx: versions and aliases
    Mutant(
        "GP401",
        "PreTrafficFunction",
        {"PreTrafficFunction.AutoPublishAlias": "''"},
        at="Resources.PreTrafficFunction",
    ),
    Mutant("GP402", "OwnRule", {"OwnRule.Targets.0.Arn": _BARE}, at="OwnRule.Targets"),
    Mutant(
        "GP402",
        "OwnRule",
        {"OwnRule.Targets.0.Arn": "!Sub '${ReportFunction.Arn}:$LATEST'"},
        at="OwnRule.Targets",
    ),
    Mutant("GP402", "OwnRulePermission", {"OwnRulePermission.FunctionName": "!Ref ReportFunction"}),
    Mutant("GP402", "ReportScheduleRole", {f"{_SCHEDULE}.0.Resource": _BARE}),
    Mutant(
        "GP402", "ReportScheduleRole", {f"{_SCHEDULE}.0.Resource": "!Sub '${ReportFunction.Arn}:*'"}
    ),
    Mutant("GP403", "WorkerFunction", {"WorkerFunction.AutoPublishCodeSha256": DROP}),
    Mutant("GP403", "WorkerFunction", {"WorkerFunction.AutoPublishCodeSha256": "0123456789abcdef"}),
    Mutant(
        "GP403",
        "WorkerFunction",
        {"Parameters.Release.Default": "0123456789abcdef"},
        at="WorkerFunction.AutoPublishCodeSha256",
    ),
    # GP41x: deployments
    Mutant(
        "GP411",
        "Globals",
        {f"{_PREFERENCE}.Type": "Canary10Percent7Minutes"},
    ),
    Mutant(
        "GP411",
        "Globals",
        {f"{_PREFERENCE}.Type": "!If [Shifting, Canary10Percent10Minuts, AllAtOnce]"},
    ),
    Mutant(
        "GP411",
        "Globals",
        {"Parameters.DeploymentType.AllowedValues": "[AllAtOnce, Canary10percent10Minutes]"},
        at=f"{_PREFERENCE}.Type",
    ),
    Mutant(
        "GP411",
        "WorkerFunction",
        {"WorkerFunction.DeploymentPreference.Type": "Linear10PercentEvery5Minutes"},
    ),
    Mutant(
        "GP412",
        "WorkerFunction",
        {"WorkerFunction.DeploymentPreference.Enabled": "false"},
        at="Resources.WorkerFunction",
    ),
    Mutant(
        "GP412",
        "WorkerFunction",
        {"WorkerFunction.DeploymentPreference.Hooks": "{PreTraffic: !Ref AWS::NoValue}"},
        at="Resources.WorkerFunction",
    ),
    Mutant(
        "GP412",
        "PreTrafficFunction",
        {"PreTrafficFunction.DeploymentPreference.Enabled": "true"},
        at="PreTrafficFunction.DeploymentPreference",
    ),
    Mutant("GP413", "WorkerFunction", {"WorkerFunction.DeploymentPreference": DROP}),
    Mutant(
        "GP413",
        "WorkerFunction",
        {_ALARMS: f"!If [Shifting, [{_ELEVEN}], []]"},
        at="WorkerFunction.DeploymentPreference",
    ),
    Mutant(
        "GP413",
        "ReportReleaseAlarm",
        {_ALARMS: "!If [Shifting, [!Ref ReportReleaseAlarm], []]"},
        at="Resources.ReportReleaseAlarm",
    ),
    Mutant(
        "GP413",
        "WorkerReleaseAlarm",
        {f"{_GATE % 1}.2.Value": "!GetAtt ReportFunction.Version.Version"},
        at="Resources.WorkerReleaseAlarm",
    ),
    Mutant(
        "GP413",
        "WorkerReleaseAlarm",
        {f"{_GATE % 1}.2": DROP, f"{_GATE % 2}.2": DROP},
    ),
    Mutant(
        "GP416",
        "WorkerFunction",
        {_ALARMS: "[!Ref WorkerReleaseAlarm]"},
        at="WorkerFunction.DeploymentPreference",
    ),
    Mutant(
        "GP414",
        "WorkerReleaseMessagesAlarm",
        {
            f"WorkerReleaseMessagesAlarm.Metrics.{place}.MetricStat.Period": "300"
            for place in (1, 2, 3)
        },
        at="Resources.WorkerReleaseMessagesAlarm",
    ),
    Mutant(
        "GP414",
        "OwnRelease",
        {"OwnRelease.EvaluationPeriods": "!If [Patient, 1, 5]"},
        at="Resources.OwnRelease",
    ),
    Mutant(
        "GP414",
        "WorkerReleaseAlarm",
        {"WorkerReleaseAlarm.TreatMissingData": "breaching"},
        at="Resources.WorkerReleaseAlarm",
    ),
    Mutant("GP415", "CodeDeployRole", {f"{_SHIFT}.0.Action": "lambda:GetAlias"}, at=_CODEDEPLOY),
    Mutant(
        "GP415",
        "CodeDeployRole",
        {f"{_SHIFT}.0.Resource": "[!GetAtt ItemsFunction.Arn]"},
        at=_CODEDEPLOY,
    ),
    Mutant(
        "GP415",
        "CodeDeployRole",
        {f"{_SHIFT}.1.Resource": "!GetAtt PreTrafficLogs.Arn"},
        at=_CODEDEPLOY,
    ),
    Mutant(
        "GP415",
        "CodeDeployRole",
        {f"{_SHIFT}.2.Resource": "!GetAtt ItemsReleaseAlarm.Arn"},
        at=_CODEDEPLOY,
    ),
    Mutant("GP415", "CodeDeployRole", {"OwnRelease.AlarmName": "own-release"}, at=_CODEDEPLOY),
    Mutant(
        "GP415",
        "PreTrafficRole",
        {f"{_HOOK}.2.Resource": "!Sub ${ItemsFunction.Arn}:*"},
        at="Resources.PreTrafficRole",
    ),
    Mutant(
        "GP415",
        "PreTrafficRole",
        {f"{_HOOK}.3.Action": "codedeploy:GetDeployment"},
        at="Resources.PreTrafficRole",
    ),
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
    Mutant("GP505", "OwnBucket", {"OwnBucket.PublicAccessBlockConfiguration": DROP}),
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
    Mutant(
        "GP601",
        "OwnFunction",
        {"OwnFunction.FunctionUrlConfig": "{AuthType: NONE}"},
        at="Resources.OwnFunction",
    ),
    Mutant("GP602", "HttpApi", {"HttpApi.DefaultRouteSettings.ThrottlingRateLimit": DROP}),
    Mutant(
        "GP602",
        "OwnApi",
        {"OwnApi.MethodSettings.0.ResourcePath": "/statements"},
        at="Resources.OwnApi",
    ),
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
        {"ItemsFunction.Environment": "{Variables: {PARTNER_TOKEN: abc}}"},
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
    Mutant("GP801", "ApiKey", {"Parameters.ApiKey": "{Type: String, Default: a}"}),
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
        {f"{_WORKER}.3.Action": "secretsmanager:GetSecretValue"}
        | {f"{_WORKER}.3.Resource": "!Ref PaymentKeySecret"},
        at=f"{_WORKER}.3.Resource",
    ),
    Mutant(
        "GP803",
        "WorkerRole",
        {f"{_WORKER}.3.Action": "ssm:GetParameter"}
        | {
            f"{_WORKER}.3.Resource": "!Sub arn:${AWS::Partition}:ssm:${AWS::Region}:"
            "${AWS::AccountId}:parameter/items-service/${Environment}/partner-token"
        },
        at=f"{_WORKER}.3.Resource",
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
    Mutant("GP952", "WorkerRole", {f"{_WORKER}.3": _DENIED % _LONG}, at="Resources.WorkerRole"),
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
            "CodeDeployRole:Metadata": _EXCUSE % ("GP103", _REASON),
            "CodeDeployRole.ManagedPolicyArns": str(["arn:aws:iam::aws:policy/Own"] * 11),
        },
        at=_CODEDEPLOY,
    ),
    Mutant("GP953", "WorkerRole", {f"{_WORKER}.0.Sid": "SendTraces"}, at="Resources.WorkerRole"),
    Mutant("GP954", "WorkerFunction", {"WorkerFunction.Environment": _VARIABLES % ("x" * 4096)}),
    Mutant(
        "GP955",
        "OwnDashboard",
        {"Resources.OwnDashboard": _DASHBOARD % _WIDGETS},
        at="OwnDashboard.DashboardBody",
    ),
]
