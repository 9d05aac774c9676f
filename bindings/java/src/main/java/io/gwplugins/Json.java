package io.gwplugins;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads JSON that the library wrote: {@code Map}, {@code List}, {@code String}; everything else as its text. It trusts
 * its input and must not be used for another's.
 */
final class Json {
    private final String text;
    private int at;

    private Json(String text) {
        this.text = text;
    }

    /** The members of an object. */
    static Map<?, ?> members(String description) {
        return (Map<?, ?>) new Json(description).value();
    }

    /** The names of the objects in a list, such as "rules" of a guard's description. */
    static List<String> names(Map<?, ?> described, String list) {
        List<String> names = new ArrayList<>();
        for (Object one : (List<?>) described.get(list)) names.add((String) ((Map<?, ?>) one).get("name"));
        return List.copyOf(names);
    }

    private Object value() {
        return switch (peek()) {
            case '{' -> object();
            case '[' -> array();
            case '"' -> string();
            default -> word();
        };
    }

    private Map<String, Object> object() {
        Map<String, Object> members = new LinkedHashMap<>();
        at++;
        while (peek() != '}') {
            if (peek() == ',') at++;
            peek();
            String key = string();
            peek();
            at++; // the colon
            members.put(key, value());
        }
        at++;
        return members;
    }

    private List<Object> array() {
        List<Object> elements = new ArrayList<>();
        at++;
        while (peek() != ']') {
            if (peek() == ',') at++;
            elements.add(value());
        }
        at++;
        return elements;
    }

    private String string() {
        StringBuilder found = new StringBuilder();
        for (at++; text.charAt(at) != '"'; at++) {
            found.append(text.charAt(at) == '\\' ? escaped() : text.charAt(at));
        }
        at++;
        return found.toString();
    }

    private char escaped() {
        char letter = text.charAt(++at);
        if (letter == 'u') {
            at += 4;
            return (char) Integer.parseInt(text.substring(at - 3, at + 1), 16);
        }
        int place = "bfnrt".indexOf(letter);
        return place < 0 ? letter : "\b\f\n\r\t".charAt(place);
    }

    private String word() {
        int from = at;
        while (at < text.length() && "{}[],: \n\r\t\"".indexOf(text.charAt(at)) < 0) at++;
        return text.substring(from, at);
    }

    /** The next character that is no blank. */
    private char peek() {
        while (Character.isWhitespace(text.charAt(at))) at++;
        return text.charAt(at);
    }
}
