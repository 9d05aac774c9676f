// A limiter: a configured rate limiter of the library, with its counts.

import { LIMITER_DRY_RUN, LIMITER_PEEK, OPERATIONS, PARTS, REQUEST, REQUEST_BYTES } from "./abi.js";
import { configText } from "./config.js";
import { Decisions } from "./decision.js";
import { fault } from "./errors.js";
import { Handle } from "./handle.js";
import { KeyReader } from "./key.js";
import { library } from "./library.js";
import { Cells } from "./memory.js";
import { signed, whole } from "./numbers.js";
import { Result } from "./result.js";
import { Ownership } from "./share.js";
import { borrow, copy, roomFor, scratch } from "./text.js";

/**
 * @import * as Api from "../index.js"
 * @typedef {"gwp_limiter_check" | "gwp_limiter_check_many" | "gwp_limiter_settle" | "gwp_limiter_acquire"} Taking
 * @typedef {Taking | "gwp_limiter_release" | "gwp_limiter_reset" | "gwp_limiter_read_reply"} Calling
 */

/** @implements {Api.Limiter} */
export class Limiter {
  #library = library().need("limiters");
  #ownership = new Ownership();
  #cells = new Cells();
  #decision = new Decisions(1);
  #request = new BigUint64Array(new ArrayBuffer(REQUEST_BYTES));
  #handle;
  #details;
  #room;
  #keys;

  /** @param {string | object | SharedArrayBuffer | null} [config] */
  constructor(config) {
    const { gwp_limiter_free } = this.#library.functions;
    const ownership = this.#ownership;
    const address = config instanceof SharedArrayBuffer ? this.#joined(config) : this.#made(config);
    this.#handle = new Handle(this, address, (limiter) => ownership.leave() && gwp_limiter_free(limiter));
    const described = this.describe();
    this.dimensions = Object.freeze(described.dimensions.map((dimension) => dimension.name));
    this.#room = described.most_windows;
    this.#details = new Decisions(this.#room);
    this.#keys = new KeyReader(this.dimensions);
  }

  /**
   * @param {Api.LimiterKey} key
   * @param {Api.CheckOptions} [options]
   */
  check(key, options) {
    return this.#check(key, options, 0);
  }

  /**
   * @param {Api.LimiterKey} key
   * @param {Api.CheckOptions} [options]
   */
  peek(key, options) {
    return this.#check(key, options, LIMITER_PEEK);
  }

