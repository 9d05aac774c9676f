package io.gwplugins;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Texts that arrive in chunks: streams, and the writer and the output stream made of them. */
class StreamTest {
    private static final String TEXT =
            "\ud83d\ude00 Mail jane@example.com, then call 555-123-4567 \ud83d\ude00. ".repeat(40);
    private static final byte[] BYTES = TEXT.getBytes(StandardCharsets.UTF_8);
    private static final String BLOCKING = "{\"block_on_detection\": true}";

    private final Guard guard = Guard.of("pii_filter");
    private final Guard blocking = Guard.of("pii_filter", BLOCKING);

    /** Where text went, and whether it was closed. */
    private static final class Out extends StringWriter {
        boolean closed;

        @Override
        public void close() {
            closed = true;
        }
    }

    private static final class Bytes extends ByteArrayOutputStream {
        boolean closed;

        @Override
        public void close() {
            closed = true;
        }
    }

    @Test
    void halvesOfPairsStayTogether() {
        try (GuardStream<String> stream = guard.stream()) {
            String pushed = stream.push("jane@example.com \ud83d").output();
            Rewrite<String> last = stream.finish();
            assertEquals("[REDACTED] \ud83d", pushed + last.output());
            assertEquals(List.of(Verdict.REPLACE, 950, true), List.of(last.verdict(), last.score(), last.changed()));
        }
        try (Guard locked = Guard.of("pii_filter", "{\"redaction_text\": \"<\ud83d\udd12>\"}");
                GuardStream<String> stream = locked.stream()) {
            String first = stream.push("\ud83d").output() + stream.push("\ude00 a@b.org").output();
            assertEquals("\ud83d\ude00 <\ud83d\udd12>", first + stream.finish().output());
        }
        try (GuardStream<String> stream = guard.stream(ScanOptions.DEFAULT.withUnit(Unit.BYTES))) {
            List<Finding> found = new ArrayList<>(stream.push("\ud83d").findings());
            found.addAll(stream.push("\ude00 jane@example.com ").findings());
            found.addAll(stream.finish().findings());
            assertEquals(List.of(5, 21), found.stream().flatMap(one -> Stream.of(one.start(), one.end())).toList());
        }
    }

    @Test
    void aFinishedAFailedAndAClosedStreamTakeNothing() {
        GuardStream<String> stream = guard.stream();
        stream.push("x");
        stream.finish();
        assertEquals("GWP_E_FINISHED", assertThrows(GwpluginsException.class, () -> stream.push("x")).name());
        assertEquals("GWP_E_FINISHED", assertThrows(GwpluginsException.class, stream::finish).name());
        stream.close();
        stream.close();
        assertEquals("the stream is closed",
                assertThrows(IllegalStateException.class, () -> stream.push("x")).getMessage());
        try (Guard limited = Guard.of("pii_filter", "{\"max_text_bytes\": 8}");
                GuardStream<byte[]> failing = limited.byteStream()) {
            failing.push(new byte[8]);
            assertEquals("GWP_E_TOO_LARGE",
                    assertThrows(GwpluginsException.class, () -> failing.push(new byte[1])).name());
            assertEquals("GWP_E_FINISHED", assertThrows(GwpluginsException.class, failing::finish).name());
        }
    }

    @Test
    void aGuardThatMustSeeTheWholeTextDoesNotStream() {
        try (Guard regex = Guard.of("regex_filter")) {
            GwpluginsException error = assertThrows(GwpluginsException.class, regex::stream);
            assertEquals("GWP_E_UNSUPPORTED", error.name());
            assertThrows(GwpluginsException.class, () -> new GuardWriter(new StringWriter(), regex));
            assertThrows(GwpluginsException.class, () -> new GuardOutputStream(new Bytes(), regex));
        }
    }

    @Test
    void aStreamOutlivesItsGuard() {
        Guard closed = Guard.of("pii_filter");
        try (GuardStream<String> stream = closed.stream()) {
            closed.close();
            assertEquals("Mail [REDACTED]", stream.push("Mail jane@example.com").output() + stream.finish().output());
        }
    }

