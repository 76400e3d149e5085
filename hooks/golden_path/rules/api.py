"""GP6xx: who may call an API, and how often."""

from __future__ import annotations

from collections.abc import Iterator

from golden_path.finding import Finding
from golden_path.intrinsics import as_list, dig, number
from golden_path.rules.base import Rule
from golden_path.stack import Resource, Stack

APIS = ("AWS::ApiGatewayV2::Api", "AWS::ApiGateway::RestApi")
PROOFS = {"x-amazon-apigateway-authorizer", "x-amazon-apigateway-authtype"}
LIMITS = ("ThrottlingBurstLimit", "ThrottlingRateLimit")
# More routes than these make no sentence.
MOST_NAMED = 8


class Authenticated(Rule):
    id = "GP601"
    title = "Every route knows its caller"
    why = "An open route is found and used by strangers, at the service's cost."
    mend = "Set a default authorizer on the API, or suppress with the reason why it is open."

    def check(self, stack: Stack) -> Iterator[Finding]:
        for api in stack.of_type(*APIS):
            open_routes = []
            # A route stands once in each form that the body may take.
            for method, path in dict.fromkeys(self._open_routes(stack, api)):
                # A route that its function's event opens on purpose is that function's affair.
                if event := self._opened_by_event(stack, method, path):
                    problem = f"{method} {path} is open to anybody."
                    yield self.at(stack, event, str(event[1]), problem)
                else:
                    open_routes.append(f"{method} {path}")
            if open_routes:
                more = len(open_routes) - MOST_NAMED
                told = ", ".join(open_routes[:MOST_NAMED]) + (
                    f" and {more} more" if more > 0 else ""
                )
                problem = f"Open to anybody: {told}."
                yield self.found(stack, api, "Auth", problem=problem)
        single = (
            *(
                (route, "AuthorizationType")
                for route in stack.of_type("AWS::ApiGatewayV2::Route")
                if not self._comes_over_a_connection(stack, route)
            ),
            *((url, "AuthType") for url in stack.of_type("AWS::Lambda::Url")),
            *(
                (method, "AuthorizationType")
                for method in stack.of_type("AWS::ApiGateway::Method")
                if method.get("HttpMethod") != "OPTIONS"
            ),
        )
        for resource, name in single:
            if any(form in (None, "NONE") for form in stack.resolver.each(resource.get(name))):
                yield self.found(stack, resource, name, problem="It is open to anybody.")

    def _comes_over_a_connection(self, stack: Stack, route: Resource) -> bool:
        """Tell whether it is a route of a WebSocket API whose caller `$connect` has let in.

        Of an API that another template has, the key tells: one of HTTP is a method and a path, and
        both have `$default`.
        """
        key = route.get("RouteKey")
        if key == "$connect":
            return False
        apis = stack.named(route.get("ApiId"), "AWS::ApiGatewayV2::Api")
        if apis:
            return any(api.get("ProtocolType") == "WEBSOCKET" for api in apis)
        return isinstance(key, str) and " /" not in key

    def _open_routes(self, stack: Stack, api: Resource) -> Iterator[tuple[str, str]]:
        for body in stack.resolver.each(api.get("Body")):
            paths = dig(body, "paths")
            everywhere, unproved = dig(body, "security"), self._unproved(body)
            for path, methods in paths.items() if isinstance(paths, dict) else ():
                for method, operation in methods.items() if isinstance(methods, dict) else ():
                    # A browser asks by OPTIONS before it may send credentials.
                    if not isinstance(operation, dict) or method == "options":
                        continue
                    security = as_list(operation.get("security", everywhere))
                    known = [
                        one
                        for one in security
                        if not isinstance(one, dict) or one.keys() - unproved
                    ]
                    if not known or {"NONE": []} in known:
                        name = "ANY" if "any" in str(method) else str(method).upper()
                        yield name, str(path)

    def _unproved(self, body: object) -> set[str]:
        """The schemes by which nobody is known.

        A key of a usage plan says nothing of its sender, and API Gateway asks for nothing by a
        scheme that names no authorizer.
        """
        named = dig(body, "components", "securitySchemes") or dig(body, "securityDefinitions")
        schemes = named.items() if isinstance(named, dict) else ()
        return {
            name
            for name, scheme in schemes
            if str(dig(scheme, "name")).lower() == "x-api-key"
            or (isinstance(scheme, dict) and not scheme.keys() & PROOFS)
        }

    def _opened_by_event(self, stack: Stack, method: str, path: str) -> tuple[str, ...] | None:
        for function in stack.functions:
            where = ("Resources", function, "Properties", "Events")
            events = dig(stack.source.data, *where)
            for name, event in events.items() if isinstance(events, dict) else ():
                properties = dig(event, "Properties")
                if (
                    dig(properties, "Auth", "Authorizer") == "NONE"
                    and str(dig(properties, "Method") or "ANY").upper() == method
                    and dig(properties, "Path") == path
                ):
                    return (*where, str(name))
        return None


