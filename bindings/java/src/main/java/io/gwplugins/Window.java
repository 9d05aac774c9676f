package io.gwplugins;

import java.nio.ByteBuffer;

/**
 * Memory of the library, to be read before the next call. A result uses the same memory again and again, and a view of
 * it costs more than a short scan, so it is kept until the address moves or more is asked for.
 */
final class Window {
    private final Backend backend;
    private long address;
    private ByteBuffer view = ByteBuffer.allocate(0);

    Window(Backend backend) {
        this.backend = backend;
    }

    ByteBuffer at(long wanted, int bytes) {
        if (wanted != address || bytes > view.capacity()) {
            view = backend.view(wanted, bytes);
            address = wanted;
        }
        return view;
    }

    /** How many bytes were seen at once. */
    int seen() {
        return view.capacity();
    }
}
