// What include/gwplugins.h says, in the words of koffi; test/abi.test.js holds it against the header. Every pointer is
// `void *`: koffi takes a bigint (an address) or a Uint8Array (its memory, not a copy) for it.

export const ABI_MAJOR = 1;
/** What guards need; limiters and codecs ask for more (`FAMILIES`). */
export const ABI_MINOR = 0;

export const CAP_OUTPUT = 1;
export const CAP_STREAM = 2;
export const CAP_DETAILS = 4;

export const FINDING_ACTION = 3;
export const FINDING_GUESS = 4;
export const FINDING_DERIVED = 8;
export const FINDING_SCORE_SHIFT = 16;

/** By `GWP_ACTION_*`. */
export const ACTIONS = /** @type {const} */ (["audit", "replace", "block"]);
/** By `GWP_VERDICT_*`. */
export const VERDICTS = /** @type {const} */ (["pass", "audit", "replace", "block"]);

export const OUTPUT = 1;
export const DETAILS = 2;
export const UNITS = { bytes: 0, codePoints: 16, utf16: 32 };

/** Codes of the errors that this binding raises itself. */
export const CODES = {
  GWP_E_BAD_HANDLE: 2,
  GWP_E_BAD_FLAG: 3,
  GWP_E_UNSUPPORTED: 6,
  GWP_E_FINISHED: 7,
  GWP_E_OUT_OF_RANGE: 8,
  GWP_E_BAD_TYPE: 9,
  GWP_E_CONFIG_SYNTAX: 21,
};

/** Bytes of `gwp_finding` and of `gwp_item`. */
export const RECORD_BYTES = 32;
/** Where the fields of `gwp_finding` begin, in 32-bit words; `start` and `end` have two, the lower first. */
export const FINDING = { start: 0, end: 2, item: 4, rule: 5, flags: 6, detail: 7 };
/** Where the fields of `gwp_item` begin, in 32-bit words. */
export const ITEM = { verdict: 0, score: 1, changed: 2, outputStart: 4, outputEnd: 6 };

export const NO_INDEX = 0xffff_ffff;
/** `GWP_UNLIMITED` and `GWP_NEVER`. */
export const NOTHING = 0xffff_ffff_ffff_ffffn;
export const LIMITER_PEEK = 1;
export const LIMITER_DRY_RUN = 2;
export const DECISION_WOULD_REFUSE = 1;
export const DECISION_BLOCKED = 2;
/** By `GWP_REQUEST_*`. */
export const OPERATIONS = /** @type {const} */ (["check", "settle", "release", "reset"]);
/** By `GWP_PART_*`. */
export const PARTS = /** @type {const} */ (["sha", "key_count", "key", "argument"]);
/** By `GWP_CODEC_*`. */
export const DIRECTIONS = /** @type {const} */ (["compress", "decompress"]);

/** Bytes of `gwp_decision`, and where its fields begin, in 32-bit words. */
export const DECISION_BYTES = 56;
export const DECISION = {
  ...{ allowed: 0, flags: 1, dimension: 2, window: 3 },
  ...{ limit: 4, remaining: 6, resetNs: 8, retryAfterNs: 10, nowNs: 12 },
};
/** Bytes of `gwp_limiter_request`, and where its fields begin, in 32-bit words. */
export const REQUEST_BYTES = 48;
export const REQUEST = { operation: 0, flags: 1, cost: 2, nowNs: 4, lease: 6, reservedNs: 8, actual: 10 };

const P = "void *";
/** The values that a request brings: buffer, length, offsets, number. */
const VALUES = /** @type {const} */ ([P, "size_t", P, "size_t"]);

