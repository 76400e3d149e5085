"""Let the emulator poll a stream: it is run by the emulator's Python, with the bridge there.

Reads in each line what lies in the stream and how it is mapped, and prints what the function was
handed and what the failure destination has got. A record does what its word says: `done`, `fails`,
`crashes`; or `fails once`, in the batch in which it is the first to do so.
"""

import json
import sys
import time

from golden_path.local.bridges import by_stream
from ministack.services import lambda_svc, sqs

CONFIG = {"FunctionName": "reader", "Version": "3"}
FUNCTION = {"config": CONFIG, "aliases": {"live": {"FunctionVersion": "3"}}}
FUNCTION_ARN = "arn:aws:lambda:us-east-1:000000000000:function:reader:live"
given, handed, tried = {}, [], set()


def source() -> str:
    return f"arn:aws:{given['service']}:us-east-1:000000000000:stream"


def record(number: int, word: str) -> dict:
    arrived = time.time() - given["ages"].get(word, 0)
    if given["service"] == "kinesis":
        own = {"sequenceNumber": f"{number}", "approximateArrivalTimestamp": arrived}
        found = {"kinesis": own, "eventID": f"shardId-7:{number}"}
    else:
        own = {"SequenceNumber": f"{number}", "ApproximateCreationDateTime": arrived}
        found = {"dynamodb": own, "eventID": "0a1b2c"}
    return found | {"eventSourceARN": source(), "number": f"{number}", "word": word}


def execute(_function: dict, event: dict) -> dict:
    words = [one["word"] for one in event["Records"]]
    handed.append(words)
    if "crashes" in words:
        return {"error": True, "body": {"errorMessage": "crash"}}
    failed = [one["number"] for one in event["Records"] if one["word"] == "fails"]
    once = [one["number"] for one in event["Records"] if one["word"] == "fails once"]
    if first := [number for number in once if number not in tried][:1]:
        tried.update(first)
        failed += first
    if not failed:
        return {"body": given["answer"]}
    return {"body": {"batchItemFailures": [{"itemIdentifier": one} for one in reversed(failed)]}}


def poll() -> bool:
    records = [record(number, word) for number, word in enumerate(given["records"])]
    return not lambda_svc._execute_function(FUNCTION, {"Records": records}).get("error")


url = sqs._HANDLERS["CreateQueue"]({"QueueName": "letters"}, "")["QueueUrl"]
asked = {"QueueUrl": url, "AttributeNames": ["QueueArn"]}
letters = sqs._HANDLERS["GetQueueAttributes"](asked, url)["Attributes"]["QueueArn"]
lambda_svc._functions["reader"] = FUNCTION
lambda_svc._execute_function = execute
lambda_svc._poll_kinesis = lambda_svc._poll_dynamodb_streams = poll
by_stream.PAUSE = 0
for bridge in by_stream.ALL:
    bridge()
polls = {"kinesis": lambda_svc._poll_kinesis, "dynamodb": lambda_svc._poll_dynamodb_streams}

for line in sys.stdin:
    given = json.loads(line)
    handed.clear()
    tried.clear()
    queue = sqs._queue_by_arn(letters)["messages"]
    queue.clear()
    lambda_svc._esms["one"] = {
        "EventSourceArn": source(),
        "FunctionName": "reader",
        "FunctionArn": FUNCTION_ARN,
        "Qualifier": "live",
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "DestinationConfig": {"OnFailure": {"Destination": letters}},
    } | given["mapping"]
    went_on = polls[given["service"]]()
    found = {"handed": handed, "letters": [json.loads(one["body"]) for one in queue]}
    print(json.dumps(found | {"went_on": went_on}), flush=True)
