package io.gwplugins;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What this binding believes about include/gwplugins.h is what it says. */
class AbiTest {
    private static final String HEADER = Checkout.read("include/gwplugins.h");
    private static final Map<String, Long> DEFINED = new HashMap<>();
    /** The records of the header, by how the names of their offsets begin. */
    private static final Map<String, String> RECORDS = Map.of(
            "FINDING_", "gwp_finding", "ITEM_", "gwp_item", "DECISION_", "gwp_decision", "REQUEST_",
            "gwp_limiter_request");
    /** The functions of each family, and where this binding declares them. */
    private static final Map<Class<?>, List<String>> FAMILIES = Map.of(
            Backend.class, Abi.FUNCTIONS, LimiterCalls.class, Abi.LIMITER_FUNCTIONS, CodecCalls.class,
            Abi.CODEC_FUNCTIONS);

    static {
        for (MatchResult found : all("(?m)^#define GWP_(\\w+) (\\d+)$")) {
            DEFINED.put(found.group(1), Long.valueOf(found.group(2)));
        }
    }

    @Test
    void constants() throws IllegalAccessException {
        int compared = 0;
        for (Field field : Abi.class.getDeclaredFields()) {
            String name = field.getName();
            boolean ofOurs = name.matches("(RECORD|DECISION|REQUEST)_BYTES|.*_MINOR") || isOffset(name);
            if (field.getType() != int.class || ofOurs) continue;
            assertEquals(DEFINED.get(name), field.getInt(null), name);
            compared++;
        }
        assertEquals(25, compared);
        assertEquals(numbered("REQUEST_"), names(RedisRequest.Operation.values()));
        assertEquals(numbered("ACTION_"), names(Action.values()));
        assertEquals(numbered("VERDICT_"), names(Verdict.values()));
    }

    @Test
    void records() throws IllegalAccessException {
        assertEquals(offsets("FINDING_", Abi.RECORD_BYTES), fields("gwp_finding"));
        assertEquals(offsets("ITEM_", Abi.RECORD_BYTES), fields("gwp_item"));
        assertEquals(offsets("DECISION_", Abi.DECISION_BYTES), fields("gwp_decision"));
        assertEquals(offsets("REQUEST_", Abi.REQUEST_BYTES), fields("gwp_limiter_request"));
    }

    @Test
    void families() {
        assertEquals(0, Abi.ABI_MINOR);
        assertTrue(DEFINED.get("ABI_MINOR") >= Abi.CODECS_SINCE_MINOR);
        assertEquals(Set.of("ABI 1." + Abi.LIMITERS_SINCE_MINOR), since("gwp_limiter_"));
        assertEquals(Set.of("ABI 1." + Abi.CODECS_SINCE_MINOR), since("gwp_codec_"));
    }

    @Test
    void functions() {
        Map<String, String> expected = new HashMap<>();
        for (MatchResult found : all("(?m)^([\\w ]+?[ *]+)(gwp_\\w+)\\(([^)]*)\\);")) {
            Stream<String> parameters = Pattern.compile(",").splitAsStream(found.group(3)).map(AbiTest::javaType);
            String types = parameters.filter(type -> !type.equals("void")).collect(Collectors.joining(","));
            expected.put(found.group(2), javaType(found.group(1)) + " " + types);
        }
        assertFalse(expected.isEmpty());
        FAMILIES.forEach((type, names) -> {
            Map<String, String> declared = Arrays.stream(type.getMethods())
                    .filter(method -> method.getName().startsWith("gwp_"))
                    .collect(Collectors.toMap(Method::getName, AbiTest::signature));
            declared.forEach((name, signature) -> assertEquals(expected.get(name), signature, name));
            Set<String> all = new HashSet<>(names);
            all.remove("gwp_abi_supports"); // It is asked before there is a back end.
            assertEquals(all, declared.keySet());
        });
    }

