package io.gwplugins;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Texts of what is hard: pairs, halves of pairs, characters whose UTF-8 begins like a surrogate's, every width. */
class HardTextsTest {
    private static final String[] ATOMS = {
        "jane@example.com", "555-123-4567", "\ud800", "\udfff", "\ud83d", "\ude00", "\ud83d\ude00", "\udbff\udfff",
        "\ud7ff", "\ue000", "\ud55c", "\uffff", "\ufffd", "\ufeff", "\u00ed\u00a0\u0080", "\u00fc", "?", "\u0000", " ",
        " ", " ", "word ",
    };
    private static final String LOCK = "<\ud83d\udd12>";

    private final Random random = new Random(5);
    private final Guard guard = Guard.of("pii_filter", "{\"redaction_text\": \"" + LOCK + "\"}");
    private final List<String> texts = new ArrayList<>();

    HardTextsTest() {
        for (int made = 0; made < 3000; made++) texts.add(text(random.nextInt(random.nextInt(10) == 0 ? 2000 : 12)));
        for (int made = 0; made < 20; made++) texts.add(text(20_000));
    }

    @Test
    void findingsAreWhatIsReplacedAndNothingElseChanges() {
        int found = 0;
        for (String text : texts) {
            Rewrite<String> answer = guard.rewrite(text);
            StringBuilder rebuilt = new StringBuilder();
            int from = 0;
            for (Finding finding : answer.findings()) {
                rebuilt.append(text, from, finding.start()).append(LOCK);
                from = finding.end();
            }
            assertEquals(rebuilt.append(text.substring(from)).toString(), answer.output());
            assertEquals(!answer.findings().isEmpty(), answer.changed());
            found += answer.findings().size();
        }
        assertTrue(found > 10_000, () -> "too few findings");
    }

    @Test
    void bytesSayTheSame() {
        for (String text : texts) {
            Rewrite<String> strings = guard.rewrite(text);
            byte[] bytes = VectorsTest.bytes(text);
            Rewrite<byte[]> answer = guard.rewrite(bytes, ScanOptions.DEFAULT.withUnit(Unit.UTF16));
            assertEquals(strings.withoutOutput(), answer.withoutOutput());
            assertEquals(guard.scan(text, ScanOptions.DEFAULT.withUnit(Unit.BYTES)), guard.scan(bytes));
            assertArrayEquals(VectorsTest.bytes(strings.output()), answer.output());
        }
    }

    @Test
    void aBatchSaysTheSame() {
        List<Rewrite<String>> batch = guard.rewriteBatch(texts);
        for (int index = 0; index < texts.size(); index++) {
            Rewrite<String> alone = guard.rewrite(texts.get(index));
            assertEquals(alone.output(), batch.get(index).output());
            assertEquals(alone.findings().size(), batch.get(index).findings().size());
        }
    }

    @Test
    void aStreamCutAnywhereSaysTheSame() {
        for (String text : texts) {
            List<Finding> findings = new ArrayList<>();
            StringBuilder output = new StringBuilder();
            try (GuardStream<String> stream = guard.stream()) {
                for (int at = 0, to; at < text.length(); at = to) {
                    to = Math.min(text.length(), at + 1 + random.nextInt(40));
                    add(stream.push(text.substring(at, to)), findings, output);
                }
                add(stream.finish(), findings, output);
            }
            Rewrite<String> whole = guard.rewrite(text);
            assertEquals(whole.output(), output.toString());
            assertEquals(whole.findings(), findings);
        }
    }

    @Test
    void aStreamOfBytesCutAnywhereSaysTheSame() {
        for (String text : texts) {
            byte[] bytes = VectorsTest.bytes(text);
            ByteArrayOutputStream output = new ByteArrayOutputStream();
            try (GuardStream<byte[]> stream = guard.byteStream()) {
                for (int at = 0, to; at < bytes.length; at = to) {
                    to = Math.min(bytes.length, at + 1 + random.nextInt(40));
                    output.writeBytes(stream.push(Arrays.copyOfRange(bytes, at, to)).output());
                }
                output.writeBytes(stream.finish().output());
            }
            assertArrayEquals(guard.rewrite(bytes).output(), output.toByteArray());
        }
    }

    private static void add(Rewrite<String> part, List<Finding> findings, StringBuilder output) {
        findings.addAll(part.findings());
        output.append(part.output());
    }

    private String text(int atoms) {
        StringBuilder text = new StringBuilder();
        for (int made = 0; made < atoms; made++) text.append(ATOMS[random.nextInt(ATOMS.length)]);
        return text.toString();
    }
}
