/** A handler as a team may write it: the console, clients of its own, libraries that tell all. */

import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { bounded } from "#service/adapters/aws.ts";
import { variable } from "#service/adapters/environment.ts";
import * as httpApi from "#service/adapters/http-api.ts";
import { Secret } from "#service/adapters/secrets.ts";
import { logger } from "#service/adapters/telemetry.ts";

const paymentKey = new Secret("payment-key");
const carrierToken = new Secret("carrier-token");
// The stand-in is not at the queue's own address, and knows no checksums.
const queues = new SQSClient({ ...bounded(), useQueueUrlAsEndpoint: false, md5: false });
const parameters = new SSMClient({});

export const handler = httpApi.handler(async (request) => {
  console.trace("The team's trace");
  console.debug("The team's debug");
  console.log("The team's info");
  console.log("%s and", "more", { answer: 42 });
  console.info("Two lines\nat once");
  console.warn("The team's warning");
  console.error(new RangeError("The team's exception"));
  logger.debug("Our debug");
  logger.info("Our info");
  await carrierToken.used(async (value) => console.debug(`A library sends ${value}`));
  await paymentKey.used(pay);
  const MessageBody = request.content;
  await queues.send(new SendMessageCommand({ QueueUrl: "https://example.com/queue", MessageBody }));
  await parameters.send(new GetParameterCommand({ Name: "/carrier-token", WithDecryption: true }));
  if (request.headers["x-fail"]) {
    const sent = { config: { headers: request.headers, data: request.content } };
    throw Object.assign(new RangeError("gone"), sent, { toJSON: () => sent, cause: sent });
  }
  return { status: 200, body: {} };
});

async function pay(key: string): Promise<void> {
  const headers = { authorization: `Bearer ${key}` };
  await fetch(`${variable("AWS_ENDPOINT_URL")}/pay`, { method: "POST", body: key, headers });
}
