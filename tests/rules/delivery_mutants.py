"""The defects that the rules must find in the stacks that deliver a service, each planted alone."""

from __future__ import annotations

from tests.rules.mutants import Mutant
from tests.rules.planting import DROP

_DEV, _STAGING, _PROD = (f"Pipeline.Stages.{number}.Actions" for number in (2, 3, 4))
_APPROVE = (
    "{Name: Approve, RunOrder: 3, "
    "ActionTypeId: {Category: Approval, Owner: AWS, Provider: Manual, Version: '1'}}"
)
_CLOUDFORMATION = "{Category: Deploy, Owner: AWS, Provider: CloudFormation, Version: '1'}"
_NAME = "release-#{codepipeline.PipelineExecutionId}"
_AGAIN = (
    f"{{Name: Again, RunOrder: 2, ActionTypeId: {_CLOUDFORMATION}, "
    "RoleArn: !Sub 'arn:${AWS::Partition}:iam::333333333333:role/items-service-prod-action', "
    "Configuration: {ActionMode: CHANGE_SET_REPLACE, StackName: items-service-prod, "
    f"ChangeSetName: '{_NAME}', TemplatePath: 'Release::template.yaml'}}}}"
)

_KEY = "ArtifactKey.KeyPolicy.Statement"
_BUCKET = "ArtifactBucketPolicy.PolicyDocument.Statement"
_ROLES = [
    f"!Sub 'arn:${{AWS::Partition}}:iam::{account}:role/items-service-{environment}-{role}'"
    for account, environment in (
        ("111111111111", "dev"),
        ("222222222222", "staging"),
        ("333333333333", "prod"),
    )
    for role in ("action", "execution")
]


def _only(*roles: str) -> str:
    """A condition that lets in these roles."""
    return f"{{ArnEquals: {{'aws:PrincipalArn': [{', '.join(roles)}]}}}}"


def _pipeline(rule: str, plant: dict[str, str | None], at: str, resource: str = "") -> Mutant:
    return Mutant(rule, resource or "Pipeline", plant, at, file="pipeline")


def _account(rule: str, plant: dict[str, str | None], at: str) -> Mutant:
    resource = at.removeprefix("Resources.").split(".")[0]
    return Mutant(rule, resource, plant, at, file="account")


