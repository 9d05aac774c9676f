"""The Node binding: its own tests against what `make install` put in place, and the package as a user gets it.

Everything runs in copies outside the checkout; npm fetches koffi and the TypeScript compiler.
"""

from __future__ import annotations

import json
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from gw_hosts import PAGE, ROOT, SAID, code_of, run

BINDING = ROOT / "bindings/node"
PACKAGE = json.loads((BINDING / "package.json").read_text("utf-8"))
TEXT = "Ü 😀 Mail jane@example.com today\n"
MASKED = TEXT.replace("jane@example.com", "[REDACTED]")

#: What a user writes in strict TypeScript; compiled and run.
TYPED = """\
import { Guard, GwpluginsError, type Finding } from "gwplugins";

const guard: Guard = new Guard("pii_filter", { detect_ssn: false });
const { output, findings } = guard.rewrite("Mail jane@example.com");
const spans: string[] = findings.map(({ rule, start, end }: Finding) => `${rule} ${start}-${end}`);
const bytes: Uint8Array = guard.rewrite(new TextEncoder().encode(output)).output;
try {
  new Guard("pii_filter", { colour: "red" });
} catch (error) {
  if (!(error instanceof GwpluginsError)) throw error;
  console.log(JSON.stringify([output, spans, bytes.length, error.code, error.name, error.path]));
}
guard.close();
"""

#: A library of another ABI, as far as a binding looks at it.
OTHER_ABI = """\
unsigned gwp_abi_version(void) { return 2u << 16 | 3u; }
int gwp_abi_supports(unsigned major, unsigned minor) { (void)minor; return major == 2; }
"""

#: What stands before the real library and says that limiters and codecs are not there, by age or by how it was built.
WITHOUT = {
    "has ABI 1.0": """\
unsigned gwp_abi_version(void) { return 1u << 16; }
int gwp_abi_supports(unsigned major, unsigned minor) { return major == 1 && minor == 0; }
""",
    "was built without": """\
#include <stddef.h>
int gwp_limiter_schema(const void **schema, size_t *len, void **err) { *schema = *err = NULL, *len = 0; return 6; }
size_t gwp_codec_count(void) { return 0; }
""",
}

#: Says what each family answers, then that guards work.
FAMILIES = """\
import * as gwplugins from "gwplugins";

const { chooseCodec, Codec, codecs, codecSchema, Guard, Limiter, limiterSchema, trainDictionary } = gwplugins;
const data = Buffer.from("text");
const ofCodecs = [() => new Codec("gzip"), codecs, codecSchema, () => chooseCodec(data), () => trainDictionary([data])];
for (const [family, uses] of Object.entries({ limiters: [() => new Limiter(), limiterSchema], codecs: ofCodecs })) {
  for (const use of uses) {
    try {
      console.log(family, use());
    } catch (error) {
      console.log(family, error.code, error.name, error.message);
    }
  }
}
console.log(new Guard("pii_filter").rewrite("Mail jane@example.com").output);
"""

#: A client as users have it.
REDIS_CLIENT = "@redis/client@6.3.1"

#: Starts a server and asks it with the commands of a limiter: it decides as a limiter with counts of its own does, two
#: limiters together grant the quota, and leases and resets are there for both.
REDIS = """\
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createClient } from "@redis/client";
import { Limiter } from "gwplugins";

const path = "redis.sock";
const server = spawn(process.argv[2], ["--port", "0", "--unixsocket", path, "--save", ""], { stdio: "ignore" });
process.on("exit", () => server.kill());
while (!existsSync(path)) await new Promise((resolve) => setTimeout(resolve, 20));
const client = createClient({ socket: { path } });
await client.connect();
let unknown = 0;

async function send(limiter, key, request) {
  const command = limiter.redisCommand(key, request);
  if (command === null) return [];
  const rest = [`${command.keys.length}`, ...command.keys, ...command.args];
  try {
    return await client.sendCommand(["EVALSHA", command.sha, ...rest]);
  } catch (error) {
    if (!error.message.startsWith("NOSCRIPT")) throw error;
    unknown += 1;
    return client.sendCommand(["EVAL", limiter.redisScript(request.operation), ...rest]);
  }
}
const decide = async (limiter, key, request) => limiter.redisDecision(key, request, await send(limiter, key, request));

const seconds = (time) => BigInt(time * 1000) * 1_000_000n;
for (const algorithm of ["gcra", "fixed_window", "sliding_window_log", "sliding_window_counter"]) {
  const config = { dimensions: [{ name: "user", limits: "5/s, 40/m", algorithm }], redis_key_prefix: algorithm };
  const [local, remote] = [new Limiter(config), new Limiter(config)];
  for (let step = 0; step < 120; step++) {
    const nowNs = seconds(1000 + step * 0.13);
    const [key, cost] = [step % 3 ? "ann" : "b\\u00f6b \\ud800", (step * 7) % 4];
    const request = { operation: "check", cost, nowNs, peek: step % 11 === 0, details: true };
    const given = { cost, nowNs, details: true };
    const wanted = request.peek ? local.peek(key, given) : local.check(key, given);
    assert.deepEqual(await decide(remote, key, request), wanted, `${algorithm}, step ${step}`);
    if (step % 5 !== 0 || !wanted.allowed || request.peek) continue;
    const settled = { reserved: cost, reservedNs: wanted.nowNs, actual: step % 8, nowNs };
    assert.deepEqual(await decide(remote, key, { operation: "settle", ...settled }), local.settle(key, settled));
  }
}

const dimensions = [{ name: "user", limits: "10/h", concurrency: 1 }];
const both = [new Limiter({ dimensions }), new Limiter({ dimensions })];
const checks = Array.from({ length: 60 }, (_, at) => decide(both[at % 2], "ann", { operation: "check" }));
assert.equal((await Promise.all(checks)).filter(({ allowed }) => allowed).length, 10);
assert.equal((await send(both[0], "ann", { operation: "reset" }))[0], 1);
assert((await decide(both[1], "ann", { operation: "check", lease: 2n ** 62n })).allowed);
assert(!(await decide(both[0], "ann", { operation: "check", lease: 7 })).allowed);
assert.equal((await send(both[0], "ann", { operation: "release", lease: 2n ** 62n }))[0], 1);
assert((await decide(both[0], "ann", { operation: "check", lease: 7 })).allowed);
console.log(unknown > 0);
await client.close();
process.exit();
"""


