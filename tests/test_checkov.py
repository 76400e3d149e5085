"""checkov finds in rendered services what one list gives a reason for, and nothing else."""

import json
import shutil
import subprocess
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
import yaml
from golden_path.document import Document
from golden_path.template import translate

from tests.conftest import EVERY_KIND, ROOT, Render, named_answers

CHECKOV = ROOT / ".tools/checkov/bin/checkov"
REASONS: dict[str, str] = yaml.safe_load((ROOT / "tests/checkov.yml").read_text())

# Together they have every kind of resource; one of checkov's graphs takes two seconds.
SETS: dict[str, dict[str, Any]] = {
    "every kind": named_answers()[EVERY_KIND],
    "bounded": named_answers()["secrets"]
    | {"permissions_boundary": "platform/boundary", "encryption": "aws"},
    "own key": named_answers()["secrets"],
    "open": named_answers()["api-only"],
}


@pytest.fixture(scope="module")
def found(render: Render, tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """What checkov finds, check to places, in the templates as written and as translated."""
    if not CHECKOV.exists():
        pytest.fail("Install checkov: make .tools/checkov/.ready")
    folder = tmp_path_factory.mktemp("checkov")
    for name, answers in SETS.items():
        template = render(**answers) / "template.yaml"
        shutil.copy(template, folder / f"{name}.yaml")
        translated = json.dumps(translate(Document.read(template)), indent=2)
        (folder / f"{name}-translated.json").write_text(translated)
    # It exits with 0 whatever it finds, and asks nobody for checks and their texts.
    options = ["--framework=cloudformation", "--output=json", "--soft-fail", "--skip-download"]
    done = subprocess.run(
        [CHECKOV, *options, "--directory", folder], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads(done.stdout)
    assert report["results"]["parsing_errors"] == []
    places = defaultdict(set)
    for row in report["results"]["failed_checks"]:
        places[row["check_id"]].add(f"{Path(row['file_path']).name} {row['resource']}")
    read = {Path(row["file_path"]).name for row in report["results"]["passed_checks"]}
    assert read == {path.name for path in folder.iterdir()}, "a template was not judged"
    return dict(places)


def test_what_it_finds_has_a_reason_to_be_left(found: dict[str, set[str]]) -> None:
    unknown = {check: sorted(places) for check, places in found.items() if check not in REASONS}
    assert not unknown, "mend it in the template, or give a reason in tests/checkov.yml"


def test_what_has_a_reason_is_still_found(found: dict[str, set[str]]) -> None:
    assert set(REASONS) - set(found) == set(), "take it from tests/checkov.yml"


def test_a_reason_is_one_sentence() -> None:
    for reason in REASONS.values():
        assert 40 <= len(reason) <= 250
        assert reason[0].isupper()
        assert reason.count(".") == 1
        assert reason.endswith(".")
