"""Values judged by functions of ours: pydantic calls them, and JSON Schema knows what stands beside each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.config import JsonDict
from pydantic_core import CoreSchema, core_schema

Shape = dict[str, Any]
"""A piece of JSON Schema."""
Judge = TypeVar("Judge", bound=Callable[[Any], Any])
_SHAPES: dict[Callable[[Any], Any], Shape] = {}


def accepts(shape: Shape) -> Callable[[Judge], Judge]:
    """Say, over a validator, in JSON Schema what it accepts; it may accept less than that, never more."""

    def note(judge: Judge) -> Judge:
        _SHAPES[judge] = shape
        return judge

    return note


def shape_of(judge: Callable[[Any], Any]) -> Shape:
    """What was said over a validator."""
    return _SHAPES[judge]


def or_none(shape: Shape) -> Shape:
    """The shape, or the text "none"."""
    return {"anyOf": [shape, {"const": "none"}]}


def exactly_one(*keys: str) -> JsonDict:
    """Of a table: one of these keys is in it, and no other of them."""
    return {"oneOf": [{"required": [key]} for key in keys]}


def named_by(pattern: str) -> JsonDict:
    """Of a table: what its keys look like."""
    return {"propertyNames": {"pattern": f"^{pattern}$"}}


class Judged:
    """In `Annotated`: the value is what the validator makes of it, whatever the type says."""

    def __init__(self, judge: Callable[[Any], Any]) -> None:
        self._judge = judge

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """How it is validated."""
        return core_schema.no_info_plain_validator_function(self._judge)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> Shape:
        """How it is described."""
        return dict(shape_of(self._judge))
