package io.gwplugins;

import java.util.EnumSet;
import java.util.Set;

/** What guards of a kind can do. */
public enum Capability {
    /** Rewrite text. */
    OUTPUT(Abi.CAP_OUTPUT),
    /** Take text in chunks, although a configuration may exclude it. */
    STREAM(Abi.CAP_STREAM),
    /** Write details of findings. */
    DETAILS(Abi.CAP_DETAILS);

    private final int bit;

    Capability(int bit) {
        this.bit = bit;
    }

    static Set<Capability> of(int bits) {
        Set<Capability> found = EnumSet.noneOf(Capability.class);
        for (Capability one : values()) if ((bits & one.bit) != 0) found.add(one);
        return Set.copyOf(found);
    }
}
