// What a limiter takes and gives.

import assert from "node:assert/strict";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import { GwpluginsError, Limiter, limiterSchema } from "gwplugins";

const SECOND = 1_000_000_000n;
const AT = { nowNs: 5n * SECOND };

/** @param {string} name */
const named = (name) => (/** @type {unknown} */ error) => {
  assert(error instanceof GwpluginsError, `${error}`);
  assert.equal(error.name, name);
  assert(!error.message.includes("secret"), error.message);
  return true;
};
const BAD_TYPE = named("GWP_E_BAD_TYPE");
const OUT_OF_RANGE = named("GWP_E_OUT_OF_RANGE");
const CLOSED = named("GWP_E_BAD_HANDLE");

/** @param {object} config @returns {any} */
const untyped = (config) => new Limiter(config);

test("a decision", () => {
  const limiter = new Limiter({ by_user: "2/s" });
  assert.deepEqual(limiter.dimensions, ["user"]);
  const decision = { dimension: "user", window: 0, limit: 2, nowNs: 5n * SECOND, wouldRefuse: false, blocked: false };
  const taken = { ...decision, allowed: true, remaining: 1, resetNs: SECOND / 2n, retryAfterNs: 0n };
  const none = { ...taken, remaining: 0, resetNs: SECOND };
  assert.deepEqual(limiter.check("alice", AT), taken);
  assert.deepEqual(limiter.check("alice", { ...AT, details: true }), { ...none, details: [none] });
  const refused = { ...none, allowed: false, retryAfterNs: SECOND / 2n };
  assert.deepEqual(limiter.check("alice", AT), refused);
  assert.deepEqual(limiter.peek("alice", AT), refused);
  assert.deepEqual(limiter.peek("alice", { ...AT, cost: 3 }).retryAfterNs, null);
  assert.deepEqual(limiter.check("alice", { ...AT, dryRun: true }), {
    ...refused,
    allowed: true,
    wouldRefuse: true,
  });
  assert.equal(limiter.check("", AT).limit, null);
  assert.equal(limiter.check("", AT).remaining, null);
  assert.equal(limiter.check("", AT).dimension, null);
  assert.equal(limiter.keyCount(), 1);
});

test("several dimensions, and every way to write a key", () => {
  const dimensions = [
    { name: "user", limits: "100/s", blocked: ["evil*"] },
    { name: "tool", limits: "3/s, 50/m" },
  ];
  const limiter = new Limiter({ dimensions });
  const ways = [
    ["ann", "grep"],
    [Buffer.from("ann"), "grep"],
    { user: "ann", tool: "grep" },
    { tool: Buffer.from("grep"), user: new Uint8Array(Buffer.from("ann")) },
    Object.assign(Object.create(null), { user: "ann", tool: "grep" }),
    runInNewContext('({ user: "ann", tool: "grep" })'),
  ];
  for (const [index, key] of ways.entries()) {
    const { details, ...decision } = limiter.check(key, { ...AT, details: true });
    assert.equal(details?.length, 3);
    assert.deepEqual([decision.allowed, decision.dimension, decision.window], [index < 3, "tool", 0]);
  }
  assert.equal(limiter.keyCount(), 2);
  const alone = limiter.check({ user: "ann" }, AT);
  assert.deepEqual([alone.dimension, alone.remaining], ["user", 96]);
  assert.deepEqual(limiter.check(["ann", null], AT).remaining, 95);
  assert.deepEqual(limiter.check(["ann", undefined], AT).remaining, 94);
  const blocked = limiter.check({ user: "evil-one", tool: "ls" }, AT);
  const { allowed, window, retryAfterNs } = blocked;
  assert.deepEqual({ allowed, window, retryAfterNs }, { allowed: false, window: null, retryAfterNs: null });
  assert(blocked.blocked);
});

test("a surrogate without a partner is its own key", () => {
  const limiter = new Limiter({ by_user: "1/s" });
  const keys = ["\ud800", "\udfff", "\ufffd", Buffer.from([0xff]), "\u{1f600}"];
  for (const key of keys) assert(limiter.check(key, AT).allowed);
  for (const key of keys) assert(!limiter.check(key, AT).allowed);
});

