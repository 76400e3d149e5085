"""Somebody calls, and waits.

Assumed: API Gateway and the URL of a function count a request at the second in which it comes. API
Gateway answers 5xx where the function fails or is refused, a URL where it fails: who is refused
gets 429, and who may not call 403. An API for WebSockets counts a message, an integration's error
where the function fails, and an error of its own where it does not run.
"""

from __future__ import annotations

from functools import cache

from golden_path.intrinsics import text

from tests.cloudwatch.metrics import Key, key
from tests.cloudwatch.world import World


def call(world: World) -> None:
    """Let each caller call, once."""
    sockets = "WEBSOCKET" in world.source.get("having", {}).get("ProtocolType", ())
    tell = _sockets if sockets else SOURCES.get(world.source["type"])
    for number, second in world.comes():
        if second >= 0 and world.fault.dead:
            continue
        denied = second >= 0 and world.fault.denied
        done = None if denied else world.invoke(second, [number])
        if tell:
            tell(world, second, done)


def _api(world: World, second: int, done: set[int] | None) -> None:
    requests, faults, latency = _of_api(text(world.own.event.get("ApiId", "")))
    world.metrics.put(requests, second, 1)
    world.metrics.put(faults, second, not done)
    lasts = 1000 * world.lasts(second) if done is not None else 10
    world.metrics.put(latency, second, lasts)


@cache
def _of_api(api: str) -> tuple[Key, Key, Key]:
    """What API Gateway tells: requests, answers that are faults, and the time they took.

    A REST API, which no id names, by its own name and its stage.
    """
    stage = {"ApiName": "${AWS::StackName}-rest-api", "Stage": "${RestApi.Stage}"}
    own = {"ApiId": api} if api else stage
    names = ("Count", "5xx" if api else "5XXError", "Latency")
    requests, faults, latency = (key("AWS/ApiGateway", name, **own) for name in names)
    return requests, faults, latency


def _url(world: World, second: int, done: set[int] | None) -> None:
    if second >= 0 and world.fault.denied:
        return
    requests, faults, latency = _of_url(f"${{{world.load.stem}Function}}")
    world.metrics.put(requests, second, 1)
    world.metrics.put(faults, second, done is not None and not done)
    lasts = 1000 * world.lasts(second) if done is not None else 10
    world.metrics.put(latency, second, lasts)


@cache
def _of_url(function: str) -> tuple[Key, Key, Key]:
    """What Lambda tells of a URL of an alias, as API Gateway of an API."""
    requests, faults, latency = (
        key("AWS/Lambda", name, FunctionName=function, Resource=f"{function}:live")
        for name in ("UrlRequestCount", "Url5xxCount", "UrlRequestLatency")
    )
    return requests, faults, latency


def _sockets(world: World, second: int, done: set[int] | None) -> None:
    messages, own, faults, latency = _of_sockets(f"${{{world.load.stem}Sockets}}")
    world.metrics.put(messages, second, 1)
    world.metrics.put(own, second, done is None)
    world.metrics.put(faults, second, done is not None and not done)
    if done is not None:
        world.metrics.put(latency, second, 1000 * world.lasts(second))


@cache
def _of_sockets(api: str) -> tuple[Key, Key, Key, Key]:
    """What API Gateway tells of messages."""
    names = ("MessageCount", "ExecutionError", "IntegrationError", "IntegrationLatency")
    messages, own, faults, latency = (key("AWS/ApiGateway", name, ApiId=api) for name in names)
    return messages, own, faults, latency


# What else measures a call, by the type of the source.
SOURCES = {
    "AWS::ApiGateway::Stage": _api,
    "AWS::ApiGatewayV2::Api": _api,
    "AWS::Lambda::Url": _url,
}
