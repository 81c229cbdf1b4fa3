"""Puts the watching together where the house is: the meters and what follows messages, the figures of the house, the relay to other processes."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from handoff.operations.house import House
from handoff.operations.meters import Meters, Tracer
from handoff.services import Services
from handoff.settings import Settings


def meters_of(settings: Settings) -> Meters:
    """The meters of this process, with who follows single messages where a collector is set."""
    return Meters(tracer(settings))


def watch(services: Services, meters: Meters) -> None:
    """What Prometheus is told besides what passes through the meters themselves."""
    meters.queue_of(lambda: services.payer.length)
    meters.bot_of(lambda: services.bot.pid)
    meters.registry.register(House(services.database, services.entries, services.bot, services.settings.data_dir))
    services.signals.woke = meters.wake.observe


def relays(services: Services) -> list[Coroutine[Any, Any, None]]:
    """Who wakes readers of other processes, counts floods with them and shows who types there; nobody where there is one process."""
    url = services.settings.redis_url.get_secret_value()
    if not url:
        return []
    from handoff.conversations.relay import Relay

    relay = Relay(url, services.signals, services.database.vault)
    services.buckets.abroad = relay.carry("taken", services.buckets.taken_elsewhere)
    services.typists.abroad = relay.carry("typing", services.typists.told)
    return [relay.run()]


def tracer(settings: Settings) -> Tracer | None:
    """Who follows single messages; its library is read only where a collector is set."""
    if not settings.traces:
        return None
    from handoff.operations.otlp import OtlpJson
    from handoff.operations.traces import Traces

    return Traces(OtlpJson(settings.traces), share=settings.trace_share)
