package io.gwplugins;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the library is found, and what is said when it is not, or is not the right one. Each case is its own process. */
class LibraryTest {
    private static final String FILE = Guards.load();
    private static final String BACKEND = "-Dgwplugins.backend=" + Guards.backend();
    private static final String NAME = LibraryException.class.getName();

    @TempDir
    Path folder;

    @Test
    void aFileIsNamedByThePropertyTheEnvironmentOrTheProgram() {
        assertEquals(FILE, said(Map.of("GWPLUGINS_LIBRARY", FILE), List.of(BACKEND), "load"));
        List<String> property = List.of(BACKEND, "-Dgwplugins.library=" + FILE);
        assertEquals(FILE, said(Map.of("GWPLUGINS_LIBRARY", "/nowhere"), property, "load"));
        assertEquals(FILE, said(Map.of("GWPLUGINS_LIBRARY", "/nowhere"), List.of(BACKEND), FILE));
    }

    @Test
    void aNamedFileThatIsNotThereIsAnErrorAndNothingElseIsTried() {
        String file = folder.resolve("libgwplugins.so").toString();
        for (String answer : List.of(
                said(Map.of("GWPLUGINS_LIBRARY", file), List.of(BACKEND), "kinds"),
                said(Map.of("GWPLUGINS_LIBRARY", FILE), List.of(BACKEND, "-Dgwplugins.library=" + file), "kinds"),
                said(Map.of("GWPLUGINS_LIBRARY", FILE), List.of(BACKEND), file))) {
            assertTrue(answer.startsWith(NAME + ": libgwplugins was not found; tried " + file + " ("), answer);
            assertFalse(answer.contains("libgwplugins.so.1"), answer);
        }
    }

    @Test
    void withoutANameTheSystemsLibraryIsTakenOrTheNamesAreTold() {
        String answer = said(Map.of(), List.of(BACKEND), "load");
        List<String> names = List.of("libgwplugins.so.1", "libgwplugins.so");
        boolean told = names.stream().allMatch(name -> answer.contains(name + " ("));
        assertTrue(names.contains(answer) || told, answer);
    }

    @Test
    void anotherLibraryIsRefused() throws IOException {
        Path text = Files.writeString(folder.resolve("text.so"), "not a library");
        String answer = said(Map.of("GWPLUGINS_LIBRARY", text.toString()), List.of(BACKEND), "kinds");
        assertTrue(answer.startsWith(NAME + ": libgwplugins was not found; tried " + text + " ("), answer);

        String jvm = Files.readAllLines(Path.of("/proc/self/maps")).stream()
                .filter(line -> line.endsWith("/libjava.so"))
                .map(line -> line.substring(line.indexOf('/')))
                .findFirst()
                .orElseThrow();
        assertEquals(NAME + ": " + jvm + " is no usable gwplugins library: it has no gwp_abi_version",
                said(Map.of("GWPLUGINS_LIBRARY", jvm), List.of(BACKEND), "kinds"));
    }

    @Test
    void aSecondLibraryIsRefused() {
        String answer = said(Map.of("GWPLUGINS_LIBRARY", FILE), List.of(BACKEND), "kinds", "/nowhere");
        assertEquals(NAME + ": " + FILE + " is in use already; /nowhere cannot be loaded as well", answer);
    }

    @Test
    void theBackEndIsTheWantedOneOrTheFirstThatThereIs() {
        Map<String, String> env = Map.of("GWPLUGINS_LIBRARY", FILE);
        assertEquals(Guards.backend(), said(env, List.of(BACKEND), "backend"));
        boolean hasForeign = Runtime.version().feature() >= 22;
        assertEquals(hasForeign ? "ffm" : "jna", said(env, List.of(), "backend"));
        assertEquals(NAME + ": gwplugins.backend is neither ffm nor jna",
                said(env, List.of("-Dgwplugins.backend=jni"), "backend"));
    }

    @Test
    void withoutJnaOnlyJavaForeignIsLeft() {
        Map<String, String> env = Map.of("GWPLUGINS_LIBRARY", FILE);
        String withoutJna = Arrays.stream(classPath().split(File.pathSeparator))
                .filter(entry -> !Path.of(entry).getFileName().toString().startsWith("jna"))
                .collect(Collectors.joining(File.pathSeparator));
        String any = run(withoutJna, env, List.of(), "backend");
        String noBackEnd = NAME + ": no back end can be used on Java " + Runtime.version().feature() + "; tried ";
        if (Runtime.version().feature() >= 22) assertEquals("ffm", any);
        else assertTrue(any.startsWith(noBackEnd + "ffm (ClassNotFoundException") && any.contains("jna ("), any);
        String jna = run(withoutJna, env, List.of("-Dgwplugins.backend=jna"), "backend");
        assertTrue(jna.startsWith(noBackEnd + "jna (ClassNotFoundException: com.sun.jna."), jna);
    }

    /** The last line that the program prints. */
    private static String said(Map<String, String> env, List<String> options, String... steps) {
        return run(classPath(), env, options, steps);
    }

    private static String run(String classPath, Map<String, String> env, List<String> options, String... steps) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-cp", classPath));
        command.addAll(options);
        command.add(LibraryProgram.class.getName());
        command.addAll(List.of(steps));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().remove("GWPLUGINS_LIBRARY");
        builder.environment().putAll(env);
        try {
            Process process = builder.start();
            List<String> lines = new String(process.getInputStream().readAllBytes()).lines().toList();
            assertEquals(0, process.waitFor(), lines::toString);
            assertTrue(lines.contains("begun"), lines::toString);
            return lines.get(lines.size() - 1);
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** The test runner starts with a jar that names the others. */
    private static String classPath() {
        return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    }
}
