// gwplugins for Node: guards for gateways, MCP servers and LLM applications.
//
// The sources are JavaScript; `npm run check` holds them against these declarations.

import type { Duplex, Transform } from "node:stream";

/** A text: a string, or bytes (a Buffer is a Uint8Array), which should be UTF-8 and may be anything. */
export type Text = string | Uint8Array;

/** What is given back for a text: a string for a string, bytes for bytes. */
export type Same<T extends Text> = T extends string ? string : Uint8Array;

/** What an action or a verdict asks for; `block` means that the content must not pass. */
export type Action = "audit" | "replace" | "block";
export type Verdict = "pass" | Action;

/**
 * Something that a rule found. `start` and `end` are half-open and refer to the text that was given: UTF-16 units of a
 * string, bytes of a Uint8Array, or what the option `unit` says. In a stream they count from its beginning.
 */
export interface Finding {
  readonly start: number;
  readonly end: number;
  /** The name of the rule. */
  readonly rule: string;
  /** Its place in the `rules` of `describe()`. */
  readonly ruleIndex: number;
  readonly action: Action;
  /** The engine guessed; another reading was possible. */
  readonly guess: boolean;
  /** Found in decoded or rewritten text; the span is the smallest part of the text that produced it. */
  readonly derived: boolean;
  /** 0 to 1000. */
  readonly score: number;
  /** With the option `details`, what the engine says about the finding (its schema is the kind's); else `null`. */
  readonly detail: unknown;
}

/** The answer on one text. */
export interface Scan {
  /** The strongest action of the findings; `pass` when there are none. */
  readonly verdict: Verdict;
  /** The highest score of the findings, 0 to 1000. */
  readonly score: number;
  /** Whether the output differs from the text; always false when no output was asked for. */
  readonly changed: boolean;
  /** In the order of their `start`; they may overlap. */
  readonly findings: readonly Finding[];
}

/** An answer with the text rewritten; `output` is the very text that was given when nothing changed. */
export interface Rewrite<T extends Text> extends Scan {
  readonly output: T;
}

export interface ScanOptions {
  /** Whether findings have details, where the engine has any. Default: false. */
  readonly details?: boolean;
  /** What offsets count. Default: `utf16` for strings, `bytes` for Uint8Arrays. */
  readonly unit?: "utf16" | "bytes" | "codePoints";
}

export interface StreamOptions<Input extends "text" | "bytes"> extends ScanOptions {
  /** What the chunks are: `text` for strings, `bytes` for Uint8Arrays. */
  readonly input?: Input;
  /** Whether the text is rewritten, or only looked at: then every output is empty. Default: true. */
  readonly output?: boolean;
}

export interface TransformOptions<Input extends "text" | "bytes"> extends ScanOptions {
  /** What the chunks are. Default: `bytes`. With `text` a Node stream is in object mode. */
  readonly input?: Input;
  /** Called with every part before it is passed on. What it throws ends the stream. */
  readonly onResult?: (part: Rewrite<Chunk<Input>>) => void;
}

/** The type of the chunks of a stream. */
export type Chunk<Input extends "text" | "bytes"> = Input extends "text" ? string : Uint8Array;

/** A kind of guard. */
export interface Kind {
  readonly name: string;
  /** Whether guards of this kind rewrite text, can stream (a configuration may exclude it), and write details. */
  readonly capabilities: { readonly output: boolean; readonly stream: boolean; readonly details: boolean };
  /** The JSON Schema of its configuration. */
  readonly schema: Record<string, unknown>;
}

/** What a guard says about itself: kind, version, limits and rules. */
export interface Description {
  readonly kind: string;
  readonly rules: readonly { readonly name: string; readonly [key: string]: unknown }[];
  readonly [key: string]: unknown;
}

/**
 * A configured engine. Make it once: it is immutable, and any number of calls may use it. Each worker thread makes its
 * own.
 *
 * A call that throws has not checked the text: it must not pass. All methods throw `GwpluginsError`: 9
 * (`GWP_E_BAD_TYPE`) for what is no text, 2 (`GWP_E_BAD_HANDLE`) after `close`, 40 to 59 over a configured limit.
 */
export declare class Guard {
  /**
   * @param kind one of `kinds()`, such as "pii_filter"
   * @param config JSON text, or an object that is made into JSON; nothing means all defaults. Give JSON text where a
   *   number is beyond 2^53.
   * @throws GwpluginsError 20 to 39: the configuration is refused; `path` names the value
   * @throws LibraryError the library is not there, or not the right one
   */
  constructor(kind: string, config?: string | object | null);

