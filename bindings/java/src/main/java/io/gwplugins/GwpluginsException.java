package io.gwplugins;

import java.util.Optional;

/**
 * What the library reports. The call that threw it has not checked the text: it must not pass. It never holds scanned
 * text.
 */
public final class GwpluginsException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int code;
    private final String name;
    private final String path;

    GwpluginsException(int code, String name, String message, String path) {
        super(message);
        this.code = code;
        this.name = name;
        this.path = path;
    }

    /**
     * The number of the status. Who must act: 1-19 the caller, 20-39 the author of the configuration, 40-59 the sender
     * of the content, 60-79 the machine, 80-99 gwplugins.
     */
    public int code() {
        return code;
    }

    /** The name of the status, such as {@code GWP_E_TOO_LARGE}. */
    public String name() {
        return name;
    }

    /** The JSON path of the configuration value at fault, such as {@code $.custom_patterns[0].pattern}. */
    public Optional<String> path() {
        return Optional.ofNullable(path);
    }

    @Override
    public String toString() {
        return getClass().getName() + ": " + name + (path == null ? "" : " at " + path) + ": " + getMessage();
    }
}
