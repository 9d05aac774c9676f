package io.gwplugins;

import java.util.List;
import java.util.Objects;

/**
 * A text that arrives in chunks, cut anywhere. Findings and outputs of all parts, one after the other, are those of the
 * whole text; what may still belong to a finding is held back. Threads take turns.
 *
 * @param <T> {@code String} or {@code byte[]}
 */
public final class GuardStream<T> implements AutoCloseable {
    private final Library library;
    private final Handle handle;
    private final Texts<T> type;
    private final List<String> rules;
    /** The first half of a surrogate pair whose second half may come with the next chunk; or null. */
    private T half;

    GuardStream(Library library, long address, Texts<T> type, List<String> rules) {
        this.library = library;
        this.type = type;
        this.rules = rules;
        handle = new Handle(this, "stream", address, library.backend::gwp_stream_free);
    }

    private interface Call {
        int with(long stream, Workspace space);
    }

    /**
     * Adds a chunk. The part has the findings that have become certain and the output that is safe to emit.
     *
     * @throws GwpluginsException after a limit was passed only {@code GWP_E_FINISHED} (7); what was held back must not
     *     pass
     * @throws IllegalStateException it is closed
     */
    public synchronized Rewrite<T> push(T chunk) {
        Objects.requireNonNull(chunk, "chunk");
        T text = half == null ? chunk : type.join(half, chunk);
        half = type.half(text);
        return send(half == null ? text : type.withoutHalf(text));
    }

    /**
     * Ends the text; the part has the rest.
     *
     * @throws GwpluginsException as {@link #push}
     * @throws IllegalStateException it is closed
     */
    public synchronized Rewrite<T> finish() {
        Rewrite<T> last = half == null ? null : send(half);
        half = null;
        Rewrite<T> rest = call((stream, space) ->
                library.backend.gwp_stream_finish(stream, space.result, space.cells.errorAt));
        return last == null ? rest : last.and(rest, type.join(last.output(), rest.output()));
    }

    /** Frees the stream. May be called again, and while another thread uses it. */
    @Override
    public void close() {
        handle.close();
    }

    private Rewrite<T> send(T text) {
        return call((stream, space) -> {
            type.put(text, space);
            return library.backend.gwp_stream_push(
                    stream, space.textAt, space.textBytes, space.result, space.cells.errorAt);
        });
    }

    private Rewrite<T> call(Call call) {
        long stream = handle.hold();
        try {
            Workspace space = Workspace.take();
            try {
                space.check(call.with(stream, space));
                return space.part(type, rules);
            } finally {
                space.giveBack();
            }
        } finally {
            handle.release();
        }
    }
}
