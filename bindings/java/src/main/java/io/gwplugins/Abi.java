package io.gwplugins;

import java.util.List;

/** What include/gwplugins.h says; AbiTest holds it against the header. */
final class Abi {
    static final int ABI_MAJOR = 1;
    static final int ABI_MINOR = 0;

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

    /** The functions that this binding calls. */
    static final List<String> FUNCTIONS = List.of(
            "gwp_abi_version", "gwp_abi_supports", "gwp_version", "gwp_status_name",
            "gwp_error_message", "gwp_error_path", "gwp_error_free",
            "gwp_kind_count", "gwp_kind_name", "gwp_kind_schema", "gwp_kind_caps",
            "gwp_result_new", "gwp_result_findings", "gwp_result_items", "gwp_result_output", "gwp_result_detail",
            "gwp_result_free",
            "gwp_guard_new", "gwp_guard_free", "gwp_guard_describe", "gwp_guard_scan", "gwp_guard_scan_batch",
            "gwp_stream_new", "gwp_stream_push", "gwp_stream_finish", "gwp_stream_free");

    private Abi() {}
}
