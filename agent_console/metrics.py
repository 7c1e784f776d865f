"""The console's own figures for Prometheus, on the registry of the composition."""

from __future__ import annotations

from typing import Final

from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

_SWITCHED: Final = 101
"""A websocket: open for hours, no request that was answered slowly."""
_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


def route_name(request: web.Request) -> str:
    """The route's pattern, not the address, so that ids do not multiply the series."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "(none)"


class ConsoleMetrics:
    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self._requests = Counter(
            "callwright_http_requests", "Requests answered", ("method", "route", "status"), registry=registry
        )
        self._seconds = Histogram(
            "callwright_http_request_seconds", "Time to answer", ("route",), buckets=_BUCKETS, registry=registry
        )

    def requests(self, request: web.Request, status: int, seconds: float) -> None:
        route = route_name(request)
        self._requests.labels(request.method, route, str(status)).inc()
        if status != _SWITCHED:
            self._seconds.labels(route).observe(seconds)

    def exposition(self) -> web.Response:
        return web.Response(body=generate_latest(self.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})


METRICS: Final = web.AppKey("metrics", ConsoleMetrics)
