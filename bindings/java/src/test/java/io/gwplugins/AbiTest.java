package io.gwplugins;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.HashMap;
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
    private static final Map<String, Integer> DEFINED = new HashMap<>();
    private static final Set<String> OFFSETS = Set.of(
            "FINDING_START", "FINDING_END", "FINDING_ITEM", "FINDING_RULE", "FINDING_FLAGS", "FINDING_DETAIL");

    static {
        for (MatchResult found : all("(?m)^#define GWP_(\\w+) (\\d+)$")) {
            DEFINED.put(found.group(1), Integer.valueOf(found.group(2)));
        }
    }

    @Test
    void constants() throws IllegalAccessException {
        int compared = 0;
        for (Field field : Abi.class.getDeclaredFields()) {
            String name = field.getName();
            if (field.getType() != int.class || name.equals("RECORD_BYTES") || name.startsWith("ITEM_")) continue;
            if (OFFSETS.contains(name)) continue;
            int needed = field.getInt(null);
            // This package needs no later minor version than the header has.
            int found = name.equals("ABI_MINOR") ? Math.min(DEFINED.get(name), needed) : DEFINED.get(name);
            assertEquals(found, needed, name);
            compared++;
        }
        assertEquals(17, compared);
        assertEquals(numbered("ACTION_"), names(Action.values()));
        assertEquals(numbered("VERDICT_"), names(Verdict.values()));
    }

    @Test
    void records() throws IllegalAccessException {
        assertEquals(offsets("gwp_finding", "FINDING_"), fields("gwp_finding"));
        assertEquals(offsets("gwp_item", "ITEM_"), fields("gwp_item"));
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
        Map<String, String> declared = Arrays.stream(Backend.class.getMethods())
                .filter(method -> method.getName().startsWith("gwp_"))
                .collect(Collectors.toMap(Method::getName, AbiTest::signature));
        declared.forEach((name, signature) -> assertEquals(expected.get(name), signature, name));
        assertEquals(Set.copyOf(Abi.FUNCTIONS), Stream.concat(declared.keySet().stream(),
                Stream.of("gwp_abi_supports")).collect(Collectors.toSet()));
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
        assertEquals(List.of("\u00fc\"\n/x", ""), Json.ruleNames(text));
        assertEquals(List.of(), Json.ruleNames("{\"rules\":[]}"));
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

    /** Where the fields of a record begin that Abi knows, by their names. */
    private static Map<String, Integer> offsets(String record, String prefix) throws IllegalAccessException {
        Map<String, Integer> offsets = new HashMap<>();
        Map<String, Integer> real = fields(record);
        for (Field field : Abi.class.getDeclaredFields()) {
            String name = field.getName().replace(prefix, "");
            boolean isOffset = field.getName().startsWith(prefix) && real.containsKey(name);
            if (isOffset) offsets.put(name, field.getInt(null));
        }
        if (real.containsKey("RESERVED")) offsets.put("RESERVED", real.get("RESERVED"));
        offsets.put("size", Abi.RECORD_BYTES);
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

    /** Pointers and sizes are long, numbers of 32 bits int. */
    private static String javaType(String declared) {
        if (declared.contains("*") || declared.contains("size_t")) return "long";
        return declared.strip().equals("void") ? "void" : "int";
    }
}
