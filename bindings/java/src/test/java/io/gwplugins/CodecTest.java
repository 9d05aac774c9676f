package io.gwplugins;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

/** Codecs: every row of the vectors, by every way to decompress, round trips, and streams cut anywhere. */
class CodecTest {
    private static final byte[] JSON = "{\"id\": 17, \"name\": \"Ada\", \"tags\": [\"a\", \"b\"]}\n"
            .repeat(3000).getBytes(StandardCharsets.US_ASCII);

    /** A way to decompress. */
    private interface Way {
        byte[] read(Codec codec, byte[] packed);
    }

    private static final List<Way> WAYS = List.of(
            Codec::decompress,
            (codec, packed) -> bytes(codec.decompress(ByteBuffer.wrap(packed))),
            (codec, packed) -> {
                ByteBuffer direct = ByteBuffer.allocateDirect(packed.length + 3).position(3).put(packed).flip();
                byte[] plain = bytes(codec.decompress(direct.position(3)));
                assertEquals(packed.length, direct.remaining());
                return plain;
            },
            (codec, packed) -> pushed(codec.decompressor(), packed, () -> 1),
            (codec, packed) -> pushed(codec.decompressor(), packed, () -> 5),
            (codec, packed) -> streamed(codec, new ByteArrayInputStream(packed)));

    @Test
    void vectors() {
        List<Row> rows = Row.of("codec/compression");
        assertTrue(rows.size() > 150);
        for (Row row : rows) {
            for (int way = 0; way < WAYS.size(); way++) {
                String told = "row " + row.id() + ", way " + way;
                JsonNode error = row.expect().get("error");
                String expected = error == null
                        ? row.expect().get("output_hex").textValue()
                        : "GWP_E_" + error.textValue();
                assertEquals(expected, outcome(row, WAYS.get(way)), told);
            }
        }
    }

    private static String outcome(Row row, Way way) {
        try (Codec codec = Codec.of(row.codec(), row.config())) {
            return HexFormat.of().formatHex(way.read(codec, row.bytes()));
        } catch (GwpluginsException e) {
            return e.name();
        }
    }

    @Test
    void whatIsCompressedComesBack() {
        assertTrue(Codec.names().containsAll(List.of("zstd", "gzip", "zlib", "deflate", "lz4", "brotli", "snappy")));
        Random random = new Random(6);
        byte[] noise = new byte[300_000];
        random.nextBytes(noise);
        for (String name : Codec.names()) {
            try (Codec codec = Codec.of(name)) {
                assertEquals(name, codec.name());
                assertTrue(codec.describe().contains("\"" + name + "\""), codec.describe());
                if (name.equals("auto")) continue;
                for (byte[] plain : List.of(new byte[0], new byte[] {7}, JSON, noise)) {
                    byte[] packed = codec.compress(plain);
                    assertArrayEquals(packed, bytes(codec.compress(ByteBuffer.wrap(plain))), name);
                    assertArrayEquals(plain, codec.decompress(packed), name);
                    byte[] pieces = pushed(codec.compressor(), plain, () -> random.nextInt(9000));
                    assertArrayEquals(plain, pushed(codec.decompressor(), pieces, () -> random.nextInt(700)), name);
                    assertArrayEquals(plain, streamed(codec, new Trickle(written(codec, plain, random), random)), name);
                }
                if (!name.equals("identity")) assertTrue(codec.compress(JSON).length < JSON.length / 10, name);
            }
        }
    }

    @Test
    void theJdkReadsGzipAndIsRead() throws IOException {
        try (Codec gzip = Codec.of("gzip"); Codec auto = Codec.of("auto")) {
            byte[] packed = written(gzip, JSON, new Random(1));
            assertArrayEquals(JSON, new GZIPInputStream(new ByteArrayInputStream(packed)).readAllBytes());
            ByteArrayOutputStream theirs = new ByteArrayOutputStream();
            try (OutputStream out = new GZIPOutputStream(theirs)) {
                out.write(JSON);
            }
            assertArrayEquals(JSON, auto.decompress(theirs.toByteArray()));
            assertEquals(6, assertThrows(GwpluginsException.class, () -> auto.compress(JSON)).code());
            assertEquals(6, assertThrows(GwpluginsException.class, auto::compressor).code());
        }
    }

    @Test
    void limitsBoundEveryWay() {
        try (Codec zstd = Codec.of("zstd"); Codec small = Codec.of("zstd", "{\"max_output_bytes\": 1000}")) {
            byte[] bomb = zstd.compress(new byte[50_000_000]);
            assertTrue(bomb.length < 10_000);
            for (Way way : WAYS) {
                GwpluginsException thrown = assertThrows(GwpluginsException.class, () -> way.read(small, bomb));
                assertEquals("GWP_E_TOO_LARGE", thrown.name());
            }
        }
    }

