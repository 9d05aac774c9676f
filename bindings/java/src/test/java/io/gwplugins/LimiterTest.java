package io.gwplugins;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Limiters: every trace of the vectors, and what traces do not say. */
class LimiterTest {
    private static final int THREADS = 8;
    private static final long SECOND = 1_000_000_000;
    private static final CheckOptions AT_ONE = CheckOptions.DEFAULT.withNowNs(SECOND);
    private static final Key ALICE = Key.of("alice");

    @TestFactory
    List<DynamicTest> traces() {
        List<DynamicTest> tests = Checkout.read("tests/vectors/limiter/rate_limiter.jsonl").lines()
                .map(LimiterTest::parsed)
                .map(row -> DynamicTest.dynamicTest(row.get("id").textValue(), () -> trace(row)))
                .toList();
        assertTrue(tests.size() >= 49, "there are " + tests.size() + " traces");
        return tests;
    }

    private static void trace(JsonNode row) {
        if (!row.has("steps")) {
            JsonNode error = row.get("expect").get("error");
            GwpluginsException thrown = refused(row.get("config").toString());
            assertEquals(error.get("code").intValue(), thrown.code());
            assertEquals(error.get("path").textValue(), thrown.path().orElse(""));
            return;
        }
        try (Limiter limiter = Limiter.of(row.get("config").toString())) {
            int number = 0;
            for (JsonNode step : row.get("steps")) {
                assertEquals(step.get("expect"), answer(limiter, step), "step " + number++);
            }
        }
    }

    /** What a step gives, as far as it expects anything. */
    private static JsonNode answer(Limiter limiter, JsonNode step) {
        ObjectNode told = Row.JSON.createObjectNode();
        try {
            Key key = key(step.get("key"));
            long now = micros(step, "now");
            CheckOptions options = CheckOptions.DEFAULT.withCost(step.path("cost").asLong()).withNowNs(now);
            switch (step.get("op").textValue()) {
                case "check" -> tell(told, limiter.check(key, options));
                case "peek" -> tell(told, limiter.peek(key, options));
                case "settle" -> tell(told, limiter.settle(
                        key, step.get("reserved").longValue(), micros(step, "reserved_at"),
                        step.get("actual").longValue(), now));
                case "acquire" -> {
                    Lease lease = limiter.acquire(key, options);
                    tell(told, lease.decision());
                    told.put("lease", (int) lease.number());
                }
                case "release" -> {
                    boolean released = limiter.release(key, step.get("lease").longValue(), now);
                    return Row.JSON.getNodeFactory().numberNode(released ? 1 : 0);
                }
                case "reset" -> {
                    return Row.JSON.getNodeFactory().numberNode((int) limiter.reset(key, now));
                }
                default -> throw new AssertionError("no such step: " + step.get("op"));
            }
        } catch (GwpluginsException e) {
            String type = step.get("expect").path("error").path("class").asText();
            told.putObject("error").put("class", type).put("code", e.code());
        }
        List<String> expected = new ArrayList<>();
        step.get("expect").fieldNames().forEachRemaining(expected::add);
        return told.retain(expected);
    }

    /** As the rows have it: times in microseconds, null for never, unlimited and none. */
    private static void tell(ObjectNode told, Decision decision) {
        told.put("allowed", decision.allowed());
        told.put("dimension", decision.dimension());
        told.put("blocked", decision.blocked()).put("would_refuse", decision.wouldRefuse());
        number(told, "window", decision.window() < 0 ? null : (long) decision.window());
        number(told, "limit", decision.limit() == Decision.UNLIMITED ? null : decision.limit());
        number(told, "remaining", decision.remaining() == Decision.UNLIMITED ? null : decision.remaining());
        number(told, "reset", decision.resetNs() / 1000);
        number(told, "retry", decision.retryAfterNs() == Decision.NEVER ? null : decision.retryAfterNs() / 1000);
        assertEquals(0, decision.resetNs() % 1000);
    }

