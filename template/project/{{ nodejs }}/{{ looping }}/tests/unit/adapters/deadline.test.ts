/** Remaining time: the first step always, another one only while it fits. */

import { expect, test, vi } from "vitest";
import { Deadline } from "#service/adapters/deadline.ts";
import { context } from "#tests/lambda.ts";

/** Return a deadline before which steps were begun at these times, in milliseconds. */
function stepped(lambda: ReturnType<typeof context>, ...times: number[]): Deadline {
  const deadline = new Deadline(lambda);
  const clock = vi.spyOn(process, "uptime");
  for (const time of times) {
    clock.mockReturnValue(time / 1000);
    deadline.allowsAnotherStep();
  }
  return deadline;
}

test("the first step is allowed however little time is left", () => {
  const lambda = Object.assign(context(), { remaining: 100 });
  expect(new Deadline(lambda).allowsAnotherStep()).toBe(true);
});

test.for([
  { remaining: 5000, allowed: true },
  { remaining: 4000, allowed: false },
])(
  "no step is begun that could outlast the invocation: $remaining ms",
  ({ remaining, allowed }) => {
    // given a first step that took 2 s
    const lambda = context();
    const deadline = stepped(lambda, 0);
    vi.spyOn(process, "uptime").mockReturnValue(2);

    // then another one is begun while 4.5 s are left
    lambda.remaining = remaining;
    expect(deadline.allowsAnotherStep()).toBe(allowed);
  },
);

test("the slowest step counts also when a fast one follows", () => {
  const lambda = context();
  const deadline = stepped(lambda, 0, 2000, 2100);
  lambda.remaining = 4000;
  expect(deadline.allowsAnotherStep()).toBe(false);
});