  readonly kind: string;

  /** Finds, and builds no output. */
  scan(text: Text, options?: ScanOptions): Scan;

  /** Finds and rewrites. */
  rewrite<T extends Text>(text: T, options?: ScanOptions): Rewrite<Same<T>>;

  /** Finds in many texts, all strings or all Uint8Arrays; one over a limit fails the call. */
  scanBatch(texts: readonly string[] | readonly Uint8Array[], options?: ScanOptions): Scan[];

  /** Finds in and rewrites many texts. */
  rewriteBatch<T extends Text>(texts: readonly T[], options?: ScanOptions): Rewrite<Same<T>>[];

  /**
   * `scan` on another thread, for long texts. The text is copied, so it may be changed, and the guard closed, at once.
   * Up to 32 calls are under way at a time; others wait.
   */
  scanAsync(text: Text, options?: ScanOptions): Promise<Scan>;

  /** `rewrite` on another thread; as `scanAsync`. */
  rewriteAsync<T extends Text>(text: T, options?: ScanOptions): Promise<Rewrite<Same<T>>>;

  /**
   * Begins a text that arrives in chunks; strings unless `input` says otherwise.
   *
   * @throws GwpluginsError 6 (`GWP_E_UNSUPPORTED`): this guard must see the whole text
   */
  stream<Input extends "text" | "bytes" = "text">(options?: StreamOptions<Input>): GuardStream<Chunk<Input>>;

  /**
   * The guard as a stream of Node, for `pipeline`; bytes unless `input` says otherwise. Content that must not pass ends
   * it with a `BlockedError`: what came before has been passed on by then.
   */
  transform<Input extends "text" | "bytes" = "bytes">(options?: TransformOptions<Input>): Transform;

  /** The guard as a stream of the web, for `pipeThrough`; as `transform`. */
  webTransform<Input extends "text" | "bytes" = "bytes">(
    options?: TransformOptions<Input>,
  ): TransformStream<Chunk<Input>, Chunk<Input>>;

  describe(): Description;

  /**
   * Frees the engine, when the last call that uses it is done. May be called again. Streams live on. A forgotten guard
   * is freed after it was garbage collected, which may be late: V8 does not see the memory of the library.
   */
  close(): void;
  [Symbol.dispose](): void;
}

/** A text that arrives in chunks, cut anywhere. Findings and outputs of all parts are those of the whole text. */
export interface GuardStream<T extends Text> {
  /**
   * Adds a chunk. The part has the findings that have become certain and the output that is safe to emit.
   *
   * After a limit was passed the stream gives only `GWP_E_FINISHED` (7), and what it held back must not pass.
   */
  push(chunk: T): Rewrite<T>;

  /** Ends the text; the part has the rest. */
  finish(): Rewrite<T>;

  /** Frees the stream. May be called again. */
  close(): void;
  [Symbol.dispose](): void;
}

/** A whole number from 0 on; beyond 2^53 it must be a bigint. */
export type Whole = number | bigint;

/**
 * What a request is counted by: the value of the only dimension, values in the dimensions' order, or a plain object
 * with values by their names. `null`, `undefined`, an empty value and a name that is absent mean that a dimension does
 * not apply. A string counts as its UTF-8.
 */
export type LimiterKey = LimiterValue | readonly (LimiterValue | null | undefined)[] | LimiterValues;
export type LimiterValue = string | Uint8Array;
export interface LimiterValues {
  readonly [dimension: string]: LimiterValue | null | undefined;
}

export interface TimeOptions {
  /**
   * Nanoseconds of any clock, always the same one, at most 9 * 10^18. Default: 0, the library's own clock, which never
   * steps back.
   */
  readonly nowNs?: Whole;
}

export interface AcquireOptions extends TimeOptions {
  /** What is taken, 0 to 2^50. Default: 1. */
  readonly cost?: Whole;
  /** Refuse nothing; `wouldRefuse` tells. Default: false. */
  readonly dryRun?: boolean;
}

export interface CheckOptions extends AcquireOptions {
  /** Tell what every window says, in `details`. Default: false. */
  readonly details?: boolean;
}

export interface CheckManyOptions extends TimeOptions {
  /** One for each key. Default: each costs 1. */
  readonly costs?: readonly Whole[];
  readonly dryRun?: boolean;
}

/** The correction of a granted check. */
export interface Settlement extends TimeOptions {
  /** Its cost. */
  readonly reserved: Whole;
  /** Its decision's `nowNs`. */
  readonly reservedNs: Whole;
  /** What it should have cost. */
  readonly actual: Whole;
}

