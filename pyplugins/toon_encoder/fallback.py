"""toon_encoder in pure Python: the steps of `rustlib/engines/toon_encoder/RULES.md`, under the same names.

It must never depend on cffi or ctypes, and no message may hold scanned text.
Tests: tests/unit/test_vectors.py, tests/parity/test_toon_encoder_parity.py.
"""

from __future__ import annotations

from typing import Any, Final

from pyplugins.core import config as configuration
from pyplugins.core import units
from pyplugins.core.faults import fault
from pyplugins.core.guard import Answer, PythonGuard
from pyplugins.core.overlap import REPLACE, Candidate
from pyplugins.toon_encoder import _decode, _encode, _json
from pyplugins.toon_encoder._text import DELIMITERS, Full, NotJson, NotToon, TooDeep

_LIMITS: Final = ("max_depth", "max_text_bytes", "max_output_bytes", "max_findings")

#: The rules, by the number that findings carry.
_RULES: Final = ("encoded", "decoded")


class ToonEncoderFallback(PythonGuard):
    """The guard. `settings` is what the configuration reader made of a configuration."""

    def __init__(self, settings: dict[str, Any]) -> None:
        limits = {name: settings[name] for name in _LIMITS}
        rules = [{"name": name} for name in _RULES]
        super().__init__("toon_encoder", {"direction": settings["direction"], "rules": rules, "limits": limits})
        self._settings = settings
        self._decodes = settings["direction"] == "decode"

    @classmethod
    def open(cls, config: str) -> ToonEncoderFallback:
        """The guard for a configuration, JSON text."""
        return cls(configuration.read_for("toon_encoder", config))

    def inspect(self, text: str, errors: str, *, output: bool) -> Answer:
        """Answers one text, in code points."""
        size = len(text) if text.isascii() else len(text.encode("utf-8", errors))
        converted = self._converted(text, size)
        if converted is None or converted == text:
            return Answer((), None)
        detail = {"input_bytes": size, "output_bytes": units.utf8_length(converted)}
        found = Candidate(0, len(text), int(self._decodes), REPLACE, detail)
        return Answer((found,), converted if output else None)

    def _converted(self, text: str, size: int) -> str | None:
        """The converted text; `None` when the text is to be left alone."""
        strict, limit, depth = (self._settings[key] for key in ("strict", "max_output_bytes", "max_depth"))
        try:
            return _decode.decode(text, depth, limit) if self._decodes else self._encoded(text, size)
        except Full as full:
            if self._decodes or not self._settings["only_smaller"]:
                raise fault("output_too_large", a=full.size, b=limit) from None
        except NotJson:
            if strict:
                raise fault("not_json", b=depth) from None
        except NotToon as why:
            if strict:
                raise fault("not_toon", a=why.line) from None
        except (TooDeep, RecursionError):
            if strict:
                raise fault("too_deep", b=depth) from None
        return None

    def _encoded(self, text: str, size: int) -> str | None:
        settings = self._settings
        if not settings["min_size_bytes"] <= size <= settings["max_size_bytes"]:
            return None
        value = _json.read(text, settings["max_depth"])
        most = settings["max_output_bytes"]
        limit = min(most, size - 1) if settings["only_smaller"] else most
        return _encode.encode(value, DELIMITERS[settings["delimiter"]], limit)
