"""GP93x: what the pipeline deploys can be read where it is deployed, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator

from golden_path.finding import Finding
from golden_path.intrinsics import as_list, dig
from golden_path.pipelines import pipelines
from golden_path.rules.base import Rule
from golden_path.stack import Resource, Stack, matches
from golden_path.trust import allowing, covers, trusted

# The policy that says who may use a resource: of the key itself, and of a resource for the bucket.
_KEY, _BUCKET = ("AWS::KMS::Key", "KeyPolicy"), ("AWS::S3::BucketPolicy", "PolicyDocument")
_READ = {_KEY: "kms:Decrypt", _BUCKET: "s3:GetObject"}
# Of an account, its own root stands for what its policies of identities allow.
_OWN = "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"


class OwnKey(Rule):
    id = "GP931"
    title = "Artifacts are encrypted with a key of the pipeline"
    why = "AWS's own key for S3 cannot be shared: another account never reads what it deploys."
    mend = "Let `EncryptionKey` of the artifact store name an AWS::KMS::Key of this template."

    def check(self, stack: Stack) -> Iterator[Finding]:
        for pipeline, _, keys in _stores(stack):
            if not keys:
                problem = "Its artifacts have no key of their own."
                yield self.found(stack, pipeline, "ArtifactStore", problem=problem)


class Readable(Rule):
    id = "GP932"
    title = "The roles that deploy an artifact may read and decrypt it"
    why = "The first deployment to another account fails, on a policy of this one."
    mend = (
        "Allow `s3:GetObject` in the bucket's policy and `kms:Decrypt` in the key's to each role "
        "that an action of the pipeline names."
    )

    def check(self, stack: Stack) -> Iterator[Finding]:
        wanted = _deployers(stack)
        judged = list(_policies(stack))
        shared = [one for holder, _ in judged for one in stack.named(holder.get("Bucket"))]
        for bucket in (one for _, buckets, _ in _stores(stack) for one in buckets):
            if wanted and bucket not in shared:
                yield self.found(stack, bucket, problem="No policy lets anybody read from it.")
        for holder, kind in judged:
            readers = {
                principal
                for _, statement in allowing(stack, holder, kind[1])
                if _allows(stack, statement, _READ[kind])
                for principal in trusted(stack, statement)
            }
            missing = [
                role for role in sorted(wanted) if not any(covers(one, role) for one in readers)
            ]
            if missing:
                problem = f"It keeps {', '.join(missing)} from reading artifacts."
                yield self.found(stack, holder, kind[1], problem=problem)


class ReadableByNobodyElse(Rule):
    id = "GP933"
    title = "Nobody but the roles that deploy an artifact may use its key and its bucket"
    why = "Who can write an artifact decides what production runs; who can read it has the code."
    mend = (
        "Name only roles of the pipeline and of its actions, as principals or by `ArnEquals` on "
        "`aws:PrincipalArn` beside their account's root."
    )

    def check(self, stack: Stack) -> Iterator[Finding]:
        known = _deployers(stack) | _own_roles(stack) | {_OWN}
        for holder, kind in _policies(stack):
            for number, statement in allowing(stack, holder, kind[1]):
                if others := sorted(trusted(stack, statement) - known):
                    problem = f"It lets in {', '.join(others)}."
                    path = (kind[1], "Statement", number)
                    yield self.found(stack, holder, *path, problem=problem)


def _stores(stack: Stack) -> Iterator[tuple[Resource, list[Resource], list[Resource]]]:
    """Each pipeline with each bucket of its artifacts, and the keys of that."""
    for pipeline in stack.of_type("AWS::CodePipeline::Pipeline"):
        regional = as_list(pipeline.get("ArtifactStores"))
        given = [pipeline.get("ArtifactStore"), *(dig(one, "ArtifactStore") for one in regional)]
        for store in filter(None, given):
            id_ = dig(store, "EncryptionKey", "Id")
            aliases = stack.named(id_, "AWS::KMS::Alias")
            targets = [alias.get("TargetKeyId") for alias in aliases]
            keys = stack.named([id_, *targets], "AWS::KMS::Key")
            yield pipeline, stack.named(dig(store, "Location"), "AWS::S3::Bucket"), keys


def _policies(stack: Stack) -> Iterator[tuple[Resource, tuple[str, str]]]:
    """What says who may use the keys and the buckets of artifacts."""
    for _, buckets, keys in _stores(stack):
        yield from ((key, _KEY) for key in keys)
        for policy in stack.of_type(_BUCKET[0]):
            if any(bucket in buckets for bucket in stack.named(policy.get("Bucket"))):
                yield policy, _BUCKET


def _deployers(stack: Stack) -> set[str]:
    """The roles of other stacks that actions of pipelines name."""
    return {
        role
        for pipeline in pipelines(stack)
        for action in pipeline.actions
        for given in action.roles
        if not stack.named(given, "AWS::IAM::Role")
        for role in stack.texts(given)
    }


def _own_roles(stack: Stack) -> set[str]:
    """The roles of this template, by what they are called in policies."""
    return {f"${{{role.id}.Arn}}" for role in stack.of_type("AWS::IAM::Role")} | {
        f"arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:role/{name}"
        for role in stack.of_type("AWS::IAM::Role")
        for name in stack.texts(role.get("RoleName"))
    }


def _allows(stack: Stack, statement: object, action: str) -> bool:
    return any(matches(given, action) for given in stack.texts(dig(statement, "Action")))
