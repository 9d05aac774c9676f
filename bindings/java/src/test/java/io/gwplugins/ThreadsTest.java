package io.gwplugins;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Threads that share a guard, and a close in the middle of it. */
class ThreadsTest {
    private static final int THREADS = 8;
    private static final String LONG = "jane@example.com 555-123-4567 ".repeat(400);

    @Test
    void threadsShareAGuard() throws Exception {
        try (Guard guard = Guard.of("pii_filter")) {
            inThreads(Executors.newFixedThreadPool(THREADS), THREADS, () -> calls(guard, 5000));
        }
    }

    @Test
    void virtualThreadsShareAGuard() throws Exception {
        ExecutorService virtual = virtualThreads();
        try (Guard guard = Guard.of("pii_filter")) {
            inThreads(virtual, 2000, () -> calls(guard, 20));
        }
    }

    @Test
    void aCloseDuringCallsLetsThemEnd() throws Exception {
        AtomicInteger done = new AtomicInteger();
        for (int round = 0; round < 50; round++) {
            Guard guard = Guard.of("pii_filter");
            String expected = guard.rewrite(LONG).output();
            CountDownLatch started = new CountDownLatch(THREADS);
            ExecutorService pool = Executors.newFixedThreadPool(THREADS + 1);
            Future<?> closing = pool.submit(() -> {
                started.await();
                guard.close();
                return null;
            });
            inThreads(pool, THREADS, () -> {
                started.countDown();
                try {
                    while (true) {
                        assertEquals(expected, guard.rewrite(LONG).output());
                        done.incrementAndGet();
                    }
                } catch (IllegalStateException closed) {
                    assertEquals("the guard is closed", closed.getMessage());
                }
                return null;
            });
            closing.get();
        }
        assertTrue(done.get() > 0);
    }

    @Test
    void threadsTakeTurnsWithAStream() throws Exception {
        try (Guard guard = Guard.of("pii_filter"); GuardStream<String> stream = guard.stream()) {
            AtomicInteger found = new AtomicInteger();
            inThreads(Executors.newFixedThreadPool(THREADS), THREADS, () -> {
                for (int call = 0; call < 500; call++) {
                    found.addAndGet(stream.push(" jane@example.com ").findings().size());
                }
                return null;
            });
            found.addAndGet(stream.finish().findings().size());
            assertEquals(THREADS * 500, found.get());
        }
    }

    @Test
    void aStreamClosedDuringCallsLetsThemEnd() throws Exception {
        try (Guard guard = Guard.of("pii_filter")) {
            for (int round = 0; round < 50; round++) {
                GuardStream<String> stream = guard.stream();
                ExecutorService pool = Executors.newFixedThreadPool(2);
                Future<?> pushing = pool.submit(() -> {
                    try {
                        while (true) stream.push(LONG);
                    } catch (IllegalStateException closed) {
                        assertEquals("the stream is closed", closed.getMessage());
                    }
                });
                inThreads(pool, 1, () -> {
                    stream.close();
                    return null;
                });
                pushing.get();
            }
        }
    }

    private static Void calls(Guard guard, int count) {
        for (int call = 0; call < count; call++) {
            String number = "%d:%d".formatted(Thread.currentThread().hashCode(), call);
            assertEquals(number + " [REDACTED]", guard.rewrite(number + " jane@example.com").output());
            assertEquals(Verdict.PASS, guard.scan(number).verdict());
        }
        return null;
    }

    /** Runs the task so many times and waits for all; what one throws is thrown. */
    private static void inThreads(ExecutorService pool, int times, Callable<Void> task) throws Exception {
        List<Future<Void>> running = new ArrayList<>();
        for (int started = 0; started < times; started++) running.add(pool.submit(task));
        for (Future<Void> one : running) one.get();
        pool.shutdown();
    }

    /** Virtual threads, or as many threads as are wanted where there are none. */
    private static ExecutorService virtualThreads() throws ReflectiveOperationException {
        if (Runtime.version().feature() < 21) return Executors.newCachedThreadPool();
        return (ExecutorService) Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
    }
}
