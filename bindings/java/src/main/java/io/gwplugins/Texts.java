package io.gwplugins;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;

/**
 * A type of text: how the library gets to read it, and how one is made of the library's memory.
 *
 * <p>A string may hold surrogates that have no partner. UTF-8 has no form for them: they become three bytes each, so
 * nothing is lost and offsets stay true.
 */
abstract class Texts<T> {
    /** What offsets count if the caller says nothing. */
    final Unit unit;

    private Texts(Unit unit) {
        this.unit = unit;
    }

    /** Adds a text to those that lie in the workspace. */
    abstract void append(T text, Workspace space);

    /** A text made of a part of the memory. */
    abstract T of(ByteBuffer memory, int start, int end);

    /** Makes the workspace's text this one. The caller keeps it reachable. */
    void put(T text, Workspace space) {
        space.clear();
        append(text, space);
        space.useScratch();
    }

    /** What the end of a chunk must wait with for the next chunk; null for nothing. */
    T half(T chunk) {
        return null;
    }

    T withoutHalf(T chunk) {
        return chunk;
    }

    T join(T first, T second) {
        throw new UnsupportedOperationException();
    }

    static final Texts<String> STRING = new Texts<>(Unit.UTF16) {
        @Override
        void append(String text, Workspace space) {
            space.append(text);
        }

        @Override
        String of(ByteBuffer memory, int start, int end) {
            return Utf8.decode(copy(memory, start, end));
        }

        @Override
        String half(String chunk) {
            int length = chunk.length();
            boolean cut = length > 0 && Character.isHighSurrogate(chunk.charAt(length - 1));
            return cut ? chunk.substring(length - 1) : null;
        }

        @Override
        String withoutHalf(String chunk) {
            return chunk.substring(0, chunk.length() - 1);
        }

        @Override
        String join(String first, String second) {
            return first + second;
        }
    };

    static final Texts<byte[]> BYTES = new Texts<>(Unit.BYTES) {
        @Override
        void append(byte[] text, Workspace space) {
            space.append(text, text.length);
        }

        @Override
        byte[] of(ByteBuffer memory, int start, int end) {
            return copy(memory, start, end);
        }
    };

    /** From position to limit; the position stays. A direct buffer is read where it lies. */
    static final Texts<ByteBuffer> BUFFER = new Texts<>(Unit.BYTES) {
        @Override
        void append(ByteBuffer text, Workspace space) {
            space.append(text);
        }

        @Override
        ByteBuffer of(ByteBuffer memory, int start, int end) {
            return ByteBuffer.wrap(copy(memory, start, end));
        }

        @Override
        void put(ByteBuffer text, Workspace space) {
            if (text.isDirect() && text.hasRemaining()) space.use(text);
            else super.put(text, space);
            Reference.reachabilityFence(text);
        }
    };

    private static byte[] copy(ByteBuffer memory, int start, int end) {
        byte[] bytes = new byte[end - start];
        memory.get(start, bytes);
        return bytes;
    }
}