test("what is no key is refused", () => {
  const limiter = untyped({ dimensions: [{ name: "user", limits: "1/s" }, { name: "tool" }] });
  const transferred = new Uint8Array(8);
  structuredClone(transferred, { transfer: [transferred.buffer] });
  /** @type {unknown[]} */
  const strange = [1, null, undefined, new Map([["user", "ann"]]), Promise.resolve("ann"), new Date(), () => "ann"];
  strange.push(new String("ann"), [1, 2], [[], []], { user: 1 }, [transferred, ""], new DataView(new ArrayBuffer(8)));
  for (const key of strange) {
    for (const call of ["check", "peek", "acquire", "reserve", "reset"]) {
      assert.throws(() => limiter[call](key), BAD_TYPE, `${call}`);
    }
    assert.throws(() => limiter.checkMany([key]), BAD_TYPE);
    assert.throws(() => limiter.release(key, 1), BAD_TYPE);
    assert.throws(() => limiter.redisCommand(key, { operation: "check" }), BAD_TYPE);
  }
  for (const key of ["secret", Buffer.from("secret"), ["secret"], ["a", "b", "c"], [], { secret: "secret" }]) {
    assert.throws(() => limiter.check(key), OUT_OF_RANGE);
  }
  for (const keys of ["ann", undefined, new Set(["ann"])]) assert.throws(() => limiter.checkMany(keys), BAD_TYPE);
  assert.equal(limiter.keyCount(), 0);
  const short = new Limiter({ by_user: "1/s", max_key_bytes: 8 });
  assert.throws(() => short.check("secret-secret"), named("GWP_E_TOO_LARGE"));
});

test("what is no number is refused", () => {
  const limiter = untyped({ by_user: "10/s" });
  for (const strange of [-1, 1.5, NaN, Infinity, 2 ** 53, "1", null, -1n, true, {}]) {
    if (strange !== null) {
      assert.throws(() => limiter.check("ann", { cost: strange }), BAD_TYPE);
      assert.throws(() => limiter.check("ann", { nowNs: strange }), BAD_TYPE);
    }
    assert.throws(() => limiter.checkMany(["ann"], { costs: [strange] }), BAD_TYPE);
    assert.throws(() => limiter.release("ann", strange), BAD_TYPE);
    assert.throws(() => limiter.settle("ann", { reserved: 1, reservedNs: 1, actual: strange }), BAD_TYPE);
    assert.throws(() => limiter.settle("ann", { reserved: strange, reservedNs: 1, actual: 1 }), BAD_TYPE);
    assert.throws(() => limiter.settle("ann", { reserved: 1, reservedNs: strange, actual: 1 }), BAD_TYPE);
  }
  for (const far of [2n ** 50n + 1n, 2n ** 64n - 1n, 2n ** 64n, 2n ** 90n]) {
    assert.throws(() => limiter.check("ann", { cost: far }), OUT_OF_RANGE);
    assert.throws(() => limiter.checkMany(["ann"], { costs: [far] }), OUT_OF_RANGE);
  }
  assert.throws(() => limiter.check("ann", { nowNs: 2n ** 64n - 1n }), OUT_OF_RANGE);
  assert.throws(() => limiter.checkMany(["ann", "bob"], { costs: [1] }), OUT_OF_RANGE);
  assert.throws(() => limiter.checkMany(["ann"], { costs: 1 }), BAD_TYPE);
  assert.equal(limiter.keyCount(), 0);
});

test("many requests are decided one after the other", () => {
  const limiter = new Limiter({ by_user: "3/s" });
  const one = new Limiter({ by_user: "3/s" });
  const keys = ["a", "b", "a", "a", "\ud800", "a", Buffer.from("b")];
  assert.deepEqual(
    limiter.checkMany(keys, AT),
    keys.map((key) => one.check(key, AT)),
  );
  const costs = keys.map((_, index) => index % 4);
  assert.deepEqual(
    limiter.checkMany(keys, { ...AT, costs }),
    keys.map((key, index) => one.check(key, { ...AT, cost: costs[index] ?? 0 })),
  );
  assert.deepEqual(limiter.checkMany([]), []);
  assert(limiter.checkMany(["a"], { ...AT, dryRun: true })[0]?.wouldRefuse);
});

test("a reservation is settled once", () => {
  const limiter = new Limiter({ by_user: "1000/m" });
  const reservation = limiter.reserve("ann", { ...AT, cost: 800 });
  assert.equal(reservation.decision.remaining, 200);
  assert.equal(reservation.settle(300, AT).remaining, 700);
  assert.throws(() => reservation.settle(300, AT), named("GWP_E_FINISHED"));
  const other = limiter.reserve("ann", { ...AT, cost: 500 });
  assert.throws(() => other.settle(-1), BAD_TYPE);
  const debt = other.settle(1500, AT);
  assert.deepEqual([debt.allowed, debt.remaining], [false, 0]);
  const refused = limiter.reserve("ann", AT);
  assert(!refused.decision.allowed);
  assert.throws(() => refused.settle(1), named("GWP_E_FINISHED"));
});