    @Test
    void bytesAreReadOneByOneAndSkipped() throws IOException {
        try (Codec codec = Codec.of("lz4")) {
            byte[] packed = codec.compress(JSON);
            try (DecompressInputStream in = new DecompressInputStream(new ByteArrayInputStream(packed), codec)) {
                assertFalse(in.markSupported());
                assertEquals(0, in.available());
                assertEquals(0, in.read(new byte[0]));
                assertEquals(JSON[0], in.read());
                assertTrue(in.available() > 0);
                in.skipNBytes(1000);
                assertArrayEquals(Arrays.copyOfRange(JSON, 1001, 1011), in.readNBytes(10));
                assertArrayEquals(Arrays.copyOfRange(JSON, 1011, JSON.length), in.readAllBytes());
                assertEquals(-1, in.read());
                assertEquals(0, in.skip(5));
                assertThrows(IOException.class, in::reset);
            }
        }
    }

    @Test
    void aStreamOfBadDataNeverEndsWell() throws IOException {
        try (Codec codec = Codec.of("gzip")) {
            byte[] packed = codec.compress(JSON);
            byte[] cut = Arrays.copyOf(packed, packed.length - 1);
            try (DecompressInputStream in = new DecompressInputStream(new ByteArrayInputStream(cut), codec)) {
                IOException first = assertThrows(IOException.class, in::readAllBytes);
                assertEquals("GWP_E_TRUNCATED", assertInstanceOf(GwpluginsException.class, first.getCause()).name());
                IOException later = assertThrows(IOException.class, in::read);
                assertEquals("GWP_E_TRUNCATED", assertInstanceOf(GwpluginsException.class, later.getCause()).name());
            }
            CodecStream stream = codec.decompressor();
            assertThrows(GwpluginsException.class, () -> stream.push("secret words".getBytes(StandardCharsets.UTF_8)));
            GwpluginsException over = assertThrows(GwpluginsException.class, () -> stream.push(packed));
            assertEquals("GWP_E_FINISHED", over.name());
            assertEquals("GWP_E_FINISHED", assertThrows(GwpluginsException.class, stream::finish).name());
        }
    }

    @Test
    void aFailedTargetGetsNothingMore() throws IOException {
        ByteArrayOutputStream passed = new ByteArrayOutputStream();
        boolean[] broken = {false};
        boolean[] closed = {false};
        OutputStream target = new OutputStream() {
            @Override
            public void write(int one) throws IOException {
                if (broken[0]) throw new IOException("broken");
                passed.write(one);
            }

            @Override
            public void close() {
                closed[0] = true;
            }
        };
        try (Codec codec = Codec.of("identity")) {
            CompressOutputStream out = new CompressOutputStream(target, codec);
            out.write(JSON, 0, 10);
            int before = passed.size();
            broken[0] = true;
            assertEquals("broken", assertThrows(IOException.class, () -> out.write(JSON)).getMessage());
            broken[0] = false;
            assertThrows(IOException.class, () -> out.write(1));
            assertThrows(IOException.class, out::flush);
            assertThrows(IOException.class, out::finish);
            out.close();
            assertTrue(closed[0]);
            assertEquals(before, passed.size());

            CompressOutputStream ended = new CompressOutputStream(passed, codec);
            ended.finish();
            ended.finish();
            assertThrows(IOException.class, () -> ended.write(1));
            assertThrows(IndexOutOfBoundsException.class, () -> ended.write(JSON, -1, 2));
            ended.close();
        }
    }

    @Test
    void afterItsCloseACodecThrowsAndItsStreamsLive() throws IOException {
        Codec codec = Codec.of("zlib");
        byte[] packed = codec.compress(JSON);
        CodecStream stream = codec.decompressor();
        CodecStream other = codec.compressor();
        DecompressInputStream in = new DecompressInputStream(new ByteArrayInputStream(packed), codec);
        codec.close();
        codec.close();
        assertEquals("the codec is closed",
                assertThrows(IllegalStateException.class, () -> codec.compress(JSON)).getMessage());
        assertThrows(IllegalStateException.class, codec::describe);
        assertThrows(IllegalStateException.class, codec::decompressor);
        assertArrayEquals(JSON, pushed(stream, packed, () -> 100));
        assertArrayEquals(JSON, in.readAllBytes());
        other.close();
        assertThrows(IllegalStateException.class, () -> other.push(JSON));
        in.close();
        assertThrows(IOException.class, in::read);
        assertThrows(IOException.class, in::available);
    }

    @Test
    void theBestCodecIsChosen() {
        String json = "application/json";
        assertEquals("zstd", Codec.choose(JSON, json, "gzip, zstd"));
        assertEquals("gzip", Codec.choose(JSON, json, "gzip;q=1, zstd;q=0.5"));
        assertEquals("brotli", Codec.choose(JSON, "", "br"));
        assertEquals("zlib", Codec.choose(JSON, "", "deflate"));
        assertEquals("identity", Codec.choose(JSON, json, ""));
        assertEquals("identity", Codec.choose(JSON, "image/png", "gzip"));
        assertEquals("identity", Codec.choose(new byte[0], json, "*"));
        GwpluginsException refused =
                assertThrows(GwpluginsException.class, () -> Codec.choose(JSON, json, "identity;q=0, *;q=0"));
        assertEquals("GWP_E_NOT_ACCEPTABLE", refused.name());
    }

