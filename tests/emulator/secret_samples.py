"""Code that the tests of secrets put into a service, in its language."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SecretSamples:
    """Handlers that use a secret, and how the steps of a rotation are written."""

    source: str  # the file of a function's handler
    teller: str  # tells its SECRET, or that of another reference; `refused` is what is refused
    front: str  # answers callers over HTTP, and uses a secret to do so
    rotation: str  # the module of the rotation
    unwritten: tuple[str, str]  # how a step begins that nobody has written, and one that returns
    reason: tuple[str, ...]  # where a log line has the text of an error


SECRET_SAMPLES = {
    "python": SecretSamples(
        source="src/service/handlers/{}.py",
        teller="""
from service.adapters import telemetry
from service.adapters.secrets import Refused, Secret

own = Secret("SECRET")


@telemetry.instrumented
def handler(event, _context):
    secret = own
    if "reference" in event:
        secret = Secret("SECRET")
        secret.reference = event["reference"]

    def use(value):
        if value == event.get("refused"):
            raise Refused
        return value

    return secret.used(use)
""",
        front="""
from service.adapters import http_api
from service.adapters.secrets import Secret

token = Secret("unwritten-token")


@http_api.handler
def handler(_request):
    return http_api.Response(200, token.used(len))
""",
        rotation="rotate_payment_key",
        unwritten=("    raise NotWritten(", "    print("),
        reason=("exception",),
    ),
    "nodejs": SecretSamples(
        source="src/service/handlers/{}.ts",
        teller="""
import { instrumented } from "#service/adapters/invocation.ts";
import { Refused, Secret } from "#service/adapters/secrets.ts";

const own = new Secret("SECRET");

export const handler = instrumented((event: { reference?: string; refused?: string }) => {
  const { reference, refused } = event;
  const secret = reference ? Object.assign(new Secret("SECRET"), { reference }) : own;
  return secret.used(async (value) => {
    if (value === refused) {
      throw new Refused();
    }
    return value;
  });
});
""",
        front="""
import * as httpApi from "#service/adapters/http-api.ts";
import { Secret } from "#service/adapters/secrets.ts";

const token = new Secret("unwritten-token");

export const handler = httpApi.handler(async () => ({
  status: 200,
  body: await token.used(async (value) => value.length),
}));
""",
        rotation="rotate-payment-key",
        unwritten=("    throw new rotation.NotWritten(", "    String("),
        reason=("error", "message"),
    ),
}
