/** The hook before traffic: which version it judges, and what it tells CodeDeploy. */

import { TooManyRequestsException } from "@aws-sdk/client-lambda";
import { beforeEach, expect, test, vi } from "vitest";
import * as hook from "#service/hooks/pre-traffic.ts";
import { context } from "#tests/lambda.ts";
import { logged } from "#tests/unit/output.ts";

const HASH = { revisionType: "String", string: { sha256: "0123" } };
const MOVED = { Name: "items", Alias: "live", CurrentVersion: "7", TargetVersion: "8" };
const AS_JSON = JSON.stringify({ version: 0, Resources: [{ items: { Properties: MOVED } }] });
const AS_YAML = Object.entries(MOVED)
  .map(([key, value]) => `  ${key}: ${value}`)
  .join("\n");

function answer(content: unknown, more: object = {}): object {
  return { Payload: { transformToString: () => JSON.stringify(content) }, ...more };
}

function failure(name: string): Error {
  return Object.assign(new Error("not now"), { name });
}

/** Let calls of a client be answered, one after the other; return what it is asked. */
function answers(client: object, given: (object | Error)[]): () => unknown[] {
  const sent = vi.spyOn(client as { send: (command: unknown) => Promise<object> }, "send");
  sent.mockReset();
  for (const one of given) {
    sent.mockImplementationOnce(async () => {
      if (one instanceof Error) {
        throw one;
      }
      return one;
    });
  }
  return () => sent.mock.calls.map(([command]) => (command as { input: unknown }).input);
}

/** What CodeDeploy tells of a deployment: at first its hash alone. */
function deploys(content: string): object[] {
  const info = { applicationName: "service", revision: HASH };
  const revision = { ...HASH, string: { ...HASH.string, content } };
  return [{ deploymentInfo: info }, { revision }];
}

/** Run the hook; return what it reports and the reasons that it logs. */
async function judged(
  told: (object | Error)[],
  probed: (object | Error)[],
  remaining = 240_000,
): Promise<[string, unknown[]]> {
  const asked = answers(hook.codedeploy, [...told, {}]);
  const called = answers(hook.functions, probed);

  const event = { DeploymentId: "d-1", LifecycleEventHookExecutionId: "e-1" };
  const judging = hook.handler(event, Object.assign(context(), { remaining }));
  await vi.runAllTimersAsync();
  await judging;

  const report = asked().at(-1) as { status: string };
  expect(report).toMatchObject({ deploymentId: "d-1", lifecycleEventHookExecutionId: "e-1" });
  expect(asked().at(-2)).toEqual({ applicationName: "service", revision: HASH });
  for (const call of called()) {
    expect([
      { FunctionName: "items:8", Payload: '{"probe":true}' },
      { FunctionName: "items" },
    ]).toContainEqual(call);
  }
  expect(called()).toHaveLength(probed.length);
  return [report.status, logged("A version may not serve").map((line) => line.reason)];
}

beforeEach(() => {
  vi.useFakeTimers();
  return () => vi.useRealTimers();
});

test.each([AS_JSON, AS_YAML])("the version that is deployed is probed", async (content) => {
  const verdict = await judged(deploys(content), [answer({ probed: ["start"] })]);
  expect(verdict).toEqual(["Succeeded", []]);
});

test("a version that fails is refused with its reason", async () => {
  const failed = answer({ errorMessage: "table: AccessDenied" }, { FunctionError: "Unhandled" });
  const verdict = await judged(deploys(AS_JSON), [failed]);
  expect(verdict).toEqual(["Failed", ["items:8 fails its probe: table: AccessDenied"]]);
});

const SILENT = [answer({ statusCode: 200 }), {}];

test.each(SILENT)("a version that does not answer the probe is refused", async (given) => {
  const verdict = await judged(deploys(AS_JSON), [given]);
  expect(verdict).toEqual(["Failed", [expect.stringContaining("does not answer the probe")]]);
});

test("what names no version is refused", async () => {
  const [status, reasons] = await judged(deploys("version: 0.0"), []);
  expect(status).toBe("Failed");
  expect(reasons).toEqual([expect.stringContaining("its revision has no Name")]);
});

test("what passes is waited for", async () => {
  const told = [failure("AccessDeniedException"), ...deploys(AS_JSON)];
  const passing = [
    "TooManyRequestsException",
    "ResourceConflictException",
    "ResourceNotReadyException",
  ];
  const probed = [...passing.map(failure), answer({ probed: ["start"] })];
  expect(await judged(told, probed)).toEqual(["Succeeded", []]);
});

test("what is stopped is passed over", async () => {
  const busy = new TooManyRequestsException({
    message: "not now",
    $metadata: {},
    Reason: "ReservedFunctionConcurrentInvocationLimitExceeded",
  });
  const kept = (most: number) => ({ ReservedConcurrentExecutions: most });
  const verdict = await judged(deploys(AS_JSON), [busy, kept(5), busy, kept(0)]);
  expect(verdict).toEqual(["Succeeded", []]);
  expect(logged("A version is not probed: its function is stopped")).toHaveLength(1);
});

test.each([
  ["too late", 99_000, "TooManyRequestsException"],
  ["it does not pass", 240_000, "ResourceNotFoundException"],
])("what does not pass is refused: %s", async (_, remaining, name) => {
  const verdict = await judged(deploys(AS_JSON), [failure(name)], remaining);
  expect(verdict).toEqual(["Failed", [`items:8 cannot be probed: ${name}: not now`]]);
});
