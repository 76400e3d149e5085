"""What Copier makes anew each time: clones of the template, and what is rendered from nothing.

An update renders three times: the old version and the new one into empty folders, to compare them,
and the new one into the service. The first two, its replays, depend on the template and on what
Copier is told, and on nothing of the service. So does a copy, and a recopy into a folder that has
but the answers. A clone depends on what the template's repository has. All these are kept, by all
that they depend on. What is rendered into a service is Copier's own, and so is the merge.
"""

from __future__ import annotations

import dataclasses
import pickle
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import copier._template
import copier._vcs
from copier._main import Worker, _operation
from copier._template import Template

from . import shared
from .instead import instead

REPLAY = "copier._main."
"""How the folders begin that Copier replays into."""

ANSWERS = ".copier-answers.yml"

FACTS = ("commit", "commit_hash", "version", "git_index_modes", "_raw_config")
"""What Copier asks of a clone."""


@contextmanager
def kept_once() -> Iterator[None]:
    """Keep clones, what is asked of them, and renders in the shared folder, where there is one."""
    with ExitStack() as patches:
        for one in (
            instead(copier._template, "clone", _cloned(copier._template.clone)),
            instead(copier._template, "get_repo", _repository(copier._template.get_repo)),
            instead(Worker, "run_copy", _rendered(Worker.run_copy)),
            *(instead(Template, name, _asked(name)) for name in FACTS),
        ):
            patches.enter_context(one)
        yield


def _cloned(clone: Callable[..., str]) -> Callable[..., str]:
    def cloned(url: str, ref: str = "HEAD", location: str | None = None) -> str:
        # HEAD has what is not committed, too.
        if not shared.folder() or ref == "HEAD" or not _is_repository(url):
            return clone(url, ref, location)
        key = shared.digest("clone", url, ref, _refs(Path(url, ".git")))
        return str(shared.kept_folder(key, lambda made: clone(url, ref, str(made))))

    return cloned


def _is_repository(url: str) -> bool:
    return Path(url, ".git/HEAD").is_file()


def _refs(git: Path) -> list[tuple[str, bytes]]:
    """Return where a repository's branches and tags are."""
    paths = [git / "HEAD", git / "packed-refs", *sorted((git / "refs").rglob("*"))]
    return [(str(path), path.read_bytes()) for path in paths if path.is_file()]


def _repository(get_repo: Callable[[str], str | None]) -> Callable[[str], str | None]:
    def repository(url: str) -> str | None:
        """Answer without asking git where a folder plainly is a repository."""
        return copier._vcs._PathStr(Path(url).as_posix()) if _is_repository(url) else get_repo(url)

    return repository


def _asked(name: str) -> cached_property[Any]:
    """Return a property of a template that is looked up beside its clone."""
    ask = vars(Template)[name].func

    def asked(template: Template) -> Any:
        clone = _kept_clone(template)
        if not clone:
            return ask(template)
        return pickle.loads(shared.kept(f"{clone}.{name}", lambda: pickle.dumps(ask(template))))

    found = cached_property(asked)
    found.__set_name__(Template, name)
    return found


def _kept_clone(template: Template) -> str:
    """Return the name of a template's clone, if that is kept."""
    clone = template.local_abspath
    return clone.name if clone.parent == shared.folder() else ""


def _rendered(run_copy: Callable[[Worker], None]) -> Callable[[Worker], None]:
    def rendered(worker: Worker) -> None:
        clone, begun = _kept_clone(worker.template), _begun(worker.dst_path)
        if not clone or begun is None or not worker.quiet:
            run_copy(worker)
            return
        told = {
            field.name: getattr(worker, field.name)
            for field in dataclasses.fields(worker)
            if field.init and field.name != "dst_path"
        }
        # The one thing that a template asks of the path.
        compared = any(part.startswith(REPLAY) for part in worker.dst_path.absolute().parts)

        def render(made: Path) -> None:
            run_copy(worker)
            shutil.copytree(worker.dst_path, made, dirs_exist_ok=True)

        depends_on = (clone, told, begun, compared, _operation.get("copy"))
        kept = shared.kept_folder(shared.digest("render", *depends_on), render)
        shutil.copytree(kept, worker.dst_path, dirs_exist_ok=True)

    return rendered


def _begun(folder: Path) -> dict[str, bytes] | None:
    """Return what a folder begins with, which may be answers; nothing where there is more."""
    paths = list(folder.iterdir()) if folder.exists() else []
    is_new = {path.name for path in paths} <= {ANSWERS}
    return {path.name: path.read_bytes() for path in paths} if is_new else None
