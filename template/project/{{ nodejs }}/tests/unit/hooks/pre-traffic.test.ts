/** The hook before traffic: what it tells CodeDeploy about new versions that fail. */

import { expect, test, vi } from "vitest";
import { context } from "#tests/lambda.ts";
import { logged } from "#tests/unit/output.ts";

const VERSION = "arn:aws:lambda:eu-west-1:123456789012:function:items";
process.env.VERSIONS = `${VERSION}:7,${VERSION}:8`;

const hook = await import("#service/hooks/pre-traffic.ts"); // it reads the variable

function answer(content: unknown, more: object = {}): object {
  return { Payload: { transformToString: () => JSON.stringify(content) }, ...more };
}

/** Expect that the release is refused for the answer of one version; return what is logged. */
async function refused(given: object | Error): Promise<unknown[]> {
  const asked = vi.spyOn(hook.functions, "send");
  asked.mockImplementationOnce(async () => answer({ probed: ["start"] }));
  asked.mockImplementationOnce(async () => {
    if (given instanceof Error) {
      throw given;
    }
    return given;
  });
  const told = vi.spyOn(hook.codedeploy, "send").mockImplementation(async () => ({}));

  const event = { DeploymentId: "d-1", LifecycleEventHookExecutionId: "e-1" };
  await hook.handler(event, context());

  expect(told.mock.calls.map(([command]) => command.input)).toEqual([
    { deploymentId: "d-1", lifecycleEventHookExecutionId: "e-1", status: "Failed" },
  ]);
  return logged("A version may not serve").map((line) => line.reason);
}

test("a version that fails is refused with its reason", async () => {
  const failed = answer({ errorMessage: "table: AccessDenied" }, { FunctionError: "Unhandled" });
  expect(await refused(failed)).toEqual(["items:8 fails its probe: table: AccessDenied"]);
});

test("a version that does not know the probe is refused", async () => {
  const reasons = await refused(answer({ statusCode: 200 }));
  expect(reasons).toEqual([expect.stringContaining("does not answer the probe")]);
});

test("a version that answers nothing is refused", async () => {
  const reasons = await refused({});
  expect(reasons).toEqual([expect.stringContaining("does not answer the probe")]);
});

test("a version that cannot be called is refused", async () => {
  const reasons = await refused(new Error("not allowed"));
  expect(reasons).toEqual([expect.stringContaining("cannot be probed: Error: not allowed")]);
});
