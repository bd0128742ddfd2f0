# SPDX-License-Identifier: GPL-3.0-or-later
"""The service's JSON, and nothing else. The only file that knows how the service spells things.

Reading is lenient, because live records differ from the published types: unknown fields are ignored, a field of
the wrong type counts as missing, and one bad entry of a list does not cost the others.

Source: the service's published API types (Python SDK 2.4.0) and recorded answers.
"""

from __future__ import annotations

import logging
from decimal import Decimal
from typing import Annotated, Any, TypeVar, cast

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    field_validator,
)
from pydantic.alias_generators import to_camel

from .errors import ProtocolError

__all__ = [
    "AssetAnswer",
    "AssetRecord",
    "AssetsAnswer",
    "ErrorBody",
    "GenerateAnswer",
    "InputRecord",
    "JobAnswer",
    "JobRecord",
    "JobsPage",
    "ModelAnswer",
    "ModelRecord",
    "ModelsPage",
    "UploadAnswer",
    "UploadRecord",
    "parse",
]

log = logging.getLogger(__name__)

T = TypeVar("T")


class Wire(BaseModel):
    """Base of all records: camelCase outside, snake_case inside, forgiving."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="ignore", frozen=True, allow_inf_nan=False
    )

    @field_validator("*", mode="wrap")
    @classmethod
    def _forgive(cls, value: Any, handler: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
        field = cls.model_fields[info.field_name or ""]
        try:
            return handler(value)
        except ValidationError:
            if field.is_required():
                raise
            return field.get_default(call_default_factory=True)


def _each(value: Any, handler: ValidatorFunctionWrapHandler) -> list[Any]:
    """Keep the entries that can be read; what is no list at all counts as missing."""
    if not isinstance(value, list):
        return handler(value)
    kept: list[Any] = []
    for item in cast(list[Any], value):
        try:
            kept.extend(handler([item]))
        except ValidationError as error:
            log.warning("left out an entry of the service's answer: %s", error.errors()[0]["msg"])
    return kept


Each = Annotated[list[T], WrapValidator(_each)]


def _objects(value: Any) -> Any:
    """Keep the members that are objects."""
    if not isinstance(value, dict):
        return value
    members = cast(dict[str, Any], value)
    return {name: members[name] for name in members if isinstance(members[name], dict)}


Objects = Annotated[dict[str, dict[str, Any]], BeforeValidator(_objects)]


def _capability(value: Any) -> Any:
    return cast(dict[str, Any], value).get("type") if isinstance(value, dict) else value


class Picture(Wire):
    url: str | None = None


class Variant(Wire):
    variant_key: str | None = None
    capability: str | None = None
    total_latency_p50_sec: float | None = Field(None, alias="totalLatencyP50Sec")
    inference_latency_p50_sec: float | None = Field(None, alias="inferenceLatencyP50Sec")
    cost_per_asset_p50_cu: Decimal | None = Field(None, alias="costPerAssetP50CU")


class PerformanceStats(Wire):
    default: str | None = None
    """The key of the variant to compare models by."""
    variants: Each[Variant] = []


class UiConfig(Wire):
    selects: Objects = {}
    input_properties: Objects = {}


class InputRecord(Wire):
    """One entry of a model's ``inputs``."""

    name: str
    type: str
    label: str | None = None
    description: str | None = None
    hint: str | None = None
    placeholder: str | None = None
    default: Any = None
    allowed_values: list[Any] | None = None
    min: float | None = None
    max: float | None = None
    step: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    required: Any = None
    cost_impact: bool | None = None
    group: str | None = None
    kind: str | None = None
    parent: bool | None = None
    background_behavior: str | None = None
    mask_from: str | None = None
    max_size: int | None = None
    prompt: bool | None = None
    color: bool | None = None
    inputs: Each[InputRecord] = []


class ModelRecord(Wire):
    id: str
    name: str | None = None
    short_description: str | None = None
    capabilities: Each[Annotated[str, BeforeValidator(_capability)]] = []
    status: str | None = None
    privacy: str | None = None
    tags: Each[str] = []
    custom: bool | None = None
    access_restrictions: int | None = None
    disable_refund: bool | None = None
    thumbnail: Picture | None = None
    performance_stats: PerformanceStats | None = None
    inputs: Each[InputRecord] = []
    ui_config: UiConfig = UiConfig()


class ModelAnswer(Wire):
    model: ModelRecord


class ModelsPage(Wire):
    models: Each[ModelRecord]
    next_pagination_token: str | None = None


class JobMetadata(Wire):
    asset_ids: Each[str] = []
    input: dict[str, Any] = {}
    output: dict[str, Any] = {}
    error: str | None = None
    hint: str | None = None


class Billing(Wire):
    cu_cost: Decimal | None = None
    cu_discount: Decimal | None = None
    disable_refund: bool | None = None


class JobRecord(Wire):
    job_id: str
    job_type: str | None = None
    status: str | None = None
    progress: float | None = None
    created_at: str | None = None
    error: str | None = None
    """Where the service's guide has it; live answers have it in ``metadata``."""
    metadata: JobMetadata = JobMetadata()
    billing: Billing = Billing()


class JobAnswer(Wire):
    job: JobRecord


class JobsPage(Wire):
    jobs: Each[JobRecord]
    next_pagination_token: str | None = None


class GenerateAnswer(Wire):
    """Also the answer of a dry run, whose ``job`` is empty or missing."""

    job: JobRecord | None = None
    creative_units_cost: Decimal | None = None


class AssetMetadata(Wire):
    type: str | None = None
    parent_id: str | None = None
    file_name: str | None = None


class AssetProperties(Wire):
    size: int | None = None


class AssetRecord(Wire):
    id: str
    url: str | None = None
    mime_type: str | None = None
    kind: str | None = None
    status: str | None = None
    metadata: AssetMetadata = AssetMetadata()
    properties: AssetProperties = AssetProperties()
    thumbnail: Picture | None = None


class AssetAnswer(Wire):
    asset: AssetRecord


class AssetsAnswer(Wire):
    assets: Each[AssetRecord]


class Part(Wire):
    number: int
    url: str


class UploadRecord(Wire):
    id: str
    status: str | None = None
    parts: Each[Part] = []
    entity_id: str | None = None
    error_message: str | None = None


class UploadAnswer(Wire):
    upload: UploadRecord


class ErrorBody(Wire):
    """Three shapes are about; the text is the first of these that is there."""

    reason: str | None = None
    message: str | None = None
    error: str | None = None
    detail: str | None = None
    trace_id: str | None = Field(None, alias="trace_id")
    trace_id_camel: str | None = Field(None, alias="traceId")
    remaining_seconds: float | None = None

    @property
    def text(self) -> str | None:
        return next((t for t in (self.reason, self.message, self.error, self.detail) if t), None)


W = TypeVar("W", bound=Wire)


def parse(kind: type[W], data: Any) -> W:
    """Read an answer.

    :raises ProtocolError: when what cannot be done without is missing.
    """
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"]) or "the whole answer"
        raise ProtocolError(f"The service's answer could not be understood ({where}); try again later.") from error
