"""What an admin's client may do with webhooks: register, change, rotate, try out, let go."""

from collections.abc import Iterator, Sequence

from handoff.client.answers import Json, Webhook
from handoff.client.sending import Sender
from handoff.client.wire import given, pages, path, read, read_json


class Webhooks:
    """The part of a client that an admin needs to be told of escalations by webhooks."""

    _sender: Sender

    def webhooks(self) -> Iterator[Webhook]:
        """Yield the registered webhooks, the newest first, without their secrets."""
        return map(Webhook.model_validate, pages(self._sender, path("webhooks"), {}))

    def register_webhook(
        self,
        url: str,
        *,
        description: str | None = None,
        queues: Sequence[str] = (),
        key: str | None = None,
    ) -> Webhook:
        """Return a new webhook with its secret, which only a rotation shows again.

        It hears of escalations to `queues`, of all without any.
        """
        body = given(url=url, description=description, queues=[*queues])
        return read(Webhook, self._sender.post(path("webhooks"), body, key=key))

    def change_webhook(
        self,
        webhook_id: str,
        *,
        url: str | None = None,
        description: str | None = None,
        queues: Sequence[str] | None = None,
    ) -> Webhook:
        """Return a webhook with what was given of it changed."""
        body = given(url=url, description=description)
        if queues is not None:
            body["queues"] = [*queues]
        return read(Webhook, self._sender.patch(path("webhooks", webhook_id), body))

    def rotate_webhook(self, webhook_id: str, *, keep_old_s: float | None = None) -> Webhook:
        """Return a webhook with a new secret; the old one signs too for a day, or so many seconds.

        0 ends the old one at once: where it has leaked.
        """
        where = path("webhooks", webhook_id, "rotate")
        return read(Webhook, self._sender.post(where, given(keep_old_s=keep_old_s)))

    def delete_webhook(self, webhook_id: str) -> Webhook:
        """Let a webhook go, and return what it was; what is due to it will be refused."""
        return read(Webhook, self._sender.delete(path("webhooks", webhook_id)))

    def test_webhook(self, name: str) -> Json:
        """Return how a receiver answered a signed `webhook.test`: `outcome`, and why (`error`)."""
        return read_json(self._sender.post(path("webhooks", name, "test"), {}))
