"""Sign-in by the organization's own identity provider: OpenID Connect, code flow with PKCE."""

import secrets
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import OAuth2Client
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from govgrid.errors import Forbidden, Unavailable
from govgrid.settings import Settings
from govgrid.trust import trusted

ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
KEPT = timedelta(hours=1)
TIMEOUT = 5.0  # seconds
WAITS = timedelta(minutes=10)  # how long a person may take at the provider


@dataclass(frozen=True, slots=True)
class Trip:
    """What a browser takes along to the provider, and must bring back unchanged."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def begin(cls) -> "Trip":
        """Return a trip that nobody can guess."""
        return cls(*(secrets.token_urlsafe(32) for _ in range(3)))


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the provider says somebody is: its lasting name, and the claim that is our login."""

    subject: str
    login: str


class Provider:
    """One provider; its metadata and keys are read again every hour."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._known: tuple[datetime, dict[str, Any], KeySet] | None = None
        self._lock = threading.Lock()

    def way(self, trip: Trip, at: datetime) -> str:
        """Return the address at the provider to which the browser goes."""
        metadata, _keys = self._read(at)
        with self._client() as client:
            address, _state = client.create_authorization_url(
                metadata["authorization_endpoint"],
                state=trip.state,
                nonce=trip.nonce,
                code_verifier=trip.verifier,
            )
        return str(address)

    def identity(self, trip: Trip, state: str, code: str, at: datetime) -> Identity:
        """Return who came back with the code. Raise `Forbidden` where anything does not fit."""
        if not code or not secrets.compare_digest(state.encode(), trip.state.encode()):
            raise _refused()
        metadata, keys = self._read(at)
        try:
            with self._client() as client:
                token = client.fetch_token(
                    metadata["token_endpoint"], code=code, code_verifier=trip.verifier
                )
            return self._checked(token["id_token"], keys, trip, at)
        except (AuthlibBaseError, JoseError, KeyError, ValueError) as error:
            raise _refused() from error
        except httpx2.HTTPError as error:
            raise _unreachable() from error

    def _checked(self, id_token: str, keys: KeySet, trip: Trip, at: datetime) -> Identity:
        claims = jwt.decode(id_token, keys, algorithms=ALGORITHMS).claims
        registry = jwt.JWTClaimsRegistry(
            now=int(at.timestamp()),
            leeway=60,
            iss={"essential": True, "value": self._settings.oidc_issuer},
            aud={"essential": True, "value": self._settings.oidc_client},
            exp={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": trip.nonce},
        )
        registry.validate(claims)
        if claims.get("azp", self._settings.oidc_client) != self._settings.oidc_client:
            raise _refused()
        return Identity(str(claims["sub"]), str(claims[self._settings.oidc_claim]))

    def _client(self) -> OAuth2Client:
        settings = self._settings
        return OAuth2Client(
            settings.oidc_client,
            settings.oidc_secret,
            scope="openid profile",
            redirect_uri=f"{settings.public_url}/sign-in/oidc/back",
            code_challenge_method="S256",
            timeout=TIMEOUT,
            verify=trusted(),
        )

    def _read(self, at: datetime) -> tuple[dict[str, Any], KeySet]:
        with self._lock:
            if self._known is None or at - self._known[0] > KEPT:
                self._known = (at, *self._fetched())
            return self._known[1:]

    def _fetched(self) -> tuple[dict[str, Any], KeySet]:
        issuer = self._settings.oidc_issuer
        try:
            with httpx2.Client(timeout=TIMEOUT, verify=trusted()) as client:
                found = client.get(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
                metadata = found.raise_for_status().json()
                keys = client.get(metadata["jwks_uri"]).raise_for_status().json()
            if metadata["issuer"] != issuer:
                raise _unreachable()
            return metadata, KeySet.import_key_set(keys)
        except (httpx2.HTTPError, JoseError, KeyError, ValueError) as error:
            raise _unreachable() from error


def _refused() -> Forbidden:
    return Forbidden("统一身份认证未通过，请返回登录页重试；如仍不行，请联系系统管理员。")


def _unreachable() -> Unavailable:
    return Unavailable("统一身份认证服务暂时无法连接，请稍后再试，或使用登录名和密码登录。")
