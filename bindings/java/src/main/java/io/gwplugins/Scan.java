package io.gwplugins;

import java.util.List;

/** What {@code scan} found; no output was built. */
public record Scan(Verdict verdict, int score, List<Finding> findings) implements Answer {}
