package io.gwplugins;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** The out-parameters of one call: a pointer, a count, an error. For one thread at a time. */
final class Cells {
    final long pointerAt;
    final long countAt;
    final long errorAt;
    private final Backend backend;
    private final ByteBuffer memory = ByteBuffer.allocateDirect(3 * Long.BYTES).order(ByteOrder.nativeOrder());

    Cells(Backend backend) {
        this.backend = backend;
        pointerAt = backend.addressOf(memory);
        countAt = pointerAt + Long.BYTES;
        errorAt = countAt + Long.BYTES;
    }

    long pointer() {
        return memory.getLong(0);
    }

    long count() {
        return memory.getLong(Long.BYTES);
    }

    /** A count of 32 bits: the function wrote half of the cell. */
    int smallCount() {
        return memory.getInt(Long.BYTES);
    }

    long error() {
        return memory.getLong(2 * Long.BYTES);
    }

    /** A copy of the UTF-8 text that pointer and count describe. */
    String text() {
        if (count() == 0) return "";
        byte[] bytes = new byte[Library.size(count())];
        backend.view(pointer(), bytes.length).get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** Keeps the memory until here; the library knows only its address. */
    void keep() {
        Reference.reachabilityFence(memory);
    }
}