    @Test
    void aDictionaryMakesSmallDataSmaller() {
        Random random = new Random(8);
        List<byte[]> samples = new ArrayList<>();
        for (int sample = 0; sample < 5000; sample++) samples.add(record(random));
        byte[] dictionary = Codec.train(samples, 4096);
        assertTrue(dictionary.length > 0 && dictionary.length <= 4096);
        String config = "{\"dictionary\": \"" + Base64.getEncoder().encodeToString(dictionary) + "\"}";
        byte[] plain = record(random);
        try (Codec with = Codec.of("zstd", config); Codec without = Codec.of("zstd")) {
            byte[] packed = with.compress(plain);
            assertTrue(packed.length < without.compress(plain).length);
            assertArrayEquals(plain, with.decompress(packed));
            assertEquals("GWP_E_DICTIONARY",
                    assertThrows(GwpluginsException.class, () -> without.decompress(packed)).name());
        }
        assertEquals(8, assertThrows(GwpluginsException.class, () -> Codec.train(List.of(), 4096)).code());
        assertThrows(IllegalArgumentException.class, () -> Codec.train(samples, -1));
    }

    @Test
    void errorsNameTheThing() {
        assertEquals(20, assertThrows(GwpluginsException.class, () -> Codec.of("lzma")).code());
        GwpluginsException level =
                assertThrows(GwpluginsException.class, () -> Codec.of("gzip", "{\"level\": 10}"));
        assertEquals("$.level", level.path().orElseThrow());
        assertTrue(Codec.schema().contains("max_output_bytes"));
        assertThrows(NullPointerException.class, () -> Codec.of(null));
        try (Codec codec = Codec.of("gzip")) {
            assertEquals("Codec[gzip]", codec.toString());
            assertThrows(NullPointerException.class, () -> codec.compress((byte[]) null));
            assertThrows(NullPointerException.class, () -> new CompressOutputStream(null, codec));
            GwpluginsException bad = assertThrows(GwpluginsException.class,
                    () -> codec.decompress("jane@example.com".getBytes(StandardCharsets.UTF_8)));
            assertFalse(bad.toString().contains("jane"), bad.toString());
        }
    }

    @Test
    void threadsShareACodec() throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(8);
        try (Codec codec = Codec.of("zstd")) {
            List<Future<?>> running = new ArrayList<>();
            for (int thread = 0; thread < 8; thread++) {
                byte[] mine = Arrays.copyOfRange(JSON, thread, JSON.length - 1000 * thread);
                running.add(pool.submit(() -> {
                    for (int call = 0; call < 100; call++) {
                        assertArrayEquals(mine, codec.decompress(codec.compress(mine)));
                    }
                }));
            }
            for (Future<?> one : running) one.get();
        }
        pool.shutdown();
    }

    private static byte[] record(Random random) {
        String text = "{\"user\": %d, \"event\": \"login\", \"region\": \"eu-%d\", \"agent\": \"client/%d\"}".formatted(
                random.nextInt(100_000), random.nextInt(9), random.nextInt(99));
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** What chunks of these sizes lead to; the stream is closed after it. */
    private static byte[] pushed(CodecStream stream, byte[] data, Callable<Integer> size) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try (stream) {
            for (int at = 0, to; at < data.length; at = to) {
                to = Math.min(at + size.call(), data.length);
                all.writeBytes(stream.push(Arrays.copyOfRange(data, at, to)));
            }
            all.writeBytes(stream.finish());
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
        return all.toByteArray();
    }

    /** All that a stream of the other data reads; the error of the library is thrown as it is. */
    private static byte[] streamed(Codec codec, InputStream packed) {
        try (DecompressInputStream in = new DecompressInputStream(packed, codec)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw assertInstanceOf(GwpluginsException.class, e.getCause());
        }
    }

    /** What is written in chunks of any size. */
    private static byte[] written(Codec codec, byte[] plain, Random random) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (CompressOutputStream out = new CompressOutputStream(packed, codec)) {
            for (int at = 0, size; at < plain.length; at += size) {
                size = Math.min(random.nextInt(9000), plain.length - at);
                out.write(plain, at, size);
            }
            out.flush();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return packed.toByteArray();
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    /** A stream that gives as many bytes as it likes. */
    private static final class Trickle extends ByteArrayInputStream {
        private final Random random;

        Trickle(byte[] bytes, Random random) {
            super(bytes);
            this.random = random;
        }

        @Override
        public synchronized int read(byte[] target, int from, int length) {
            return super.read(target, from, Math.min(length, 1 + random.nextInt(900)));
        }
    }
}
