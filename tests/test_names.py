"""Names of functions and roles on the emulator are cut as CloudFormation cuts them."""

from __future__ import annotations

import pytest

from tests.emulator.names import parts

FUNCTION, ROLE = "AWS::Lambda::Function", "AWS::IAM::Role"
# Stack, logical id and type, and the name that CloudFormation made of them without its random part:
# from public issues, logs and documents, seen on 2026-11-27. What is cut off there is filled up here.
KNOWN = [
    ("AppStack", "CustomCDKBucketDeployment8693BB64968944B69AAFB0CC9EB8756C81C01536", FUNCTION)
    + ("AppStack-CustomCDKBucketDeployment8693BB64968944B6",),
    ("OpenNextDemoStack", "CustomCDKBucketDeployment8693BB64968944B69AAFB0CC9EB8756C", FUNCTION)
    + ("OpenNextDemoStack-CustomCDKBucketDeployment8693BB6",),
    ("TodoAppStack", "BucketNotificationsHandler050a0587b7544547bf325f094a3db834", FUNCTION)
    + ("TodoAppStack-BucketNotificationsHandler050a0587b75",),
    ("Cdk05LambdaStack", "LogRetentionaae0aa3c5b4d4f87b02d85b201efdd8a", FUNCTION)
    + ("Cdk05LambdaStack-LogRetentionaae0aa3c5b4d4f87b02d8",),
    # mylongerapp-playground-new-… : https://github.com/convox/rack/issues/2297
    ("mylongerapp-playground-new", "InstancesLifecycleHandler", FUNCTION)
    + ("mylongerapp-playground-ne-InstancesLifecycleHandle",),
    ("amplify-digitalassistant-lepaul-sandbox-81360e1def", "agentlambda15AE88A1", FUNCTION)
    + ("amplify-digitalassistant-lepau-agentlambda15AE88A1",),
    ("amplify-digitalassistant-lepaul-sandbox-81360e1def", "agentlambdaServiceRole7EA1B2C3", ROLE)
    + ("amplify-digitalassistant--agentlambdaServiceRole7EA",),
    # https://github.com/KensioSoftware/yulin/issues/1113
    ("ChineseboostAnalyticsStack", "RainlyticsSummariesJobFunctionServiceRole", ROLE)
    + ("ChineseboostAnalyticsStac-RainlyticsSummariesJobFun",),
    ("SapAnalyzer4Stack", "CustomCDKBucketDeployment8693BB64968944B69AAFB0CC9EB8756C", ROLE)
    + ("SapAnalyzer4Stack-CustomCDKBucketDeployment8693BB64",),
    ("missbox-web-stack", "CustomS3AutoDeleteObjectsCustomResourceProviderRole3B1BD092", ROLE)
    + ("missbox-web-stack-CustomS3AutoDeleteObjectsCustomRe",),
    ("sffrontend-dev", "SffrontendFunctionRole", ROLE) + ("sffrontend-dev-SffrontendFunctionRole",),
]


@pytest.mark.parametrize(("stack", "logical_id", "kind", "name"), KNOWN)
def test_a_name_is_cut_as_aws_was_seen_to(
    stack: str, logical_id: str, kind: str, name: str
) -> None:
    assert "-".join(parts(stack, logical_id, kind)) == name


def test_a_stack_of_25_characters_is_never_cut() -> None:
    for kind in (FUNCTION, ROLE):
        for length in range(1, 64):
            assert parts("s" * 25, "L" * length, kind)[0] == "s" * 25
    assert parts("s" * 26, "L" * 64, ROLE)[0] == "s" * 25
