"""A day's work in a living service: by its commands, in the team's own files, and at marks.

What the team writes comes from docs/how-to/own-resources.md, as it stands there.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pathspec import GitIgnoreSpec

from tests.conftest import ROOT, SetUp
from tests.installed import keep_apart
from tests.languages import Language, languages
from tests.updates.living import begin, commit
from tests.updates.matrix import yours

pytestmark = pytest.mark.usefixtures("swift_copier")

PAGE = (ROOT / "docs/how-to/own-resources.md").read_text()
SHARED = {
    "template.yaml": ("# Your own variables", "# Your own resources"),
    "pipeline/account.yaml": ("# What your own resources need",),
    # A library is named there.
    "package.json": ('"dependencies": {',),
}
"""Files of which places are the team's, and the lines below which they are."""


def shown(language: str) -> list[str]:
    """Return what the page shows in a language, without what is left out of it."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return [block for block in blocks if "aws-services" not in block]


@dataclass
class Team:
    """Who works in a service, and which files they have edited."""

    service: Path
    edited: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """The files, and in each the lines below which something was added."""

    def make(self, *words: str) -> str:
        environment = os.environ | {"NO_COLOR": "1"}
        done = subprocess.run(
            ["make", *words], cwd=self.service, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, f"make {' '.join(words)}:\n{done.stdout}{done.stderr}"
        commit(self.service)
        return done.stdout

    def write(self, file: str, text: str) -> None:
        """Write a file that was not there, and is the team's wherever it is."""
        assert not (self.service / file).exists()
        (self.service / file).write_text(text)

    def add(self, file: str, text: str, *, below: str) -> None:
        """Write below a line, which stands once."""
        self.edited[file].add(below)
        path = self.service / file
        before, line, after = re.split(
            rf"(^.*{re.escape(below)}.*\n)", path.read_text(), flags=re.MULTILINE
        )
        path.write_text(f"{before}{line}{text}{after}")


def write_python(team: Team) -> None:
    """Let the function write into the bucket, and its tests have it."""
    handler = "src/service/handlers/orders.py"
    team.write("src/service/adapters/reports.py", shown("python")[0])
    team.add(handler, "    reports.keep(item.item_id, b'kept')\n", below='count("ItemsReceived"')
    imported = "from service.adapters import reports\n"
    team.add(handler, imported, below="from service.adapters import http_api")
    team.write("tests/unit/handlers/conftest.py", shown("python")[1])
    worker = "src/service/handlers/worker.py"
    team.add(worker, 'token = Secret("partner-token")\n', below='store = Store("worker")')
    team.add(worker, "    token.used(len)\n", below="    items.process(")
    secret = "from service.adapters.secrets import Secret\n"
    team.add(worker, secret, below="from service.adapters import sqs")


def write_typescript(team: Team) -> None:
    """The same."""
    handler = "src/service/handlers/orders.ts"
    team.write("src/service/adapters/reports.ts", shown("ts")[0])
    team.add("package.json", '    "@aws-sdk/client-s3": "^3",\n', below='"dependencies": {')
    team.add(
        handler, '    await reports.keep(item.item_id, "kept");\n', below='count("ItemsReceived"'
    )
    imported = 'import * as reports from "#service/adapters/reports.ts";\n'
    team.add(handler, imported, below='adapters/http-api.ts"')
    team.write("tests/unit/handlers/reports.ts", shown("ts")[1])
    test = "tests/unit/handlers/orders.test.ts"
    team.add(test, 'import "#tests/unit/handlers/reports.ts";\n', below='from "#tests/lambda.ts"')
    worker = "src/service/handlers/worker.ts"
    team.add(
        worker, 'const token = new Secret("partner-token");\n', below="const store = new Store"
    )
    team.add(worker, "  await token.used(async (value) => value.length);\n", below="  await items.")
    secret = 'import { Secret } from "#service/adapters/secrets.ts";\n'
    team.add(worker, secret, below='adapters/sqs.ts"')


WRITE: dict[str, Callable[[Team], None]] = {"python": write_python, "nodejs": write_typescript}


@pytest.mark.parametrize(
    "language",
    [languages()[0], pytest.param(languages()[1], marks=pytest.mark.all_rows)],
    ids=str,
)
def test_a_days_work_edits_no_file_of_the_golden_path(
    set_up: SetUp, tmp_path: Path, language: Language
) -> None:
    # given
    service = set_up(
        tmp_path, ".tools/golden-path/.ready", *language.linters, runtime=language.runtime
    )
    keep_apart(service)
    team = Team(begin(service))
    # when an endpoint, a queue and a secret come by commands, and are tuned and renamed
    team.make("add-function", "NAME=orders", "KIND=http_api")
    team.make("add-function", "NAME=refund", "KIND=sqs")
    team.make("answer", "SET=secrets: {partner-token: medium}")
    team.make("tune-function", "NAME=worker", "SET=timeout: 120, secrets: [partner-token]")
    team.make("rename-function", "NAME=refund", "TO=refunds")
    # and the team writes a bucket of its own, and the code
    resources, variable, statement = shown("yaml")
    team.add("template.yaml", resources, below="# Your own resources")
    team.add("template.yaml", variable, below="# Your own variables")
    team.add("pipeline/account.yaml", statement, below="# What your own resources need")
    WRITE[language.name](team)
    if language.name == "nodejs":
        team.make("lock")
    # then the service is as good as before
    team.make("format")
    team.make("test", "lint", "rules", "build")
    # and no file is edited but the team's, nor a shared one but at its place
    own: GitIgnoreSpec = yours(ROOT)
    shared = {name: at for name, at in team.edited.items() if not own.match_file(name)}
    assert all(at <= {*SHARED.get(name, ())} for name, at in shared.items()), shared
