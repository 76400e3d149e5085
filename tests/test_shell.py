"""What a shell sets changes no result, save where it says whence packages come or who deploys."""

import os
import pty
import re
import subprocess
from pathlib import Path

import pytest
from golden_path import progress

from tests.conftest import Render, SetUp
from tests.installed import HOSTILE
from tests.languages import Language, languages
from tests.pythons import RUNTIMES, newest
from tests.test_builds import digest

every_language = pytest.mark.parametrize("language", languages(), ids=str)

COUNTS = {
    "python": {
        "PIP_INDEX_URL": "https://mirror.example/simple",
        "PIP_EXTRA_INDEX_URL": "https://other.example/simple",
        "PIP_FIND_LINKS": "/wheels",
        "PIP_NO_INDEX": "1",
        "PIP_TRUSTED_HOST": "mirror.example",
        "PIP_CERT": "/certificates.pem",
        "PIP_CLIENT_CERT": "/client.pem",
        "PIP_PROXY": "http://proxy.example:3128",
        "PIP_CACHE_DIR": "/cache",
        "PIP_DEFAULT_TIMEOUT": "60",
        "PIP_CONFIG_FILE": "/pip.conf",
        "PIP_KEYRING_PROVIDER": "subprocess",
        "UV_DEFAULT_INDEX": "https://mirror.example/simple",
        "UV_INDEX_MIRROR_PASSWORD": "word",  # pragma: allowlist secret
        "UV_CACHE_DIR": "/cache",
        "HTTPS_PROXY": "http://proxy.example:3128",
        "NO_PROXY": "localhost",
        "SSL_CERT_FILE": "/certificates.pem",
        "REQUESTS_CA_BUNDLE": "/certificates.pem",
        "AWS_PROFILE": "deployer",
        "AWS_SESSION_TOKEN": "token",
        "AWS_CA_BUNDLE": "/certificates.pem",
    },
    "nodejs": {
        "npm_config_registry": "https://mirror.example",
        "NPM_CONFIG_REGISTRY": "https://mirror.example",
        "npm_config_@team:registry": "https://mirror.example",
        "npm_config_//mirror.example/:_authToken": "token",
        "npm_config_cafile": "/certificates.pem",
        "NPM_CONFIG_CAFILE": "/certificates.pem",
        "npm_config_https_proxy": "http://proxy.example:3128",
        "npm_config_noproxy": "localhost",
        "npm_config_cache": "/cache",
        "npm_config_strict_ssl": "false",
        "npm_config_userconfig": "/npmrc",
        "npm_config_fetch_retries": "5",
        "NODE_EXTRA_CA_CERTS": "/certificates.pem",
        "NODE_USE_SYSTEM_CA": "1",
        "NODE_USE_ENV_PROXY": "1",
    },
}
"""What a command of a service in any language hands on, and in TypeScript besides."""


@every_language
def test_a_command_sees_where_packages_come_from_and_whose_account_it_is(
    render: Render, language: Language, tmp_path: Path
) -> None:
    service = render(runtime=language.runtime)
    probe = tmp_path / "probe.mk"
    probe.write_text("probe:\n\t@env -0\n")
    counts = COUNTS["python"] | (COUNTS["nodejs"] if language.name == "nodejs" else {})
    done = subprocess.run(
        ["make", "-f", "Makefile", "-f", probe, "probe"],
        cwd=service,
        env={"PATH": os.environ["PATH"], "PYTHON": "python3"} | HOSTILE | counts,
        capture_output=True,
        text=True,
        check=True,
    )
    seen = dict(one.split("=", 1) for one in done.stdout.split("\0") if one)
    assert counts.items() <= seen.items()
    assert seen["PYTHON"] == "python3"
    own = {"python": ("MYPY",), "nodejs": ("NODE_", "npm_", "NPM_")}[language.name]
    hostile = {name for name in HOSTILE if name.startswith(("PYTHON", "PIP_", *own))}
    assert hostile
    assert hostile & seen.keys() == set()


def test_an_empty_python_is_none_that_is_named(render: Render, tmp_path: Path) -> None:
    probe = tmp_path / "probe.mk"
    probe.write_text("probe:\n\t@echo '$(PYTHON)'\n")
    for named, shell in (([], {}), ([], {"PYTHON": ""}), (["PYTHON="], {"PYTHON": "2"})):
        said = subprocess.check_output(
            ["make", "-f", "Makefile", "-f", probe, "probe", *named],
            cwd=render(runtime="python3.13"),
            env={"PATH": os.environ["PATH"]} | shell,
            text=True,
        )
        assert said == "3.13\n"


