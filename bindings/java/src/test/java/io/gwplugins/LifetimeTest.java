package io.gwplugins;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Who frees what and when. */
class LifetimeTest {
    private static final String MAIL = "Mail jane@example.com";
    private static final long ADDRESS = 42;
    private static final int SOME_KILOBYTES = 16_000;
    /** Direct memory is freed late; one result of a long text has more than 10 MB. */
    private static final int MANY_KILOBYTES = 150_000;

    private final AtomicInteger freed = new AtomicInteger();

    @Test
    void everyUseAfterCloseIsAnError() {
        Guard guard = Guard.of("pii_filter");
        guard.close();
        guard.close();
        ByteBuffer buffer = ByteBuffer.allocateDirect(8);
        for (Executable use : List.<Executable>of(
                () -> guard.scan("x"), () -> guard.rewrite(new byte[1]), () -> guard.scan(buffer),
                () -> guard.scanBatch(List.of("x")), () -> guard.scanColumn(buffer, LongBuffer.allocate(1)),
                () -> guard.rewriteByteBatch(List.of()), guard::stream,
                guard::byteStream, guard::describe)) {
            assertEquals("the guard is closed", assertThrows(IllegalStateException.class, use).getMessage());
        }
        assertEquals("pii_filter", guard.kind());
    }

    @Test
    void aHandleIsFreedOnceAndNotInUse() {
        Object owner = new Object();
        Handle handle = handle(owner);
        assertEquals(ADDRESS, handle.hold());
        assertEquals(ADDRESS, handle.hold());
        handle.close();
        handle.release();
        assertThrows(IllegalStateException.class, handle::hold);
        assertEquals(0, freed.get());
        handle.release();
        handle.close();
        assertEquals(1, freed.get());
        assertTrue(owner.hashCode() != 0 || owner.toString() != null); // The owner lives until here.
    }

    @Test
    void aForgottenHandleIsFreedOnce() {
        for (int made = 0; made < 100; made++) handle(new Object());
        for (int made = 0; made < 100; made++) handle(new Object()).close();
        collectUntil(() -> freed.get() == 200);
        collectUntil(() -> true);
        assertEquals(200, freed.get());
    }

    @Test
    void nothingHoldsAForgottenGuardOrStream() {
        Guard kept = Guard.of("pii_filter");
        WeakReference<Guard> guard = new WeakReference<>(Guard.of("pii_filter"));
        WeakReference<GuardStream<String>> stream = new WeakReference<>(kept.stream());
        WeakReference<Limiter> limiter = new WeakReference<>(Limiter.of("{\"by_user\": \"3/s\"}"));
        WeakReference<Codec> codec = new WeakReference<>(Codec.of("gzip"));
        WeakReference<CodecStream> data = new WeakReference<>(Codec.of("gzip").compressor());
        collectUntil(() -> guard.refersTo(null) && stream.refersTo(null));
        collectUntil(() -> limiter.refersTo(null) && codec.refersTo(null) && data.refersTo(null));
        assertEquals(Verdict.REPLACE, kept.scan(MAIL).verdict());
    }

    @Test
    void aMillionCallsDoNotGrow() throws IOException {
        byte[] bytes = MAIL.getBytes(StandardCharsets.UTF_8);
        try (Guard guard = Guard.of("pii_filter")) {
            doesNotGrow(500_000, SOME_KILOBYTES, () -> {
                guard.rewrite(MAIL);
                guard.rewrite(bytes);
            });
        }
    }

    @Test
    void errorsDoNotGrow() throws IOException {
        try (Guard limited = Guard.of("pii_filter", "{\"max_text_bytes\": 8}")) {
            Executable failing = () -> limited.scan(MAIL);
            doesNotGrow(300_000, SOME_KILOBYTES, () -> assertThrows(GwpluginsException.class, failing));
        }
    }

    @Test
    void closedGuardsDoNotGrow() throws IOException {
        doesNotGrow(50_000, SOME_KILOBYTES, () -> Guard.of("pii_filter").close());
    }

    @Test
    void closedStreamsDoNotGrow() throws IOException {
        try (Guard guard = Guard.of("pii_filter")) {
            doesNotGrow(100_000, SOME_KILOBYTES, () -> {
                try (GuardStream<String> stream = guard.stream()) {
                    stream.push(MAIL);
                }
            });
        }
    }

    @Test
    void limitersAndCodecsDoNotGrow() throws IOException {
        byte[] bytes = MAIL.getBytes(StandardCharsets.UTF_8);
        Key alice = Key.of("alice");
        doesNotGrow(5_000, SOME_KILOBYTES, () -> {
            try (Limiter limiter = Limiter.of("{\"by_user\": \"3/s\"}"); Codec codec = Codec.of("zlib")) {
                limiter.check(alice, CheckOptions.DEFAULT.withDetails());
                assertThrows(GwpluginsException.class, limiter::check);
                assertThrows(GwpluginsException.class, () -> codec.decompress(bytes));
                try (CodecStream stream = codec.compressor()) {
                    stream.push(codec.compress(bytes));
                }
            }
        });
    }

    @Test
    void workspacesOfLongTextsDoNotGrow() throws IOException {
        String text = MAIL.repeat(300_000);
        try (Guard guard = Guard.of("pii_filter", "{\"max_findings\": 1000000}")) {
            doesNotGrow(40, MANY_KILOBYTES, () -> guard.rewrite(text));
        }
    }

    /** Uses it so many times, after a quarter of that to warm up; the process grows by less than {@code most} kB. */
    private static void doesNotGrow(int times, int most, Runnable use) throws IOException {
        Path status = Path.of("/proc/self/status");
        assumeTrue(Files.exists(status), "only Linux tells how much memory is used");
        for (int done = 0; done < times / 4; done++) use.run();
        long before = residentKilobytes(status);
        for (int done = 0; done < times; done++) use.run();
        long grown = residentKilobytes(status) - before;
        assertTrue(grown < most, () -> grown + " kB");
    }

    private static long residentKilobytes(Path status) throws IOException {
        collectUntil(() -> true);
        String line = Files.readAllLines(status).stream().filter(one -> one.startsWith("VmRSS:")).findFirst().get();
        return Long.parseLong(line.replaceAll("\\D", ""));
    }

    private Handle handle(Object owner) {
        AtomicInteger count = freed;
        return new Handle(owner, "thing", ADDRESS, address -> {
            assertEquals(ADDRESS, address);
            count.incrementAndGet();
        });
    }

    /** Collects garbage until it is true. */
    private static void collectUntil(BooleanSupplier condition) {
        Instant end = Instant.now().plus(Duration.ofSeconds(30));
        do {
            System.gc();
            assertTrue(Instant.now().isBefore(end), "it never came true");
            Thread.yield();
        } while (!condition.getAsBoolean());
    }
}