  /**
   * @param {readonly Api.LimiterKey[]} keys
   * @param {Api.CheckManyOptions} [options]
   */
  checkMany(keys, options = {}) {
    if (!Array.isArray(keys)) throw fault("GWP_E_BAD_TYPE", "expected an array of keys");
    const values = keys.flatMap((key) => this.#keys.values(key));
    const costs = costsOf(options.costs, keys.length);
    const decisions = new Decisions(keys.length);
    const numbers = [timeOf(options), flagsOf(options)];
    this.#call("gwp_limiter_check_many", values, keys.length, costs, ...numbers, decisions.address);
    return keys.map((_, index) => decisions.read(index, this.dimensions));
  }

  /**
   * @param {Api.LimiterKey} key
   * @param {Api.CheckOptions} [options]
   */
  reserve(key, options = {}) {
    const cost = options.cost ?? 1;
    return new Reservation(this, key, cost, this.check(key, options));
  }

  /**
   * @param {Api.LimiterKey} key
   * @param {Api.Settlement} settlement
   */
  settle(key, settlement) {
    const { reserved, reservedNs, actual } = settlement;
    const numbers = [whole(reserved, "reserved"), whole(reservedNs, "reservedNs"), whole(actual, "actual")];
    const values = this.#keys.values(key);
    this.#call("gwp_limiter_settle", values, ...numbers, timeOf(settlement), this.#decision.address);
    return this.#decision.read(0, this.dimensions);
  }

  /**
   * @param {Api.LimiterKey} key
   * @param {Api.AcquireOptions} [options]
   */
  acquire(key, options = {}) {
    const numbers = [whole(options.cost ?? 1, "the cost"), timeOf(options), flagsOf(options)];
    const values = this.#keys.values(key);
    this.#call("gwp_limiter_acquire", values, ...numbers, this.#cells.countAt, this.#decision.address);
    return new Lease(this, key, this.#cells.long, this.#decision.read(0, this.dimensions));
  }

  /**
   * @param {Api.LimiterKey} key
   * @param {number | bigint} lease
   * @param {Api.TimeOptions} [options]
   */
  release(key, lease, options = {}) {
    const numbers = [whole(lease, "the lease"), timeOf(options)];
    this.#call("gwp_limiter_release", this.#keys.values(key), ...numbers, this.#cells.countAt);
    return this.#cells.half === 1;
  }

  /**
   * @param {Api.LimiterKey} key
   * @param {Api.TimeOptions} [options]
   */
  reset(key, options = {}) {
    this.#call("gwp_limiter_reset", this.#keys.values(key), timeOf(options), this.#cells.countAt);
    return this.#cells.count;
  }

  /** @param {Api.TimeOptions} [options] */
  exportState(options = {}) {
    const limiter = this.#handle.address;
    const now = timeOf(options);
    const { gwp_limiter_export } = this.#library.functions;
    return Result.use(
      (result, error) => gwp_limiter_export(limiter, now, result, error),
      (result) => result.bytes(),
    );
  }

  /**
   * @param {Uint8Array} state
   * @param {Api.TimeOptions} [options]
   */
  importState(state, options = {}) {
    const { pointer, length } = borrow(state);
    const { countAt, errorAt } = this.#cells;
    const { gwp_limiter_import } = this.#library.functions;
    this.#raise(gwp_limiter_import(this.#handle.address, pointer, length, timeOf(options), countAt, errorAt));
    return this.#cells.count;
  }

  keyCount() {
    const { countAt, errorAt } = this.#cells;
    this.#raise(this.#library.functions.gwp_limiter_key_count(this.#handle.address, countAt, errorAt));
    return this.#cells.count;
  }

  /** @returns {Api.LimiterDescription} */
  describe() {
    return JSON.parse(this.#library.text("gwp_limiter_describe", this.#handle.address));
  }

  /** @param {Api.RedisOperation} operation */
  redisScript(operation) {
    return this.#library.text("gwp_limiter_script", this.#handle.address, numberOf(operation));
  }

  /**
   * @param {Api.LimiterKey} key
   * @param {Api.RedisRequest} request
   */
  redisCommand(key, request) {
    const limiter = this.#handle.address;
    const asked = this.#fill(request);
    const values = this.#keys.values(key);
    const { pointer, length, offsets } = this.#put(values);
    const { gwp_limiter_command } = this.#library.functions;
    const parts = Result.use(
      (result, error) =>
        gwp_limiter_command(limiter, pointer, length, offsets, values.length, asked, result, error),
      (result) => result.parts(),
    );
    return parts.length === 0 ? null : commandOf(parts);
  }

  /**
   * @param {Api.LimiterKey} key
   * @param {Api.RedisRequest} request
   * @param {readonly (number | bigint)[]} reply
   */
  redisDecision(key, request, reply) {
    if (!Array.isArray(reply)) throw fault("GWP_E_BAD_TYPE", "expected the array of numbers that the server sent");
    const numbers = BigInt64Array.from(reply, (number) => signed(number, "a number of the reply"));
    const asked = this.#fill(request);
    return this.#decide("gwp_limiter_read_reply", key, request.details, asked, numbers, numbers.length);
  }

  share() {
    return this.#ownership.share(this.#handle.address, this.#library.mark());
  }

  close() {
    this.#handle.close();
  }

  [Symbol.dispose]() {
    this.close();
  }

  /** @param {string | object | null | undefined} config */
  #made(config) {
    const json = copy(configText(config));
    return this.#library.make("gwp_limiter_new", json.pointer, json.length);
  }

  /** @param {SharedArrayBuffer} shared */
  #joined(shared) {
    return this.#ownership.join(shared, this.#library.mark());
  }

  /**
   * @param {Api.LimiterKey} key
   * @param {Api.CheckOptions} options
   * @param {number} flags
   */
  #check(key, options = {}, flags) {
    const numbers = [whole(options.cost ?? 1, "the cost"), timeOf(options), flagsOf(options) | flags];
    return this.#decide("gwp_limiter_check", key, options.details, ...numbers);
  }

  /**
   * The decision of a function that can tell what every window says.
   *
   * @param {"gwp_limiter_check" | "gwp_limiter_read_reply"} name
   * @param {Api.LimiterKey} key
   * @param {boolean | undefined} detailed
   * @param {unknown[]} given
   * @returns {Api.Decision}
   */
  #decide(name, key, detailed, ...given) {
    const room = detailed ? this.#room : 0;
    if (detailed) this.#details.clear();
    const details = room === 0 ? null : this.#details.address;
    this.#call(name, this.#keys.values(key), ...given, this.#decision.address, details, room);
    const decision = this.#decision.read(0, this.dimensions);
    return detailed ? { ...decision, details: this.#details.readFilled(room, this.dimensions) } : decision;
  }