_IN_THE_PIPELINE = [
    # GP91x: pipelines
    _pipeline("GP911", {f"{_PROD}.2": DROP}, at=f"{_PROD}.2"),
    _pipeline("GP911", {f"{_PROD}.2.RunOrder": "1"}, at=f"{_PROD}.3"),
    _pipeline("GP911", {f"{_PROD}.2.RunOrder": "4"}, at=f"{_PROD}.3"),
    _pipeline(
        "GP911",
        {f"{_PROD}.2.ActionTypeId.Provider": "CodeBuild"},
        at=f"{_PROD}.2.ActionTypeId",
    ),
    _pipeline(
        "GP911",
        {f"{_PROD}.2.ActionTypeId.Category": "Invoke"},
        at=f"{_PROD}.2.ActionTypeId",
    ),
    _pipeline("GP911", {f"{_PROD}.2.ActionTypeId.Owner": "Custom"}, at=f"{_PROD}.2.ActionTypeId"),
    _pipeline(
        "GP911",
        {f"{_PROD}.2": f"!If [Asked, {_APPROVE}, !Ref AWS::NoValue]"},
        at=f"{_PROD}.3",
    ),
    _pipeline(
        "GP911",
        {f"{_PROD}.2": DROP} | {f"{_STAGING}.2": _APPROVE},
        at=f"{_PROD}.2",
    ),
    _pipeline(
        "GP912",
        {f"{_PROD}.3.Configuration.StackName": "items-service-staging"},
        at=f"{_PROD}.3",
    ),
    _pipeline("GP912", {f"{_PROD}.3.Configuration.ChangeSetName": "approved"}, at=f"{_PROD}.3"),
    _pipeline("GP912", {f"{_PROD}.3.Region": "eu-west-2"}, at=f"{_PROD}.3"),
    _pipeline("GP912", {f"{_DEV}.0.Configuration.ActionMode": "CREATE_UPDATE"}, at=f"{_DEV}.0"),
    _pipeline("GP912", {f"{_DEV}.0.RunOrder": "3"}, at=f"{_DEV}.1"),
    _pipeline("GP912", {f"{_PROD}.4": _AGAIN}, at=f"{_PROD}.3"),
    _pipeline(
        "GP913",
        {f"{_PROD}.{number}.Configuration.ChangeSetName": "release" for number in (0, 3)},
        at=f"{_PROD}.0.Configuration.ChangeSetName",
    ),
    _pipeline(
        "GP914",
        {f"{_PROD}.0.Configuration.TemplatePath": "Source::template.yaml"},
        at=f"{_PROD}.0.Configuration",
    ),
    _pipeline(
        "GP914",
        {f"{_PROD}.0.Configuration.TemplateConfiguration": "Source::prod.json"},
        at=f"{_PROD}.0.Configuration",
    ),
    _pipeline("GP914", {"Pipeline.Stages.1.Actions.0.OutputArtifacts": DROP}, at=f"{_DEV}.0"),
    _pipeline(
        "GP914", {"Pipeline.Stages.1.Actions.0.ActionTypeId.Category": "Test"}, at=f"{_DEV}.0"
    ),
    _pipeline("GP915", {"Pipeline.ExecutionMode": "SUPERSEDED"}, at="Pipeline.ExecutionMode"),
    _pipeline("GP915", {"Pipeline.ExecutionMode": DROP}, at="Resources.Pipeline"),
    _pipeline("GP915", {"Pipeline.PipelineType": "V1"}, at="Pipeline.PipelineType"),
    _pipeline(
        "GP916",
        {"Pipeline.Stages.4.OnFailure": "{Result: ROLLBACK}"},
        at="Pipeline.Stages.4.OnFailure",
    ),
    # GP93x: artifacts
    _pipeline("GP931", {"Pipeline.ArtifactStore.EncryptionKey": DROP}, at="Pipeline.ArtifactStore"),
    _pipeline(
        "GP931",
        {"Pipeline.ArtifactStore.EncryptionKey.Id": "alias/aws/s3"},
        at="Pipeline.ArtifactStore",
    ),
    _pipeline(
        "GP932",
        {f"{_KEY}.2.Condition": _only(_ROLES[4])},
        "ArtifactKey.KeyPolicy",
        "ArtifactKey",
    ),
    _pipeline(
        "GP932", {f"{_KEY}.1.Action": "kms:DescribeKey"}, "ArtifactKey.KeyPolicy", "ArtifactKey"
    ),
    _pipeline(
        "GP932",
        {f"{_BUCKET}.2.Condition": _only(_ROLES[1])},
        "ArtifactBucketPolicy.PolicyDocument",
        "ArtifactBucketPolicy",
    ),
    _pipeline(
        "GP932",
        {"ArtifactBucketPolicy.Bucket": "another"},
        "Resources.ArtifactBucket",
        "ArtifactBucket",
    ),
    _pipeline("GP933", {f"{_KEY}.1.Condition": DROP}, f"{_KEY}.1", "ArtifactKey"),
    _pipeline(
        "GP933",
        {f"{_KEY}.3.Principal.AWS": "arn:aws:iam::999999999999:root"},
        f"{_KEY}.3",
        "ArtifactKey",
    ),
    _pipeline(
        "GP933",
        {f"{_BUCKET}.2.Condition": _only(*_ROLES, "'arn:aws:iam::111111111111:role/*'")},
        f"{_BUCKET}.2",
        "ArtifactBucketPolicy",
    ),
    _pipeline("GP933", {f"{_BUCKET}.0.Effect": "Allow"}, f"{_BUCKET}.0", "ArtifactBucketPolicy"),
    # Rules of every template
    _pipeline(
        "GP505",
        {"ArtifactBucket.PublicAccessBlockConfiguration.BlockPublicPolicy": "false"},
        "ArtifactBucket.PublicAccessBlockConfiguration",
        "ArtifactBucket",
    ),
]

_TRUST = "ActionRole.AssumeRolePolicyDocument.Statement"
_PASSED = "{StringEquals: {'iam:PassedToService': cloudformation.amazonaws.com}}"
_ARN = "arn:${AWS::Partition}:iam::${AWS::AccountId}"
_OWN = f"{_ARN}:role/items-service-${{Environment}}-*"
_BOUNDED = f"{{ArnEquals: {{'iam:PermissionsBoundary': !Sub '{_ARN}:policy/platform/boundary'}}}}"
_OTHER = f"{{ArnEquals: {{'iam:PermissionsBoundary': !Sub '{_ARN}:policy/other'}}}}"


def _statement(role: str, number: int, part: str = "") -> str:
    return f"{role}Role.Policies.0.PolicyDocument.Statement.{number}{part}"


def _added(role: str, *parts: str) -> dict[str, str | None]:
    """One more permission, in the place of the first."""
    return {_statement(role, 0): f"{{Effect: Allow, {', '.join(parts)}}}"}


