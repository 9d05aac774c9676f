package io.gwplugins;

import java.util.Objects;

/**
 * What a request is counted by: one value for each dimension of a {@link Limiter}, in their order. A value that is null
 * or empty means that the dimension does not apply. Immutable.
 */
public final class Key {
    private final Object[] values;

    private Key(Object[] values) {
        this.values = values;
    }

    /** Values as text; they are counted by their UTF-8. */
    public static Key of(String... values) {
        return new Key(Objects.requireNonNull(values, "values").clone());
    }

    /** Values as any bytes. */
    public static Key ofBytes(byte[]... values) {
        Object[] copies = new Object[values.length];
        for (int place = 0; place < values.length; place++) {
            copies[place] = values[place] == null ? null : values[place].clone();
        }
        return new Key(copies);
    }

    int size() {
        return values.length;
    }

    /** Adds the values to a batch of which {@code first} are there. */
    void append(Workspace space, int first) {
        for (int place = 0; place < values.length; place++) {
            if (values[place] instanceof String text) space.append(text);
            if (values[place] instanceof byte[] bytes) space.append(bytes, bytes.length);
            space.endItem(first + place);
        }
    }

    /** Without the values, which may be personal. */
    @Override
    public String toString() {
        return "Key[" + values.length + "]";
    }
}
