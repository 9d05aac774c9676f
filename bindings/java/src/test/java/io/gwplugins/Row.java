package io.gwplugins;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HexFormat;
import java.util.List;

/**
 * A row of tests/vectors/KIND.jsonl, whose README.md says what the keys mean.
 *
 * @param codec name of the codec; empty in the rows of guards
 * @param config JSON text
 * @param text the input, null when it is bytes
 * @param bytes the input, null when it is text
 */
record Row(String id, String codec, String config, String text, byte[] bytes, JsonNode expect) {
    static final ObjectMapper JSON = new ObjectMapper();

    static List<Row> of(String kind) {
        return Checkout.read("tests/vectors/" + kind + ".jsonl").lines().map(Row::parse).toList();
    }

    private static Row parse(String line) {
        try {
            JsonNode row = JSON.readTree(line);
            String config = row.has("config_text") ? row.get("config_text").textValue() : configText(line);
            boolean isHex = row.has("input_hex");
            byte[] bytes = isHex ? HexFormat.of().parseHex(row.get("input_hex").textValue()) : null;
            String text = isHex ? null : row.path("input").asText("");
            String codec = row.path("codec").asText();
            return new Row(row.get("id").textValue(), codec, config, text, bytes, row.get("expect"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The configuration as it stands in the row: parsed and written again, it might become another. */
    private static String configText(String line) throws IOException {
        try (JsonParser parser = JSON.createParser(line)) {
            parser.nextToken();
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                boolean found = parser.currentName().equals("config");
                parser.nextToken();
                int from = (int) parser.currentTokenLocation().getCharOffset();
                parser.skipChildren();
                if (found) return line.substring(from, (int) parser.currentLocation().getCharOffset());
            }
        }
        throw new IllegalArgumentException("a row without a configuration: " + line);
    }
}