    /** Puts a number as the parser would: small ones as int. */
    private static void number(ObjectNode told, String name, Long value) {
        if (value == null) told.putNull(name);
        else if (value == value.intValue()) told.put(name, value.intValue());
        else told.put(name, value);
    }

    @Test
    void detailsTellOfEveryWindow() {
        try (Limiter limiter = Limiter.of("{\"by_user\": \"10/s, 100/h\", \"by_tenant\": \"5/s\"}")) {
            assertEquals(List.of("user", "tenant"), limiter.dimensions());
            Key key = Key.of("a", "b");
            Decision decision = limiter.check(key, AT_ONE.withDetails());
            assertEquals("tenant", decision.dimension());
            assertEquals(List.of(10L, 100L, 5L), decision.details().stream().map(Decision::limit).toList());
            assertEquals(List.of(9L, 99L, 4L), decision.details().stream().map(Decision::remaining).toList());
            assertEquals(3, limiter.peek(key, AT_ONE.withDetails()).details().size());
            assertEquals(2, limiter.check(Key.of("a", null), AT_ONE.withDetails()).details().size());
            assertEquals(List.of(), limiter.check(Key.of("", ""), AT_ONE.withDetails()).details());
            assertEquals(List.of(), limiter.check(key, AT_ONE).details());
            Decision none = limiter.check((String) null, null);
            assertTrue(none.allowed());
            assertNull(none.dimension());
            assertEquals(-1, none.window());
            assertEquals(Decision.UNLIMITED, none.limit());
        }
    }

    @Test
    void aLimiterWithoutDimensionsAllowsAll() {
        try (Limiter limiter = Limiter.of("{}")) {
            assertEquals(List.of(), limiter.dimensions());
            assertTrue(limiter.check().allowed());
            assertEquals(2, limiter.checkMany(List.of(Key.of(), Key.of())).size());
        }
    }

    @Test
    void valuesAreCountedByTheirBytes() {
        try (Limiter limiter = Limiter.of("{\"by_user\": \"1/h\"}")) {
            for (String user : List.of("a", "?", "\ud800", "\udc00", "\u00fc", "\ud83d\ude00")) {
                assertTrue(limiter.check(Key.of(user), AT_ONE).allowed(), "another key than those before");
                byte[] bytes = VectorsTest.bytes(user);
                assertFalse(limiter.check(Key.ofBytes(bytes), AT_ONE).allowed(), "the same key");
            }
            byte[] own = {1, 2};
            Key key = Key.ofBytes(own);
            own[0] = 3;
            limiter.check(key, AT_ONE);
            assertFalse(limiter.check(Key.ofBytes(new byte[] {1, 2}), AT_ONE).allowed());
        }
    }

    @Test
    void manyAreCheckedOneAfterTheOther() {
        int count = 2 * Workspace.BATCH_ITEMS + 5;
        try (Limiter limiter = Limiter.of("{\"by_user\": \"5000/h\", \"by_tenant\": \"9000/h\"}")) {
            List<Decision> decisions =
                    limiter.checkMany(Collections.nCopies(count, Key.of("a", "b")), null, AT_ONE);
            assertEquals(count, decisions.size());
            for (int at = 0; at < count; at++) {
                assertEquals(at < 5000, decisions.get(at).allowed());
                if (at < 5000) assertEquals(4999 - at, decisions.get(at).remaining());
            }
            List<Key> keys = List.of(Key.of("c", null), Key.of("d", null));
            List<Decision> paid = limiter.checkMany(keys, new long[] {3, 7}, AT_ONE);
            assertEquals(List.of(4997L, 4993L), paid.stream().map(Decision::remaining).toList());
            assertThrows(IllegalArgumentException.class, () -> limiter.checkMany(keys, new long[] {1}, AT_ONE));
            List<Key> uneven = List.of(Key.of("c", null), Key.of("d"));
            assertEquals(8, assertThrows(GwpluginsException.class, () -> limiter.checkMany(uneven)).code());
            assertEquals(4997, limiter.peek(Key.of("c", null), AT_ONE.withCost(0)).remaining());
        }
    }

