package io.gwplugins;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What a guard takes and gives. */
class GuardTest {
    private static final String MAIL = "Mail jane@example.com";
    private static final String MASKED = "Mail [REDACTED]";
    private static final ScanOptions DETAILS = ScanOptions.DEFAULT.withDetails();

    private final Guard guard = Guard.of("pii_filter");

    @Test
    void theLibraryTellsWhatItIs() throws Exception {
        assertEquals(System.getProperty("gwplugins.backend"), Guards.backend());
        assertEquals(1, Guards.abiVersion() >>> 16);
        assertTrue(Checkout.read("rustlib/Cargo.toml").contains("version = \"" + Guards.version() + "\""));
        assertEquals(Guards.load(), Guards.load(Guards.load()));
        Kind pii = Guards.kinds().stream().filter(kind -> kind.name().equals("pii_filter")).findFirst().orElseThrow();
        assertEquals(Set.of(Capability.OUTPUT, Capability.STREAM), pii.capabilities());
        assertEquals("object", Row.JSON.readTree(pii.schema()).get("type").textValue());
    }

    @Test
    void scanFindsAndRewriteRewrites() throws Exception {
        Scan scan = guard.scan(MAIL);
        Finding found = scan.findings().get(0);
        assertEquals(new Finding("email", found.ruleIndex(), 5, 21, 0, Action.REPLACE, false, false, 950, null), found);
        assertEquals(new Scan(Verdict.REPLACE, 950, List.of(found)), scan);
        assertEquals(new Rewrite<>(Verdict.REPLACE, 950, List.of(found), true, MASKED), guard.rewrite(MAIL));
        assertFalse(scan.blocked());
        assertEquals("jane@example.com", MAIL.substring(found.start(), found.end()));
        String rule = Row.JSON.readTree(guard.describe()).at("/rules/" + found.ruleIndex() + "/name").textValue();
        assertEquals("email", rule);
        assertEquals("pii_filter", guard.kind());
        assertThrows(UnsupportedOperationException.class, () -> scan.findings().clear());
    }

    @Test
    void whatStaysIsTheSameObject() {
        String text = new String("clean");
        assertSame(text, guard.rewrite(text).output());
        byte[] bytes = {'o', 'k'};
        assertSame(bytes, guard.rewrite(bytes).output());
        for (ByteBuffer buffer : List.of(ByteBuffer.wrap(bytes), ByteBuffer.allocateDirect(2))) {
            assertSame(buffer, guard.rewrite(buffer).output());
        }
        assertEquals(new Rewrite<>(Verdict.PASS, 0, List.of(), false, ""), guard.rewrite(""));
        assertEquals(Verdict.PASS, guard.scan(new byte[0]).verdict());
        assertEquals(Verdict.PASS, guard.scan(ByteBuffer.allocateDirect(0)).verdict());
    }

    @Test
    void offsetsCountWhatTheTextIsMadeOfOrWhatIsAskedFor() {
        String text = "\u00fc\ud83d\ude00 " + MAIL;
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        assertEquals(List.of(9L, 25L), span(guard.scan(text)));
        assertEquals(List.of(12L, 28L), span(guard.scan(bytes)));
        assertEquals(List.of(8L, 24L), span(guard.scan(text, ScanOptions.DEFAULT.withUnit(Unit.CODE_POINTS))));
        assertEquals(List.of(12L, 28L), span(guard.scan(text, ScanOptions.DEFAULT.withUnit(Unit.BYTES))));
        assertEquals(List.of(9L, 25L), span(guard.scan(bytes, ScanOptions.DEFAULT.withUnit(Unit.UTF16))));
    }

    @Test
    void surrogatesWithoutAPartnerAreKept() {
        String text = "\ud800 " + MAIL + " \udc00\ud83d\ud83d\ude00\ud7ff\ue000\ufffd\ud800\ud83d";
        Rewrite<String> answer = guard.rewrite(text);
        assertEquals(text.replace("jane@example.com", "[REDACTED]"), answer.output());
        assertEquals(List.of(7L, 23L), span(answer));
        assertEquals(answer.output(), guard.rewriteBatch(List.of("\ud800", text)).get(1).output());
        assertSame("\ud800", guard.rewrite("\ud800").output());
    }