test("leases", () => {
  const limiter = new Limiter({ dimensions: [{ name: "model", concurrency: 1 }] });
  const lease = limiter.acquire("large", AT);
  assert.deepEqual([lease.decision.allowed, lease.number], [true, 1n]);
  const refused = limiter.acquire("large", AT);
  assert.deepEqual([refused.decision.allowed, refused.number, refused.release()], [false, 0n, false]);
  assert.equal(lease.release(AT), true);
  assert.equal(lease.release(AT), false);
  const next = limiter.acquire("large", AT);
  next[Symbol.dispose]();
  assert.equal(limiter.release("large", next.number, AT), false);
});

test("the library's own clock goes on", () => {
  const limiter = new Limiter({ by_user: "1000/s" });
  const [first, second] = [limiter.check("ann"), limiter.check("ann")];
  assert(first.nowNs > 0n && second.nowNs >= first.nowNs);
});

test("reset, export and import", () => {
  const config = { by_user: "2/h" };
  const limiter = new Limiter(config);
  for (const key of ["ann", "ann", "bob"]) limiter.check(key, AT);
  const state = limiter.exportState(AT);
  assert.equal(limiter.reset("ann", AT), 1);
  assert.equal(limiter.reset("ann", AT), 0);
  assert.equal(limiter.check("ann", AT).remaining, 1);
  const other = new Limiter(config);
  assert.equal(other.importState(state, AT), 2);
  assert.deepEqual([other.peek("ann", AT).allowed, other.peek("bob", AT).allowed], [false, true]);
  const damaged = Buffer.from(state);
  damaged.writeUInt8(damaged.readUInt8(0) ^ 1, 0);
  const third = new Limiter(config);
  for (const bad of [damaged, state.subarray(0, -1), Buffer.alloc(0), Buffer.from("secret")]) {
    assert.throws(() => third.importState(bad, AT), named("GWP_E_BAD_STATE"));
  }
  assert.throws(() => new Limiter({ by_user: "3/h" }).importState(state, AT), named("GWP_E_BAD_STATE"));
  assert.throws(() => third.importState(/** @type {any} */ ("text")), BAD_TYPE);
  assert.equal(third.keyCount(), 0);
});

test("what Redis is asked, and what its reply says", () => {
  const limiter = new Limiter({ by_user: "3/3s" });
  /** @type {{ operation: "check", cost: number, nowNs: bigint }} */
  const request = { operation: "check", cost: 2, nowNs: 5n * SECOND };
  const { sha, keys, args } = limiter.redisCommand("alice", request) ?? assert.fail("nothing to send");
  assert.match(sha, /^[0-9a-f]{40}$/);
  assert.match(`${keys}`, /^rl:\{=alice\}:[0-9a-f]{8}:user:alice$/);
  assert.deepEqual(args.map(String), ["5000000", "2", "", "", '[6000000,0,"b",1,1000000,3,0]']);
  const peeked = limiter.redisCommand("alice", { operation: "check", peek: true, lease: 2n ** 62n });
  assert.deepEqual(peeked?.args.slice(0, 4).map(String), ["0", "1", "peek", `${2n ** 62n}`]);
  const settled = { reserved: 2, reservedNs: 5n * SECOND, actual: 7 };
  const settlement = limiter.redisCommand("alice", { operation: "settle", ...settled });
  assert.deepEqual(settlement?.args.slice(0, 4).map(String), ["0", "2", "5000000", "7"]);
  assert.equal(limiter.redisCommand("", request), null);

  const granted = limiter.redisDecision("alice", { ...request, details: true }, [1, 5000000, 1, 1, 2000000, 0n]);
  assert.deepEqual([granted.allowed, granted.remaining, granted.details?.length], [true, 1, 1]);
  const never = limiter.redisDecision("alice", request, [0, 5000000, 0, 3, 0, -1]);
  assert.deepEqual([never.allowed, never.retryAfterNs], [false, null]);
  assert.equal(limiter.redisDecision("", request, []).limit, null);
  assert.throws(() => limiter.redisDecision("alice", request, [1]), OUT_OF_RANGE);
  assert.throws(() => limiter.redisDecision("alice", { operation: "reset" }, [1, 2]), named("GWP_E_UNSUPPORTED"));
});

