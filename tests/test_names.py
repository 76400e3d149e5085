"""Names of functions and roles on the emulator are cut as CloudFormation cuts them."""

from __future__ import annotations

import pytest

from tests.emulator.names import parts

FUNCTION, ROLE = "AWS::Lambda::Function", "AWS::IAM::Role"
# Names that CloudFormation made, without their random part, and of what stack, logical id and type:
# from public issues, logs and documents, seen on 2026-11-27. What it cut off is filled up here.
KNOWN = {
    "AppStack-CustomCDKBucketDeployment8693BB64968944B6": (
        ("AppStack", "CustomCDKBucketDeployment8693BB64968944B69AAFB0CC9EB8756C", FUNCTION)
    ),
    "OpenNextDemoStack-CustomCDKBucketDeployment8693BB6": (
        ("OpenNextDemoStack", "CustomCDKBucketDeployment8693BB64968944B69AAFB0CC9EB8756C", FUNCTION)
    ),
    "TodoAppStack-BucketNotificationsHandler050a0587b75": (
        ("TodoAppStack", "BucketNotificationsHandler050a0587b7544547bf325f094a3db834", FUNCTION)
    ),
    "Cdk05LambdaStack-LogRetentionaae0aa3c5b4d4f87b02d8": (
        ("Cdk05LambdaStack", "LogRetentionaae0aa3c5b4d4f87b02d85b201efdd8a", FUNCTION)
    ),
    # https://github.com/convox/rack/issues/2297
    "mylongerapp-playground-ne-InstancesLifecycleHandle": (
        ("mylongerapp-playground-new", "InstancesLifecycleHandler", FUNCTION)
    ),
    "amplify-digitalassistant-lepau-agentlambda15AE88A1": (
        ("amplify-digitalassistant-lepaul-sandbox-81360e1def", "agentlambda15AE88A1", FUNCTION)
    ),
    "amplify-digitalassistant--agentlambdaServiceRole7EA": (
        ("amplify-digitalassistant-lepaul-sandbox-81360e1def", "agentlambdaServiceRole7EA1", ROLE)
    ),
    # https://github.com/KensioSoftware/yulin/issues/1113
    "ChineseboostAnalyticsStac-RainlyticsSummariesJobFun": (
        ("ChineseboostAnalyticsStack", "RainlyticsSummariesJobFunctionServiceRole", ROLE)
    ),
    "SapAnalyzer4Stack-CustomCDKBucketDeployment8693BB64": (
        ("SapAnalyzer4Stack", "CustomCDKBucketDeployment8693BB64968944B69AAFB0CC9EB8756C", ROLE)
    ),
    "missbox-web-stack-CustomS3AutoDeleteObjectsCustomRe": (
        ("missbox-web-stack", "CustomS3AutoDeleteObjectsCustomResourceProviderRole", ROLE)
    ),
    # https://github.com/aws/aws-sam-cli/issues/731
    "sffrontend-dev-SffrontendFunctionRole": ("sffrontend-dev", "SffrontendFunctionRole", ROLE),
}


@pytest.mark.parametrize(("name", "made_of"), KNOWN.items(), ids=KNOWN)
def test_a_name_is_cut_as_aws_was_seen_to(name: str, made_of: tuple[str, str, str]) -> None:
    assert "-".join(parts(*made_of)) == name


def test_a_stack_of_25_characters_is_never_cut() -> None:
    for kind in (FUNCTION, ROLE):
        for length in range(1, 64):
            assert parts("s" * 25, "L" * length, kind)[0] == "s" * 25
    assert parts("s" * 26, "L" * 64, ROLE)[0] == "s" * 25