@pytest.fixture(scope="module")
def binding(tool: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the binding with what its tests need."""
    copy = tmp_path_factory.mktemp("node") / "binding"
    shutil.copytree(BINDING, copy, ignore=shutil.ignore_patterns("node_modules"))
    run(tool("npm"), "ci", cwd=copy)
    return copy


@pytest.fixture(scope="module")
def user(tool: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A user's project with the packed package in it."""
    project = tmp_path_factory.mktemp("user")
    npm = tool("npm")
    packed = json.loads(run(npm, "pack", "--json", "--pack-destination", project, cwd=BINDING))
    described = packed[0] if isinstance(packed, list) else packed[PACKAGE["name"]]
    (project / "package.json").write_text('{"private": true, "type": "module"}')
    versions = [f"{name}@{version}" for name, version in PACKAGE["devDependencies"].items()]
    run(npm, "install", project / described["filename"], *versions, cwd=project)
    return project


def program_below(heading: str) -> str:
    """The first program of the README below a heading."""
    text = (BINDING / "README.md").read_text("utf-8").partition(f"{heading}\n")[2]
    return text.partition("```js\n")[2].partition("```")[0]


def test_the_suite_passes(tool: Callable[[str], str], binding: Path, installed: Path) -> None:
    env = {"GWPLUGINS_LIBRARY": str(installed / "lib/libgwplugins.so"), "GWPLUGINS_CHECKOUT": str(ROOT)}
    said = run(tool("npm"), "test", cwd=binding, env=env)
    assert "# fail 0" in said, said
    assert "# skipped 0" in said, said


def test_the_sources_are_typed(tool: Callable[[str], str], binding: Path) -> None:
    run(tool("npm"), "run", "check", cwd=binding)


def test_the_example_masks_with_the_system_library(tool: Callable[[str], str], user: Path, installed: Path) -> None:
    shutil.copy(BINDING / "examples/mask.mjs", user)
    env = {"LD_LIBRARY_PATH": str(installed / "lib"), "GWPLUGINS_LIBRARY": ""}
    assert run(tool("node"), "mask.mjs", cwd=user, env=env, stdin=TEXT.encode()) == MASKED
    config = json.dumps({"rules": [{"search": "today", "replace": "tomorrow"}]})
    masked = run(tool("node"), "mask.mjs", "regex_filter", config, cwd=user, env=env, stdin=TEXT.encode())
    assert masked == TEXT.replace("today", "tomorrow")
    blocking = ["mask.mjs", "pii_filter", '{"block_on_detection": true}']
    assert run(tool("node"), *blocking, cwd=user, env=env, stdin=TEXT.encode(), expect=1) == ""


def test_the_example_of_the_readme(tool: Callable[[str], str], user: Path, installed: Path) -> None:
    env = {"GWPLUGINS_LIBRARY": str(installed / "lib/libgwplugins.so")}
    (user / "readme.mjs").write_text(code_of(BINDING / "README.md", "js"))
    assert run(tool("node"), "readme.mjs", cwd=user, env=env) == f"email 5 21\n{SAID}\n"
    (user / "families.mjs").write_text(program_below("## Limiters and codecs"))
    assert run(tool("node"), "families.mjs", cwd=user, env=env) == "true 1\ngzip true\n"
    (user / "page.mjs").write_text(code_of(PAGE, "js"))
    assert run(tool("node"), "page.mjs", cwd=user, env=env) == f"{SAID}\n"


def test_a_strict_typescript_program(tool: Callable[[str], str], user: Path, installed: Path) -> None:
    (user / "program.ts").write_text(TYPED)
    options = ["--strict", "--target", "es2022", "--module", "nodenext", "--types", "node"]
    run(user / "node_modules/.bin/tsc", *options, "program.ts", cwd=user)
    env = {"GWPLUGINS_LIBRARY": str(installed / "lib/libgwplugins.so.1")}
    said = json.loads(run(tool("node"), "program.js", cwd=user, env=env))
    assert said == ["Mail [REDACTED]", ["email 5-21"], 15, 22, "GWP_E_CONFIG_KEY", "$.colour"]


def test_a_library_of_another_abi_is_refused(tool: Callable[[str], str], user: Path, tmp_path: Path) -> None:
    (tmp_path / "other.c").write_text(OTHER_ABI)
    run(tool("cc"), "-shared", "-fPIC", "-o", "other.so", "other.c", cwd=tmp_path)
    program = 'import("gwplugins").then(({ kinds }) => kinds()).catch((error) => console.log(`${error}`))'
    said = run(tool("node"), "-e", program, cwd=user, env={"GWPLUGINS_LIBRARY": str(tmp_path / "other.so")})
    assert said.strip() == f"LibraryError: {tmp_path / 'other.so'} has ABI 2.3; this package needs 1.0"


@pytest.mark.parametrize("reason", WITHOUT)
def test_guards_go_on_without_limiters_and_codecs(
    tool: Callable[[str], str], user: Path, installed: Path, tmp_path: Path, reason: str
) -> None:
    (tmp_path / "before.c").write_text(WITHOUT[reason])
    real = [f"-L{installed / 'lib'}", f"-Wl,-rpath,{installed / 'lib'}", "-Wl,--no-as-needed", "-lgwplugins"]
    run(tool("cc"), "-shared", "-fPIC", "-o", "before.so", "before.c", *real, cwd=tmp_path)
    (user / "families.mjs").write_text(FAMILIES)
    library = tmp_path / "before.so"
    said = run(tool("node"), "families.mjs", cwd=user, env={"GWPLUGINS_LIBRARY": str(library)}).splitlines()
    wanted = {"limiters": "1.1", "codecs": "1.2"}
    rest = {family: f"; {family} need {minor}" if "ABI" in reason else f" {family}" for family, minor in wanted.items()}
    answers = {family: f"{family} 6 GWP_E_UNSUPPORTED {library} {reason}{rest[family]}" for family in wanted}
    assert said == [answers["limiters"]] * 2 + [answers["codecs"]] * 5 + ["Mail [REDACTED]"]


def test_a_limiter_counts_in_redis(tool: Callable[[str], str], user: Path, installed: Path) -> None:
    server = tool("redis-server")
    run(tool("npm"), "install", "--no-save", REDIS_CLIENT, cwd=user)
    (user / "counts.mjs").write_text(REDIS)
    env = {"GWPLUGINS_LIBRARY": str(installed / "lib/libgwplugins.so")}
    assert run(tool("node"), "counts.mjs", server, cwd=user, env=env, timeout=120) == "true\n"


def test_the_benchmark_reports(tool: Callable[[str], str], user: Path, installed: Path, tmp_path: Path) -> None:
    small, big = tmp_path / "small", tmp_path / "big"
    small.write_text("The quick brown fox jumps over the lazy dog, and nothing here is personal. ".ljust(100, "x"))
    big.write_text(f"{small.read_text()}\n" * 10_000)
    shutil.copy(BINDING / "bench/bench.mjs", user)
    env = {"GWPLUGINS_LIBRARY": str(installed / "lib/libgwplugins.so")}
    said = run(tool("node"), "bench.mjs", "pii_filter", "{}", small, big, cwd=user, env=env)
    reports = [json.loads(line) for line in said.splitlines()]
    assert [(one["host"], one["path"]) for one in reports] == [("node", "koffi-string"), ("node", "koffi-bytes")]
    for report in reports:
        for key in ("ns_per_call", "mb_per_s"):
            assert len(report[key]) == 20
            assert all(value > 0 for value in report[key])


def test_the_package_names_no_registry_and_has_the_project_version() -> None:
    lock = json.loads((BINDING / "package-lock.json").read_text("utf-8"))
    fetched = [package for name, package in lock["packages"].items() if name]
    assert fetched
    assert all("integrity" in package and "resolved" not in package for package in fetched)
    cargo = tomllib.loads((ROOT / "rustlib/Cargo.toml").read_text("utf-8"))
    assert PACKAGE["version"] == lock["version"] == cargo["workspace"]["package"]["version"]
    assert (BINDING / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()
