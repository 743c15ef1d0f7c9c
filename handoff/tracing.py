"""Spans by OpenTelemetry, sent to a collector over OTLP; needs the extra `otel`."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanContext
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from handoff.domain.trace import HEADER, Span, Value

_CONTEXT = TraceContextTextMapPropagator()
PATIENCE_S = 5


@dataclass(frozen=True, slots=True)
class Made:
    """A span of ours: only where it stands is of interest to others."""

    context: SpanContext

    @property
    def traceparent(self) -> str | None:
        """Return it as a header tells it."""
        trace, span = f"{self.context.trace_id:032x}", f"{self.context.span_id:016x}"
        return f"00-{trace}-{span}-{self.context.trace_flags:02x}"


class OtelTracer:
    """Makes spans and hands them to a processor, which sends them in the background."""

    def __init__(self, service: str, processor: SpanProcessor) -> None:
        """Name the service."""
        self._provider = TracerProvider(resource=Resource.create({"service.name": service}))
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("handoff")

    @classmethod
    def to(cls, url: str, service: str) -> "OtelTracer":
        """Return one that sends to a collector, as `http://collector:4318/v1/traces`."""
        return cls(service, BatchSpanProcessor(OTLPSpanExporter(endpoint=url, timeout=PATIENCE_S)))

    def span(
        self, name: str, parent: str | None, attributes: Mapping[str, Value]
    ) -> AbstractContextManager[Span]:
        """Return a span that begins on entering; what it raises is told by its type alone."""
        return self._span(name, parent, attributes)

    def close(self) -> None:
        """Send what is left."""
        self._provider.shutdown()

    @contextmanager
    def _span(
        self, name: str, parent: str | None, attributes: Mapping[str, Value]
    ) -> Iterator[Made]:
        context = _CONTEXT.extract({HEADER: parent}) if parent else None
        span = self._tracer.start_span(
            f"handoff {name}",
            context=context,
            attributes={f"handoff.{key}": value for key, value in attributes.items()},
        )
        try:
            yield Made(span.get_span_context())
        except BaseException as error:
            span.set_attribute("error.type", type(error).__name__)
            raise
        finally:
            span.end()
