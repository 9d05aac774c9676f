package io.gwplugins;

import java.util.ArrayList;
import java.util.List;

/**
 * What {@code rewrite}, or a part of a stream, found and made of the text.
 *
 * @param <T> the type of the text
 * @param changed whether the output differs from the text
 * @param output the rewritten text: the very object that was given when nothing changed. In a stream, what is safe to
 *     emit; it may be empty. It may hold what must not pass when the verdict is {@link Verdict#BLOCK}.
 */
public record Rewrite<T>(Verdict verdict, int score, List<Finding> findings, boolean changed, T output)
        implements Answer {

    Scan withoutOutput() {
        return new Scan(verdict, score, findings);
    }

    /** This part of a stream and the next as one, with an output made of both. */
    Rewrite<T> and(Rewrite<T> next, T joined) {
        List<Finding> all = new ArrayList<>(findings);
        all.addAll(next.findings);
        Verdict strongest = verdict.compareTo(next.verdict) > 0 ? verdict : next.verdict;
        int highest = Math.max(score, next.score);
        return new Rewrite<>(strongest, highest, List.copyOf(all), changed || next.changed, joined);
    }

    /** Without the output: logs must not hold it. */
    @Override
    public String toString() {
        return "Rewrite[verdict=%s, score=%d, changed=%s, findings=%s]".formatted(verdict, score, changed, findings);
    }
}
