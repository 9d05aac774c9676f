"""The examples of docs/integrations.md, with the chain of plugins/config.yaml, as a reader would run them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import yaml
from fastmcp import Client
from gw_middleware import MAIL, MASK
from gw_tests import ROOT
from starlette.responses import PlainTextResponse

PAGE = (ROOT / "docs/integrations.md").read_text("utf-8")
FASTMCP, ASGI = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
(LITELLM,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture(autouse=True)
def in_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def executed(code: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(compile(code, "docs/integrations.md", "exec"), names)
    return names


def test_fastmcp(run: Callable[..., Any]) -> None:
    mcp = executed(FASTMCP)["mcp"]

    @mcp.tool
    def owner() -> dict[str, str]:
        return {"mail": MAIL}

    async def talk() -> Any:
        async with Client(mcp) as client:
            return await client.call_tool("owner")

    result = run(talk())
    assert result.structured_content == {"mail": MASK}
    assert json.loads(result.content[0].text) == {"mail": MASK}


def test_asgi(run: Callable[..., Any]) -> None:
    app = executed(ASGI)["app"]

    async def owner(request: Any) -> PlainTextResponse:
        return PlainTextResponse(f"{await request.json()} {MAIL}")

    for path in ("/owner", "/static/owner"):
        app.add_route(path, owner, methods=["POST"])

    async def talk(path: str) -> str:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
            return (await client.post(path, json=[MAIL])).text

    assert run(talk("/owner")) == f"[{MASK!r}] {MASK}"
    assert run(talk("/static/owner")) == f"[{MAIL!r}] {MAIL}"


def test_litellm() -> None:
    from litellm.types.guardrails import LitellmParams

    (entry,) = yaml.safe_load(LITELLM)["guardrails"]
    params = LitellmParams(**entry["litellm_params"])
    assert params.mode == ["pre_call", "post_call"]
    assert params.model_dump()["plugins_config"] == "/etc/gwplugins/config.yaml"