/**
 * What a limiter says about a request, or about one window. Of several windows it tells about the one that matters: of
 * refusals the longest wait, else what leaves least.
 */
export interface Decision {
  /** The request may go on. If not, it must not, and nothing was taken anywhere. */
  readonly allowed: boolean;
  /** Name of the dimension; `null` when no window applies. */
  readonly dimension: string | null;
  /** Which window of the key, from 0; `null` when no window applies, or a block list refused. */
  readonly window: number | null;
  /** Most that can be had at once; `null` when no window applies. */
  readonly limit: number | null;
  /** What is left, after this request; `null` when no window applies. */
  readonly remaining: number | null;
  /** Nanoseconds until everything can be had again, if nothing comes. */
  readonly resetNs: bigint;
  /** Nanoseconds until the same request would be allowed, if nothing comes; 0 when it is, `null` for never. */
  readonly retryAfterNs: bigint | null;
  /** When it was decided, on the clock of the request; a whole microsecond. */
  readonly nowNs: bigint;
  /** A dry run let it pass; nothing was taken. */
  readonly wouldRefuse: boolean;
  /** A block list refused. */
  readonly blocked: boolean;
  /** With the option `details`: what every window says. */
  readonly details?: readonly Decision[];
}

/** A cost that was taken as an estimate. */
export interface Reservation {
  readonly decision: Decision;
  readonly cost: Whole;

  /**
   * Corrects the cost, once. The answer tells what is left; it is not allowed while a window is beyond its limit.
   *
   * @throws GwpluginsError 7 (`GWP_E_FINISHED`): it was refused, or has been settled already
   */
  settle(actual: Whole, options?: TimeOptions): Decision;
}

/** What `acquire` took of concurrency limits. */
export interface Lease {
  readonly decision: Decision;
  /** For `Limiter.release`; 0 when it was refused. */
  readonly number: bigint;

  /** Ends the lease; false: it had run out, was ended already, or was refused. */
  release(options?: TimeOptions): boolean;
  [Symbol.dispose](): void;
}

/** What a limiter says about itself. */
export interface LimiterDescription {
  /** In the order in which requests bring values. */
  readonly dimensions: readonly { readonly name: string; readonly [key: string]: unknown }[];
  /** Most windows that one request can have. */
  readonly most_windows: number;
  readonly [key: string]: unknown;
}

export type RedisOperation = "check" | "settle" | "release" | "reset";

/** What is asked of a limiter whose counts are in Redis. Members that an operation has no use for are not looked at. */
export interface RedisRequest {
  readonly operation: RedisOperation;
  /** Nanoseconds of a clock that all hosts share. Default: 0, the server's own. */
  readonly nowNs?: Whole;
  /** Of a check: what is taken. Default: 1. */
  readonly cost?: Whole;
  /** Of a check: take nothing. */
  readonly peek?: boolean;
  /** Of a check: refuse nothing. */
  readonly dryRun?: boolean;
  /** Of a check: the id of the lease to take, unique among all hosts; none unless given. Of a release: its id. */
  readonly lease?: Whole;
  /** Of a settlement: what was taken, its decision's `nowNs`, and what should have been taken. */
  readonly reserved?: Whole;
  readonly reservedNs?: Whole;
  readonly actual?: Whole;
  /** Of a decision: tell what every window says. */
  readonly details?: boolean;
}

/** What EVALSHA takes. A server that answers NOSCRIPT is sent EVAL with `redisScript` in place of `sha`. */
export interface RedisCommand {
  readonly sha: string;
  readonly keys: readonly Buffer[];
  readonly args: readonly Buffer[];
}

/**
 * A configured rate limiter with its counts. Any number of threads may share one (`share`).
 *
 * A call that throws has allowed nothing. All methods throw `GwpluginsError`: 9 (`GWP_E_BAD_TYPE`) for what is no key
 * or number, 8 (`GWP_E_OUT_OF_RANGE`) for another number of values, an unknown dimension and numbers beyond their
 * limits, 40 (`GWP_E_TOO_LARGE`) for a value longer than `max_key_bytes`, 2 (`GWP_E_BAD_HANDLE`) after `close`.
 */
export declare class Limiter {
  /**
   * @param config JSON text, or an object that is made into JSON; nothing means all defaults. Or what another thread's
   *   `share` gave: then this is the same limiter.
   * @throws GwpluginsError 20 to 39: the configuration is refused; `path` names the value. 6 (`GWP_E_UNSUPPORTED`): the
   *   library is older than ABI 1.1, or was built without limiters
   * @throws LibraryError the library is not there, or not the right one
   */
  constructor(config?: string | object | SharedArrayBuffer | null);

