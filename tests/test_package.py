"""The package that a release names: equal bytes of equal files, and no bucket without versions."""

from __future__ import annotations

import io
import os
import shutil
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.tooling import tool_of


@pytest.fixture(scope="module")
def tool(default_service: Path, tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """The service's tools/package.py, in a copy, since what runs there leaves files behind."""
    service = shutil.copytree(default_service, tmp_path_factory.mktemp("package") / "service")
    for name in ("package", "deploy"):
        sys.modules.pop(name, None)
    return tool_of(service, "package")


class Bucket:
    """Answers as S3 does of a bucket with versions, or without."""

    def __init__(self, content: bytes, *versions: str) -> None:
        self.content, self.versions = content, list(versions)

    def get_object(self, **_: str) -> dict[str, Any]:
        return {"Body": io.BytesIO(self.content), **self._version()}

    def head_object(self, VersionId: str, **_: str) -> None:  # noqa: N803 - as S3 has it
        if VersionId == "denied":
            raise ClientError({"Error": {"Code": "403", "Message": "Forbidden"}}, "HeadObject")

    def put_object(self, Body: bytes, **_: str) -> dict[str, Any]:  # noqa: N803 - as S3 has it
        self.content = Body
        return self._version()

    def _version(self) -> dict[str, str]:
        return {"VersionId": self.versions.pop(0)} if self.versions else {}


def test_equal_files_are_equal_zips(tool: ModuleType, tmp_path: Path) -> None:
    names = []
    for folder, order, mode in (("one", ("a", "b/c"), 0o644), ("other", ("b/c", "a"), 0o755)):
        for number, name in enumerate(order):
            file = tmp_path / folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(name)
            file.chmod(mode)
            os.utime(file, (number, 10**9 + number))
        names.append(tool._zip(tmp_path / folder).name)
    assert names[0] == names[1]
    (tmp_path / "other/a").write_text("changed")
    assert tool._zip(tmp_path / "other").name != names[0]


def test_what_is_pinned_has_the_bytes_that_were_built(tool: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "handler.py").write_text("")
    name = tool._zip(tmp_path).stem
    package = (tool.ZIPS / f"{name}.zip").read_bytes()
    at = ("  CodeUri", "bucket", f"packages/{name}", name)
    assert tool._pin(Bucket(package, "first"), *at).endswith("\n    Version: first")
    exchanged = Bucket(b"another", "theirs", "ours")
    assert tool._pin(exchanged, *at).endswith("\n    Version: ours")
    assert exchanged.content == package


def test_roles_of_before_are_told_the_command_that_lets_them_read(
    tool: ModuleType, tmp_path: Path
) -> None:
    (tmp_path / "handler.py").write_text("")
    name = tool._zip(tmp_path).stem
    package = (tool.ZIPS / f"{name}.zip").read_bytes()
    with pytest.raises(SystemExit, match="Run `make bootstrap` first, by which roles may read"):
        tool._pin(Bucket(package, "denied"), "  CodeUri", "bucket", f"packages/{name}", name)


@pytest.mark.parametrize("versions", [(), ("null",)], ids=["never", "no longer"])
def test_a_bucket_without_versions_is_refused(
    tool: ModuleType, tmp_path: Path, versions: tuple[str, ...]
) -> None:
    (tmp_path / "handler.py").write_text("")
    name = tool._zip(tmp_path).stem
    package = (tool.ZIPS / f"{name}.zip").read_bytes()
    with pytest.raises(SystemExit, match="Turn on the versions of bucket"):
        tool._pin(Bucket(package, *versions), "  CodeUri", "bucket", f"packages/{name}", name)


def test_what_is_no_folder_is_left_to_sam_and_a_zip_is_pinned_too(
    tool: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr(tool, "ROOT", tmp_path)
    (tmp_path / "own").mkdir()
    (tmp_path / "own/handler.py").write_text("own")
    shutil.make_archive(str(tmp_path / "made"), "zip", tmp_path / "own")
    (tmp_path / "handler.js").write_text("own")
    zipped, made = tool._zip(tmp_path / "own"), tool._kept((tmp_path / "made.zip").read_bytes())
    (tmp_path / "own.asl.json").write_text("{}")
    # when, then
    for written, sent in {
        "own.asl.json": tool._kept(b"{}"),
        "own": zipped,
        "own/": zipped,
        "'own/'": zipped,
        '"own" # theirs': zipped,
        "own/ # it's theirs": zipped,
        "made.zip": made,
        "handler.js": "handler.js",
        "s3://bucket/key": "s3://bucket/key",
        "!Ref Code": "!Ref Code",
    }.items():
        template = f"    CodeUri: {written}\n    Handler: it\n"
        expected = f"    CodeUri: {sent}\n    Handler: it\n"
        for name in ("CodeUri", "DefinitionUri"):
            found = tool.localized(template.replace("CodeUri", name))
            assert found == expected.replace("CodeUri", name), written


def test_a_code_uri_that_names_nothing_is_told(tool: ModuleType) -> None:
    with pytest.raises(SystemExit, match="there is neither folder nor file gone/"):
        tool.localized("    CodeUri: gone/\n")


def test_what_was_not_made_here_is_named_without_a_version(tool: ModuleType) -> None:
    at = ("  CodeUri", "theirs", "packages/0123", "0123")
    assert tool._pin(Bucket(b""), *at) == "  CodeUri: s3://theirs/packages/0123"
    defined = "    DefinitionUri:\n      Bucket: theirs\n      Key: packages/0123\n"
    assert tool.DEFINED.findall(defined) == [("    DefinitionUri", *at[1:])]
    own = "CodeUri:\n  Bucket: theirs\n  Key: own\n"
    ours = "CodeUri:\n  Bucket: ours\n  Key: packages/0\n"
    assert tool.where(f"{own}{ours}") == ("ours", "packages/0")
