"""`make local WATCH=1` sees what is written, once it is whole, and leaves nothing behind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from golden_path.local import emulator, watching


def test_a_change_is_seen_when_nothing_more_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.chdir(tmp_path)
    library = tmp_path / "elsewhere/library"
    library.mkdir(parents=True)
    (tmp_path / "src/__pycache__").mkdir(parents=True)
    (tmp_path / "src/linked").symlink_to(library)
    before = watching.stamps()
    assert watching.settled(before) == before
    (tmp_path / "src/__pycache__/own.pyc").touch()
    assert watching.settled(before) == before, "what Python compiles is no change"
    waits = iter((lambda: (tmp_path / "template.yaml").write_text("Resources"), lambda: None))
    monkeypatch.setattr(watching.time, "sleep", lambda _seconds: next(waits)())
    # when
    (library / "own.py").write_text("own = 1")
    after = watching.settled(before)
    # then
    assert set(after) - set(before) == {"src/linked/own.py", "template.yaml"}


def test_an_emulator_whose_start_is_stopped_leaves_no_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = subprocess.Popen(["sleep", "60"], start_new_session=True)
    monkeypatch.setattr(emulator, "PYTHON", Path(sys.executable))
    monkeypatch.setattr(emulator, "WORK", tmp_path)
    monkeypatch.setattr(emulator, "LOG", tmp_path / "log")
    monkeypatch.setattr(emulator, "STATE", tmp_path / "state.json")
    monkeypatch.setattr(emulator.subprocess, "Popen", lambda *_, **__: begun)

    def stopped(_: emulator.Emulator) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(emulator.Emulator, "answers", stopped)
    with pytest.raises(KeyboardInterrupt):
        emulator.start("dev", "items-service-dev", "eu-west-1", None)
    assert not emulator._lives(begun.pid)
    assert not (tmp_path / "state.json").exists()
