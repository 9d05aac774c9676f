package io.gwplugins;

import java.util.List;

/** What a guard says about one text. */
public sealed interface Answer permits Scan, Rewrite {
    /** The strongest action of the findings. */
    Verdict verdict();

    /** The highest score of the findings, 0 to 1000. */
    int score();

    /** In the order of their start; they may overlap. The list cannot be changed. */
    List<Finding> findings();

    /** Whether the content must not pass. */
    default boolean blocked() {
        return verdict() == Verdict.BLOCK;
    }
}
