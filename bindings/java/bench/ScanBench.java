// One JSON line for each back end and type of text: time of a call for SMALL_FILE, speed for BIG_FILE, 20 samples each.
//
// java --enable-native-access=ALL-UNNAMED -cp JARS ScanBench.java KIND CONFIG_JSON SMALL_FILE BIG_FILE

import io.gwplugins.Answer;
import io.gwplugins.Guard;
import io.gwplugins.Guards;
import io.gwplugins.Rewrite;
import io.gwplugins.Scan;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Starts itself again for each back end: what the JIT compiler learned of one must not serve the other. */
public final class ScanBench {
    private static final int SAMPLES = 20;
    private static final double SAMPLE_NS = 20e6;
    private static final double WARM_UP_NS = 1e9;
    private static final String MEASURED = "gwplugins.bench";

    /** What every call finds goes here, so that none can be left out. */
    private static volatile int found;

    private final Guard guard;
    private final byte[] small;
    private final byte[] big;

    private ScanBench(String kind, String config, String smallFile, String bigFile) throws IOException {
        guard = Guard.of(kind, config);
        small = Files.readAllBytes(Path.of(smallFile));
        big = Files.readAllBytes(Path.of(bigFile));
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        if (arguments.length != 4) throw new IllegalArgumentException("KIND CONFIG_JSON SMALL_FILE BIG_FILE");
        if (System.getProperty(MEASURED) == null) {
            startAgain(arguments);
            return;
        }
        ScanBench bench = new ScanBench(arguments[0], arguments[1], arguments[2], arguments[3]);
        bench.verify(bench.small);
        bench.verify(bench.big);
        bench.report("string", bytes -> {
            String text = new String(bytes, StandardCharsets.UTF_8);
            return () -> bench.guard.scan(text).findings().size();
        });
        bench.report("bytes", bytes -> () -> bench.guard.scan(bytes).findings().size());
    }

    /** A process of its own for each back end; ends with the code of the first that fails. */
    private static void startAgain(String[] arguments) throws IOException, InterruptedException {
        List<String> backends = Runtime.version().feature() >= 22 ? List.of("ffm", "jna") : List.of("jna");
        for (String backend : backends) {
            List<String> command = new ArrayList<>();
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path")));
            command.addAll(List.of("-Dgwplugins.backend=" + backend, "-D" + MEASURED + "=1", source()));
            command.addAll(Arrays.asList(arguments));
            int code = new ProcessBuilder(command).inheritIO().start().waitFor();
            if (code != 0) System.exit(code);
        }
    }

    /** This file, as the command named it. */
    private static String source() {
        String[] words = ProcessHandle.current().info().arguments().orElseThrow();
        return Arrays.stream(words).filter(word -> word.endsWith("ScanBench.java")).findFirst().orElseThrow();
    }

    /** What is timed must be right: all types of text tell the same, and rewriting agrees with scanning. */
    private void verify(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        Scan scan = guard.scan(bytes);
        Rewrite<byte[]> rewritten = guard.rewrite(bytes);
        require(rewritten.changed() != Arrays.equals(bytes, rewritten.output()), "`changed` is wrong");
        require(guard.scan(direct(bytes)).equals(scan), "array and buffer differ");
        require(rewritten.findings().equals(scan.findings()), "scan and rewrite differ");
        Rewrite<String> strings = guard.rewrite(text);
        require(rules(strings).equals(rules(scan)) && rules(guard.scan(text)).equals(rules(scan)), "strings differ");
        require(Arrays.equals(strings.output().getBytes(StandardCharsets.UTF_8), rewritten.output()), "outputs differ");
    }

    private static List<String> rules(Answer answer) {
        return answer.findings().stream().map(one -> one.rule()).toList();
    }

    private static void require(boolean right, String message) {
        if (!right) throw new IllegalStateException(message);
    }

    private static ByteBuffer direct(byte[] bytes) {
        return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    }

    private void report(String type, Function<byte[], LongSupplier> calls) {
        String call = joined(Arrays.stream(samples(calls.apply(small))).boxed().toList());
        String speed = joined(Arrays.stream(samples(calls.apply(big))).mapToObj(ns -> big.length / ns * 1e3).toList());
        System.out.printf(
                Locale.ROOT, "{\"host\": \"java\", \"path\": \"%s-%s\", \"ns_per_call\": [%s], \"mb_per_s\": [%s]}%n",
                Guards.backend(), type, call, speed);
    }

    /** Nanoseconds of a call. */
    private static double[] samples(LongSupplier call) {
        long calls = 1;
        for (double warm = 0; warm < WARM_UP_NS;) {
            double took = run(call, calls);
            if (took < SAMPLE_NS * 1.25) calls *= 2;
            warm += took;
        }
        double[] samples = new double[SAMPLES];
        for (int index = 0; index < SAMPLES; index++) samples[index] = run(call, calls) / calls;
        return samples;
    }

    private static double run(LongSupplier call, long calls) {
        int sum = 0;
        long begun = System.nanoTime();
        for (long done = 0; done < calls; done++) sum += (int) call.getAsLong();
        long ended = System.nanoTime();
        found = sum;
        return ended - begun;
    }

    private static String joined(List<Double> values) {
        Stream<String> texts = values.stream().map(value -> String.format(Locale.ROOT, "%.1f", value));
        return texts.collect(Collectors.joining(", "));
    }
}
