package io.gwplugins;

import java.util.Objects;

/** How a text is scanned. */
public final class ScanOptions {
    /** No details, and offsets in the unit of the text's type. */
    public static final ScanOptions DEFAULT = new ScanOptions(null, false);

    private final Unit unit;
    private final boolean details;

    private ScanOptions(Unit unit, boolean details) {
        this.unit = unit;
        this.details = details;
    }

    /** These options, with details of the findings where the engine has any. */
    public ScanOptions withDetails() {
        return new ScanOptions(unit, true);
    }

    /** These options, with offsets that count {@code unit}. */
    public ScanOptions withUnit(Unit unit) {
        return new ScanOptions(Objects.requireNonNull(unit, "unit"), details);
    }

    int flags(Unit ofType) {
        return (unit == null ? ofType : unit).flag | (details ? Abi.DETAILS : 0);
    }
}