  /** Names of the dimensions, in order. */
  readonly dimensions: readonly string[];

  /** Decides about a request, and takes its cost from all windows or from none. */
  check(key: LimiterKey, options?: CheckOptions): Decision;

  /** What `check` would decide, and what is left now; takes nothing. */
  peek(key: LimiterKey, options?: CheckOptions): Decision;

  /** One `check` after the other. All keys and costs are looked at before the first. */
  checkMany(keys: readonly LimiterKey[], options?: CheckManyOptions): Decision[];

  /** A check whose cost is an estimate, to be corrected by `settle` of what it gives. */
  reserve(key: LimiterKey, options?: CheckOptions): Reservation;

  /**
   * Corrects the cost of a granted check, once, perhaps in another process. More is taken even beyond the limit, up to
   * twice the limit; less comes back as far as the windows still hold it.
   */
  settle(key: LimiterKey, settlement: Settlement): Decision;

  /** A check that counts concurrency limits, too, and takes a lease of each. */
  acquire(key: LimiterKey, options?: AcquireOptions): Lease;

  /** Ends a lease by its number; false: it had run out, or was never there. */
  release(key: LimiterKey, lease: Whole, options?: TimeOptions): boolean;

  /** Forgets the keys that are named; how many had counts. */
  reset(key: LimiterKey, options?: TimeOptions): number;

  /** All counts, for `importState` of a limiter with the same dimensions and windows. They hold the values of keys. */
  exportState(options?: TimeOptions): Buffer;

  /**
   * Adds the counts of an export; a key that is there is replaced. How many keys came. Without `nowNs` all times move
   * by what has passed since the export.
   *
   * @throws GwpluginsError 11 (`GWP_E_BAD_STATE`): it is damaged, or of another limiter; nothing was added
   */
  importState(state: Uint8Array, options?: TimeOptions): number;

  /** Number of keys whose counts are held. */
  keyCount(): number;

  describe(): LimiterDescription;

  /** The Lua script of an operation, for a limiter whose counts are in Redis. */
  redisScript(operation: RedisOperation): string;

  /** What to send to Redis; `null`: nothing, and `redisDecision` takes an empty reply. All keys are in one slot. */
  redisCommand(key: LimiterKey, request: RedisRequest): RedisCommand | null;

  /**
   * Decides by the reply to a check or a settlement; key and request are those of the command. (The first number of the
   * reply to a release or a reset is how many keys had it.)
   */
  redisDecision(key: LimiterKey, request: RedisRequest, reply: readonly Whole[]): Decision;

  /**
   * For worker threads: post it, and give it to their `new Limiter`. They use the same counts. Every thread closes its
   * limiter; the last one frees the counts. A thread that ends without `close` keeps them forever.
   */
  share(): SharedArrayBuffer;

  /** Ends this limiter; its counts are freed unless another thread has it. May be called again. */
  close(): void;
  [Symbol.dispose](): void;
}

export type Direction = "compress" | "decompress";

/** What a codec says about itself: its limits among it. */
export interface CodecDescription {
  readonly codec: string;
  readonly [key: string]: unknown;
}

/**
 * A configured codec: one of `codecs()`, or "auto", which decompresses what tells its format by its first bytes. It is
 * immutable, and any number of calls may use it. Each worker thread makes its own.
 *
 * What decompression may give is bounded by the configuration before it begins (`max_output_bytes`, `max_ratio`).
 * All methods throw `GwpluginsError`: 9 (`GWP_E_BAD_TYPE`) for what are no bytes, 6 (`GWP_E_UNSUPPORTED`) for
 * compressing with "auto", 2 (`GWP_E_BAD_HANDLE`) after `close`; decompressing 40 (`GWP_E_TOO_LARGE`) over a limit, 45
 * to 49 for data that is damaged, cut off, followed by something, or needs another dictionary.
 */
export declare class Codec {
  /**
   * @param name such as "zstd"
   * @param config JSON text, or an object that is made into JSON; nothing means all defaults (`codecSchema`)
   * @throws GwpluginsError 20 (`GWP_E_UNKNOWN_KIND`), 21 to 24: the configuration is refused. 6 (`GWP_E_UNSUPPORTED`):
   *   the library is older than ABI 1.2, or was built without codecs
   * @throws LibraryError the library is not there, or not the right one
   */
  constructor(name: string, config?: string | object | null);

  readonly name: string;

  compress(data: Uint8Array): Buffer;

  /** What the data holds, all of it: after an error, at its very end even, there is no output. */
  decompress(data: Uint8Array): Buffer;

