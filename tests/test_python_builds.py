"""What the build of a Python service reads in the code, and what of it can be loaded."""

import hashlib
import os
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import SetUp
from tests.languages import languages

LISTED = '\n[tool.golden-path]\naws-services = ["kinesis"]\n'
IMPORT = "from service.adapters import aws\n"
SEES = {
    # as the service's own formatter writes a long line
    "bedrock-runtime": f'{IMPORT}models = aws.client(\n    "bedrock-runtime", read_timeout=60\n)',
    "s3": 'from service.adapters.aws import client as maker\nbucket = maker("s3")',
    "ses": 'import service.adapters.aws as own\nmail = own.client("ses")',
    "sns": 'import service.adapters.aws\ntopic = service.adapters.aws.client("sns")',
    "sqs": 'def late():\n    from . import aws as own\n    return own.client("sqs")',
}
"""By AWS service, code that makes a client of it."""

Build = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def service(set_up: SetUp, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return set_up(tmp_path_factory.mktemp("own"), runtime=languages()[0].runtime)


@pytest.fixture
def build(service: Path) -> Build:
    def run(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        command = [".venv/bin/python", "tools/build.py", *words]
        environment = os.environ | variables
        return subprocess.run(
            command, cwd=service, env=environment, capture_output=True, text=True, check=False
        )

    return run


@pytest.fixture
def written(service: Path) -> Iterator[Callable[[str, str], Path]]:
    """Write a module of the service, or more of one, which is as before after the test."""
    kept: dict[Path, str | None] = {}

    def write(name: str, text: str) -> Path:
        path = service / name
        kept.setdefault(path, path.read_text() if path.exists() else None)
        path.write_text((kept[path] or "") + text)
        return path

    yield write
    for path, text in kept.items():
        path.unlink() if text is None else path.write_text(text)


def wheel_of(folder: Path, name: str, files: dict[str, str]) -> str:
    """Make a wheel of a library, and return its line of requirements.txt."""
    about = f"{name}-1.0.dist-info"
    files |= {
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    path = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for file, text in files.items():
            wheel.writestr(file, text)
        wheel.writestr(f"{about}/RECORD", "".join(f"{file},,\n" for file in files))
    return f"\n{name}==1.0 --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


def test_clients_are_found_however_they_are_made_and_a_librarys_template_stays(
    service: Path, build: Build, written: Callable[[str, str], Path], tmp_path: Path
) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    for name, code in SEES.items():
        (shared / f"{name.replace('-', '_')}.py").write_text(f"{code}\n")
    link = service / "src/service/shared"
    link.symlink_to(shared)
    written("pyproject.toml", LISTED)
    files = {"planted/__init__.py": "", "planted/template.py": "class {{ name }}:\n"}
    written("requirements.txt", wheel_of(tmp_path, "planted", files))
    try:
        done = build(
            UV_FIND_LINKS=str(tmp_path), PYTHONOPTIMIZE="1", PYTHONPYCACHEPREFIX="/nowhere"
        )
    finally:
        link.unlink()
    assert done.returncode == 0, done.stderr
    package = service / ".build/package"
    data = {path.name for path in package.glob("botocore/data/*/")}
    assert data == {*SEES, "kinesis", "codedeploy", "dynamodb", "lambda"}
    assert done.stderr == "planted/template.py stays as it is: it does not compile\n"
    assert not list(package.glob("planted/__pycache__/template.*"))
    assert list(package.glob("planted/__pycache__/__init__.*.pyc"))
    assert list(package.glob("service/shared/__pycache__/s3.*.pyc"))


@pytest.mark.parametrize(
    "code",
    ["queue = aws.client(name)", "queue = aws.client(*names)", "make = partial(aws.client, 'sqs')"],
)
def test_a_name_that_is_not_written_out_ends_the_build_with_where_to_list_it(
    build: Build, written: Callable[[str, str], Path], code: str
) -> None:
    written("src/service/queues.py", f"{IMPORT}\n{code}\n")
    done = build()
    assert done.returncode == 1
    assert done.stderr == (
        'src/service/queues.py:3: write the name out, as in aws.client("sqs"), or list all that it '
        "may be under [tool.golden-path] in pyproject.toml: "
        'aws-services = ["sqs"]\n'
    )


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("def f(:\n", "src/service/own.py:1: correct what is no Python: invalid syntax\n"),
        ("return 1\n", "Correct the lines above: they do not compile.\n"),
        (f'{IMPORT}aws.client("nosuch")\n', "Correct the name 'nosuch' of a client"),
    ],
)
def test_the_teams_own_code_is_correct_or_the_build_ends(
    build: Build, written: Callable[[str, str], Path], code: str, said: str
) -> None:
    written("src/service/own.py", code)
    done = build()
    assert done.returncode == 1
    assert said in done.stderr


def test_each_handler_of_a_package_for_this_machine_is_loaded(
    build: Build, written: Callable[[str, str], Path]
) -> None:
    done = build("--host", AWS_PROFILE="nobody")
    assert (done.returncode, done.stderr) == (0, "")
    written("src/service/handlers/worker.py", "\n1 / 0\n")
    done = build("--host")
    assert done.returncode == 0, "what AWS would answer, say, is not to be had here"
    assert done.stderr == (
        "service.handlers.worker ends as it is loaded, here: ZeroDivisionError: division by zero\n"
    )
    for code, kind in {
        "import nowhere": "ModuleNotFoundError",
        "open('nowhere')": "FileNotFoundError",
        "import botocore.session as s\ns.get_session().create_client('ec2')": "UnknownService",
    }.items():
        written("src/service/handlers/worker.py", f"\n{code}\n")
        done = build("--host")
        assert done.returncode == 1
        words = "Mend the imports of service.handlers.worker, or what it depends on: "
        assert done.stderr.startswith(words + kind), done.stderr