    @Test
    void aWriterPassesText() throws IOException {
        String whole = guard.rewrite(TEXT).output();
        for (int size : new int[] {1, 7, 1000}) {
            Out out = new Out();
            List<Finding> found = new ArrayList<>();
            try (GuardWriter writer = new GuardWriter(
                    out, guard, ScanOptions.DEFAULT, part -> found.addAll(part.findings()))) {
                for (int at = 0; at < TEXT.length(); at += size) {
                    writer.write(TEXT, at, Math.min(size, TEXT.length() - at));
                }
                writer.flush();
                assertTrue(out.toString().length() > TEXT.length() / 2);
            }
            assertEquals(whole, out.toString());
            assertEquals(guard.scan(TEXT).findings(), found);
            assertTrue(out.closed);
        }
        Out out = new Out();
        GuardWriter writer = new GuardWriter(out, guard);
        writer.append("Mail jane@").append('e').write("xxxample.comx".toCharArray(), 3, 9);
        writer.finish();
        writer.finish();
        assertEquals("Mail [REDACTED]", out.toString());
        assertFalse(out.closed);
        assertThrows(IOException.class, () -> writer.write("more"));
        writer.close();
        assertTrue(out.closed);
    }

    @Test
    void anOutputStreamPassesBytes() throws IOException {
        byte[] whole = guard.rewrite(BYTES).output();
        for (int size : new int[] {1, 7, 1000}) {
            Bytes out = new Bytes();
            try (OutputStream stream = new GuardOutputStream(out, guard)) {
                for (int at = 0; at < BYTES.length; at += size) {
                    stream.write(BYTES, at, Math.min(size, BYTES.length - at));
                }
            }
            assertArrayEquals(whole, out.toByteArray());
            assertTrue(out.closed);
        }
        Bytes out = new Bytes();
        GuardOutputStream stream = new GuardOutputStream(out, guard);
        for (byte one : "jane@example.com".getBytes(StandardCharsets.UTF_8)) stream.write(one);
        stream.finish();
        assertEquals("[REDACTED]", out.toString(StandardCharsets.UTF_8));
        assertFalse(out.closed);
        assertThrows(IndexOutOfBoundsException.class, () -> stream.write(BYTES, 1, BYTES.length));
    }

    @Test
    void contentThatMustNotPassEndsAWriter() throws IOException {
        Out out = new Out();
        GuardWriter writer = new GuardWriter(out, blocking);
        writer.write("clean ".repeat(1000));
        BlockedException error = assertThrows(BlockedException.class, () -> {
            writer.write("jane@example.com ");
            writer.write(" more".repeat(1000));
        });
        assertEquals("the content must not pass: email", error.getMessage());
        assertEquals(Verdict.BLOCK, error.scan().verdict());
        nothingMorePasses(writer, out);
        assertTrue("clean ".repeat(1000).startsWith(out.toString()));
    }

    @Test
    void contentThatMustNotPassEndsAnOutputStream() throws IOException {
        Bytes out = new Bytes();
        GuardOutputStream stream = new GuardOutputStream(out, blocking);
        stream.write("clean jane@example.com".getBytes(StandardCharsets.UTF_8));
        assertThrows(BlockedException.class, stream::close);
        assertTrue(out.closed);
        int passed = out.size();
        assertTrue(passed <= "clean ".length());
        assertThrows(IOException.class, () -> stream.write(1));
        assertThrows(IOException.class, stream::flush);
        stream.close();
        assertEquals(passed, out.size());
    }

    @Test
    void whatTheListenerOrTheOtherWriterThrowsEndsTheText() throws IOException {
        Out out = new Out();
        GuardWriter writer = new GuardWriter(out, guard, ScanOptions.DEFAULT, part -> {
            throw new UnsupportedOperationException("enough");
        });
        assertThrows(UnsupportedOperationException.class, () -> writer.write(TEXT));
        nothingMorePasses(writer, out);
        assertEquals("", out.toString());

        try (Guard limited = Guard.of("pii_filter", "{\"max_text_bytes\": 64}")) {
            Out other = new Out();
            GuardWriter tooMuch = new GuardWriter(other, limited);
            assertThrows(GwpluginsException.class, () -> tooMuch.write("x".repeat(65)));
            nothingMorePasses(tooMuch, other);
        }
        OutputStream full = new OutputStream() {
            @Override
            public void write(int one) throws IOException {
                throw new IOException("full");
            }
        };
        GuardOutputStream stream = new GuardOutputStream(full, guard);
        assertEquals("full", assertThrows(IOException.class, () -> stream.write(BYTES)).getMessage());
        assertTrue(assertThrows(IOException.class, () -> stream.write(1)).getMessage().contains("nothing more"));
    }

    private static void nothingMorePasses(GuardWriter writer, Out out) throws IOException {
        String before = out.toString();
        assertThrows(IOException.class, () -> writer.write("x".repeat(5000)));
        assertThrows(IOException.class, writer::flush);
        assertThrows(IOException.class, writer::finish);
        writer.close();
        assertTrue(out.closed);
        assertEquals(before, out.toString());
    }
}
