package io.gwplugins;

import java.nio.charset.StandardCharsets;

/** Strings in which surrogates have no partner, as UTF-8 in which they have three bytes each. */
final class Surrogates {
    private static final int BYTES = 3;
    private static final char REPLACED = '\ufffd';

    private Surrogates() {}

    static void append(String text, Workspace space) {
        byte[] utf8 = new byte[text.length() * BYTES];
        int at = 0;
        for (int from = 0, to; from < text.length(); from = to) {
            int code = text.codePointAt(from);
            to = from + Character.charCount(code);
            at += code < 0x80 ? ascii(code, utf8, at) : encode(code, utf8, at);
        }
        space.append(utf8, at);
    }

    private static int ascii(int code, byte[] utf8, int at) {
        utf8[at] = (byte) code;
        return 1;
    }

    private static int encode(int code, byte[] utf8, int at) {
        int length = code < 0x800 ? 2 : code < 0x1_0000 ? BYTES : BYTES + 1;
        for (int next = length - 1; next > 0; next--, code >>= 6) utf8[at + next] = (byte) (0x80 | code & 0x3f);
        utf8[at] = (byte) (0xf00 >> length | code);
        return length;
    }

    static String decode(byte[] utf8) {
        String text = new String(utf8, StandardCharsets.UTF_8);
        // Java reads a surrogate of three bytes as characters that it cannot know.
        return text.indexOf(REPLACED) < 0 ? text : decodeThem(utf8);
    }

    private static String decodeThem(byte[] utf8) {
        StringBuilder text = new StringBuilder(utf8.length);
        int from = 0;
        for (int at = 0; at + BYTES <= utf8.length; at++) {
            if (utf8[at] != (byte) 0xed || (utf8[at + 1] & 0xe0) != 0xa0) continue;
            text.append(new String(utf8, from, at - from, StandardCharsets.UTF_8));
            text.append((char) (0xd000 | (utf8[at + 1] & 0x3f) << 6 | utf8[at + 2] & 0x3f));
            from = at + BYTES;
            at = from - 1;
        }
        return text.append(new String(utf8, from, utf8.length - from, StandardCharsets.UTF_8)).toString();
    }
}
