package io.gwplugins;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.StandardCharsets;

/**
 * Strings as UTF-8 in which surrogates without a partner have three bytes each, and back. An object encodes for one
 * call at a time; it goes in steps that stay in the cache, through arrays that Java encodes much faster than strings.
 */
final class Utf8 {
    private static final int STEP_CHARS = 8192;
    private static final int UNIT_BYTES = 3;
    private static final char REPLACED = '\ufffd';

    private final CharsetEncoder encoder = StandardCharsets.UTF_8.newEncoder();
    private final char[] chars = new char[STEP_CHARS];
    private final byte[] bytes = new byte[STEP_CHARS * UNIT_BYTES];
    private final CharBuffer in = CharBuffer.wrap(chars);
    private final ByteBuffer out = ByteBuffer.wrap(bytes);

    void append(String text, Workspace space) {
        space.reserve(text.length());
        for (int from = 0, to; from < text.length(); from = to) {
            to = Math.min(from + STEP_CHARS, text.length());
            if (to < text.length() && Character.isHighSurrogate(text.charAt(to - 1))) to--;
            text.getChars(from, to, chars, 0);
            encode(to - from);
            space.append(bytes, out.position());
        }
    }

    private void encode(int length) {
        in.clear().limit(length);
        out.clear();
        while (encoder.reset().encode(in, out, true).isMalformed()) {
            char lone = in.get();
            out.put((byte) (0xe0 | lone >> 12)).put((byte) (0x80 | lone >> 6 & 0x3f)).put((byte) (0x80 | lone & 0x3f));
        }
    }

    static String decode(byte[] utf8) {
        String text = new String(utf8, StandardCharsets.UTF_8);
        // Java reads a surrogate of three bytes as characters that it cannot know.
        return text.indexOf(REPLACED) < 0 ? text : decodeSurrogates(utf8);
    }

    private static String decodeSurrogates(byte[] utf8) {
        StringBuilder text = new StringBuilder(utf8.length);
        int from = 0;
        for (int at = 0; at + UNIT_BYTES <= utf8.length; at++) {
            if (utf8[at] != (byte) 0xed || (utf8[at + 1] & 0xe0) != 0xa0) continue;
            text.append(new String(utf8, from, at - from, StandardCharsets.UTF_8));
            text.append((char) (0xd000 | (utf8[at + 1] & 0x3f) << 6 | utf8[at + 2] & 0x3f));
            from = at + UNIT_BYTES;
            at = from - 1;
        }
        return text.append(new String(utf8, from, utf8.length - from, StandardCharsets.UTF_8)).toString();
    }
}
