"""Services of the tests share what is installed, several at a time."""

import subprocess
from pathlib import Path

import pytest

from tests.conftest import SetUp
from tests.languages import Language, languages


@pytest.mark.parametrize("language", languages(), ids=str)
def test_nothing_is_old_for_one_service_when_another_has_been_set_up(
    set_up: SetUp, language: Language, tmp_path: Path
) -> None:
    service = set_up(tmp_path / "one", runtime=language.runtime)
    set_up(tmp_path / "other", runtime=language.runtime, data_store="none")
    done = subprocess.run(["make", "--question", "setup"], cwd=service, check=False)
    assert done.returncode == 0, "it would be installed anew, in a folder that both use"
