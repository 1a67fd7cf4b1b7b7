"""Text as PostgreSQL can keep it."""

from typing import Annotated

from pydantic import Field

StorableText = Annotated[str, Field(pattern=r"^[^\x00]*$")]
"""PostgreSQL's text holds every character but NUL; said in the request's schema, so that it is refused with 422."""
