"""Calls of Amazon Connect: boto3 builds, validates and signs them, and our way out sends them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import boto3
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
)

from handoff.domain.answers import json_of, refusal, undocumented
from handoff.domain.connector import Outbound, OutboundReply
from handoff.domain.errors import ConnectorError

GONE = frozenset({404, 410})
LEFT_OUT = frozenset({"user-agent", "content-length", "host"})
"""Headers that our way out writes itself; of them only `host` is signed, and it is the same."""


@dataclass(frozen=True, slots=True)
class Access:
    """Which instance, and who calls it."""

    region: str
    instance: str
    key: str | None = field(repr=False)
    secret: str | None = field(repr=False)
    url: str | None
    deadline: float


@dataclass(frozen=True, slots=True)
class _Body:
    """A body that was read already, as botocore reads one."""

    content: bytes

    def stream(self, *_: object, **__: object) -> Iterator[bytes]:
        """Yield it."""
        yield self.content


class Api:
    """One instance. botocore retries nothing: that is the engine's."""

    def __init__(self, access: Access, outbound: Outbound) -> None:
        """Make the client, whose requests go out through `outbound`."""
        self._access = access
        self._outbound = outbound
        session = boto3.session.Session(
            aws_access_key_id=access.key,
            aws_secret_access_key=access.secret,
            region_name=access.region,
        )
        once = Config(retries={"total_max_attempts": 1, "mode": "standard"})
        self._client = session.client("connect", endpoint_url=access.url, config=once)
        self._client.meta.events.register("before-send.connect", self._send)

    def call(self, operation: str, about: Mapping[str, object], at: datetime) -> dict[str, Any]:
        """Return the answer of an operation; raise ConnectorError."""
        try:
            answer: dict[str, Any] = getattr(self._client, operation)(
                InstanceId=self._access.instance, **about
            )
        except ClientError as error:
            raise _refused(error, at) from error
        except ParamValidationError as error:
            raise ConnectorError("the request could not be formed", retryable=False) from error
        except (NoCredentialsError, PartialCredentialsError) as error:
            told = "no credentials for Amazon were found"
            raise ConnectorError(told, retryable=False, pause=True) from error
        except BotoCoreError as error:
            raise undocumented() from error
        return answer

    def attributes(self, contact: str, at: datetime) -> dict[str, str] | None:
        """Return a contact's attributes, None where there is no such contact."""
        answer = self._unless_gone("get_contact_attributes", {"InitialContactId": contact}, at)
        told = None if answer is None else answer.get("Attributes")
        if answer is not None and not isinstance(told, dict):
            raise undocumented()
        return told

    def stop(self, contact: str, at: datetime) -> None:
        """End a task; one that is over is fine."""
        self._unless_gone("stop_contact", {"ContactId": contact}, at)

    def _unless_gone(
        self, operation: str, about: Mapping[str, object], at: datetime
    ) -> dict[str, Any] | None:
        try:
            return self.call(operation, about, at)
        except ConnectorError as error:
            cause = error.__cause__
            if isinstance(cause, ClientError) and _status(cause) in GONE:
                return None
            raise

    def _send(self, request: Any, **_: object) -> AWSResponse:
        """Send a signed request by our way out; what it raises goes through botocore as it is."""
        headers = {
            name: value.decode("latin-1") if isinstance(value, bytes) else str(value)
            for name, value in request.headers.items()
            if name.lower() not in LEFT_OUT
        }
        body = request.body or b""
        reply = self._outbound.send(
            request.method,
            request.url,
            body.encode() if isinstance(body, str) else bytes(body),
            headers,
            deadline=self._access.deadline,
        )
        return AWSResponse(request.url, reply.status, reply.headers, _Body(_sound(reply)))


def _sound(reply: OutboundReply) -> bytes:
    """Return a body that botocore can read: its parser fails on what is no JSON object.

    Raise ConnectorError(unknown=True) for one under a 2xx.
    """
    if isinstance(json_of(reply.body or b"{}"), dict):
        return reply.body
    if 200 <= reply.status < 300:
        raise undocumented()
    return b"{}"


def _status(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def _refused(error: ClientError, at: datetime) -> ConnectorError:
    """Return what an error of Amazon's means. Every call may be repeated: none is unknown."""
    headers: Mapping[str, str] = error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    found = refusal(_status(error), headers, at)
    code = str(error.response.get("Error", {}).get("Code", ""))
    if found is None:
        return undocumented()
    if code.isascii() and code.isalnum() and len(code) <= 60 and not code.isdigit():
        told = f"{found.message}: {code}"
        return ConnectorError(
            told, retryable=found.retryable, retry_after=found.retry_after, pause=found.pause
        )
    return found