    @Test
    void aReservationIsSettledOnce() {
        try (Limiter limiter = Limiter.of("{\"by_user\": \"1000/m\"}")) {
            Reservation reservation = limiter.reserve(ALICE, AT_ONE.withCost(800));
            assertEquals(200, reservation.decision().remaining());
            assertEquals(700, reservation.settle(300, SECOND).remaining());
            assertThrows(IllegalStateException.class, () -> reservation.settle(300));
            Reservation refused = limiter.reserve(ALICE, AT_ONE.withCost(900));
            assertFalse(refused.decision().allowed());
            assertThrows(IllegalStateException.class, () -> refused.settle(1));
            Reservation dry = limiter.reserve(ALICE, AT_ONE.withCost(900).withDryRun());
            assertTrue(dry.decision().allowed() && dry.decision().wouldRefuse());
            assertThrows(IllegalStateException.class, () -> dry.settle(1));
            Reservation retried = limiter.reserve(ALICE, AT_ONE.withCost(1));
            assertThrows(GwpluginsException.class, () -> retried.settle(-1));
            assertTrue(retried.settle(0, SECOND).allowed());
        }
    }

    @Test
    void aLeaseEndsWithItsBlock() {
        Limiter limiter = Limiter.of("{\"dimensions\": [{\"name\": \"model\", \"concurrency\": 1}]}");
        Key large = Key.of("large");
        for (CheckOptions options : List.of(CheckOptions.DEFAULT, AT_ONE.withNowNs(Long.MAX_VALUE / 2))) {
            try (Lease lease = limiter.acquire(large, options)) {
                assertTrue(lease.decision().allowed());
                Lease second = limiter.acquire(large, options);
                assertFalse(second.decision().allowed());
                assertEquals(0, second.number());
                second.close();
                assertFalse(limiter.acquire(large, options).decision().allowed());
            }
            limiter.reset(large);
        }
        Lease last = limiter.acquire(large);
        assertTrue(last.decision().allowed());
        assertFalse(limiter.release(large, last.number() + 1, 0));
        assertTrue(limiter.release(large, last.number(), 0));
        last.close();
        Lease open = limiter.acquire(large);
        limiter.close();
        open.close();
    }

    @Test
    void countsMoveToAnotherLimiter() {
        String config = "{\"by_user\": \"3/h\"}";
        try (Limiter first = Limiter.of(config); Limiter second = Limiter.of(config)) {
            for (int call = 0; call < 3; call++) first.check(ALICE, AT_ONE);
            first.check(Key.of("bob"), AT_ONE);
            assertEquals(2, first.keyCount());
            byte[] state = first.exportState(SECOND);
            assertEquals(2, second.importState(state, SECOND));
            assertFalse(second.check(ALICE, AT_ONE).allowed());
            assertEquals(1, second.check(Key.of("bob"), AT_ONE).remaining());
            assertEquals(1, second.reset(ALICE, SECOND));
            assertEquals(1, second.keyCount());

            state[state.length / 2] ^= 1;
            GwpluginsException damaged =
                    assertThrows(GwpluginsException.class, () -> second.importState(state, SECOND));
            assertEquals("GWP_E_BAD_STATE", damaged.name());
            assertThrows(GwpluginsException.class, () -> second.importState(new byte[0], 0));
            try (Limiter other = Limiter.of("{\"by_tenant\": \"3/h\"}")) {
                byte[] good = first.exportState(SECOND);
                assertEquals(11, assertThrows(GwpluginsException.class, () -> other.importState(good, 0)).code());
            }
        }
    }