  /** `compress` on another thread, for long data, which is copied. Up to 32 calls are under way at a time. */
  compressAsync(data: Uint8Array): Promise<Buffer>;

  /** `decompress` on another thread; as `compressAsync`. */
  decompressAsync(data: Uint8Array): Promise<Buffer>;

  /** Begins data that arrives in chunks, cut anywhere. */
  stream(direction: Direction): CodecStream;

  /**
   * The codec as a stream of Node, for `pipeline`. It holds back while nobody reads. Decompressing, only its end says
   * that the data was complete and good: what came before an error was passed on by then.
   */
  transform(direction: Direction): Duplex;

  /** The codec as a stream of the web, for `pipeThrough`; as `transform`. */
  webTransform(direction: Direction): { readable: ReadableStream<Uint8Array>; writable: WritableStream<Uint8Array> };

  /** Name, version, level, limits. */
  describe(): CodecDescription;

  /** Frees the codec, when the last call that uses it is done. May be called again. Streams live on. */
  close(): void;
  [Symbol.dispose](): void;
}

/** Data that arrives in chunks. After an error it gives only `GWP_E_FINISHED` (7). */
export interface CodecStream {
  /**
   * Adds a chunk, and gives what it has led to, which may be nothing. Decompressing, that is up to `max_ratio` times
   * the chunk: pass small ones.
   */
  push(chunk: Uint8Array): Buffer;

  /** Ends the data, and gives the rest. Decompressing, only its success says that the data was complete. */
  finish(): Buffer;

  /** Frees the stream. May be called again. */
  close(): void;
  [Symbol.dispose](): void;
}

export interface ChooseOptions {
  /** The data's, such as "application/json". Default: unknown. */
  readonly mediaType?: string;
  /** The value of an Accept-Encoding field. Default: "*", there was none. Empty accepts "identity" alone. */
  readonly accept?: string;
}

/** What the library reports. It never holds scanned text. */
export declare class GwpluginsError extends Error {
  constructor(code: number, name: string, message: string, path?: string | null);
  /** Who must act: 1-19 the caller, 20-39 the configuration's author, 40-59 the content's sender, 60-79 the machine. */
  readonly code: number;
  /** The name of the status, such as "GWP_E_TOO_LARGE". */
  readonly name: string;
  /** The JSON path of the configuration value at fault, such as "$.custom_patterns[0].pattern". */
  readonly path: string | null;
}

/** The library was not found, or is not usable; the message names what was tried. */
export declare class LibraryError extends Error {}

/** How a transform ends at content that must not pass. */
export declare class BlockedError extends Error {
  constructor(result: Scan);
  readonly result: Scan;
}

/**
 * Loads the library, which else happens at the first use: the file given, or else the one that the environment variable
 * GWPLUGINS_LIBRARY names, or else the system's `libgwplugins.so.1` or `libgwplugins.so`.
 *
 * @returns what was loaded
 * @throws LibraryError it is not there, not usable, or another one is in use already
 */
export declare function load(file?: string): string;

/** The ABI version of the library: major << 16 | minor. */
export declare function abiVersion(): number;

/** The version of the library, such as "0.1.0". */
export declare function version(): string;

/** The kinds of guards that the library has. */
export declare function kinds(): Kind[];

/**
 * The JSON Schema of a limiter's configuration.
 *
 * @throws GwpluginsError 6 (`GWP_E_UNSUPPORTED`): the library has no limiters
 */
export declare function limiterSchema(): Record<string, unknown>;

/**
 * The names of the library's codecs.
 *
 * @throws GwpluginsError 6 (`GWP_E_UNSUPPORTED`): it has none; so do all functions of codecs
 */
export declare function codecs(): string[];

/** The JSON Schema of every codec's configuration. */
export declare function codecSchema(): Record<string, unknown>;

/**
 * The codec that HTTP names and that suits the data best; "identity": leave the data as it is.
 *
 * @throws GwpluginsError 50 (`GWP_E_NOT_ACCEPTABLE`): `accept` refuses everything
 */
export declare function chooseCodec(data: Uint8Array, options?: ChooseOptions): string;

/**
 * Trains a zstd dictionary of at most `maxBytes` bytes (112,640 unless given); in base64 it is the key `dictionary` of
 * a configuration. For some megabytes of samples it takes seconds.
 *
 * @throws GwpluginsError 8 (`GWP_E_OUT_OF_RANGE`): the samples are too few or too small
 */
export declare function trainDictionary(samples: readonly Uint8Array[], maxBytes?: number): Buffer;