def test_a_python_is_remembered_once_it_is_found_good(render: Render, tmp_path: Path) -> None:
    minor, python = newest()
    # Stands for uv, where the fifth word names the Python and the eighth is code.
    probe = tmp_path / "probe.mk"
    probe.write_text('UV = sh -c \'exec "$$5" -c "$$8"\' uv\nprobe:\n\t@$(FOUND)\n')
    for wanted in {*RUNTIMES[:2], minor}:
        remembered = tmp_path / wanted / ".tools/python"
        remembered.parent.mkdir(parents=True)
        makefile = render(runtime=f"python{wanted}") / "Makefile"
        done = subprocess.run(
            ["make", "-f", makefile, "-f", probe, "probe", f"PYTHON={python}"],
            cwd=tmp_path / wanted,
            capture_output=True,
            text=True,
            check=False,
        )
        if wanted == minor:
            assert done.returncode == 0, done.stderr
            assert remembered.read_text() == f"{minor}: {python}\n"
        else:
            assert done.stderr.startswith(f"Install Python {wanted}, or name one by make PYTHON=")
            assert not remembered.exists()


@pytest.mark.parametrize("value", ['a"b', "a`touch run`", "$(shell touch run)", "a\\", "a\nb"])
def test_what_would_be_more_than_text_in_a_shell_is_refused(
    render: Render, tmp_path: Path, value: str
) -> None:
    probe = tmp_path / "probe.mk"
    probe.write_text('answer:\n\t@printf %s "$$GIVEN"\n')
    ready = tmp_path / ".tools/golden-path/.ready"
    ready.parent.mkdir(parents=True)
    ready.touch()
    command = ("make", "--no-print-directory", "-o", ready.relative_to(tmp_path))
    command += ("-f", render() / "Makefile", "-f", probe)
    options = {"cwd": tmp_path, "capture_output": True, "text": True, "check": False}
    for word in ("NAME", "FN", "ENV", "PYTHON", "STACK_NAME"):
        done = subprocess.run([*command, "answer", f"{word}={value}"], **options)
        assert done.returncode != 0
        (said,) = done.stderr.splitlines()
        assert f"*** Write {word} without double quotes, backquotes" in said
    # and what SET says is handed on as it was written
    done = subprocess.run([*command, "answer", f"SET={value}"], **options)
    assert done.stdout == value
    assert not (tmp_path / "run").exists()


def test_what_a_command_is_told_stands_behind_its_name(render: Render) -> None:
    shell = {"PATH": os.environ["PATH"], "YES": "1", "NAME": "items-service-dev", "HOST": "x"}
    words = ("make", "--dry-run", "destroy", "rollback", "build", "ENV=dev", "FN=items")
    for told, given in (
        (False, {}),
        (True, {"YES": "1", "NAME": "items-service-dev", "HOST": "1"}),
    ):
        command = [*words, *(f"{name}={value}" for name, value in given.items())]
        said = subprocess.check_output(command, cwd=render(), env=shell, text=True)
        assert ("--yes" in said) is told
        assert ('--name "items-service-dev"' in said) is told
        assert ("--host" in said) is told


def test_a_terminal_is_told_what_takes_a_while_and_nobody_else(
    render: Render, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # given a command of a service's Makefile that takes a while
    probe = tmp_path / "probe.mk"
    probe.write_text("probe:\n\t@$(call doing,Waiting) sleep 3; exit 3\n")
    command = ["make", "-s", "-f", "Makefile", "-f", probe, "probe"]
    keyboard, terminal = pty.openpty()
    # then a terminal is told, a file is not, and how it ends is kept
    for told, stream in (("Waiting …", terminal), ("", subprocess.PIPE)):
        options = {"cwd": render(), "stderr": stream, "text": True, "check": False}
        done = subprocess.run(command, **options)
        said = os.read(keyboard, 1024).decode() if told else done.stderr
        assert "Error 3" in said
        assert ("Waiting" in said) == bool(told)
    # and so it is in the golden path's own commands
    with progress.doing("Waiting"):
        assert capsys.readouterr().err == ""
    waits = iter([False, False, True])
    progress.tick("Waiting", lambda _: next(waits))
    assert capsys.readouterr().err == "Waiting …\n   2 s\r\033[K"


@every_language
def test_a_shell_changes_no_result_of_a_test_and_no_byte_of_a_package(
    set_up: SetUp, language: Language, tmp_path: Path
) -> None:
    service = set_up(tmp_path, runtime=language.runtime, secrets={"token": "medium"})
    results = []
    for shell in ({}, HOSTILE):
        done = subprocess.run(
            ["make", "test", "build"],
            cwd=service,
            env=os.environ | {"NO_COLOR": "1"} | shell,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        told = (re.search(one, done.stdout)[1] for one in (language.passed, language.coverage))
        results.append((digest(service), *told))
    assert results[0] == results[1]