    @Test
    void bytesMayBeAnything() {
        byte[] prefix = {(byte) 0xff, 0, (byte) 0xed, (byte) 0xa0};
        byte[] output = guard.rewrite(joined(prefix, MAIL)).output();
        assertArrayEquals(joined(prefix, MASKED), output);
    }

    @Test
    void aBufferIsReadFromItsPosition() {
        byte[] bytes = ("jane@example.org " + MAIL + " more").getBytes(StandardCharsets.UTF_8);
        ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length).put(bytes);
        for (ByteBuffer buffer : List.of(ByteBuffer.wrap(bytes), direct, direct.asReadOnlyBuffer())) {
            buffer.limit(17 + MAIL.length()).position(17);
            Rewrite<ByteBuffer> answer = guard.rewrite(buffer);
            assertEquals(List.of(5L, 21L), span(answer));
            assertEquals(MASKED, StandardCharsets.UTF_8.decode(answer.output()).toString());
            assertEquals(17, buffer.position());
            assertEquals(MAIL.length(), buffer.remaining());
        }
    }

    @Test
    void outputDoesNotChangeWithTheNextCall() {
        byte[] first = guard.rewrite(MAIL.getBytes(StandardCharsets.UTF_8)).output();
        guard.rewrite("Another jane@example.com");
        assertEquals(MASKED, new String(first, StandardCharsets.UTF_8));
    }

    @Test
    void aBatchAnswersForEachText() {
        List<String> texts = List.of("clean", MAIL, "", "\ud83d\ude00 " + MAIL, MAIL + " " + MAIL);
        List<Rewrite<String>> answers = guard.rewriteBatch(texts);
        List<Scan> scans = guard.scanBatch(texts);
        List<byte[]> bytes = texts.stream().map(text -> text.getBytes(StandardCharsets.UTF_8)).toList();
        for (int index = 0; index < texts.size(); index++) {
            Rewrite<String> alone = guard.rewrite(texts.get(index));
            Answer answer = answers.get(index);
            assertEquals(alone.output(), answers.get(index).output());
            assertEquals(alone.changed(), answers.get(index).changed());
            assertEquals(answers.get(index).withoutOutput(), scans.get(index));
            assertEquals(spans(alone), spans(answer));
            for (Finding finding : answer.findings()) assertEquals(index, finding.item());
            byte[] output = guard.rewriteByteBatch(bytes).get(index).output();
            assertEquals(alone.output(), new String(output, StandardCharsets.UTF_8));
            assertEquals(guard.scan(bytes.get(index)).score(), guard.scanByteBatch(bytes).get(index).score());
        }
        assertSame(texts.get(0), answers.get(0).output());
        assertEquals(List.of(), guard.rewriteBatch(List.of()));
    }

    @Test
    void aColumnAnswersForEachText() {
        List<String> texts = List.of("clean", MAIL, "", "\u00fc " + MAIL, "\ud83d\ude00");
        long[] offsets = new long[texts.size() + 1];
        byte[] bytes = String.join("", texts).getBytes(StandardCharsets.UTF_8);
        for (int index = 0; index < texts.size(); index++) {
            offsets[index + 1] = offsets[index] + texts.get(index).getBytes(StandardCharsets.UTF_8).length;
        }
        ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length + 7).position(7).put(bytes).flip().position(7);
        for (ByteBuffer data : List.of(ByteBuffer.wrap(bytes), direct, direct.asReadOnlyBuffer())) {
            for (LongBuffer each : List.of(LongBuffer.wrap(offsets), directOffsets(offsets, ByteOrder.LITTLE_ENDIAN),
                    directOffsets(offsets, ByteOrder.BIG_ENDIAN), LongBuffer.wrap(offsets).asReadOnlyBuffer())) {
                List<Rewrite<ByteBuffer>> answers = guard.rewriteColumn(data, each);
                assertEquals(texts.size(), answers.size());
                for (int index = 0; index < texts.size(); index++) {
                    Rewrite<ByteBuffer> answer = answers.get(index);
                    String output = StandardCharsets.UTF_8.decode(answer.output().duplicate()).toString();
                    assertEquals(guard.rewrite(texts.get(index)).output(), output);
                    assertEquals(spans(guard.scan(texts.get(index).getBytes(StandardCharsets.UTF_8))), spans(answer));
                    assertEquals(answer.withoutOutput(), guard.scanColumn(data, each).get(index));
                    for (Finding finding : answer.findings()) assertEquals(index, finding.item());
                }
                LongBuffer slice = each.duplicate().position(1).limit(4);
                assertEquals(List.of(answers.get(1).score(), 0),
                        guard.scanColumn(data, slice).stream().map(Scan::score).toList());
            }
        }
        assertEquals(List.of(), guard.scanColumn(direct, LongBuffer.wrap(new long[] {0})));
    }

    @Test
    void wrongOffsetsAreRefused() {
        for (ByteBuffer data : List.of(ByteBuffer.wrap(new byte[4]), ByteBuffer.allocateDirect(4))) {
            for (long[] wrong : new long[][] {{}, {0, 5}, {2, 1}, {-1, 2}, {0, Long.MAX_VALUE}, {0, 1L << 32}}) {
                fails(4, "GWP_E_BAD_OFFSETS", null, () -> guard.scanColumn(data, LongBuffer.wrap(wrong)));
            }
        }
    }

    @Test
    void textsAndBatchesOfAnySize() {
        String plain = "no number here. ".repeat(400_000) + MAIL;
        for (String text : List.of(plain, "\u4e2d" + plain, plain + "\ud800", "\ud83d\ude00".repeat(9000) + MAIL)) {
            assertEquals(text.replace("jane@example.com", "[REDACTED]"), guard.rewrite(text).output());
        }
        List<String> many = new ArrayList<>();
        IntStream.range(0, 30_000).forEach(index -> many.add(index % 3 == 0 ? MAIL : "text number " + index));
        many.add(plain);
        List<Rewrite<String>> answers = guard.rewriteBatch(many);
        assertEquals(many.size(), answers.size());
        for (int index = 0; index < many.size(); index++) {
            Rewrite<String> answer = answers.get(index);
            assertEquals(many.get(index).replace("jane@example.com", "[REDACTED]"), answer.output());
            for (Finding finding : answer.findings()) assertEquals(index, finding.item());
        }
    }

    @Test
    void details() throws Exception {
        try (Guard repair = Guard.of("json_repair")) {
            assertNull(repair.scan("[1,]").findings().get(0).detail());
            String detail = repair.scan("[1,]", DETAILS).findings().get(0).detail();
            String expected = "{\"kind\": \"trailing_comma\", \"offset\": 2, \"removed\": \",\", \"inserted\": \"\"}";
            assertEquals(Row.JSON.readTree(expected), Row.JSON.readTree(detail));
        }
    }

    @Test
    void refusedConfigurationsNameTheValue() {
        fails(20, "GWP_E_UNKNOWN_KIND", null, () -> Guard.of("nope"));
        fails(21, "GWP_E_CONFIG_SYNTAX", null, () -> Guard.of("pii_filter", "{"));
        fails(21, "GWP_E_CONFIG_SYNTAX", null, () -> Guard.of("pii_filter", "{\"\ud800\": 1}"));
        fails(22, "GWP_E_CONFIG_KEY", "$.colour", () -> Guard.of("pii_filter", "{\"colour\": 1}"));
        fails(23, "GWP_E_CONFIG_TYPE", "$", () -> Guard.of("pii_filter", "[]"));
        assertEquals(Verdict.REPLACE, Guard.of("pii_filter", "").scan(MAIL).verdict());
        assertEquals(Verdict.PASS, Guard.of("pii_filter", "{\"detect_email\": false}").scan(MAIL).verdict());
    }

    @Test
    void nullIsRefusedByName() {
        for (Executable call : List.<Executable>of(
                () -> guard.scan((String) null), () -> guard.rewrite((byte[]) null),
                () -> guard.scan((ByteBuffer) null))) {
            assertEquals("text", assertThrows(NullPointerException.class, call).getMessage());
        }
        assertEquals("kind", assertThrows(NullPointerException.class, () -> Guard.of(null)).getMessage());
        Executable noConfig = () -> Guard.of("pii_filter", null);
        assertEquals("config", assertThrows(NullPointerException.class, noConfig).getMessage());
        assertThrows(NullPointerException.class, () -> guard.scanBatch(Arrays.asList("x", null)));
        assertThrows(NullPointerException.class, () -> guard.scan("x", null));
        assertThrows(NullPointerException.class, () -> ScanOptions.DEFAULT.withUnit(null));
        assertThrows(NullPointerException.class, () -> guard.stream().push(null));
    }

    @Test
    void contentOverALimitIsAnErrorThatDoesNotQuoteIt() {
        try (Guard limited = Guard.of("pii_filter", "{\"max_text_bytes\": 16, \"max_findings\": 1}")) {
            byte[] bytes = MAIL.getBytes(StandardCharsets.UTF_8);
            for (Executable call : List.<Executable>of(
                    () -> limited.scan(MAIL), () -> limited.rewrite(bytes),
                    () -> limited.rewrite(ByteBuffer.allocateDirect(30).put(bytes).flip()),
                    () -> limited.rewriteBatch(List.of("clean", MAIL)), () -> limited.scanByteBatch(List.of(bytes)),
                    () -> limited.stream().push(MAIL))) {
                GwpluginsException error = fails(40, "GWP_E_TOO_LARGE", null, call);
                StringWriter printed = new StringWriter();
                error.printStackTrace(new PrintWriter(printed));
                assertFalse(printed.toString().contains("jane"));
                assertTrue(error.toString().contains("GWP_E_TOO_LARGE"));
            }
            fails(43, "GWP_E_TOO_MANY_FINDINGS", null, () -> limited.scan("a@b.org c@d.org"));
            assertEquals(Verdict.PASS, limited.scan("clean").verdict());
        }
    }

    @Test
    void aTextThatJavaCannotHandOverIsTooLarge() {
        Workspace space = Workspace.take();
        space.append(new byte[1], 1);
        fails(40, "GWP_E_TOO_LARGE", null, () -> space.reserve(Integer.MAX_VALUE - 8));
        space.giveBack();
    }

    @Test
    void nothingPrintsScannedText() {
        try (Guard repair = Guard.of("json_repair")) {
            Rewrite<String> answer = repair.rewrite("{'jane': 1,}", DETAILS);
            assertTrue(answer.output().contains("jane"));
            assertFalse(answer.findings().isEmpty());
            for (Object one : List.of(answer, answer.withoutOutput(), answer.findings(), repair)) {
                assertFalse(one.toString().contains("jane"), one.getClass().getName());
            }
        }
        String scan = guard.scan(MAIL).toString();
        assertTrue(scan.contains("email 5-21") && scan.contains("REPLACE"), scan);
    }

    private static GwpluginsException fails(int code, String name, String path, Executable call) {
        GwpluginsException error = assertThrows(GwpluginsException.class, call);
        assertEquals(name, error.name());
        assertEquals(code, error.code());
        assertEquals(path, error.path().orElse(null));
        assertFalse(error.getMessage().isEmpty());
        return error;
    }

    private static LongBuffer directOffsets(long[] offsets, ByteOrder order) {
        ByteBuffer memory = ByteBuffer.allocateDirect(offsets.length * Long.BYTES).order(order);
        return memory.asLongBuffer().put(offsets).flip();
    }

    private static List<Long> span(Answer answer) {
        assertEquals(1, answer.findings().size());
        return spans(answer).get(0);
    }

    private static List<List<Long>> spans(Answer answer) {
        return answer.findings().stream().map(one -> List.of(one.startOffset(), one.endOffset())).toList();
    }

    private static byte[] joined(byte[] first, String second) {
        byte[] bytes = second.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(first.length + bytes.length).put(first).put(bytes).array();
    }
}
