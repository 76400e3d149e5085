"""What the emulator MiniStack lacks for this service, each gap bridged by one function.

A bridge's text says what AWS does, and what the emulator does without the bridge. Beyond them,
this is recorded and not judged on the emulator: alarms (dimensions and metric math), the weights
of an alias and the alarms that end a shift, throttling, access logs, time zones of schedules,
boundaries of roles, the permissions to write logs and traces, and the secret of the root key `test`
(signatures of other keys are judged).

The emulator reads its settings while it is imported: import this package after setting them.
"""

from bridges.api import http_api_from_its_body
from bridges.cloudformation import (
    alarms_over_metric_math_are_recorded,
    parameters_reach_sam,
    refused_types_are_recorded,
    secrets_are_known_by_their_arn,
)
from bridges.codedeploy import aliases_move_by_codedeploy
from bridges.functions import (
    equal_versions_exist_already,
    errors_bear_their_class,
    events_are_sent_asynchronously,
    invoke_configuration_of_an_alias,
)
from bridges.queues import dead_letters_move_back
from bridges.roles import functions_ask_for_permission, roles_are_asked
from bridges.runtime import functions_run_as_on_lambda
from bridges.secrets import versions_begin_without_a_value

ALL = (
    parameters_reach_sam,
    refused_types_are_recorded,
    alarms_over_metric_math_are_recorded,
    secrets_are_known_by_their_arn,
    versions_begin_without_a_value,
    http_api_from_its_body,
    invoke_configuration_of_an_alias,
    events_are_sent_asynchronously,
    equal_versions_exist_already,
    functions_run_as_on_lambda,
    errors_bear_their_class,
    dead_letters_move_back,
    roles_are_asked,
    functions_ask_for_permission,
    aliases_move_by_codedeploy,
)
