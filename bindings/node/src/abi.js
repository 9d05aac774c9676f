// What include/gwplugins.h says, in the words of koffi; test/abi.test.js holds it against the header. Every pointer is
// `void *`: koffi takes a bigint (an address) or a Uint8Array (its memory, not a copy) for it.

export const ABI_MAJOR = 1;
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
  GWP_E_BAD_TYPE: 9,
  GWP_E_CONFIG_SYNTAX: 21,
};

/** Bytes of `gwp_finding` and of `gwp_item`. */
export const RECORD_BYTES = 32;
/** Where the fields of `gwp_finding` begin, in 32-bit words; `start` and `end` have two, the lower first. */
export const FINDING = { start: 0, end: 2, item: 4, rule: 5, flags: 6, detail: 7 };
/** Where the fields of `gwp_item` begin, in 32-bit words. */
export const ITEM = { verdict: 0, score: 1, changed: 2, outputStart: 4, outputEnd: 6 };

const P = "void *";

/** Result and parameters of every function. @satisfies {Record<string, readonly [string, ...string[]]>} */
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
