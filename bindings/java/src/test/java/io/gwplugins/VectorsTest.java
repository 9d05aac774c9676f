package io.gwplugins;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every row of the vectors of every kind, by every way to ask: string, bytes, buffers, batch, stream. */
class VectorsTest {
    private static final ScanOptions DETAILS = ScanOptions.DEFAULT.withDetails();

    @TestFactory
    Stream<DynamicTest> kinds() {
        return Guards.kinds().stream().map(kind -> DynamicTest.dynamicTest(kind.name(), () -> check(kind)));
    }

    private static void check(Kind kind) {
        List<Row> rows = Row.of(kind.name());
        assertFalse(rows.isEmpty());
        int streamed = 0;
        for (Row row : rows) {
            try {
                if (check(kind.name(), row)) streamed++;
            } catch (Throwable e) {
                throw new AssertionError("row " + row.id(), e);
            }
        }
        assertEquals(kind.capabilities().contains(Capability.STREAM), streamed > 0);
    }

    /** Checks a row; whether it was a stream too. */
    private static boolean check(String kind, Row row) throws JsonProcessingException {
        JsonNode error = row.expect().get("error");
        try (Guard guard = Guard.of(kind, row.config())) {
            boolean streamed = row.text() == null ? checkBytes(guard, row) : checkText(guard, row);
            assertNull(error, "an error was expected");
            return streamed;
        } catch (GwpluginsException e) {
            if (error == null) throw e;
            assertEquals(error.get("code").intValue(), e.code());
            assertEquals(error.get("path").textValue(), e.path().orElse(""));
            return false;
        }
    }

    private static boolean checkText(Guard guard, Row row) throws JsonProcessingException {
        String text = row.text();
        Rewrite<String> whole = guard.rewrite(text, DETAILS);
        expect(row, guard.rewrite(text, DETAILS.withUnit(Unit.CODE_POINTS)).findings(), whole, bytes(whole.output()));
        if (row.expect().has("output")) assertEquals(row.expect().get("output").textValue(), whole.output());
        assertEquals(whole.changed(), !whole.output().equals(text));
        if (!whole.changed()) assertSame(text, whole.output());
        assertEquals(inUtf16(row), row.expect().has("findings") ? told(whole.findings()) : null);

        assertEquals(whole.withoutOutput(), guard.scan(text, DETAILS));
        for (Rewrite<String> one : guard.rewriteBatch(List.of(text, text), DETAILS)) assertEquals(whole, first(one));
        checkAllBytes(guard, bytes(text), bytes(whole.output()));
        if (!streams(guard)) return false;
        for (int size : new int[] {1, 7}) {
            List<Rewrite<String>> parts = new ArrayList<>();
            try (GuardStream<String> stream = guard.stream(DETAILS)) {
                for (int at = 0; at < text.length(); at += size) {
                    parts.add(stream.push(text.substring(at, Math.min(at + size, text.length()))));
                }
                parts.add(stream.finish());
            }
            assertEquals(whole.findings(), parts.stream().flatMap(part -> part.findings().stream()).toList());
            assertEquals(whole.output(), String.join("", parts.stream().map(Rewrite::output).toList()));
        }
        return true;
    }

    private static boolean checkBytes(Guard guard, Row row) throws JsonProcessingException {
        Rewrite<byte[]> whole = guard.rewrite(row.bytes(), DETAILS);
        expect(row, whole.findings(), whole, whole.output());
        if (!whole.changed()) assertSame(row.bytes(), whole.output());
        return checkAllBytes(guard, row.bytes(), whole.output());
    }

    /** All ways to ask for bytes say the same; whether one was a stream. */
    private static boolean checkAllBytes(Guard guard, byte[] bytes, byte[] output) {
        Rewrite<byte[]> whole = guard.rewrite(bytes, DETAILS);
        assertArrayEquals(output, whole.output());
        assertEquals(whole.withoutOutput(), guard.scan(bytes, DETAILS));
        for (Rewrite<byte[]> one : guard.rewriteByteBatch(List.of(bytes, bytes), DETAILS)) {
            assertEquals(whole.withoutOutput(), first(one).withoutOutput());
            assertArrayEquals(output, one.output());
        }
        ByteBuffer padded = ByteBuffer.allocateDirect(bytes.length + 9).position(5).put(bytes).flip().position(5);
        for (ByteBuffer buffer : List.of(ByteBuffer.wrap(bytes), padded, padded.asReadOnlyBuffer(), padded.slice())) {
            Rewrite<ByteBuffer> one = guard.rewrite(buffer, DETAILS);
            assertEquals(whole.withoutOutput(), one.withoutOutput());
            assertEquals(ByteBuffer.wrap(output), one.output());
            if (!one.changed()) assertSame(buffer, one.output());
            assertEquals(bytes.length, buffer.remaining());
        }
        if (!streams(guard)) return false;
        for (int size : new int[] {1, 7}) checkByteStream(guard, bytes, size, whole);
        return true;
    }

