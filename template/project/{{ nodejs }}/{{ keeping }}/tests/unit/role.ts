/** A check of each handler's calls against its role in template.yaml. */

import { spawnSync } from "node:child_process";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { afterAll, assert, beforeAll, type RunnerTask } from "vitest";

const clients = Object.getPrototypeOf(LambdaClient).prototype; // of which every client inherits

/** A call; that of a document client of DynamoDB holds the one that is sent. */
type Command = { input: object; clientCommand?: object };

/** Compare what a handler called during its tests with what its role lets it call. */
export function compareCalls(module: string): void {
  const { send } = clients;
  const calls: object[] = [];

  beforeAll(() => {
    clients.send = function (command: Command, ...rest: unknown[]) {
      if (this.config.customUserAgent === undefined) {
        const { defaultSigningName, serviceId } = this.config; // policies call it by the first
        const service = defaultSigningName ?? serviceId.toLowerCase().replaceAll(" ", "");
        const sent = command.clientCommand ?? command;
        const operation = sent.constructor.name.replace(/Command$/, "");
        calls.push({ service, operation, parameters: command.input });
      }
      return send.call(this, command, ...rest);
    };
  });

  // biome-ignore lint/correctness/noEmptyPattern: vitest reads which fixtures are asked for
  afterAll(({}, file) => {
    clients.send = send;
    const some = file.tasks.every(passed) ? [] : ["--some"];
    const words = ["tools/calls.py", `${module}.handler`, ...some];
    const compared = spawnSync(".venv/bin/python", words, {
      input: JSON.stringify(calls, texts),
      encoding: "utf8",
    });
    assert(compared.status === 0, `src/service/handlers/${module}.ts: ${compared.stderr}`);
  });
}

/** Leave out all but texts and what holds them: numbers, bytes and streams name nothing. */
function texts(_name: string, value: unknown): unknown {
  const holds = Array.isArray(value) || Object(value).constructor === Object;
  return holds || typeof value === "string" ? value : undefined;
}

/** Tell whether a test, or each of a group, has run and passed: some tests see some calls only. */
function passed(task: RunnerTask): boolean {
  return task.type === "suite" ? task.tasks.every(passed) : task.result?.state === "pass";
}
