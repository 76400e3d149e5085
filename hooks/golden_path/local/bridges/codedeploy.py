"""CodeDeploy: an alias moves to a new version only when its hook has agreed.

Judged: where the alias is, what the deployment's role may do, and what the hook may do and says.
The hook is told no version: it reads what is deployed, as from CodeDeploy. Recorded: the
weights of a gradual shift and the alarms that would end it, so all traffic moves at once. A
rollback of the stack moves aliases back without asking.
"""

import hashlib
import json
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from ministack import app
from ministack.core import iam_evaluator, router
from ministack.core.responses import get_account_id, get_region, json_response
from ministack.services import cloudformation, lambda_svc
from ministack.services.cloudformation import changesets, engine, handlers, stacks

from golden_path.local.bridges.cloudformation import RESOURCES, Created, Record
from golden_path.local.bridges.roles import require

ALIAS = "AWS::Lambda::Alias"
TARGET = "CodeDeploy_20141006"


@dataclass
class Deployment:
    """A deployment whose hook is asked."""

    application: str
    group: str
    content: str  # its AppSpec
    hook_execution: str
    status: str = ""

    @property
    def revision(self) -> Record:
        """What is deployed, named by its hash alone."""
        sha256 = hashlib.sha256(self.content.encode()).hexdigest()
        return {"revisionType": "String", "string": {"sha256": sha256}}


policies: ContextVar[dict[str, Record]] = ContextVar("policies")  # of aliases, by logical id
running: dict[str, Deployment] = {}  # by id


def aliases_move_by_codedeploy() -> None:
    """Bridge: an alias with an update policy is moved by CodeDeploy, which asks the hook first.

    CodeDeploy refuses an alias that is not where the stack left it, and waits for the hook's
    report. The emulator knows neither update policies nor CodeDeploy, and moves the alias.
    """
    _update_policies_are_known()
    router.SERVICE_PATTERNS["codedeploy"] = {"target_prefixes": [TARGET]}
    app.SERVICE_HANDLERS["codedeploy"] = _serve
    alias = RESOURCES[ALIAS]
    update = alias["update"]

    def move(arn: str, old: Record, new: Record, stack: str, logical_id: str) -> Created:
        policy = policies.get().get(logical_id)
        found = cloudformation._stacks[stack]
        moves = old["FunctionVersion"] != new["FunctionVersion"]
        if policy and moves and found["StackStatus"] == "UPDATE_IN_PROGRESS":
            _deploy(policy, old, new["FunctionVersion"], found["_resources"])
        return update(arn, old, new, stack, logical_id)

    alias["update"] = move
    # The hook calls the emulator, which must be free to answer.
    blocks = stacks._runs_on_worker_thread
    stacks._runs_on_worker_thread = lambda kind: kind == ALIAS or blocks(kind)