    @Test
    void redisIsToldWhatToDoAndItsReplyIsRead() {
        try (Limiter limiter = Limiter.of("{\"by_user\": \"3/s\"}")) {
            RedisRequest request = RedisRequest.check(CheckOptions.DEFAULT.withCost(2).withNowNs(5 * SECOND));
            RedisCommand command = limiter.command(ALICE, request);
            assertEquals(sha1(limiter.script(request.operation())), command.sha());
            assertEquals(1, command.keys().size());
            assertEquals(List.of("5000000", "2", "", "", "[2000000,0,\"b\",3,1000000,3,0]"), arguments(command));
            assertFalse(command.toString().contains("alice"), command.toString());

            Decision granted = limiter.readReply(ALICE, request, 1, 5_000_000, 1, 1, 2_000_000, 0);
            assertTrue(granted.allowed());
            assertEquals(1, granted.remaining());
            assertEquals(2 * SECOND, granted.resetNs());
            assertEquals(5 * SECOND, granted.nowNs());
            Decision refused = limiter.readReply(ALICE, request, 0, 5_000_000, 0, 1, 2_000_000, 1_000_000);
            assertFalse(refused.allowed());
            assertEquals(SECOND, refused.retryAfterNs());
            assertEquals(Decision.NEVER, limiter.readReply(ALICE, request, 0, 5_000_000, 0, 3, 0, -1).retryAfterNs());

            CheckOptions options = CheckOptions.DEFAULT.withDetails();
            RedisRequest detailed = RedisRequest.peek(options);
            assertEquals("peek", arguments(limiter.command(ALICE, detailed)).get(2));
            assertEquals(1, limiter.readReply(ALICE, detailed, 1, 5_000_000, 1, 1, 0, 0).details().size());
            assertEquals("7", arguments(limiter.command(ALICE, RedisRequest.acquire(options, 7))).get(3));

            Key nobody = Key.of((String) null);
            assertTrue(limiter.command(nobody, request).isEmpty());
            assertEquals(Decision.UNLIMITED, limiter.readReply(nobody, request).limit());

            GwpluginsException strange =
                    assertThrows(GwpluginsException.class, () -> limiter.readReply(ALICE, request, 1, 2, 3));
            assertEquals("GWP_E_OUT_OF_RANGE", strange.name());
            for (RedisRequest other : List.of(RedisRequest.release(7, 0), RedisRequest.reset(0))) {
                assertFalse(limiter.command(ALICE, other).isEmpty());
                GwpluginsException none =
                        assertThrows(GwpluginsException.class, () -> limiter.readReply(ALICE, other, 1));
                assertEquals("GWP_E_UNSUPPORTED", none.name());
            }
            assertFalse(limiter.command(ALICE, RedisRequest.settle(2, SECOND, 1, SECOND)).isEmpty());
        }
    }

    @Test
    void errorsNameTheThingAndNoValue() {
        try (Limiter limiter = Limiter.of("{\"by_user\": \"3/s\", \"max_key_bytes\": 16}")) {
            String secret = "jane.secret@example.com";
            GwpluginsException large = assertThrows(GwpluginsException.class, () -> limiter.check(secret));
            assertEquals("GWP_E_TOO_LARGE", large.name());
            assertFalse(large.toString().contains("jane"), large.toString());
            for (Key wrong : List.of(Key.of(), Key.of("a", "b"))) {
                GwpluginsException count = assertThrows(GwpluginsException.class, () -> limiter.check(wrong));
                assertEquals("GWP_E_OUT_OF_RANGE", count.name());
                assertEquals("the key has " + wrong.size() + " values; the limiter has 1 dimensions",
                        count.getMessage());
            }
            for (long cost : new long[] {-1, (1L << 50) + 1, Long.MIN_VALUE}) {
                CheckOptions options = AT_ONE.withCost(cost);
                assertEquals(8, assertThrows(GwpluginsException.class, () -> limiter.check(ALICE, options)).code());
            }
            for (long now : new long[] {-1, Long.MAX_VALUE}) {
                CheckOptions options = AT_ONE.withNowNs(now);
                assertEquals(8, assertThrows(GwpluginsException.class, () -> limiter.check(ALICE, options)).code());
            }
            assertEquals(2, limiter.check(ALICE, AT_ONE).remaining(), "a call that failed took nothing");
            assertThrows(NullPointerException.class, () -> limiter.check((Key) null));
            assertThrows(NullPointerException.class, () -> limiter.importState(null, 0));
            assertEquals("Limiter[user]", limiter.toString());
            assertEquals("Key[1]", Key.of(secret).toString());
        }
        assertEquals("$.by_user", refused("{\"by_user\": \"0/s\"}").path().orElseThrow());
        assertEquals("GWP_E_CONFIG_SYNTAX", refused("{").name());
        assertNotNull(parsed(Limiter.schema()).get("properties").get("by_user"));
    }