test("scripts have the name that commands call them by", async () => {
  const limiter = new Limiter({ by_user: "3/3s", dimensions: [] });
  const { createHash } = await import("node:crypto");
  const sent = { nowNs: AT.nowNs, reserved: 1, reservedNs: AT.nowNs, actual: 1, lease: 1 };
  for (const operation of /** @type {const} */ (["check", "settle", "release", "reset"])) {
    const sha = createHash("sha1").update(limiter.redisScript(operation)).digest("hex");
    assert.equal(limiter.redisCommand("alice", { operation, ...sent })?.sha, sha);
  }
});

test("what is no request or reply is refused", () => {
  const limiter = untyped({ by_user: "3/3s" });
  for (const operation of ["acquire", undefined, 0, "toString"]) {
    assert.throws(() => limiter.redisScript(operation), OUT_OF_RANGE);
    assert.throws(() => limiter.redisCommand("alice", { operation }), OUT_OF_RANGE);
  }
  assert.throws(() => limiter.redisCommand("alice", { operation: "settle" }), BAD_TYPE);
  for (const reply of ["text", null, undefined, ["1"], [null], [0.5], [2n ** 63n], [2 ** 53]]) {
    assert.throws(() => limiter.redisDecision("alice", { operation: "check" }, reply), BAD_TYPE);
  }
});

test("configurations", () => {
  assert.equal(limiterSchema()["type"], "object");
  assert.throws(() => new Limiter({ by_user: "often" }), { name: "GWP_E_CONFIG_VALUE", path: "$.by_user" });
  assert.throws(() => new Limiter("{"), named("GWP_E_CONFIG_SYNTAX"));
  assert.throws(() => new Limiter(/** @type {any} */ (1)), BAD_TYPE);
  for (const config of [undefined, null, "", {}, "{}"]) assert(new Limiter(config).describe().most_windows >= 0);
});

test("close ends it, and every use after it is an error", () => {
  const limiter = untyped({ by_user: "3/s" });
  const reservation = limiter.reserve("ann", AT);
  const lease = limiter.acquire("ann", AT);
  limiter.close();
  limiter.close();
  limiter[Symbol.dispose]();
  for (const use of ["check", "peek", "reset", "acquire", "reserve"]) assert.throws(() => limiter[use]("ann"), CLOSED);
  for (const use of ["describe", "exportState", "keyCount", "share"]) assert.throws(() => limiter[use](), CLOSED);
  assert.throws(() => limiter.checkMany(["ann"]), CLOSED);
  assert.throws(() => limiter.checkMany([]), CLOSED);
  assert.throws(() => limiter.release("ann", 1), CLOSED);
  assert.throws(() => limiter.settle("ann", { reserved: 1, reservedNs: 1, actual: 1 }), CLOSED);
  assert.throws(() => limiter.importState(Buffer.alloc(1)), CLOSED);
  assert.throws(() => limiter.redisScript("check"), CLOSED);
  assert.throws(() => limiter.redisCommand("ann", { operation: "check" }), CLOSED);
  assert.throws(() => limiter.redisDecision("ann", { operation: "check" }, []), CLOSED);
  assert.throws(() => reservation.settle(1), CLOSED);
  assert.throws(() => lease.release(), CLOSED);
});

test("a shared limiter has the same counts, and lives until the last one closes it", () => {
  const limiter = new Limiter({ by_user: "3/h" });
  const shared = limiter.share();
  assert.equal(limiter.share(), shared);
  const other = new Limiter(shared);
  assert.equal(other.share(), shared);
  assert.deepEqual(other.dimensions, ["user"]);
  assert(limiter.check("ann", AT).allowed && other.check("ann", AT).allowed && limiter.check("ann", AT).allowed);
  assert(!other.check("ann", AT).allowed);
  limiter.close();
  limiter.close();
  const third = new Limiter(shared);
  other.close();
  assert(!third.check("ann", AT).allowed);
  third.close();
  assert.throws(() => new Limiter(shared), CLOSED);
  assert.throws(() => new Limiter(new SharedArrayBuffer(24)), CLOSED);
  assert.throws(() => new Limiter(new SharedArrayBuffer(8)), CLOSED);
});

test("nothing that is printed holds a key", async () => {
  const { inspect } = await import("node:util");
  const limiter = new Limiter({ by_user: "3/h" });
  const made = [limiter, limiter.check("secret"), limiter.reserve("secret"), limiter.acquire("secret")];
  for (const one of made) assert(!inspect(one, { depth: 9, showHidden: true }).includes("secret"));
});