class MeantForIt(Rule):
    id = "GP604"
    title = "A JWT authorizer asks for its audience"
    why = (
        "An identity provider issues tokens for many applications: without an audience, each of "
        "them opens the API, in the hands of whoever got it."
    )
    mend = "Name at least one `audience`, and one issuer by HTTPS, in its `JwtConfiguration`."

    def check(self, stack: Stack) -> Iterator[Finding]:
        for authorizer in stack.of_type("AWS::ApiGatewayV2::Authorizer"):
            if authorizer.get("AuthorizerType") == "JWT":
                yield from self._judge(stack, authorizer, authorizer.get("JwtConfiguration"))
        for api in stack.of_type(*APIS):
            for body in stack.resolver.each(api.get("Body")):
                schemes = dig(body, "components", "securitySchemes")
                for scheme in schemes.values() if isinstance(schemes, dict) else ():
                    told = dig(scheme, "x-amazon-apigateway-authorizer")
                    if str(dig(told, "type")).lower() == "jwt":
                        yield from self._judge(stack, api, dig(told, "jwtConfiguration"), "Auth")

    def _judge(
        self, stack: Stack, resource: Resource, config: object, *at: str
    ) -> Iterator[Finding]:
        given = {
            str(name).lower(): value
            for name, value in (config.items() if isinstance(config, dict) else ())
        }
        for form in stack.resolver.each(given.get("audience")):
            if not form or not any(as_list(form)):
                problem = "It takes tokens that are meant for any other application."
                yield self.found(stack, resource, *at, problem=problem)
                break
        for form in stack.resolver.each(given.get("issuer")):
            if not form or (isinstance(form, str) and not form.startswith("https://")):
                problem = (
                    "Its issuer is no HTTPS URL, so that anybody on the way may forge its keys."
                )
                yield self.found(stack, resource, *at, problem=problem)
                break


class Throttled(Rule):
    id = "GP602"
    title = "Every stage of an API is throttled"
    style = True
    why = "Without a limit of its own, one caller can use up the whole account's."
    mend = "Set `ThrottlingBurstLimit` and `ThrottlingRateLimit` for all routes of the stage."

    def check(self, stack: Stack) -> Iterator[Finding]:
        for stage in stack.of_type("AWS::ApiGatewayV2::Stage"):
            if not self._limited(stack, stage.get("DefaultRouteSettings")):
                yield self._unlimited(stack, stage)
        for stage in stack.of_type("AWS::ApiGateway::Stage"):
            for form in stack.forms(stage, "MethodSettings"):
                everywhere = [
                    settings
                    for settings in as_list(form)
                    if dig(settings, "HttpMethod") == "*" and dig(settings, "ResourcePath") == "/*"
                ]
                if not any(self._limited(stack, settings) for settings in everywhere):
                    yield self._unlimited(stack, stage)
                    break

    def _unlimited(self, stack: Stack, stage: Resource) -> Finding:
        return self.found(stack, stage, problem="Its routes have no limits of their own.")

    def _limited(self, stack: Stack, settings: object) -> bool:
        return all(
            isinstance(limit, dict) or (number(limit) or 0) > 0
            for form in stack.resolver.each(settings)
            for limit in (dig(form, name) for name in LIMITS)
        )
