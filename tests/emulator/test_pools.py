"""User pools on the emulator: what their triggers do, and what an error keeps a user from."""

from __future__ import annotations

from uuid import uuid4

from botocore.exceptions import ClientError

from tests.emulator.conftest import of_any_language
from tests.emulator.service import Service, eventually

PASSWORD = "Correct-horse-1"


class Users:
    """Users of a pool of the service, who sign up and in by a client of their own."""

    def __init__(self, service: Service, pool: str) -> None:
        self._idp = service.client("cognito-idp")
        self.pool = service.resource(pool)
        made = self._idp.create_user_pool_client(
            UserPoolId=self.pool,
            ClientName="tests",
            ExplicitAuthFlows=[
                "ALLOW_CUSTOM_AUTH",
                "ALLOW_USER_PASSWORD_AUTH",
                "ALLOW_REFRESH_TOKEN_AUTH",
            ],
        )
        self._client = made["UserPoolClient"]["ClientId"]

    def sign_up(self, address: str) -> str:
        """Sign up, and return the name that the pool gives."""
        own = [{"Name": "email", "Value": address}]
        asked = {"Username": address, "Password": PASSWORD, "UserAttributes": own}
        return str(self._idp.sign_up(ClientId=self._client, **asked)["UserSub"])

    def confirm(self, address: str) -> None:
        self._idp.admin_confirm_sign_up(UserPoolId=self.pool, Username=address)

    def sign_in(self, address: str) -> None:
        given = {"USERNAME": address, "PASSWORD": PASSWORD}
        asked = {"AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": given}
        assert "AuthenticationResult" in self._idp.initiate_auth(ClientId=self._client, **asked)

    def challenge(self, address: str) -> None:
        """Sign in by challenges of the function's own."""
        asked = {"AuthFlow": "CUSTOM_AUTH", "AuthParameters": {"USERNAME": address}}
        self._idp.initiate_auth(ClientId=self._client, **asked)


def refused(call, *given: str) -> str:
    """The message by which a call is refused, or nothing."""
    try:
        call(*given)
    except ClientError as error:
        return str(error)
    return ""


@of_any_language
def test_a_user_who_confirms_has_one_effect_and_a_failure_refuses(deployed: Service) -> None:
    # given
    users, address = Users(deployed, "GatekeeperPool"), f"{uuid4()}@example.com"
    # when a user confirms, twice
    user = users.sign_up(address)
    for _ in range(2):
        users.confirm(address)
    # then
    eventually(lambda: deployed.items(user), "the function is not told of a user who has confirmed")
    assert len(deployed.items(user)) == 1, "the same trigger again has a second effect"
    # when its role may not store
    other = f"{uuid4()}@example.com"
    lost = users.sign_up(other)
    with deployed.with_rights("GatekeeperRole", "dynamodb:PutItem", "dynamodb:DescribeTable"):
        said = refused(users.confirm, other)
    # then the user is told no more than that it failed
    assert "UserLambdaValidationException" in said, said or "the user is not refused"
    assert "PostConfirmation failed with error try again later." in said
    assert not deployed.items(lost)
    # when Cognito tries again after the mend
    users.confirm(other)
    eventually(
        lambda: deployed.items(lost), "a trigger that comes again after the mend has no effect"
    )


@of_any_language
def test_each_trigger_is_answered_and_asks_for_its_permission(deployed: Service) -> None:
    # given
    users, address = Users(deployed, "DoorkeeperPool"), f"{uuid4()}@example.com"
    # when a user signs up and in
    users.sign_up(address)
    users.confirm(address)
    users.sign_in(address)

    # then each trigger is answered: for tokens, there are two
    def answered() -> bool:
        return deployed.logged("DoorkeeperLogs").count('"TriggersAnswered"') >= 2 * 5

    eventually(answered, "a trigger is not answered")
    # when nobody has written what a challenge is, then nobody gets in by one
    assert "InvalidLambdaResponse" in refused(users.challenge, address)
    # when the pool may not invoke it
    with deployed.without_permission("DoorkeeperFunction"):
        said = (
            refused(users.sign_in, address),
            refused(users.sign_up, f"{uuid4()}@example.com"),
            refused(users.challenge, address),
        )
    # then nobody gets in
    assert all("AccessDenied" in one for one in said), said
    users.sign_in(address)
