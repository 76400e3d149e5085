"""Defects of versions, aliases and deployments."""

from __future__ import annotations

from tests.rules.mutants import CODEDEPLOY, Mutant
from tests.rules.planting import DROP

_SCHEDULE = "ReportScheduleRole.Policies.0.PolicyDocument.Statement"
_SHIFT = "CodeDeployRole.Policies.0.PolicyDocument.Statement"
_HOOK = "PreTrafficRole.Policies.0.PolicyDocument.Statement"
_PREFERENCE = "Globals.Function.DeploymentPreference"
_GATE = "WorkerReleaseAlarm.Metrics.%d.MetricStat.Metric.Dimensions"
_ALARMS = "WorkerFunction.DeploymentPreference.Alarms"
_ELEVEN = ", ".join(["!Ref WorkerReleaseAlarm"] * 11)
_BARE = "!GetAtt ReportFunction.Arn"

DEPLOYMENT_MUTANTS = [
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
    Mutant("GP415", "CodeDeployRole", {f"{_SHIFT}.0.Action": "lambda:GetAlias"}, at=CODEDEPLOY),
    Mutant(
        "GP415",
        "CodeDeployRole",
        {f"{_SHIFT}.0.Resource": "[!GetAtt ItemsFunction.Arn]"},
        at=CODEDEPLOY,
    ),
    Mutant(
        "GP415",
        "CodeDeployRole",
        {f"{_SHIFT}.1.Resource": "!GetAtt PreTrafficLogs.Arn"},
        at=CODEDEPLOY,
    ),
    Mutant(
        "GP415",
        "CodeDeployRole",
        {f"{_SHIFT}.2.Resource": "!GetAtt ItemsReleaseAlarm.Arn"},
        at=CODEDEPLOY,
    ),
    Mutant("GP415", "CodeDeployRole", {"OwnRelease.AlarmName": "own-release"}, at=CODEDEPLOY),
    Mutant(
        "GP415",
        "PreTrafficRole",
        {f"{_HOOK}.2.Resource": "!Sub ${ItemsFunction.Arn}:*"},
        at="Resources.PreTrafficRole",
    ),
    Mutant(
        "GP415",
        "PreTrafficRole",
        {f"{_HOOK}.4.Action": "codedeploy:GetDeployment"},
        at="Resources.PreTrafficRole",
    ),
]
