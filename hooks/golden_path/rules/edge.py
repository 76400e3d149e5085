"""GP61x: which pages may call, under which name, and by which TLS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from golden_path.finding import Finding
from golden_path.intrinsics import as_list, dig, truth, walk
from golden_path.rules.api import APIS
from golden_path.rules.base import Rule
from golden_path.stack import Resource, Stack

# Lists of origins and whether credentials are let through, as each service calls them.
CONFIGURED = (
    ("AllowOrigins", "AllowCredentials"),
    ("allowOrigins", "allowCredentials"),
)
# Headers of answers, in lower case: `method.response.header.` or another word stands before them.
ORIGIN, CREDENTIALS = "access-control-allow-origin", "access-control-allow-credentials"
ANY = ("*", "http://*", "https://*")
JUDGED = {
    "AWS::ApiGateway::GatewayResponse": ("ResponseParameters",),
    "AWS::ApiGateway::Method": ("Integration",),
    "AWS::ApiGateway::RestApi": ("Body",),
    "AWS::ApiGatewayV2::Api": ("Body", "CorsConfiguration"),
    "AWS::Lambda::Url": ("Cors",),
}
# Where the source says it, of what SAM translates.
WRITTEN = ("CorsConfiguration", "Cors", "GatewayResponses", "FunctionUrlConfig")


class OwnPages(Rule):
    id = "GP611"
    title = "Not every page may call with its reader's credentials"
    why = "Any page that somebody opens could then act in that person's name, and read the answer."
    mend = "Name the origins, or leave `AllowCredentials` out: tokens in a header need none."

    def check(self, stack: Stack) -> Iterator[Finding]:
        for resource in stack.of_type(*JUDGED):
            forms = [
                part
                for name in JUDGED[resource.type]
                for form in stack.resolver.each(resource.get(name))
                for part in walk(form)
            ]
            if any(isinstance(part, dict) and _open(part) for part in forms):
                problem = "Every page may call it with credentials."
                yield self.found(stack, resource, _written(stack, resource), problem=problem)


def _open(part: dict[str, Any]) -> bool:
    """Tell whether one mapping lets credentials of every origin through."""
    for origins, credentials in CONFIGURED:
        if truth(part.get(credentials)) and {*map(str, as_list(part.get(origins)))} & {*ANY}:
            return True
    headers = {str(name).lower().rpartition(".")[2]: value for name, value in part.items()}
    origin = str(headers.get(ORIGIN)).strip("'").lower()
    credentials = str(headers.get(CREDENTIALS)).strip("'")
    return truth(credentials) is True and (origin in ANY or origin.startswith("method.request."))


def _written(stack: Stack, resource: Resource) -> str:
    properties = dig(stack.source.data, "Resources", stack.owners.get(resource.id), "Properties")
    said = (name for name in WRITTEN if "redentials" in str(dig(properties, name)))
    return next(said, "Body")


class NewTls(Rule):
    id = "GP612"
    title = "A domain takes TLS 1.2 and newer"
    why = "Older versions are broken, and what a domain takes where nobody says is AWS's choice."
    mend = "Set its `SecurityPolicy` to `TLS_1_2`, or to one that begins with `SecurityPolicy_`."

    def check(self, stack: Stack) -> Iterator[Finding]:
        for domain in stack.of_type("AWS::ApiGateway::DomainName"):
            yield from self._judge(stack, domain, "SecurityPolicy", [domain.get("SecurityPolicy")])
        for domain in stack.of_type("AWS::ApiGatewayV2::DomainName"):
            name = "DomainNameConfigurations"
            given = [
                dig(one, "SecurityPolicy")
                for form in stack.forms(domain, name)
                for one in as_list(form)
            ]
            yield from self._judge(stack, domain, name, given)

    def _judge(
        self, stack: Stack, domain: Resource, name: str, given: list[Any]
    ) -> Iterator[Finding]:
        policies = [form for one in given for form in stack.resolver.each(one)]
        bad = [
            one
            for one in policies
            if not isinstance(one, dict)
            and one != "TLS_1_2"
            and not str(one).startswith("SecurityPolicy_")
        ]
        if bad:
            said = f"takes {bad[0]}" if bad[0] else "does not say which TLS it takes"
            yield self.found(stack, domain, name, problem=f"It {said}.")


MAPPINGS = {
    "AWS::ApiGateway::BasePathMapping": "RestApiId",
    "AWS::ApiGatewayV2::ApiMapping": "ApiId",
}
DISABLED = "disableExecuteApiEndpoint"
ENDPOINT = "x-amazon-apigateway-endpoint-configuration"


class OneName(Rule):
    id = "GP613"
    title = "An API with a domain is called by no other name"
    why = "Its default endpoint goes around what the domain has: its TLS, its certificate, a WAF."
    mend = "Set `DisableExecuteApiEndpoint: true` on the API."

    def check(self, stack: Stack) -> Iterator[Finding]:
        mapped = {
            api.id: api
            for mapping in stack.of_type(*MAPPINGS)
            for api in stack.named(
                mapping.get(MAPPINGS[mapping.type]),
                *APIS,
            )
        }
        for api in mapped.values():
            said = [*stack.forms(api, "DisableExecuteApiEndpoint")]
            said += [
                value
                for path in ((ENDPOINT,), ("servers", 0, ENDPOINT))
                for body in stack.forms(api, "Body", *path)
                for value in stack.resolver.each(dig(body, DISABLED))
            ]
            # By a condition it may be on where there is no domain.
            if not any(isinstance(one, dict) or truth(one) for one in said):
                yield self.found(
                    stack,
                    api,
                    "DisableExecuteApiEndpoint",
                    problem="It has a domain, and answers at its default endpoint too.",
                )
