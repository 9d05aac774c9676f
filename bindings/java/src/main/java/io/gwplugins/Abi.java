package io.gwplugins;

import java.util.List;

/** What include/gwplugins.h says; AbiTest holds it against the header. */
final class Abi {
    static final int ABI_MAJOR = 1;
    /** What guards need. */
    static final int ABI_MINOR = 0;
    /** What limiters and codecs need; a library may be older. */
    static final int LIMITERS_SINCE_MINOR = 1;
    static final int CODECS_SINCE_MINOR = 2;

    static final int CAP_OUTPUT = 1;
    static final int CAP_STREAM = 2;
    static final int CAP_DETAILS = 4;

    static final int FINDING_ACTION = 3;
    static final int FINDING_GUESS = 4;
    static final int FINDING_DERIVED = 8;
    static final int FINDING_SCORE_SHIFT = 16;

    static final int OUTPUT = 1;
    static final int DETAILS = 2;
    static final int UNIT_BYTES = 0;
    static final int UNIT_CODE_POINTS = 16;
    static final int UNIT_UTF16 = 32;

    static final int LIMITER_PEEK = 1;
    static final int LIMITER_DRY_RUN = 2;
    static final int DECISION_WOULD_REFUSE = 1;
    static final int DECISION_BLOCKED = 2;

    static final int PART_SHA = 0;
    static final int PART_KEY = 2;
    static final int PART_ARGUMENT = 3;

    static final int CODEC_COMPRESS = 0;
    static final int CODEC_DECOMPRESS = 1;

    /** The errors that this binding raises itself. */
    static final int E_BAD_OFFSETS = 4;
    static final int E_OUT_OF_RANGE = 8;
    static final int E_TOO_LARGE = 40;

    /** Bytes of {@code gwp_finding} and of {@code gwp_item}. */
    static final int RECORD_BYTES = 32;
    /** Where the fields of {@code gwp_finding} begin. */
    static final int FINDING_START = 0;
    static final int FINDING_END = 8;
    static final int FINDING_ITEM = 16;
    static final int FINDING_RULE = 20;
    static final int FINDING_FLAGS = 24;
    static final int FINDING_DETAIL = 28;
    /** Where the fields of {@code gwp_item} begin. */
    static final int ITEM_VERDICT = 0;
    static final int ITEM_SCORE = 4;
    static final int ITEM_CHANGED = 8;
    static final int ITEM_OUTPUT_START = 16;
    static final int ITEM_OUTPUT_END = 24;

    /** Bytes of {@code gwp_decision}, and where its fields begin. */
    static final int DECISION_BYTES = 56;
    static final int DECISION_ALLOWED = 0;
    static final int DECISION_FLAGS = 4;
    static final int DECISION_DIMENSION = 8;
    static final int DECISION_WINDOW = 12;
    static final int DECISION_LIMIT = 16;
    static final int DECISION_REMAINING = 24;
    static final int DECISION_RESET_NS = 32;
    static final int DECISION_RETRY_AFTER_NS = 40;
    static final int DECISION_NOW_NS = 48;
    /** Bytes of {@code gwp_limiter_request}, and where its fields begin. */
    static final int REQUEST_BYTES = 48;
    static final int REQUEST_OPERATION = 0;
    static final int REQUEST_FLAGS = 4;
    static final int REQUEST_COST = 8;
    static final int REQUEST_NOW_NS = 16;
    static final int REQUEST_LEASE = 24;
    static final int REQUEST_RESERVED_NS = 32;
    static final int REQUEST_ACTUAL = 40;

    /** The functions that this binding calls; those of limiters and codecs may be missing. */
    static final List<String> FUNCTIONS = List.of(
            "gwp_abi_version", "gwp_abi_supports", "gwp_version", "gwp_status_name",
            "gwp_error_message", "gwp_error_path", "gwp_error_free",
            "gwp_kind_count", "gwp_kind_name", "gwp_kind_schema", "gwp_kind_caps",
            "gwp_result_new", "gwp_result_findings", "gwp_result_items", "gwp_result_output", "gwp_result_detail",
            "gwp_result_free",
            "gwp_guard_new", "gwp_guard_free", "gwp_guard_describe", "gwp_guard_scan", "gwp_guard_scan_batch",
            "gwp_stream_new", "gwp_stream_push", "gwp_stream_finish", "gwp_stream_free");
    static final List<String> LIMITER_FUNCTIONS = List.of(
            "gwp_limiter_schema", "gwp_limiter_new", "gwp_limiter_free", "gwp_limiter_describe",
            "gwp_limiter_key_count", "gwp_limiter_check", "gwp_limiter_check_many", "gwp_limiter_settle",
            "gwp_limiter_acquire", "gwp_limiter_release", "gwp_limiter_reset", "gwp_limiter_export",
            "gwp_limiter_import", "gwp_limiter_command", "gwp_limiter_script", "gwp_limiter_read_reply");
    static final List<String> CODEC_FUNCTIONS = List.of(
            "gwp_codec_count", "gwp_codec_name", "gwp_codec_schema", "gwp_codec_new", "gwp_codec_free",
            "gwp_codec_describe", "gwp_codec_compress", "gwp_codec_decompress", "gwp_codec_stream_new",
            "gwp_codec_stream_push", "gwp_codec_stream_finish", "gwp_codec_stream_free", "gwp_codec_choose",
            "gwp_codec_train");

    private Abi() {}
}
