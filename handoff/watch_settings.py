"""What the operator may choose of watching the house: logs, figures and traces."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings


class WatchSettings(BaseSettings):
    """Part of `handoff.settings.Settings`."""

    metrics_token: SecretStr = Field(SecretStr(""), description="lets Prometheus read /metrics from elsewhere; empty: only programs on this machine may")
    log_format: Literal["text", "json"] = Field("text", description="json: one object a line, with the ids of request and conversation")
    log_level: Literal["debug", "info", "warning", "error"] = Field("warning", description="from which weight on something is logged")
    traces: str = Field("", description="address of an OpenTelemetry collector (OTLP over HTTP), such as http://localhost:4318; empty means no traces")
    trace_share: float = Field(1.0, gt=0, le=1, description="share of messages that are traced")

    @field_validator("traces")
    @classmethod
    def _is_collector(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        return value.rstrip("/")