def _update_policies_are_known() -> None:
    """Let what an update policy refers to come before the alias, and keep it for the update."""
    dependencies, deploy = engine._extract_deps, stacks._deploy_stack_async

    def with_policy(resource: Record, names: set[str]) -> set[str]:
        policy = {"Properties": resource.get("UpdatePolicy", {})}
        return dependencies(resource, names) | dependencies(policy, names)

    async def with_policies(stack: str, stack_id: str, template: Record, *rest: Any, **more: Any):
        found = {
            logical_id: resource["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]
            for logical_id, resource in template["Resources"].items()
            if resource["Type"] == ALIAS and "UpdatePolicy" in resource
        }
        policies.set(found)
        await deploy(stack, stack_id, template, *rest, **more)

    engine._extract_deps = with_policy
    for module in (changesets, handlers):
        module._deploy_stack_async = with_policies


def _deploy(policy: Record, left: Record, target: str, resources: dict[str, Record]) -> None:
    """Deploy as CodeDeploy does, up to the moment when traffic moves; raise what ends it."""

    def physical(part: str) -> str:
        return resources[policy[part]["Ref"]]["PhysicalResourceId"]

    function, version = left["FunctionName"], left["FunctionVersion"]
    alias = lambda_svc._functions[function]["aliases"][left["Name"]]
    if alias["FunctionVersion"] != version:
        raise ValueError(
            f"CodeDeploy refuses: the alias {left['Name']} of {function} is at version "
            f"{alias['FunctionVersion']}, not at {version}, where the stack left it"
        )
    group = resources[policy["DeploymentGroupName"]["Ref"]]
    role = group["Properties"]["ServiceRoleArn"]
    for action in ("lambda:GetAlias", "lambda:UpdateAlias"):
        require(role, action, lambda_svc._func_arn(function))
    if "BeforeAllowTrafficHook" in policy:
        hook = physical("BeforeAllowTrafficHook")
        moved = {
            "Name": function,
            "Alias": left["Name"],
            "CurrentVersion": version,
            "TargetVersion": target,
        }
        appspec = {
            "version": 0.0,
            "Resources": [{function: {"Type": "AWS::Lambda::Function", "Properties": moved}}],
            "Hooks": [{"BeforeAllowTraffic": hook}],
        }
        names = physical("ApplicationName"), physical("DeploymentGroupName")
        _ask(hook, role, Deployment(*names, json.dumps(appspec), str(uuid4())))


def _ask(hook: str, role: str, asked: Deployment) -> None:
    require(role, "lambda:InvokeFunction", lambda_svc._func_arn(hook))
    deployment_id = f"d-{uuid4().hex[:9].upper()}"
    running[deployment_id] = asked
    event = {
        "DeploymentId": deployment_id,
        "LifecycleEventHookExecutionId": asked.hook_execution,
    }
    answer = lambda_svc._execute_function(lambda_svc._functions[hook], event)
    del running[deployment_id]
    if answer.get("error"):
        raise ValueError(f"Deployment {deployment_id} failed: {hook} failed: {answer['body']}")
    # CodeDeploy waits for an hour, but nothing of a function runs on once it has answered.
    if asked.status != "Succeeded":
        raise ValueError(
            f"Deployment {deployment_id} failed: {hook} reported {asked.status or 'nothing'}"
        )


async def _serve(
    _method: str, _path: str, headers: dict[str, str], body: bytes, query: Record
) -> tuple[int, dict[str, str], bytes]:
    """Answer a hook, as far as its own role allows."""
    action = headers["x-amz-target"].removeprefix(f"{TARGET}.")
    if action not in ANSWERS:
        known = ", ".join(ANSWERS)
        return _error("UnknownOperationException", f"the local CodeDeploy knows {known} alone")
    request = json.loads(body)
    found, kind, answer = ANSWERS[action]
    asked = found(request)
    if not asked:
        return _error("DeploymentDoesNotExistException", f"no deployment waits for {request}")
    name = f"{asked.application}/{asked.group}" if kind == "deploymentgroup" else asked.application
    arn = f"arn:aws:codedeploy:{get_region()}:{get_account_id()}:{kind}:{name}"
    denied = iam_evaluator.enforce(
        router.extract_access_key_id(headers, query),
        f"codedeploy:{action}",
        "codedeploy",
        get_region(),
        resource_arn=arn,
    )
    if denied:
        sentence = f"{denied.principal_arn} may not perform codedeploy:{action} on {arn}"
        return _error("AccessDeniedException", sentence)
    return answer(asked, request)


def _by_id(request: Record) -> Deployment | None:
    return running.get(request["deploymentId"])


def _by_revision(request: Record) -> Deployment | None:
    for asked in running.values():
        if (asked.application, asked.revision) == (request["applicationName"], request["revision"]):
            return asked
    return None


def _describe(asked: Deployment, request: Record) -> Any:
    info = {
        "deploymentId": request["deploymentId"],
        "applicationName": asked.application,
        "deploymentGroupName": asked.group,
        "revision": asked.revision,
    }
    return json_response({"deploymentInfo": info})


def _show(asked: Deployment, _request: Record) -> Any:
    content = {**asked.revision["string"], "content": asked.content}
    revision = {**asked.revision, "string": content}
    return json_response({"applicationName": asked.application, "revision": revision})


def _take(asked: Deployment, request: Record) -> Any:
    if request["lifecycleEventHookExecutionId"] != asked.hook_execution:
        return _error("InvalidLifecycleEventHookExecutionIdException", "another hook is asked")
    asked.status = request["status"]
    return json_response({"lifecycleEventHookExecutionId": asked.hook_execution})


# By action: which deployment it is about, what IAM is asked for, and the answer.
ANSWERS: dict[str, tuple[Callable[..., Any], str, Callable[..., Any]]] = {
    "GetDeployment": (_by_id, "deploymentgroup", _describe),
    "GetApplicationRevision": (_by_revision, "application", _show),
    "PutLifecycleEventHookExecutionStatus": (_by_id, "deploymentgroup", _take),
}


def _error(code: str, message: str) -> tuple[int, dict[str, str], bytes]:
    return json_response({"__type": code, "message": message}, HTTPStatus.BAD_REQUEST)