  /**
   * @param {Calling} name
   * @param {(string | Uint8Array)[]} values
   * @param {unknown[]} given
   */
  #call(name, values, ...given) {
    const { pointer, length, offsets } = this.#put(values);
    const call = this.#library.functions[name];
    this.#raise(call(this.#handle.address, pointer, length, offsets, values.length, ...given, this.#cells.errorAt));
  }

  /** @param {(string | Uint8Array)[]} values */
  #put(values) {
    return scratch.putAll(
      values,
      values.reduce((room, value) => room + roomFor(value), 0),
    );
  }

  /** @param {number} status */
  #raise(status) {
    this.#library.check(status, this.#cells);
  }

  /**
   * The request as the library reads it, valid until the next one.
   *
   * @param {Api.RedisRequest} request
   */
  #fill(request) {
    const { operation, cost = 1, nowNs = 0, lease = 0, reserved, reservedNs, actual } = request;
    const settles = operation === "settle";
    const flags = flagsOf(request) | (request.peek ? LIMITER_PEEK : 0);
    const longs = this.#request;
    new Uint32Array(longs.buffer).set([numberOf(operation), flags], REQUEST.operation);
    longs[REQUEST.cost / 2] = BigInt(settles ? whole(reserved, "reserved") : whole(cost, "the cost"));
    longs[REQUEST.nowNs / 2] = BigInt(whole(nowNs, "nowNs"));
    longs[REQUEST.lease / 2] = BigInt(whole(lease, "the lease"));
    longs[REQUEST.reservedNs / 2] = BigInt(settles ? whole(reservedNs, "reservedNs") : 0);
    longs[REQUEST.actual / 2] = BigInt(settles ? whole(actual, "actual") : 0);
    return longs;
  }
}

/** @implements {Api.Reservation} */
class Reservation {
  #limiter;
  #key;
  #open;

  /**
   * @param {Limiter} limiter
   * @param {Api.LimiterKey} key
   * @param {number | bigint} cost
   * @param {Api.Decision} decision
   */
  constructor(limiter, key, cost, decision) {
    this.#limiter = limiter;
    this.#key = key;
    this.#open = decision.allowed && !decision.wouldRefuse;
    this.cost = cost;
    this.decision = decision;
  }

  /**
   * @param {number | bigint} actual
   * @param {Api.TimeOptions} [options]
   */
  settle(actual, options) {
    if (!this.#open) throw fault("GWP_E_FINISHED", "the reservation was refused, or has been settled already");
    const { cost: reserved, decision } = this;
    const left = this.#limiter.settle(this.#key, { ...options, reserved, reservedNs: decision.nowNs, actual });
    this.#open = false;
    return left;
  }
}

/** @implements {Api.Lease} */
class Lease {
  #limiter;
  #key;

  /**
   * @param {Limiter} limiter
   * @param {Api.LimiterKey} key
   * @param {bigint} number
   * @param {Api.Decision} decision
   */
  constructor(limiter, key, number, decision) {
    this.#limiter = limiter;
    this.#key = key;
    this.number = number;
    this.decision = decision;
  }

  /** @param {Api.TimeOptions} [options] */
  release(options) {
    return this.number !== 0n && this.#limiter.release(this.#key, this.number, options);
  }

  [Symbol.dispose]() {
    this.release();
  }
}

/** @param {{ nowNs?: number | bigint }} options */
const timeOf = ({ nowNs }) => whole(nowNs ?? 0, "nowNs");

/** @param {{ dryRun?: boolean }} options */
const flagsOf = ({ dryRun }) => (dryRun ? LIMITER_DRY_RUN : 0);

/** @param {unknown} operation */
function numberOf(operation) {
  const number = OPERATIONS.findIndex((name) => name === operation);
  if (number < 0) throw fault("GWP_E_OUT_OF_RANGE", `an operation is one of ${OPERATIONS.join(", ")}`);
  return number;
}

/**
 * @param {readonly (number | bigint)[] | undefined} costs
 * @param {number} count
 */
function costsOf(costs, count) {
  if (costs === undefined) return null;
  if (!Array.isArray(costs)) throw fault("GWP_E_BAD_TYPE", "expected an array of costs");
  if (costs.length !== count) throw fault("GWP_E_OUT_OF_RANGE", `${costs.length} costs for ${count} keys`);
  return BigUint64Array.from(costs, (cost) => BigInt(whole(cost, "a cost")));
}

/**
 * @param {{ kind: number, bytes: Buffer }[]} parts
 * @returns {Api.RedisCommand}
 */
function commandOf(parts) {
  const of = (/** @type {typeof PARTS[number]} */ name) =>
    parts.filter(({ kind }) => PARTS[kind] === name).map(({ bytes }) => bytes);
  return { sha: of("sha").join(""), keys: of("key"), args: of("argument") };
}
