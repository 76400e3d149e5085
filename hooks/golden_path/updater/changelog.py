"""What the changelog says of releases, as it is read on a terminal."""

import re
import shutil
import textwrap

LONG = 40  # lines
SENTENCE = re.compile(r".+?[.!?]\**(?=\s|$)|.+", re.DOTALL)
RELATIVE = re.compile(r"\]\((?![a-z+]+:|[#/])")


def news(known: str, changelog: str, address: str, release: str) -> str:
    """Return the entries that are new, with links that lead somewhere from here.

    Where they are long, of each paragraph the first sentence, and where the rest is.
    """
    had = _entries(known)
    place = _place(address, release)
    text = "\n".join(entry for entry in _entries(changelog) if entry not in had)
    text = RELATIVE.sub(f"]({place}/", text)
    if _lines(text) <= LONG:
        return text
    paragraphs = [one.strip() for one in text.split("\n\n") if one.strip()]
    short = [SENTENCE.match(one)[0] if one[0] not in "#-|`" else one for one in paragraphs]
    return "\n\n".join([*short, f"All of it: {place}/CHANGELOG.md\n"])


def _entries(changelog: str) -> list[str]:
    return re.split(r"^(?=## )", changelog, flags=re.MULTILINE)[1:]


def _lines(text: str) -> int:
    """Return how many lines of a terminal it takes."""
    width = shutil.get_terminal_size().columns
    return sum(len(textwrap.wrap(line, width)) or 1 for line in text.splitlines())


def _place(address: str, release: str) -> str:
    """Return where the files of a release are read, as the links in README.md have it."""
    url = re.sub(r"^(ssh://)?git@([^/:]+)[:/]", r"https://\2/", address)
    url = re.sub(r"(\.git)?/*$", "", url).replace(" ", "%20")
    return f"{url}/blob/{release}" if url.startswith(("http://", "https://")) else url
