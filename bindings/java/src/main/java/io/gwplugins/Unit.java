package io.gwplugins;

/** What offsets count. */
public enum Unit {
    /** Bytes of UTF-8; what is said of a {@code byte[]} or a {@code ByteBuffer}. */
    BYTES(Abi.UNIT_BYTES),
    /** Code points. */
    CODE_POINTS(Abi.UNIT_CODE_POINTS),
    /** UTF-16 units, the {@code char}s of a string; what is said of a string. */
    UTF16(Abi.UNIT_UTF16);

    final int flag;

    Unit(int flag) {
        this.flag = flag;
    }
}
