"""What is asked. An unknown field is refused."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict


class WhatIfForm(BaseModel):
    model_config = ConfigDict(extra="forbid")
    worker_id: UUID