    private static void checkByteStream(Guard guard, byte[] bytes, int size, Rewrite<byte[]> whole) {
        List<Finding> findings = new ArrayList<>();
        StringBuilder output = new StringBuilder();
        try (GuardStream<byte[]> stream = guard.byteStream(DETAILS)) {
            for (int at = 0; at <= bytes.length; at += size) {
                byte[] chunk = Arrays.copyOfRange(bytes, at, Math.min(at + size, bytes.length));
                Rewrite<byte[]> part = stream.push(chunk);
                findings.addAll(part.findings());
                output.append(hex(part.output()));
            }
            Rewrite<byte[]> rest = stream.finish();
            findings.addAll(rest.findings());
            output.append(hex(rest.output()));
        }
        assertEquals(whole.findings(), findings);
        assertEquals(hex(whole.output()), output.toString());
    }

    /** Holds an answer against what the row expects; what it leaves out is not compared. */
    private static void expect(Row row, List<Finding> findings, Answer answer, byte[] output)
            throws JsonProcessingException {
        JsonNode expect = row.expect();
        if (expect.has("findings")) assertEquals(expect.get("findings"), told(findings));
        if (expect.has("details")) assertEquals(expect.get("details"), details(findings));
        if (expect.has("score")) assertEquals(expect.get("score").intValue(), answer.score());
        if (expect.has("output_hex")) assertEquals(expect.get("output_hex").textValue(), hex(output));
    }

    private static ArrayNode told(List<Finding> findings) {
        ArrayNode all = Row.JSON.createArrayNode();
        for (Finding one : findings) {
            String action = one.action().name().toLowerCase(Locale.ROOT);
            ArrayNode said = all.addArray().add(one.rule()).add(one.start()).add(one.end()).add(action);
            said.add(one.score());
            if (one.guess()) said.add("guess");
            if (one.derived()) said.add("derived");
        }
        return all;
    }

    private static ArrayNode details(List<Finding> findings) throws JsonProcessingException {
        ArrayNode all = Row.JSON.createArrayNode();
        for (Finding one : findings) all.add(one.detail() == null ? null : Row.JSON.readTree(one.detail()));
        return all;
    }

    /** The findings that a row expects, with the offsets of Java; null where it expects none. */
    private static ArrayNode inUtf16(Row row) {
        if (!row.expect().has("findings")) return null;
        ArrayNode all = row.expect().get("findings").deepCopy();
        for (JsonNode finding : all) {
            ArrayNode said = (ArrayNode) finding;
            for (int place : new int[] {1, 2}) {
                said.set(place, row.text().offsetByCodePoints(0, said.get(place).intValue()));
            }
        }
        return all;
    }

    /** An answer of a batch as that on the only text. */
    private static <T> Rewrite<T> first(Rewrite<T> answer) {
        List<Finding> findings = answer.findings().stream()
                .map(one -> new Finding(
                        one.rule(), one.ruleIndex(), one.startOffset(), one.endOffset(), 0, one.action(), one.guess(),
                        one.derived(), one.score(), one.detail()))
                .toList();
        return new Rewrite<>(answer.verdict(), answer.score(), findings, answer.changed(), answer.output());
    }

    /** Whether a guard streams: its configuration may exclude it. */
    private static boolean streams(Guard guard) {
        try {
            guard.stream().close();
            return true;
        } catch (GwpluginsException e) {
            if (e.name().equals("GWP_E_UNSUPPORTED")) return false;
            throw e;
        }
    }

    /** UTF-8; a surrogate without a partner is three bytes. */
    static byte[] bytes(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        text.codePoints().forEach(code -> {
            boolean lone = code >= 0xd800 && code <= 0xdfff;
            byte[] encoded = lone
                    ? new byte[] {(byte) 0xed, (byte) (code >> 6 & 0x3f | 0x80), (byte) (code & 0x3f | 0x80)}
                    : Character.toString(code).getBytes(StandardCharsets.UTF_8);
            bytes.writeBytes(encoded);
        });
        return bytes.toByteArray();
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