/** Result and parameters of what guards need. @satisfies {Record<string, readonly [string, ...string[]]>} */
export const FUNCTIONS = /** @type {const} */ ({
  gwp_abi_version: ["uint32_t"],
  gwp_abi_supports: ["int32_t", "uint32_t", "uint32_t"],
  gwp_version: ["const char *"],
  gwp_status_name: ["const char *", "int32_t"],
  gwp_error_code: ["int32_t", P],
  gwp_error_message: ["int32_t", P, P, P],
  gwp_error_path: ["int32_t", P, P, P],
  gwp_error_free: ["void", P],
  gwp_kind_count: ["size_t"],
  gwp_kind_name: ["int32_t", "size_t", P, P, P],
  gwp_kind_schema: ["int32_t", "size_t", P, P, P],
  gwp_kind_caps: ["int32_t", "size_t", P, P],
  gwp_result_new: ["int32_t", P, P],
  gwp_result_findings: ["int32_t", P, P, P, P],
  gwp_result_items: ["int32_t", P, P, P, P],
  gwp_result_output: ["int32_t", P, P, P, P],
  gwp_result_detail: ["int32_t", P, "uint32_t", P, P, P],
  gwp_result_free: ["void", P],
  gwp_guard_new: ["int32_t", P, "size_t", P, "size_t", P, P],
  gwp_guard_free: ["void", P],
  gwp_guard_describe: ["int32_t", P, P, P, P],
  gwp_guard_scan: ["int32_t", P, P, "size_t", "uint32_t", P, P],
  gwp_guard_scan_batch: ["int32_t", P, P, "size_t", P, "size_t", "uint32_t", P, P],
  gwp_stream_new: ["int32_t", P, "uint32_t", P, P],
  gwp_stream_push: ["int32_t", P, P, "size_t", P, P],
  gwp_stream_finish: ["int32_t", P, P, P],
  gwp_stream_free: ["void", P],
});

/** Those of limiters. */
export const LIMITER_FUNCTIONS = /** @type {const} */ ({
  gwp_limiter_schema: ["int32_t", P, P, P],
  gwp_limiter_new: ["int32_t", P, "size_t", P, P],
  gwp_limiter_free: ["void", P],
  gwp_limiter_describe: ["int32_t", P, P, P, P],
  gwp_limiter_key_count: ["int32_t", P, P, P],
  gwp_limiter_check: ["int32_t", P, ...VALUES, "uint64_t", "uint64_t", "uint32_t", P, P, "size_t", P],
  gwp_limiter_check_many: ["int32_t", P, ...VALUES, "size_t", P, "uint64_t", "uint32_t", P, P],
  gwp_limiter_settle: ["int32_t", P, ...VALUES, "uint64_t", "uint64_t", "uint64_t", "uint64_t", P, P],
  gwp_limiter_acquire: ["int32_t", P, ...VALUES, "uint64_t", "uint64_t", "uint32_t", P, P, P],
  gwp_limiter_release: ["int32_t", P, ...VALUES, "uint64_t", "uint64_t", P, P],
  gwp_limiter_reset: ["int32_t", P, ...VALUES, "uint64_t", P, P],
  gwp_limiter_export: ["int32_t", P, "uint64_t", P, P],
  gwp_limiter_import: ["int32_t", P, P, "size_t", "uint64_t", P, P],
  gwp_limiter_command: ["int32_t", P, ...VALUES, P, P, P],
  gwp_limiter_script: ["int32_t", P, "uint32_t", P, P, P],
  gwp_limiter_read_reply: ["int32_t", P, ...VALUES, P, P, "size_t", P, P, "size_t", P],
});

/** Those of codecs. */
export const CODEC_FUNCTIONS = /** @type {const} */ ({
  gwp_codec_count: ["size_t"],
  gwp_codec_name: ["int32_t", "size_t", P, P, P],
  gwp_codec_schema: ["int32_t", P, P, P],
  gwp_codec_new: ["int32_t", P, "size_t", P, "size_t", P, P],
  gwp_codec_free: ["void", P],
  gwp_codec_describe: ["int32_t", P, P, P, P],
  gwp_codec_compress: ["int32_t", P, P, "size_t", P, P],
  gwp_codec_decompress: ["int32_t", P, P, "size_t", P, P],
  gwp_codec_stream_new: ["int32_t", P, "uint32_t", P, P],
  gwp_codec_stream_push: ["int32_t", P, P, "size_t", P, P],
  gwp_codec_stream_finish: ["int32_t", P, P, P],
  gwp_codec_stream_free: ["void", P],
  gwp_codec_choose: ["int32_t", P, "size_t", P, "size_t", P, "size_t", P, P, P],
  gwp_codec_train: ["int32_t", P, "size_t", P, "size_t", "size_t", P, P],
});

/** What a library may lack, with the ABI minor that brought it. */
export const FAMILIES = {
  limiters: { minor: 1, functions: LIMITER_FUNCTIONS },
  codecs: { minor: 2, functions: CODEC_FUNCTIONS },
};
