"""The settings of the service, read from the environment: `HANDOFF_` and the field's name."""

import os
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AnyHttpUrl, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from handoff.domain.retention import ANSWERS_DAYS, Retention

PREFIX = "HANDOFF_"
Seconds = Annotated[float, Field(gt=0, le=31_536_000)]


class Settings(BaseSettings):
    """Everything that can be set; without any of it the service runs on this machine alone."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    data_dir: Path = Field(
        default=Path("handoff-data"), description="folder of the database and of what is written"
    )
    database_url: str = Field(
        default="",
        description="`postgresql://…` or `sqlite:///PATH`; else `handoff.db` in the data folder",
    )
    hash_secret: SecretStr | None = Field(
        default=None,
        min_length=16,
        description="keys the hashes by which repeats are told and the secrets of registered "
        "webhooks, the same in all processes; without it one is made in the data folder",
    )
    redis_url: SecretStr | None = Field(
        default=None,
        description="Redis that wakes the workers, `redis://`, `rediss://` or `unix://`; without it"
        " the service delivers by itself",
    )
    engine: Literal["embedded", "rq"] | None = Field(
        default=None,
        description="`rq`: `handoff worker` delivers, as it is where Redis is set; `embedded`: the"
        " service does",
    )
    threads: int = Field(
        default=8, ge=1, le=64, description="deliveries sent at once, by the service or a worker"
    )
    delivery_lease_s: Seconds = Field(
        default=30.0,
        description="seconds after which what a dead process was sending is taken up by another",
    )
    audit_s: Seconds = Field(
        default=60.0, description="seconds between two looks whether anything is stuck"
    )
    host: str = Field(default="127.0.0.1", description="address that `handoff serve` listens on")
    port: int = Field(default=8080, ge=1, le=65_535, description="port it listens on")
    metrics_port: int | None = Field(
        default=None,
        ge=1,
        le=65_535,
        description="port at which a worker tells its figures for Prometheus; none without it",
    )
    base_url: str = Field(
        default="",
        description="how people and receivers reach the service; cookies are `Secure` if https",
    )
    policy_file: Path | None = Field(
        default=None, description="policy (YAML); the shipped one without it"
    )
    outbox_dir: Path | None = Field(
        default=None, description="folder that the connector `outbox_dir` writes cards to"
    )
    webhook_url: AnyHttpUrl | None = Field(
        default=None, description="endpoint that the connector `webhook` posts to"
    )
    webhook_secret: SecretStr | None = Field(
        default=None, description="secret shared with it: `whsec_` and 24 to 64 bytes in base64"
    )
    webhook_secret_before: SecretStr | None = Field(
        default=None,
        description="the secret before that one: signs beside it until you leave it out",
    )
    webhook_private_key: SecretStr | None = Field(
        default=None, description="whsk_ and base64: signs webhooks with ed25519 (`v1a`) too"
    )
    connectors_file: Path | None = Field(
        default=None,
        description="YAML of further connectors by name; their secrets lie in the environment or in"
        " files of their own",
    )
    pointer_secret: SecretStr | None = Field(
        default=None,
        min_length=16,
        description="key that signs what telephone calls carry of a card, 16 characters or more",
    )
    allow_loopback: bool = Field(
        default=False, description="webhooks to this machine, plain http too: for development only"
    )
    check_s: Seconds = Field(default=60.0, description="seconds between looks at a queued one")
    reservation_s: Seconds = Field(default=120.0, description="seconds a reservation is held")
    connect_s: Seconds = Field(default=60.0, description="seconds for a human's leg to be bridged")
    lease_s: Seconds = Field(
        default=900.0, description="seconds without a sign of its human until it is queued again"
    )
    wrap_up_s: Seconds = Field(default=600.0, description="seconds for the disposition at the end")
    grace_s: Seconds = Field(
        default=900.0, description="seconds in which a customer who left may come back"
    )
    contact_s: Seconds = Field(
        default=86_400.0, description="seconds until the contact that a ticket promises"
    )
    dispositions: dict[str, tuple[str, ...]] = Field(
        default_factory=dict,
        description='allowed disposition codes by queue, as JSON: `{"billing": ["refund"]}`',
    )
    storms: bool = Field(
        default=True, description="hold escalations of one incident as the policy's `storm` says"
    )
    semantic: bool = Field(
        default=True,
        description="hear paraphrases, where the extra `semantic` is installed; takes 100 MB",
    )
    llm_url: AnyHttpUrl | None = Field(
        default=None,
        description="base URL of an OpenAI-compatible endpoint that writes a story for each card,"
        " as `https://host/v1`; none without it",
    )
    llm_model: str = Field(default="", description="the model's name there")
    llm_key: SecretStr | None = Field(default=None, description="key for it, where it wants one")
    llm_local: bool = Field(
        default=False,
        description="the endpoint is on this machine or in a private network: http, any port",
    )
    llm_deadline_s: Seconds = Field(
        default=20.0, description="seconds for one story, its one retry among them"
    )
    llm_input_chars: int = Field(
        default=24_000, ge=1_000, description="characters of transcript it is sent at most"
    )
    llm_answer_tokens: int = Field(
        default=500, ge=50, description="tokens it may answer with at most"
    )
    llm_calls_per_hour: int = Field(
        default=500, ge=0, description="stories per tenant and hour at most"
    )
    llm_tokens_per_day: int = Field(
        default=1_000_000, ge=0, description="tokens per tenant and day at most"
    )
    llm_at_once: int = Field(default=2, ge=1, le=32, description="stories written at once")
    llm_every: int = Field(
        default=0,
        ge=0,
        description="turns after which a story is kept ready before anything opens; 0 is off",
    )
    log_format: Literal["text", "json"] = Field(
        default="text",
        description="`json`: an object a line, a line for each request; no words of anybody",
    )
    otlp_url: AnyHttpUrl | None = Field(
        default=None,
        description="OpenTelemetry collector that gets spans of turns and deliveries, as"
        " `http://collector:4318/v1/traces`; needs the extra `otel`",
    )
    retention_months: int = Field(
        default=0,
        ge=0,
        description="whole months that conversations are kept with all that belongs to them; 0 is"
        " for ever",
    )
    retention_audit_months: int = Field(
        default=0, ge=0, description="months that audit entries are kept, no fewer; 0 is for ever"
    )
    retention_feed_days: int = Field(
        default=0, ge=0, description="days that events of the feed are kept; 0 is for ever"
    )
    retention_answers_days: int = Field(
        default=0,
        ge=0,
        description="days that answers to repeated requests are kept, 7 or more; 0 is for ever",
    )
    session_h: float = Field(default=12.0, gt=0, le=168, description="hours a login lasts")
    dev: bool = Field(default=False, description="development: the API's own pages at `/docs`")
    killpoint: str = Field(
        default="",
        pattern=r"^([a-z_]+:[1-9][0-9]{0,6})?$",
        description="for fault tests: `NAME:N` kills the process at the N-th passing of a point",
    )

    @model_validator(mode="after")
    def _webhook_is_whole(self) -> "Settings":
        if (self.webhook_url is None) != (self.webhook_secret is None):
            raise ValueError(
                "HANDOFF_WEBHOOK_URL and HANDOFF_WEBHOOK_SECRET belong together: one is not set"
            )
        return self

    @model_validator(mode="after")
    def _redis_is_there(self) -> "Settings":
        url = self.redis_url.get_secret_value() if self.redis_url else ""
        if url and not url.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("HANDOFF_REDIS_URL must begin with redis://, rediss:// or unix://")
        if self.engine == "rq" and not url:
            raise ValueError("HANDOFF_ENGINE is rq: it needs HANDOFF_REDIS_URL")
        return self

    @model_validator(mode="after")
    def _audit_is_kept_longest(self) -> "Settings":
        if 0 < self.retention_audit_months < (self.retention_months or 1_000_000):
            raise ValueError(
                "HANDOFF_RETENTION_AUDIT_MONTHS must be no fewer than HANDOFF_RETENTION_MONTHS,"
                " and 0 where that is 0 (for ever): what is stored keeps its record"
            )
        if 0 < self.retention_answers_days < ANSWERS_DAYS:
            raise ValueError(f"HANDOFF_RETENTION_ANSWERS_DAYS must be 0, or {ANSWERS_DAYS} or more")
        return self

    @model_validator(mode="after")
    def _model_is_named(self) -> "Settings":
        if (self.llm_url is None) != (not self.llm_model):
            raise ValueError(
                "HANDOFF_LLM_URL and HANDOFF_LLM_MODEL belong together: one is not set"
            )
        return self

    @property
    def retention(self) -> Retention:
        """Return how long everything is kept."""
        return Retention(
            self.retention_months,
            self.retention_audit_months,
            self.retention_feed_days,
            self.retention_answers_days,
        )

    @property
    def own_file(self) -> Path:
        """Return where the database lies if no URL says otherwise."""
        return self.data_dir / "handoff.db"

    @property
    def fresh(self) -> bool:
        """Tell whether there is no database yet."""
        return not self.database_url and not self.own_file.exists()

    @property
    def database(self) -> str:
        """Return the database's URL."""
        return self.database_url or f"sqlite:///{self.own_file}"

    @property
    def file(self) -> Path | None:
        """Return SQLite's file; None where the database is another one, or in memory."""
        kind, _, path = self.database.partition(":///")
        if kind.partition("+")[0] != "sqlite" or path in ("", ":memory:"):
            return None
        return Path(path.partition("?")[0])

    @property
    def in_memory(self) -> bool:
        """Tell whether the database is in this process's memory alone."""
        return self.database_url in ("sqlite://", "sqlite:///:memory:")

    @property
    def address(self) -> str:
        """Return the base URL without a slash at its end."""
        return self.base_url.rstrip("/") or f"http://{self.host}:{self.port}"


def environment(name: str) -> str | None:
    """Return a variable that a file of the operator's names, None where it is not set."""
    return os.environ.get(name)
