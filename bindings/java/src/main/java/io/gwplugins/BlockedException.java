package io.gwplugins;

import java.io.IOException;
import java.util.stream.Collectors;

/**
 * The content that was written to a {@link GuardWriter} or a {@link GuardOutputStream} must not pass. It never holds
 * scanned text.
 */
public final class BlockedException extends IOException {
    private static final long serialVersionUID = 1;

    private final transient Scan scan;

    BlockedException(Answer part) {
        super("the content must not pass: " + rules(part));
        scan = new Scan(part.verdict(), part.score(), part.findings());
    }

    /** What was found in the part of the text that must not pass; null in an exception that was serialized. */
    public Scan scan() {
        return scan;
    }

    private static String rules(Answer part) {
        return part.findings().stream()
                .filter(finding -> finding.action() == Action.BLOCK)
                .map(Finding::rule)
                .distinct()
                .collect(Collectors.joining(", "));
    }
}
