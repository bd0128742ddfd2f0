# SPDX-License-Identifier: GPL-3.0-or-later
"""The service's JSON, and nothing else. The only file that knows how the service spells things.

Reading is lenient, because live records differ from the published types: unknown fields are ignored, a field of
the wrong type or of no sane size counts as missing, and one bad entry of a list does not cost the others. Texts that
are shown to people are cleaned here; ids and whatever else is sent back stay as they are.

Source: the service's published API types (Python SDK 2.4.0) and recorded answers.
"""

from __future__ import annotations

import logging
from decimal import Decimal
from typing import Any, Final, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_validator,
)
from pydantic.alias_generators import to_camel

from ..errors import ProtocolError
from .wire_fields import MOST_CU, Amount, Capability, Each, Fees, FileName, Label, Objects, Prose

__all__ = [
    "AssetAnswer",
    "AssetRecord",
    "AssetsAnswer",
    "AssetsPage",
    "ErrorBody",
    "GenerateAnswer",
    "InputRecord",
    "JobAnswer",
    "JobRecord",
    "JobsPage",
    "ModelAnswer",
    "ModelRecord",
    "ModelsPage",
    "PresetsRecord",
    "UploadAnswer",
    "UploadRecord",
    "parse",
]

log = logging.getLogger(__name__)

_LONGEST: Final = 10_000
"""Characters of an id or an address."""


class Wire(BaseModel):
    """Base of all records: camelCase outside, snake_case inside, forgiving."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        extra="ignore",
        frozen=True,
        allow_inf_nan=False,
        str_max_length=_LONGEST,
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


class Picture(Wire):
    url: str | None = None


class Variant(Wire):
    variant_key: str | None = None
    capability: str | None = None
    total_latency_p50_sec: float | None = Field(None, alias="totalLatencyP50Sec")
    total_latency_p75_sec: float | None = Field(None, alias="totalLatencyP75Sec")
    inference_latency_p50_sec: float | None = Field(None, alias="inferenceLatencyP50Sec")
    inference_latency_p75_sec: float | None = Field(None, alias="inferenceLatencyP75Sec")
    cost_per_asset_p50_cu: Amount | None = Field(None, alias="costPerAssetP50CU")


class PerformanceStats(Wire):
    default: str | None = None
    """The key of the variant to compare models by."""
    variants: Each[Variant] = []


class PresetsRecord(Wire):
    fields: Each[str] = []
    presets: Any = None


class UiConfig(Wire):
    presets: Each[PresetsRecord] = []
    selects: Objects = {}
    input_properties: Objects = {}


class Compliance(Wire):
    model_provider: Label | None = None


class InputRecord(Wire):
    """One entry of a model's ``inputs``."""

    name: str
    type: str
    label: Label | None = None
    description: Prose | None = None
    hint: Prose | None = None
    placeholder: Prose | None = None
    default: Any = None
    allowed_values: list[Any] | None = None
    min: float | None = None
    max: float | None = None
    step: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    required: Any = None
    cost_impact: bool | None = None
    group: Label | None = None
    kind: str | None = None
    mask_from: str | None = None
    max_size: int | None = None
    background_behavior: str | None = None
    prompt: bool | None = None
    color: bool | None = None
    inputs: Each[InputRecord] = []


class ModelRecord(Wire):
    id: str
    name: Label | None = None
    short_description: Prose | None = None
    capabilities: Each[Capability] = []
    status: str | None = None
    tags: Each[str] = []
    access_restrictions: int | None = None
    thumbnail: Picture | None = None
    performance_stats: PerformanceStats | None = None
    compliance_metadata: Compliance | None = None
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
    error: Prose | None = None
    hint: Prose | None = None


class Billing(Wire):
    cu_cost: Amount | None = None
    """Of the main action alone."""
    cu_cost_details: Fees = {}
    """The fees beside it, by name; 0 once they are paid back."""
    disable_refund: bool | None = None

    @property
    def total_cu(self) -> Decimal | None:
        """What a job costs with its fees; ``None`` where nothing is told, or nonsense."""
        fees = self.cu_cost_details.values()
        is_nonsense = self.cu_cost is None and "cu_cost" in self.model_fields_set
        if is_nonsense or (self.cu_cost is None and not fees):
            return None
        total_cu = sum(fees, self.cu_cost or Decimal(0))
        return total_cu if total_cu <= MOST_CU else None


class JobRecord(Wire):
    job_id: str
    status: Label | None = None
    progress: float | None = None
    created_at: str | None = None
    updated_at: Label | None = None
    owner_id: Label | None = None
    """The project."""
    author_id: Label | None = None
    error: Prose | None = None
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
    creative_units_cost: Amount | None = None


class AssetMetadata(Wire):
    type: str | None = None
    parent_id: str | None = None
    parent_job_id: str | None = None
    model_id: str | None = None
    file_name: FileName | None = None
    name: FileName | None = None
    prompt: Prose | None = None


class AssetProperties(Wire):
    size: int | None = None
    face_count: int | None = None


class AssetRecord(Wire):
    id: str
    url: str | None = None
    mime_type: Label | None = None
    kind: str | None = None
    created_at: str | None = None
    owner_id: Label | None = None
    """The project."""
    author_id: Label | None = None
    metadata: AssetMetadata = AssetMetadata()
    properties: AssetProperties = AssetProperties()
    thumbnail: Picture | None = None
    preview: Picture | None = None


class AssetAnswer(Wire):
    asset: AssetRecord


class AssetsAnswer(Wire):
    assets: Each[AssetRecord]


class AssetsPage(AssetsAnswer):
    next_pagination_token: str | None = None


class Part(Wire):
    number: int
    url: str


class UploadRecord(Wire):
    id: str
    status: str | None = None
    parts: Each[Part] = []
    entity_id: str | None = None
    error_message: Prose | None = None


class UploadAnswer(Wire):
    upload: UploadRecord


class ErrorDetails(Wire):
    action_limit: int | None = None
    """How many of an action may run at once, where there are too many."""


class ErrorBody(Wire):
    """Three shapes are about; the text is the first of these that is there."""

    reason: Prose | None = None
    message: Prose | None = None
    error: Prose | None = None
    detail: Prose | None = None
    trace_id: Label | None = Field(None, alias="trace_id")
    trace_id_camel: Label | None = Field(None, alias="traceId")
    remaining_seconds: float | None = None
    details: ErrorDetails = ErrorDetails()

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
