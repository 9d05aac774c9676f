package io.gwplugins;

import java.util.Set;

/**
 * A kind of guard that the library has.
 *
 * @param name what {@link Guard#of(String)} takes, such as {@code pii_filter}
 * @param schema the JSON Schema of its configuration, with every key, default and limit
 * @param capabilities what its guards can do
 */
public record Kind(String name, String schema, Set<Capability> capabilities) {}
