"""A handler as a team may write it: the standard logging, print, clients of its own, libraries."""

import logging
import os
import threading

import botocore.session
import chatty
import urllib3
from service.adapters import aws, http_api
from service.adapters.secrets import Secret
from service.adapters.telemetry import logger

log = logging.getLogger(__name__)
payment_key = Secret("payment-key")
carrier_token = Secret("carrier-token")
partner = urllib3.PoolManager()
queues = aws.client("sqs")
parameters = botocore.session.get_session().create_client("ssm")


@http_api.handler
def handler(request: http_api.Request) -> http_api.Response:
    log.debug("The team's debug")
    log.info("The team's info", extra={"answer": 42})
    log.warning("The team's warning")
    logger.debug("Our debug")
    logger.info("Our info")
    print("The team prints", {"answer": 42}, sep=": ")
    print("Two lines\nat once")
    try:
        request.headers["x-none"]
    except LookupError:
        log.exception("The team's exception")
    logger.append_keys(items={("a", "pair"): 1})
    logger.error("The team's keys are no JSON")
    logger.remove_keys(["items"])
    thread = threading.Thread(target=lambda: {}["the team's thread"])
    thread.start()
    thread.join()
    carrier_token.used(chatty.call)
    payment_key.used(_pay)
    queues.send_message(QueueUrl="https://example.com/queue", MessageBody=str(request.content))
    parameters.get_parameter(Name="/carrier-token", WithDecryption=True)
    if "x-fail" in request.headers:
        raise LookupError("gone")
    return http_api.Response(200, {})


def _pay(key: str) -> None:
    headers = {"authorization": f"Bearer {key}"}
    partner.request("POST", os.environ["AWS_ENDPOINT_URL"] + "/pay", body=key, headers=headers)
