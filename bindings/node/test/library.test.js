// How the library is found, and what is said when it is not, or is not the right one. Each case is its own process.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { load } from "gwplugins";

const FILE = load();

/** What a program prints that has the package as `g`. @param {string} program @param {Record<string, string>} env */
function said(program, env) {
  const { GWPLUGINS_LIBRARY: _, ...rest } = process.env;
  const source = `import * as g from "${new URL("../src/index.js", import.meta.url)}";
    try { ${program} } catch (error) { console.log(error instanceof g.LibraryError, error.name, error.message); }`;
  const ran = spawnSync(process.execPath, ["--input-type=module", "--eval", source], {
    env: { ...rest, ...env },
    encoding: "utf8",
  });
  assert.equal(ran.status, 0, ran.stderr);
  return ran.stdout.trim();
}

test("nothing is loaded before the first use", () => {
  assert.equal(said('console.log("imported")', { GWPLUGINS_LIBRARY: "/nowhere" }), "imported");
});

test("a file is named by the environment or by the program", () => {
  assert.equal(said("console.log(g.load())", { GWPLUGINS_LIBRARY: FILE }), FILE);
  assert.equal(said("console.log(g.load(process.env.FILE))", { FILE, GWPLUGINS_LIBRARY: "/nowhere" }), FILE);
});

test("a named file that is not there is an error, and nothing else is tried", () => {
  const file = join(tmpdir(), "nowhere", "libgwplugins.so");
  for (const answer of [
    said("g.kinds()", { GWPLUGINS_LIBRARY: file }),
    said("g.load(process.env.FILE)", { FILE: file }),
  ]) {
    assert.match(answer, /^true LibraryError libgwplugins was not found; tried /);
    assert(answer.includes(file));
    assert(!answer.includes("libgwplugins.so.1"));
  }
});

test("without a name the system's library is taken, or the names that were tried are told", () => {
  const answer = said("console.log(g.load())", { GWPLUGINS_LIBRARY: "" });
  const names = ["libgwplugins.so.1", "libgwplugins.so"];
  assert(names.includes(answer) || names.every((name) => answer.includes(`${name} (`)), answer);
});

test("another library is refused", { skip: process.platform !== "linux" }, () => {
  assert.match(
    said("g.load(process.env.FILE)", { FILE: new URL(import.meta.resolve("koffi")).pathname }),
    /^true LibraryError libgwplugins was not found; tried .*koffi/,
  );
  const { sharedObjects } = /** @type {{ sharedObjects: string[] }} */ (process.report.getReport());
  const libm = sharedObjects.find((name) => name.includes("/libm"));
  assert.match(
    said("g.load(process.env.FILE)", { FILE: `${libm}` }),
    /^true LibraryError .*libm.* is no usable gwplugins library: /,
  );
});

test("a second library is refused", () => {
  const answer = said("g.load(); g.load(process.env.FILE)", { GWPLUGINS_LIBRARY: FILE, FILE: "/nowhere" });
  assert.match(answer, /^true LibraryError .* is in use already; \/nowhere cannot be loaded as well$/);
});
