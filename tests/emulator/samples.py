"""Code that the tests of releases put into a service, in its language."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Samples:
    """A handler that tells its release, and a hook that waits."""

    handler: str  # its file
    release: str  # its code, with a place for the release's name
    starts: tuple[str, str]  # a line of it, and the same behind what cannot be loaded
    hook: str
    entry: str  # where the hook's work begins
    wait: str  # what it then does, until a file is there

    def waiting(self, asked: object, go: object) -> str:
        return self.entry + self.wait.replace("ASKED", str(asked)).replace("GO", str(go))


SAMPLES = {
    "python": Samples(
        handler="src/service/handlers/items.py",
        release="""
from service.adapters import http_api
from service.adapters.store import Store

store = Store("items")


@http_api.handler
def handler(_request: http_api.Request) -> http_api.Response:
    return http_api.Response(200, {"release": "RELEASE"})
""",
        starts=("store = ", "import no_such_library\nstore = "),
        hook="src/service/hooks/pre_traffic.py",
        entry="\ndef handler(event: dict[str, str], context: Any) -> None:\n",
        wait="""\
    import pathlib, time
    pathlib.Path("ASKED").touch()
    while not pathlib.Path("GO").exists():
        time.sleep(0.1)
""",
    ),
    "nodejs": Samples(
        handler="src/service/handlers/items.ts",
        release="""
import * as httpApi from "#service/adapters/http-api.ts";
import { Store } from "#service/adapters/store.ts";

export const store = new Store("items");

export const handler = httpApi.handler(async () => ({ status: 200, body: { release: "RELEASE" } }));
""",
        starts=("export const store = ", 'JSON.parse("");\nexport const store = '),
        hook="src/service/hooks/pre-traffic.ts",
        entry="instrumented(async (event: LifecycleEvent, context): Promise<void> => {\n",
        wait="""\
  const { existsSync, writeFileSync } = await import("node:fs");
  writeFileSync("ASKED", "");
  while (!existsSync("GO")) {
    await new Promise((later) => setTimeout(later, 100));
  }
""",
    ),
}
