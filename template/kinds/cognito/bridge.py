"""Cognito: how a user pool comes to a function."""

import json
import os
from collections.abc import Callable
from typing import Any

from ministack.core.responses import error_response_json
from ministack.services import cognito, lambda_svc

from golden_path.local.bridges.cloudformation import Record
from golden_path.local.bridges.roles import permits

COGNITO = "cognito-idp.amazonaws.com"
CHALLENGES = {
    "DefineAuthChallenge": "_invoke_define_auth_challenge_trigger",
    "CreateAuthChallenge": "_invoke_create_auth_challenge_trigger",
    "VerifyAuthChallengeResponse": "_invoke_verify_auth_challenge_trigger",
}
Answer = tuple[int, Record, bytes]
Call = Callable[[Record], Answer]


class _Refused(Exception):
    """A trigger does not let the user go on."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.answer = error_response_json(code, message, 400)


def user_pools_ask_for_permission() -> None:
    """Bridge: a user pool invokes a function that permits it, and an error refuses the user.

    The emulator invokes every function, and ignores that one fails before a token is made.
    """
    os.environ["MINISTACK_COGNITO_PRETOKEN_STRICT"] = "1"
    sign_up, token = cognito._apply_presignup_trigger, cognito._apply_pretoken_trigger

    def before_sign_up(pool_id: str, *rest: Any, **more: Any) -> Record:
        try:
            _function(pool_id, "PreSignUp")
        except _Refused as refused:
            raise cognito._PreSignUpRejected(str(refused)) from None
        return sign_up(pool_id, *rest, **more)

    def before_token(pool_id: str, *rest: Any, **more: Any) -> Record:
        for name in ("PreTokenGenerationConfig", "PreTokenGeneration"):
            _function(pool_id, name)
        try:
            return token(pool_id, *rest, **more)
        except RuntimeError as error:
            raise _failed("PreTokenGeneration", str(error)) from None

    cognito._apply_presignup_trigger = before_sign_up
    cognito._apply_pretoken_trigger = before_token


def triggers_are_asked_and_told() -> None:
    """Bridge: a pool asks before it creates a user or lets one sign in, and tells of it afterwards.

    The emulator asks at a sign-up alone, and challenges of one's own without a permission. Not
    judged: sign-ins by SRP or by the hosted pages, a password that is new, a user who migrates, a
    message that is another, the five seconds, and whether Cognito tries again.
    """

    def confirms(call: Call) -> Call:
        def confirm(asked: Record) -> Answer:
            answer = call(asked)
            if answer[0] == 200:
                _invoke("PostConfirmation", "PostConfirmation_ConfirmSignUp", asked)
            return answer

        return confirm

    def creates(call: Call) -> Call:
        def create(asked: Record) -> Answer:
            if asked.get("MessageAction") != "RESEND":
                _invoke("PreSignUp", "PreSignUp_AdminCreateUser", asked)
            return call(asked)

        return create

    def signs_in(call: Call) -> Call:
        def sign_in(asked: Record) -> Answer:
            if not asked.get("AuthFlow", "").endswith("USER_PASSWORD_AUTH"):
                return call(asked)
            _invoke("PreAuthentication", "PreAuthentication_Authentication", asked)
            answer = call(asked)
            if b'"AuthenticationResult"' in answer[2]:
                _invoke("PostAuthentication", "PostAuthentication_Authentication", asked)
            return answer

        return sign_in

    for trigger, name in CHALLENGES.items():
        setattr(cognito, name, _permitted(trigger, getattr(cognito, name)))
    for names, wrap in (
        (("_confirm_sign_up", "_admin_confirm_sign_up"), confirms),
        (("_admin_create_user",), creates),
        (("_initiate_auth", "_admin_initiate_auth"), signs_in),
    ):
        for name in names:
            setattr(cognito, name, _refusing(wrap(getattr(cognito, name))))


def _permitted(trigger: str, call: Callable[..., Any]) -> Callable[..., Any]:
    def ask(pool_id: str, *rest: Any, **more: Any) -> Any:
        try:
            _function(pool_id, trigger)
        except _Refused as refused:
            return None, refused.answer
        return call(pool_id, *rest, **more)

    return ask


def _refusing(call: Call) -> Call:
    def answer(asked: Record) -> Answer:
        try:
            return call(asked)
        except _Refused as refused:
            return refused.answer

    return answer


def _invoke(trigger: str, source: str, asked: Record) -> None:
    """Invoke the function of a trigger, if the pool has one and knows the user or creates it."""
    found = _pool(asked)
    called = found and _function(found, trigger)
    if not called:
        return
    name = asked.get("Username") or asked.get("AuthParameters", {}).get("USERNAME", "")
    user, unknown = cognito._resolve_user(cognito._user_pools[found], name)
    if unknown and trigger != "PreSignUp":
        return
    attributes = asked.get("UserAttributes", []) if unknown else user["Attributes"]
    event = cognito._build_presignup_event(
        pool_id=found,
        client_id=asked.get("ClientId", ""),
        username=name if unknown else user["Username"],
        user_attrs=cognito._attr_list_to_dict(attributes),
        trigger_source=source,
    )
    event["response"] = {} if trigger != "PreSignUp" else event["response"]
    function, config, _name = lambda_svc._get_func_record_for_ref(called)
    run = lambda_svc._execution_record_for_config(function, config)
    result = lambda_svc._execute_function_with_config_scope(run, event)
    body = result.get("body")
    if result.get("error"):
        said = body.get("errorMessage", "") if isinstance(body, dict) else str(body)
        raise _failed(trigger, said)
    answered = json.loads(body) if isinstance(body, str | bytes) else body
    if not isinstance(answered, dict) or "response" not in answered:
        raise _Refused("InvalidLambdaResponseException", "Unrecognizable lambda output")


def _failed(trigger: str, said: str) -> _Refused:
    return _Refused("UserLambdaValidationException", f"{trigger} failed with error {said}.")


def _pool(asked: Record) -> str:
    if "UserPoolId" in asked:
        return asked["UserPoolId"] if asked["UserPoolId"] in cognito._user_pools else ""
    client = asked.get("ClientId")
    return next((id_ for id_, one in cognito._user_pools.items() if client in one["_clients"]), "")


def _function(pool_id: str, trigger: str) -> str:
    """The function of a trigger, or nothing; refuse where it does not permit the pool."""
    pool = cognito._user_pools.get(pool_id, {})
    found = (pool.get("LambdaConfig") or {}).get(trigger, "")
    called = found.get("LambdaArn", "") if isinstance(found, dict) else found
    if called and not permits(called, COGNITO, pool["Arn"]):
        name = trigger.removesuffix("Config")
        said = f"{name} invocation failed due to error AccessDeniedException."
        raise _Refused("UnexpectedLambdaException", said)
    return called


ALL = (user_pools_ask_for_permission, triggers_are_asked_and_told)
