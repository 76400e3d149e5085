"""`make local WATCH=1` sees what is written, once it is whole."""

from __future__ import annotations

from pathlib import Path

import pytest
from golden_path.local import watching


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