def _token(**claims: str) -> str:
    """A condition on GitHub's token."""
    issuer = "token.actions.githubusercontent.com"
    wanted = ", ".join(f"'{issuer}:{claim}': {value}" for claim, value in claims.items())
    return f"{{StringEquals: {{{wanted}}}}}"


_IN_THE_ACCOUNT = [
    Mutant("GP506", "ArtifactBucketPolicy", {f"{_BUCKET}.1.Effect": "Allow"}, file="account"),
    # Rules of every template
    _account("GP104", {"TestRole.PermissionsBoundary": DROP}, at="Resources.TestRole"),
    _account(
        "GP111",
        _added("Action", "Action: 'cloudformation:*'", "Resource: !GetAtt TestRole.Arn"),
        at=_statement("Action", 0, ".Action"),
    ),
    _account(
        "GP112",
        _added("Action", "Action: 's3:GetObject'", "Resource: 'arn:aws:s3:::*/*'"),
        at=_statement("Action", 0, ".Resource"),
    ),
    # A wildcard that was reviewed for another action, or under a condition
    _account(
        "GP112",
        _added(
            "Action",
            "Action: 'kms:Encrypt'",
            "Resource: 'arn:aws:kms:eu-west-1:444444444444:key/*'",
            "Condition: {StringEquals: {'kms:ViaService': s3.eu-west-1.amazonaws.com}}",
        ),
        at=_statement("Action", 0, ".Resource"),
    ),
    _account(
        "GP112",
        _added(
            "Action",
            "Action: 'kms:Decrypt'",
            "Resource: 'arn:aws:kms:eu-west-1:444444444444:key/*'",
        ),
        at=_statement("Action", 0, ".Resource"),
    ),
    # GP92x: trust
    _account("GP921", {f"{_TRUST}.0.Condition": DROP}, at=f"{_TRUST}.0"),
    _account(
        "GP921",
        {f"{_TRUST}.0.Condition": _only("'arn:aws:iam::444444444444:role/*'")},
        at=f"{_TRUST}.0",
    ),
    _account(
        "GP921", {f"{_TRUST}.0.Principal": "'*'", f"{_TRUST}.0.Condition": DROP}, at=f"{_TRUST}.0"
    ),
    _account("GP922", {f"{_TRUST}.1.Condition": DROP}, at=f"{_TRUST}.1"),
    _account(
        "GP922",
        {f"{_TRUST}.1.Condition": _token(sub="repo:example/items:environment:prod")},
        at=f"{_TRUST}.1",
    ),
    *(
        _account(
            "GP922",
            {f"{_TRUST}.1.Condition": _token(aud="sts.amazonaws.com", sub=subject)},
            at=f"{_TRUST}.1",
        )
        for subject in (
            "'repo:example/items:*'",
            "'repo:example/*:environment:prod'",
            "repo:example/items:pull_request",
            "repo:example/items:ref:refs/heads/main",
        )
    ),
    _account(
        "GP922",
        {
            f"{_TRUST}.1.Condition": _token(
                aud="sts.amazonaws.com", sub="repo:example/items:environment:prod"
            ).replace("StringEquals", "StringLike")
        },
        at=f"{_TRUST}.1",
    ),
    # GP92x: roles that hand on roles, or make them
    *(
        _account(
            "GP923",
            _added(
                "Action",
                "Action: 'iam:PassRole'",
                f"Resource: !Sub '{_ARN}:role/{roles}'",
                f"Condition: {_PASSED}",
            ),
            at=_statement("Action", 0, ".Resource"),
        )
        for roles in ("*-execution", "items*", "items-service-*-execution")
    ),
    _account(
        "GP923",
        _added("Action", "Action: 'iam:PassRole'", "Resource: !GetAtt ExecutionRole.Arn"),
        at=_statement("Action", 0),
    ),
    *(
        _account(
            "GP924",
            _added(
                "Execution",
                f"Action: 'iam:{action}'",
                f"Resource: !Sub '{_ARN}:role/items-service-dev-*'",
                *condition,
            ),
            at=_statement("Execution", 0),
        )
        for action, *condition in (
            ("CreateRole",),
            ("PutRolePolicy", f"Condition: {_OTHER}"),
            ("DeleteRolePermissionsBoundary",),
        )
    ),
    *(
        _account(
            "GP925",
            _added(role, f"Action: 'iam:{action}'", f"Resource: !Sub '{_OWN}'", *condition),
            at=_statement(role, 0),
        )
        for role, action, *condition in (
            ("Test", "UpdateAssumeRolePolicy"),
            ("Execution", "AttachRolePolicy", f"Condition: {_BOUNDED}"),
        )
    ),
]

DELIVERY_MUTANTS = _IN_THE_PIPELINE + _IN_THE_ACCOUNT
