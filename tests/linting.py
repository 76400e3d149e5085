"""What cfn-lint finds in a template; its rules are read once: that takes as long as a small one."""

from __future__ import annotations

from functools import cache

from cfnlint.config import ConfigMixIn
from cfnlint.decode.decode import decode_str
from cfnlint.runner import Runner, run_template_by_data


@cache
def linted(text: str, region: str, *ignored: str) -> str:
    """Return a line for each finding: templates of delivery are alike in many services."""
    template, found = decode_str(text)
    config = ConfigMixIn(regions=[region], ignore_checks=list(ignored))
    return "\n".join(map(str, found or run_template_by_data(template, config, _rules())))


@cache
def _rules() -> object:
    return Runner(ConfigMixIn()).rules
