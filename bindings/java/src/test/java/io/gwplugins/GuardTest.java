package io.gwplugins;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** What a guard takes and gives. */
class GuardTest {
    private static final String MAIL = "Mail jane@example.com";
    private final Guard guard = Guard.of("pii_filter");

    @Test
    void rewriteMasks() {
        assertEquals("Mail [REDACTED]", guard.rewrite(MAIL).output());
    }
}
