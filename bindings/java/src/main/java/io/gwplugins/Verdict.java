package io.gwplugins;

/** The strongest action of what was found, in the order of {@code GWP_VERDICT_*}. */
public enum Verdict {
    /** Nothing was found. */
    PASS,
    /** There are findings to report, nothing more. */
    AUDIT,
    /** There are findings that {@code rewrite} replaces. */
    REPLACE,
    /** The content must not pass. */
    BLOCK;

    private static final Verdict[] ALL = values();

    /** A verdict of a later library is taken for the strictest. */
    static Verdict of(int number) {
        return number >= 0 && number < ALL.length ? ALL[number] : BLOCK;
    }
}
