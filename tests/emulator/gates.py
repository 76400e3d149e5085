"""CodeDeploy's shift of traffic, and the alarms that end it, as bridges of the emulator.

They run with the emulator's Python. Traffic shifts by a tenth every minute, and a minute lasts for
so many invocations: the outcome is the same on a slow machine.
"""

import json
import random
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from golden_path.local.bridges import codedeploy
from ministack.services import lambda_svc

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.cloudwatch.evaluation import ALARM, OK
from tests.cloudwatch.metrics import Alarm, Key, Metrics, alarm_of, key

CONFIG = "CodeDeployDefault.LambdaLinear10PercentEvery1Minute"
STEPS = 10  # minutes
INVOCATIONS = 15  # a minute
PATIENCE = 120  # seconds for the whole shift


@dataclass
class Shift:
    """A shift that is going on."""

    alias: str
    version: str
    began: float = field(default_factory=time.monotonic)
    invocations: int = 0
    measured: list[tuple[Key, int, float]] = field(default_factory=list)

    @property
    def minute(self) -> float:
        return self.invocations / INVOCATIONS

    def add(self, function: str, version: str, result: dict[str, Any]) -> None:
        """Measure an invocation as Lambda does, and what it writes as CloudWatch does."""
        self.invocations += 1
        second = int(60 * self.minute)
        alias = {"FunctionName": function, "Resource": f"{function}:{self.alias}"}
        for form in (alias, alias | {"ExecutedVersion": version}):
            self.measured.append((key("AWS/Lambda", "Invocations", **form), second, 1))
            failed = bool(result.get("error"))
            self.measured.append((key("AWS/Lambda", "Errors", **form), second, failed))
        for line in result.get("log", "").splitlines():
            if not line.startswith('{"_aws"'):
                continue
            told = json.loads(line)
            for directive in told["_aws"]["CloudWatchMetrics"]:
                for names in directive["Dimensions"]:
                    for metric in directive["Metrics"]:
                        value, dimensions = (
                            told[metric["Name"]],
                            {name: told[name] for name in names},
                        )
                        found = key(directive["Namespace"], metric["Name"], **dimensions)
                        values = value if isinstance(value, list) else [value]
                        self.measured += [(found, second, one) for one in values]

    def alarmed(self, gates: list[Alarm]) -> list[str]:
        """The gates that are on."""
        metrics = Metrics()
        for found, second, value in list(self.measured):
            metrics.put(found, second, value)
        until = int(60 * self.minute)
        return [
            gate.id
            for gate in gates
            if gate.criterion.state(gate.points(metrics, until), OK) == ALARM
        ]


shifting: dict[str, Shift] = {}  # by function


def traffic_shifts_and_gates_end_it() -> None:
    """Bridge: an alias sends part of its calls to the new version, until all or an alarm is on.

    CodeDeploy stops the deployment then. The emulator knows no weights, and evaluates no alarm over
    metric math. It also slows down where a batch fails, which Lambda does not where batches may
    come back in part.
    """
    lambda_svc._ESM_BACKOFF_SECONDS = 0
    deploy, resolve = codedeploy._deploy, lambda_svc._get_func_record_for_qualifier
    execute = lambda_svc._execute_function

    def deploy_gated(policy: Any, left: Any, target: str, resources: Any) -> None:
        deploy(policy, left, target, resources)
        group = resources[policy["DeploymentGroupName"]["Ref"]]["Properties"]
        if group["DeploymentConfigName"] == CONFIG:
            named = [one["Name"] for one in group["AlarmConfiguration"]["Alarms"]]
            gates = [
                alarm_of(id_, one["Properties"])
                for id_, one in resources.items()
                if one.get("PhysicalResourceId") in named
            ]
            shift(left, target, gates)

    def shift(left: Any, target: str, gates: list[Alarm]) -> None:
        going_on = shifting[left["FunctionName"]] = Shift(left["Name"], target)
        try:
            while going_on.minute < STEPS:
                time.sleep(0.2)
                if on := going_on.alarmed(gates):
                    raise ValueError(f"The deployment is stopped: {', '.join(on)} is in ALARM")
                if time.monotonic() - going_on.began > PATIENCE:
                    raise ValueError("Nothing is sent: the shift has no traffic to tell it by")
        finally:
            del shifting[left["FunctionName"]]

    def resolve_weighted(name: str, qualifier: str | None) -> Any:
        found = shifting.get(name)
        if found and qualifier == found.alias and random.random() * STEPS < 1 + found.minute // 1:
            qualifier = found.version
        return resolve(name, qualifier)

    def execute_measured(function: Any, event: Any) -> Any:
        result = execute(function, event)
        config = function["config"]
        found = shifting.get(config["FunctionName"])
        if found and "Records" in event:
            found.add(config["FunctionName"], config["Version"], result)
        return result

    codedeploy._deploy = deploy_gated
    lambda_svc._get_func_record_for_qualifier = resolve_weighted
    lambda_svc._execute_function = execute_measured


ALL = (traffic_shifts_and_gates_end_it,)
