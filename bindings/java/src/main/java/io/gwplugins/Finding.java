package io.gwplugins;

/**
 * Something that a rule found. Offsets are half-open and refer to the text that was given, in the unit of its type
 * ({@code char}s of a string, bytes of a {@code byte[]} or a buffer from its position) or the one that was asked for;
 * in a stream they count from its beginning.
 *
 * @param rule the name of the rule
 * @param ruleIndex its place in the {@code rules} of {@link Guard#describe()}
 * @param startOffset the first unit of the span
 * @param endOffset one past its last unit; equal to {@code startOffset} for an empty span
 * @param item the index of the text in a batch, else 0
 * @param action what it asks for
 * @param guess whether the engine guessed; another reading was possible
 * @param derived whether it was found in decoded or rewritten text; the span is then the smallest part of the text that
 *     produced it
 * @param score 0 to 1000
 * @param detail with {@link ScanOptions#withDetails()}, what the engine says about it: one JSON value, which may quote
 *     the text; else null
 */
public record Finding(
        String rule,
        int ruleIndex,
        long startOffset,
        long endOffset,
        int item,
        Action action,
        boolean guess,
        boolean derived,
        int score,
        String detail) {

    /**
     * {@code startOffset} for {@code substring} and arrays.
     *
     * @throws ArithmeticException in a stream, beyond 2^31 - 1
     */
    public int start() {
        return Math.toIntExact(startOffset);
    }

    /**
     * {@code endOffset} for {@code substring} and arrays.
     *
     * @throws ArithmeticException in a stream, beyond 2^31 - 1
     */
    public int end() {
        return Math.toIntExact(endOffset);
    }

    /** Without the detail: logs must not hold scanned text. */
    @Override
    public String toString() {
        String marks = (guess ? ", guess" : "") + (derived ? ", derived" : "");
        return "Finding[%s %d-%d, item=%d, %s, score=%d%s]"
                .formatted(rule, startOffset, endOffset, item, action, score, marks);
    }
}
