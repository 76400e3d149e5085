"""URLs of functions on the emulator: who may call them, judged as on AWS."""

from __future__ import annotations

import json
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.emulator.conftest import of_any_language
from tests.emulator.service import Service

BOTH = ("lambda:InvokeFunctionUrl", "lambda:InvokeFunction")


def called(service: Service, credentials: Credentials, url: str) -> int:
    """Call a URL, and return the status of its answer."""
    address = f"http://127.0.0.1:{service.port}{urlsplit(url).path}"
    request = AWSRequest("POST", address, {"Host": urlsplit(url).netloc}, data=b"{}")
    SigV4Auth(credentials, "lambda", urlsplit(url).netloc.split(".")[2]).add_auth(request)
    try:
        with urlopen(Request(address, b"{}", dict(request.headers))) as answer:
            return int(answer.status)
    except HTTPError as refused:
        return refused.code


@of_any_language
def test_a_caller_of_a_url_needs_both_permissions(deployed: Service) -> None:
    # given a user who may do nothing
    iam, function = deployed.client("iam"), deployed.resource("IntakeFunction")
    iam.create_user(UserName="caller")
    key = iam.create_access_key(UserName="caller")["AccessKey"]
    credentials = Credentials(key["AccessKeyId"], key["SecretAccessKey"])
    stacks = deployed.client("cloudformation").describe_stacks()["Stacks"]
    outputs = [output for stack in stacks for output in stack.get("Outputs", [])]
    url = next(one["OutputValue"] for one in outputs if one["OutputKey"] == "IntakeUrl")
    alias = f"arn:aws:lambda:*:*:function:{function}:live"
    # when the user is given the one, the other and both, then the last alone is answered
    answered = {}
    for actions in (BOTH[:1], BOTH[1:], BOTH):
        allowed = {"Effect": "Allow", "Action": [*actions], "Resource": alias}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
        iam.put_user_policy(UserName="caller", PolicyName="calls", PolicyDocument=policy)
        answered[actions] = called(deployed, credentials, url)
    assert answered == {BOTH[:1]: 403, BOTH[1:]: 403, BOTH: 400}
