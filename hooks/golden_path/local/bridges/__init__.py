"""What the emulator MiniStack lacks for a service, each gap bridged by one function.

A bridge's text says what AWS does, and what the emulator does without the bridge. Beyond them,
this is recorded and not judged on the emulator: alarms (dimensions and metric math), the weights
of an alias and the alarms that end a shift, throttling, access logs, time zones of schedules,
boundaries of roles, the permissions to write logs and traces, and the secret of the root key `test`
(signatures of other keys are judged).

A kind of trigger, a way of invocation and a language bring theirs in `bridge.py` of their folder.

The emulator reads its settings while it is imported: import this package after setting them.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from golden_path.loading import FACTS, load
from golden_path.local.bridges.api import (
    browsers_are_answered_before_they_sign,
    http_api_from_its_body,
    records_of_domains_are_recorded,
)
from golden_path.local.bridges.cloudformation import (
    alarms_over_metric_math_are_recorded,
    parameters_reach_sam,
    refused_types_are_recorded,
    secrets_are_known_by_their_arn,
)
from golden_path.local.bridges.codedeploy import aliases_move_by_codedeploy
from golden_path.local.bridges.functions import (
    equal_versions_exist_already,
    errors_bear_their_class,
    events_are_sent_asynchronously,
    functions_stream,
    invoke_configuration_of_an_alias,
    reserves_hold_for_versions,
)
from golden_path.local.bridges.queues import dead_letters_move_back
from golden_path.local.bridges.roles import functions_ask_for_permission, roles_are_asked
from golden_path.local.bridges.rules import (
    patterns_are_valid,
    rules_keep_what_they_cannot_deliver,
)
from golden_path.local.bridges.secrets import versions_begin_without_a_value
from golden_path.local.bridges.tokens import tokens_are_judged, tokens_of_pools_are_judged

FOLDERS = ("kinds", "languages", "ways")
Bridge = Callable[[], None]


def of_file(path: Path, name: str) -> tuple[Bridge, ...]:
    """Return the bridges of a file, which are its `ALL`."""
    return load(path, f"{__name__}.{name}").ALL


def _of_folders() -> Iterator[Bridge]:
    for path in sorted(path for folder in FOLDERS for path in FACTS.glob(f"{folder}/*/bridge.py")):
        yield from of_file(path, path.parent.name.replace("-", "_"))


ALL = (
    parameters_reach_sam,
    refused_types_are_recorded,
    alarms_over_metric_math_are_recorded,
    secrets_are_known_by_their_arn,
    versions_begin_without_a_value,
    http_api_from_its_body,
    tokens_are_judged,
    tokens_of_pools_are_judged,
    browsers_are_answered_before_they_sign,
    records_of_domains_are_recorded,
    invoke_configuration_of_an_alias,
    reserves_hold_for_versions,
    events_are_sent_asynchronously,
    equal_versions_exist_already,
    errors_bear_their_class,
    functions_stream,
    dead_letters_move_back,
    roles_are_asked,
    functions_ask_for_permission,
    patterns_are_valid,
    rules_keep_what_they_cannot_deliver,
    aliases_move_by_codedeploy,
    *_of_folders(),
)
