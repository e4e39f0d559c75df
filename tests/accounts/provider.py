"""A real OpenID Connect provider on loopback: Authlib's server, joserfc's keys."""

import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from authlib.oauth2.rfc6749 import AuthorizationServer, OAuth2Request
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import UserInfo
from authlib.oidc.core.grants import OpenIDCode
from joserfc.jwk import KeySet, RSAKey

CLIENT, SECRET = "govgrid", "a-secret-of-the-client"


@dataclass(slots=True)
class Code:
    """An authorization code that was given out."""

    code: str
    redirect_uri: str
    scope: str
    nonce: str
    code_challenge: str
    code_challenge_method: str

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str:
        return self.nonce

    def get_auth_time(self) -> None:
        return None

    get_acr = get_amr = get_auth_time


class Client:
    """The one client that the provider knows."""

    client_id = CLIENT

    def __init__(self, back: str) -> None:
        self.back = back

    def get_client_id(self) -> str:
        return CLIENT

    def get_default_redirect_uri(self) -> str:
        return self.back

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, uri: str) -> bool:
        return uri == self.back

    def check_client_secret(self, secret: str) -> bool:
        return secrets.compare_digest(secret, SECRET)

    def check_endpoint_auth_method(self, method: str, _endpoint: str) -> bool:
        return method == "client_secret_basic"

    def check_response_type(self, kind: str) -> bool:
        return kind == "code"

    def check_grant_type(self, kind: str) -> bool:
        return kind == "authorization_code"


@dataclass(slots=True)
class State:
    """What the provider remembers, and who is signed in there."""

    back: str
    claims: dict[str, str] = field(default_factory=lambda: {"sub": "s-1", "login": "zhou"})
    codes: dict[str, Code] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "k1"}))
    address: str = ""
    audience: str = CLIENT
    nonce: str = ""  # said in place of the right one, to see it refused


class Grant(AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic",)

    def save_authorization_code(self, code: str, request: Any) -> None:
        data = request.payload.data
        self.server.state.codes[code] = Code(
            code, data["redirect_uri"], data["scope"], data["nonce"], data["code_challenge"],
            data["code_challenge_method"],
        )  # fmt: skip

    def query_authorization_code(self, code: str, _client: Client) -> Code | None:
        found: Code | None = self.server.state.codes.get(code)
        return found

    def delete_authorization_code(self, code: Code) -> None:
        del self.server.state.codes[code.code]

    def authenticate_user(self, _code: Code) -> str:
        return str(self.server.state.claims["sub"])


class Identity(OpenIDCode):
    def __init__(self, state: State) -> None:
        super().__init__(require_nonce=True)
        self.state = state

    def exists_nonce(self, nonce: str, _request: Any) -> bool:
        return any(known.nonce == nonce for known in self.state.codes.values())

    def resolve_client_private_key(self, _client: Client) -> RSAKey:
        return self.state.key

    def get_client_algorithm(self, _client: Client) -> str:
        return "RS256"

    def get_client_claims(self, _client: Client) -> dict[str, Any]:
        now = int(time.time())
        return {
            "iss": self.state.address, "aud": self.state.audience, "iat": now, "exp": now + 300,
        }  # fmt: skip

    def get_compatible_claims(self, request: Any) -> dict[str, Any]:
        return self.get_client_claims(request.client)

    def get_encode_header(self, _client: Client) -> dict[str, str]:
        return {"alg": "RS256", "kid": "k1"}

    def generate_user_info(self, _user: str, _scope: str) -> UserInfo:
        claims = dict(self.state.claims)
        if self.state.nonce:
            claims["nonce"] = self.state.nonce
        return UserInfo(claims)


class Server(AuthorizationServer):
    def __init__(self, state: State) -> None:
        super().__init__()
        self.state = state
        bearer = BearerTokenGenerator(lambda **_: secrets.token_urlsafe(24))
        self.register_token_generator("default", bearer)
        self.register_grant(Grant, [Identity(state), CodeChallenge(required=True)])

    def query_client(self, client_id: str) -> Client | None:
        return Client(self.state.back) if client_id == CLIENT else None

    def save_token(self, token: dict[str, Any], request: Any) -> None:
        pass

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        pass

    def create_oauth2_request(self, request: Any) -> OAuth2Request:
        if isinstance(request, OAuth2Request):
            return request
        method, path, headers, values = request
        made = Request(method, f"https://provider.test{path}", headers=headers)
        made.payload, made.values = BasicOAuth2Payload(values), values
        return made

    def handle_response(self, status: int, body: Any, headers: Any) -> tuple[int, Any, Any]:
        return status, body, headers


class Request(OAuth2Request):
    values: dict[str, str]

    @property
    def args(self) -> dict[str, str]:
        return self.values

    @property
    def form(self) -> dict[str, str]:
        return self.values


def _handler(server: Server, state: State) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = urlsplit(self.path)
            if asked.path == "/.well-known/openid-configuration":
                self._json(
                    {
                        "issuer": state.address,
                        "authorization_endpoint": f"{state.address}/authorize",
                        "token_endpoint": f"{state.address}/token",
                        "jwks_uri": f"{state.address}/keys",
                    }
                )
            elif asked.path == "/keys":
                self._json(KeySet([state.key]).as_dict(private=False))
            else:
                self._authorize(dict(parse_qsl(asked.query)))

        def _authorize(self, values: dict[str, str]) -> None:
            request = server.create_oauth2_request(("GET", self.path, self.headers, values))
            grant = server.get_consent_grant(request, "somebody")
            self._answer(*server.create_authorization_response(request, "somebody", grant))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            values = dict(parse_qsl(body))
            self._answer(*server.create_token_response(("POST", self.path, self.headers, values)))

        def _json(self, value: Any) -> None:
            self._answer(200, value, [("Content-Type", "application/json")])

        def _answer(self, status: int, body: Any, headers: Any) -> None:
            data = b"" if not body else json.dumps(body).encode()
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            pass

    return Handler


@contextmanager
def provider(back: str) -> Iterator[State]:
    """Serve a provider on a free port of loopback; `back` is where it may send people."""
    state = State(back)
    http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(Server(state), state))
    state.address = f"http://127.0.0.1:{http.server_port}"
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield state
    finally:
        http.shutdown()
        thread.join()
        http.server_close()
