"""The JSON Schema (draft 2020-12) of the inventory files, made from the same models that validate them.

Editors with yaml-language-server use it after this first line of a file:

    # yaml-language-server: $schema=../client.schema.json
"""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from mspctl.parse.files import ClientFile, ProviderFile

SchemaKind = Literal["client", "provider"]

_MODELS: Mapping[SchemaKind, type[BaseModel]] = {"client": ClientFile, "provider": ProviderFile}


class _Schema(GenerateJsonSchema):
    """Text fields take what an editor sees as a number or boolean: mspctl keeps the text as written."""

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        """Names that do not fit the pattern are refused, not ignored."""
        block = super().dict_schema(schema)
        return {**block, "additionalProperties": False} if "patternProperties" in block else block

    def str_schema(self, schema: core_schema.StringSchema) -> JsonSchemaValue:
        text = super().str_schema(schema)
        return {**text, "type": ["string", "number", "boolean"]}


def inventory_schema(kind: SchemaKind) -> dict[str, Any]:
    """The schema of `inventory/clients/<client>.yml` or of `inventory/mspctl.yml`, ready for JSON."""
    schema = _MODELS[kind].model_json_schema(schema_generator=_Schema)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **_plain(schema)}


_RENAMED: Mapping[str, str] = {"ge": "minimum", "le": "maximum"}
_NAMES_INSIDE = frozenset({"properties", "patternProperties", "$defs"})


def _plain(schema: dict[str, Any]) -> dict[str, Any]:
    """Limits under JSON Schema's names, and no titles that only repeat the key."""
    plain: dict[str, Any] = {}
    for key, value in schema.items():
        if key in _NAMES_INSIDE:
            plain[key] = {name: _plain(inner) for name, inner in value.items()}
        elif key in _RENAMED:
            plain[_RENAMED[key]] = value
        elif key != "title":
            plain[key] = _plain(value) if isinstance(value, dict) else value
            if isinstance(value, list):
                plain[key] = [_plain(item) if isinstance(item, dict) else item for item in value]
    return plain