    @Test
    void afterItsCloseALimiterThrows() {
        Limiter limiter = Limiter.of("{\"by_user\": \"3/s\"}");
        limiter.close();
        limiter.close();
        IllegalStateException closed = assertThrows(IllegalStateException.class, () -> limiter.check("a"));
        assertEquals("the limiter is closed", closed.getMessage());
        assertThrows(IllegalStateException.class, limiter::describe);
        assertThrows(IllegalStateException.class, limiter::keyCount);
        assertThrows(IllegalStateException.class, () -> limiter.exportState(0));
    }

    @Test
    void threadsTogetherGetTheQuotaAndNoMore() throws Exception {
        int quota = 10_000;
        try (Limiter limiter = Limiter.of("{\"by_user\": \"" + quota + "/h\"}")) {
            AtomicInteger granted = new AtomicInteger();
            ExecutorService pool = Executors.newFixedThreadPool(THREADS);
            List<Future<?>> running = new ArrayList<>();
            for (int thread = 0; thread < THREADS; thread++) {
                boolean many = thread % 2 == 0;
                running.add(pool.submit(() -> {
                    for (int round = 0; round < quota / 40; round++) granted.addAndGet(ten(limiter, many));
                }));
            }
            for (Future<?> one : running) one.get();
            pool.shutdown();
            assertEquals(quota, granted.get());
        }
    }

    /** How many of ten requests are granted. */
    private static int ten(Limiter limiter, boolean many) {
        if (many) {
            List<Decision> decisions = limiter.checkMany(Collections.nCopies(10, ALICE), null, AT_ONE);
            return (int) decisions.stream().filter(Decision::allowed).count();
        }
        int granted = 0;
        for (int call = 0; call < 10; call++) if (limiter.check(ALICE, AT_ONE).allowed()) granted++;
        return granted;
    }

    @Test
    void aCloseDuringCallsLetsThemEnd() throws Exception {
        for (int round = 0; round < 30; round++) {
            Limiter limiter = Limiter.of("{\"by_user\": \"3/s\"}");
            CountDownLatch started = new CountDownLatch(THREADS);
            ExecutorService pool = Executors.newFixedThreadPool(THREADS);
            List<Future<?>> running = new ArrayList<>();
            for (int thread = 0; thread < THREADS; thread++) {
                running.add(pool.submit(() -> {
                    started.countDown();
                    assertThrows(IllegalStateException.class, () -> {
                        while (true) limiter.check("a");
                    });
                }));
            }
            started.await();
            limiter.close();
            for (Future<?> one : running) one.get();
            pool.shutdown();
        }
    }

    private static GwpluginsException refused(String config) {
        return assertThrows(GwpluginsException.class, () -> Limiter.of(config).close());
    }

    private static JsonNode parsed(String json) {
        try {
            return Row.JSON.readTree(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Key key(JsonNode values) {
        String[] texts = new String[values.size()];
        Iterator<JsonNode> value = values.iterator();
        for (int place = 0; place < texts.length; place++) texts[place] = value.next().textValue();
        return Key.of(texts);
    }

    private static long micros(JsonNode step, String name) {
        return step.get(name).longValue() * 1000;
    }

    private static List<String> arguments(RedisCommand command) {
        return command.arguments().stream().map(one -> new String(one, StandardCharsets.US_ASCII)).toList();
    }

    private static String sha1(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-1").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