    @Test
    void whatALaterLibrarySaysIsTakenForTheStrictest() {
        assertEquals(Verdict.BLOCK, Verdict.of(4));
        assertEquals(Verdict.BLOCK, Verdict.of(-1));
        assertEquals(Action.BLOCK, Action.of(3));
        assertEquals(Set.of(Capability.values()), Capability.of(-1));
        assertEquals(Set.of(Capability.STREAM), Capability.of(0x80 | Abi.CAP_STREAM));
    }

    @Test
    void rulesAreReadFromADescription() {
        String text = "{\"n\": -1.5e3,"
                + "\"deep\": [[], {}, [{\"name\": \"no\"}], null, true], \"rules\" : [ {\"a\":\"}\\\\\","
                + "\"name\":\"\\u00fc\\\"\\n\\/x\"}, {\"name\": \"\"} ] , \"z\": 0}";
        assertEquals(List.of("\u00fc\"\n/x", ""), Json.names(Json.members(text), "rules"));
        assertEquals(List.of(), Json.names(Json.members("{\"rules\":[]}"), "rules"));
    }

    private static List<MatchResult> all(String pattern) {
        return Pattern.compile(pattern).matcher(HEADER).results().toList();
    }

    private static List<String> numbered(String prefix) {
        return DEFINED.entrySet().stream()
                .filter(entry -> entry.getKey().startsWith(prefix))
                .sorted(Map.Entry.comparingByValue())
                .map(entry -> entry.getKey().substring(prefix.length()))
                .toList();
    }

    private static List<String> names(Enum<?>[] constants) {
        return Arrays.stream(constants).map(Enum::name).toList();
    }

    /** In which versions the functions of a family came. */
    private static Set<String> since(String prefix) {
        return all("Since: (ABI \\d+\\.\\d+)\\.\n \\*/\n[\\w ]+?[ *]+" + prefix).stream()
                .map(found -> found.group(1))
                .collect(Collectors.toSet());
    }

    /** Whether a name of Abi says where the field of a record begins. */
    private static boolean isOffset(String name) {
        return RECORDS.entrySet().stream().anyMatch(entry -> name.startsWith(entry.getKey())
                && fields(entry.getValue()).containsKey(name.substring(entry.getKey().length())));
    }

    /** Where the fields of a record begin that Abi knows, by their names, and its size. */
    private static Map<String, Integer> offsets(String prefix, int size) throws IllegalAccessException {
        Map<String, Integer> offsets = new HashMap<>();
        Map<String, Integer> real = fields(RECORDS.get(prefix));
        for (Field field : Abi.class.getDeclaredFields()) {
            String name = field.getName().replace(prefix, "");
            boolean isOffset = field.getName().startsWith(prefix) && real.containsKey(name);
            if (isOffset) offsets.put(name, field.getInt(null));
        }
        if (real.containsKey("RESERVED")) offsets.put("RESERVED", real.get("RESERVED"));
        offsets.put("size", size);
        return offsets;
    }

    /** Where the fields of a record begin, and its size; all are aligned to their own size. */
    private static Map<String, Integer> fields(String record) {
        String end = "} " + record + ";";
        String body = HEADER.substring(0, HEADER.indexOf(end));
        body = body.substring(body.lastIndexOf("typedef struct {"));
        Map<String, Integer> fields = new HashMap<>();
        int at = 0;
        for (MatchResult found : Pattern.compile("uint(\\d+)_t (\\w+);").matcher(body).results().toList()) {
            fields.put(found.group(2).toUpperCase(Locale.ROOT), at);
            at += Integer.parseInt(found.group(1)) / Byte.SIZE;
        }
        fields.put("size", at);
        return fields;
    }

    private static String signature(Method method) {
        Stream<String> types = Arrays.stream(method.getParameterTypes()).map(Class::getName);
        return method.getReturnType().getName() + " " + types.collect(Collectors.joining(","));
    }

    /** Pointers, sizes and numbers of 64 bits are long, numbers of 32 bits int. */
    private static String javaType(String declared) {
        if (declared.contains("*") || declared.contains("size_t") || declared.contains("64_t")) return "long";
        return declared.strip().equals("void") ? "void" : "int";
    }
}
