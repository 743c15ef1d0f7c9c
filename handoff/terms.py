"""What the settings say, in the terms of the services: policy, times, stories, keys."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING

from handoff.detection import Policy
from handoff.detection.policy import default_text
from handoff.domain.errors import Invalid, MissingExtra
from handoff.domain.summary import Summarizer
from handoff.domain.trace import Tracer, Untraced
from handoff.outbound import GuardedClient
from handoff.services.deps import Stories, Timings
from handoff.services.detectors import Written
from handoff.settings import Settings
from handoff.store.hash_key import hash_key
from summarizers import resolve as summarizer_class

if TYPE_CHECKING:
    from handoff.domain.secret_box import SecretBox


def policy_of(settings: Settings) -> Policy:
    """Return the policy that the settings name; raise PolicyInvalid, or Invalid if unreadable."""
    return written_of(settings).policy


def written_of(settings: Settings) -> Written:
    """Return the policy that the settings name with its text; raise as `policy_of` does."""
    if settings.policy_file is None:
        return Written(Policy.default(), default_text())
    try:
        return Written.load(settings.policy_file.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no UTF-8"
        raise Invalid(
            f"HANDOFF_POLICY_FILE: the policy {settings.policy_file} cannot be read: {why}"
        ) from None


def timings_of(settings: Settings) -> Timings:
    """Return how long the service waits for what."""
    return Timings(
        check=settings.check_s,
        reservation=settings.reservation_s,
        connect=settings.connect_s,
        lease=settings.lease_s,
        wrap_up=settings.wrap_up_s,
        grace=settings.grace_s,
        contact=settings.contact_s,
    )


def stories_of(settings: Settings) -> Stories:
    """Return how often stories are written, and what they may cost."""
    return Stories(
        every=settings.llm_every,
        calls_per_hour=settings.llm_calls_per_hour,
        tokens_per_day=settings.llm_tokens_per_day,
        lease=settings.llm_deadline_s * 2 + 30,
    )


def hash_key_of(settings: Settings) -> bytes:
    """Return the key of hashes and kept secrets, made in the data folder if none is told."""
    told = settings.hash_secret
    return told.get_secret_value().encode() if told else hash_key(settings.data_dir)


def secret_box(key: bytes) -> "SecretBox":
    """Return what keeps secrets by a key; only now the cipher is loaded."""
    made: SecretBox = import_module("handoff.domain.secret_box").SecretBox(key)
    return made


def pointer_key_of(settings: Settings) -> bytes | None:
    """Return the key that pointers in calls are signed with, None without one."""
    secret = settings.pointer_secret
    return secret.get_secret_value().encode() if secret else None


@contextmanager
def tracer_of(settings: Settings) -> Iterator[Tracer]:
    """Yield what makes spans; without a collector what only passes them on."""
    if settings.otlp_url is None:
        yield Untraced()
        return
    try:
        kind = import_module("handoff.tracing").OtelTracer
    except ModuleNotFoundError as error:
        raise MissingExtra(
            f"{error.name} is missing; install the extra: pip install '.[otel]'"
        ) from error
    tracer = kind.to(str(settings.otlp_url), "handoff")
    try:
        yield tracer
    finally:
        tracer.close()


@contextmanager
def summarizer_of(settings: Settings) -> Iterator[Summarizer | None]:
    """Yield the summarizer that the settings name, None without one; it goes out by its own way."""
    if settings.llm_url is None:
        yield None
        return
    kind = summarizer_class("llm")
    config = kind.Config(
        url=str(settings.llm_url),
        model=settings.llm_model,
        key=settings.llm_key or "",
        deadline=settings.llm_deadline_s,
        input_chars=settings.llm_input_chars,
        answer_tokens=settings.llm_answer_tokens,
    )
    local = settings.llm_local
    outbound = GuardedClient(allow_loopback=local, allow_private=local)
    try:
        yield kind(config, outbound)
    finally:
        outbound.close()
