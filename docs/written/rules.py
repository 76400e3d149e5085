"""The page of the rules."""

from __future__ import annotations

import sys
from itertools import groupby

from golden_path.finding import Finding
from golden_path.rules import RULES, Rule
from golden_path.rules.permissions import reviewed
from golden_path.suppressions import SHORTEST_REASON

from docs.written.pages import page


def rules() -> str:
    """Return the page of the rules."""
    known = sorted(RULES.values(), key=lambda rule: rule.id)
    lines = [
        "# Rules",
        "",
        "`golden-path check` translates a service's `template.yaml` as AWS does, and judges it by",
        "these rules, together with the stacks that deliver it, `pipeline/*.yaml`. Other",
        "templates, of SAM or of plain CloudFormation, are judged by name:",
        "`golden-path check FILE`.",
        "`golden-path rules` lists the rules. A folder's template is found as the SAM CLI finds",
        "it: `template.yaml`, `.yml` or `.json`, or what `samconfig.toml` names. Nothing is asked",
        "of AWS.",
        "",
        "A rule says a *fact*, what will fail, lose, leak or never tell, or it is of *style*: how",
        "the golden path does a thing that another service may well do in another way.",
        "`--select facts` leaves style out; `--select` and `--ignore` take ids too, or how they",
        "begin, with commas between. `--format json`, `sarif` and `github` are for programs, for",
        "what reads SARIF, and for annotations of pull requests; in these a fact is an error and",
        "style a note.",
        "",
        "A finding has its line in the source, its rule, its resource, what is wrong and the cure:",
        "",
        "```text",
        str(_example()),
        "```",
        "",
        "Exit codes: 0 nothing was found, 1 something was found, 2 something could not be judged;",
        "what was found in the rest is told all the same.",
        "",
        "## Suppressing a rule",
        "",
        f"A resource is excused from a rule by its metadata, with a reason of at least "
        f"{SHORTEST_REASON} characters:",
        "",
        "```yaml",
        "  PriceListApi:",
        "    Type: AWS::Serverless::HttpApi",
        "    Metadata:",
        "      golden-path:",
        "        GP601: Anybody may read the price list.",
        "```",
        "",
        "It counts for that resource and for what SAM derives from it. At the top of the",
        "template, `Metadata: {golden-path: {ID: reason}}` counts for what no resource of the",
        "template stands for. Nothing excuses from the rules on suppressions, GP0xx.",
        "",
        "## Reviewed wildcards",
        "",
        "In stacks beside the service, [GP112](#gp112) lets these pass, and no others: AWS gives",
        "the resource an id that nobody knows before. Where there is one, a condition on the key",
        "must tell whose it is.",
        "",
        "| resource | condition on | actions |",
        "|---|---|---|",
        *(
            f"| `{pattern}` | {f'`{key}`' if key else ''} | {', '.join(sorted(actions))} |"
            for pattern, key, actions in dict.fromkeys(reviewed())
        ),
        "",
        "## All rules",
        "",
        "| rule | title | says |",
        "|---|---|---|",
        *(f"| [{rule.id}](#{rule.id.lower()}) | {rule.title} | {_says(rule)} |" for rule in known),
    ]
    for module, group in groupby(known, key=_concern):
        lines += ["", f"## {module}"]
        for rule in group:
            lines += ["", f"### {rule.id}", "", f"**{rule.title}.** {rule.why}"]
            lines += ["", f"To mend it: {rule.mend[0].lower()}{rule.mend[1:]}"]
    return page("golden_path.rules", lines)


def _says(rule: type[Rule]) -> str:
    return "style" if rule.style else "fact"


def _concern(rule: type[Rule]) -> str:
    """Return what a rule's module is about, which is what its docstring says."""
    return (sys.modules[rule.__module__].__doc__ or "").splitlines()[0].rstrip(".")


def _example() -> Finding:
    rule = RULES["GP201"]
    return Finding("template.yaml", 52, rule.id, "OrdersFunction", "It has no timeout.", rule.mend)
