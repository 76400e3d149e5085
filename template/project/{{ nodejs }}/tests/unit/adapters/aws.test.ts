/** Clients of AWS services: none may outlast its function. */

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { expect, test } from "vitest";
import { bounded } from "#service/adapters/aws.ts";

test("a call that nobody answers is given up after three tries", async () => {
  // given a service that takes requests and says nothing
  let requests = 0;
  const silent = createServer(() => {
    requests += 1;
  });
  await once(silent.listen(0, "127.0.0.1"), "listening");
  const client = new LambdaClient({
    ...bounded({ requestTimeout: 250 }),
    endpoint: `http://127.0.0.1:${(silent.address() as AddressInfo).port}`,
    credentials: { accessKeyId: "testing", secretAccessKey: "testing" }, // pragma: allowlist secret
  });

  // when it is called
  const call = client.send(new InvokeCommand({ FunctionName: "f" }));

  // then the caller gets an error, instead of waiting until Lambda ends it
  await expect(call).rejects.toMatchObject({ name: "TimeoutError" });
  expect(requests).toBe(3);
  silent.closeAllConnections();
  silent.close();
});
