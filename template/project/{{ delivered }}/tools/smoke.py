"""See that a release works where it serves, without leaving data: tools/smoke.py STACK REGION

Every function answers the probe at its alias, or is stopped by `make stop`; every route of the API,
every URL of a function and every WebSocket API that asks for a signature refuses a call without
one; every bucket of another stack whose files come to a function is there, and tells of them;
every user pool of another stack that asks a function is there, and names one of the service.
"""

import argparse
import json
import os
import re
import sys
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import aws
from botocore.awsrequest import AWSRequest
from botocore.exceptions import ClientError
from botocore.httpsession import URLLib3Session
from botocore.utils import get_environ_proxies
from stack import TEMPLATE, physical_ids
from switch import TAG, stopped

ALIAS = re.compile(r"(?!PreTraffic)(\w+)FunctionAlias\w+")  # the hook serves no caller
ROUTE = re.compile(r"Method: (\w+)\n +Path: (\S+)")
BUCKET = re.compile(r"name: \[([\w.-]+)\] # (\S+): bucket$", re.MULTILINE)
POOL = re.compile(r"userpool/(\S+) # (\S+): pool$", re.MULTILINE)
HANDSHAKE = "c21va2UgdGVzdCBvZiB1cw=="  # any 16 bytes
RESOURCE = re.compile(r"^  (\w+):$", re.MULTILINE)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for word in ("stack", "region"):
        parser.add_argument(word)
    options = parser.parse_args()
    session = aws.session(options.region)
    found = physical_ids(session, options.stack)
    problems = [
        *_silent(session, found),
        *_open(session, options.stack),
        *without_files(session, TEMPLATE.read_text()),
        *without_users(session, TEMPLATE.read_text(), found),
    ]
    if problems:
        sys.exit("\n".join(problems))
    print(f"{options.stack} works.")


def _silent(session: Any, found: dict[str, str]) -> Iterator[str]:
    """Yield a sentence for each function whose alias does not answer the probe."""
    functions = session.client("lambda")
    for logical, alias in sorted(found.items()):
        if not (function := ALIAS.fullmatch(logical)):
            continue
        name = alias.rpartition(":")[0]
        try:
            answer = functions.invoke(FunctionName=alias, Payload=b'{"probe": true}')
        except ClientError as error:
            if not stopped(functions, name, error):
                raise
            print(f"{function[1]} is stopped, and not probed")
            continue
        content = json.load(answer["Payload"])
        if "FunctionError" in answer:
            yield f"{function[1]} fails its probe: {content.get('errorMessage', content)}"
        elif not isinstance(content, dict) or "probed" not in content:
            yield f"{function[1]} does not answer the probe: is its handler made by an adapter?"
        else:
            print(f"{function[1]} answers: {', '.join(content['probed'])}")
        if _runs_again(functions, name):
            yield f"Stop {function[1]} again by `make stop`: this release has started it."


def _runs_again(functions: Any, name: str) -> bool:
    """Tell whether a function was stopped by being left no concurrency: it has answered."""
    try:
        return functions.list_tags(Resource=name)["Tags"].get(TAG, "").startswith("reserved=")
    except ClientError as error:  # a role from before `make stop` may not ask
        print(f"Not seen whether {name} was stopped: {error}", file=sys.stderr)
        return False


def _open(session: Any, stack: str) -> Iterator[str]:
    """Yield a sentence for each route that asks for a signature and is not refused without one."""
    template = TEMPLATE.read_text()
    signed = "DefaultAuthorizer: " in template
    # By a token, or by a signature: what API Gateway answers to neither.
    refusal = (
        HTTPStatus.UNAUTHORIZED
        if "DefaultAuthorizer: Callers" in template
        else HTTPStatus.FORBIDDEN
    )
    _head, *resources = RESOURCE.split(template)
    blocks = [*zip(resources[::2], resources[1::2], strict=True)]
    urls = [name.removesuffix("Function") for name, block in blocks if "AuthType: AWS_IAM" in block]
    if not signed and not urls:
        return
    described = session.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
    outputs = {row["OutputKey"]: row["OutputValue"] for row in described["Outputs"]}
    calls = []
    for name, block in blocks:
        # Behind a stage a function has a URL that ends in its path; one without is yours.
        staged = "RestApiId: " in block
        url = outputs.get(name.removesuffix("Function") + "Url" if staged else "ApiUrl", "")
        for method, path in ROUTE.findall(block) if signed and url else ():
            # What stands before a route: a stage, or the path of a domain.
            stage = urlsplit(url).path.removesuffix(path.split("/{")[0] if staged else "")
            calls.append((method, f"https://{urlsplit(url).netloc}", stage + path))
    for stem in urls:
        if url := outputs.get(f"{stem}Url"):
            path = urlsplit(url).path
            method = "CONNECT" if url.startswith("wss:") else "POST"
            calls.append((method, url.removesuffix(path).replace("wss:", "https:"), path))
    for method, url, path in calls:
        status = _call(method, url, re.sub(r"{[^}]*}", "smoke", path))
        if status == refusal:
            print(f"{method} {path} refuses an unsigned call")
        else:
            yield f"{method} {path} answers an unsigned call with {status}, not with {refusal}."


def without_files(session: Any, template: str) -> Iterator[str]:
    """Yield a sentence for each bucket of another stack from which no file can come."""
    for bucket, function in BUCKET.findall(template):
        try:
            told = session.client("s3").get_bucket_notification_configuration(Bucket=bucket)
        except ClientError as error:
            yield f"{function} gets no files of {bucket}: {error.response['Error']['Message']}."
            continue
        if "EventBridgeConfiguration" not in told:
            yield f"{function} gets no files of {bucket}: let it send its events to EventBridge."
        else:
            print(f"{bucket} tells {function} of its files")


def without_users(session: Any, template: str, found: dict[str, str]) -> Iterator[str]:
    """Yield a sentence for each user pool of another stack that asks no function of this one."""
    for pool, function in POOL.findall(template):
        try:
            described = session.client("cognito-idp").describe_user_pool(UserPoolId=pool)
        except ClientError as error:
            yield f"{function} is asked nothing by {pool}: {error.response['Error']['Message']}"
            continue
        asked = json.dumps(described["UserPool"].get("LambdaConfig", {}))
        if not any(alias in asked for name, alias in found.items() if ALIAS.fullmatch(name)):
            yield f"{function} is asked nothing by {pool}: let its owner name the function."
        else:
            print(f"{pool} asks {function}")


def _call(method: str, url: str, path: str) -> int:
    """Call without a signature; an emulator finds an API, or a function, by the `Host` header."""
    headers = {}
    if emulator := os.environ.get("AWS_ENDPOINT_URL"):
        # The region stands in the host of a function, and in that of an API only on AWS.
        local = rf"\1.localhost:{urlsplit(emulator).port}"
        host = urlsplit(url).netloc
        headers["Host"] = re.sub(r"(execute-api|lambda-url\.[^.]+)\..*", local, host)
        url = emulator
    if method == "CONNECT":
        method, upgrade = "GET", {"Connection": "Upgrade", "Upgrade": "websocket"}
        headers |= upgrade | {"Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": HANDSHAKE}
    request = AWSRequest(method=method, url=f"{url}{path}", headers=headers)
    http = URLLib3Session(proxies=get_environ_proxies(url))
    try:
        return http.send(request.prepare()).status_code
    finally:
        http.close()


if __name__ == "__main__":
    aws.run(main)
