package io.gwplugins;

/** What a finding asks for, in the order of {@code GWP_ACTION_*}. */
public enum Action {
    /** To report it. */
    AUDIT,
    /** To replace it; {@code rewrite} has done so in its output. */
    REPLACE,
    /** To hold the content back: it must not pass. */
    BLOCK;

    private static final Action[] ALL = values();

    /** An action of a later library is taken for the strictest. */
    static Action of(int number) {
        return number >= 0 && number < ALL.length ? ALL[number] : BLOCK;
    }
}
