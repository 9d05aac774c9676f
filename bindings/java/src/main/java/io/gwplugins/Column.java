package io.gwplugins;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.util.AbstractList;

/** Texts that lie in one buffer, in the layout of Apache Arrow's large strings. */
final class Column extends AbstractList<ByteBuffer> {
    private final ByteBuffer data;
    private final LongBuffer offsets;

    Column(ByteBuffer data, LongBuffer offsets) {
        if (!offsets.hasRemaining()) {
            String message = "a column has one offset more than texts, so at least one";
            throw new GwpluginsException(Abi.E_BAD_OFFSETS, "GWP_E_BAD_OFFSETS", message, null);
        }
        this.data = data.slice();
        this.offsets = offsets.slice();
    }

    @Override
    public int size() {
        return offsets.limit() - 1;
    }

    /** A text; the library has checked the offsets. */
    @Override
    public ByteBuffer get(int index) {
        int start = Math.toIntExact(offsets.get(index));
        return data.slice(start, Math.toIntExact(offsets.get(index + 1)) - start);
    }

    /** The offsets as the library reads them: themselves, or a copy. */
    LongBuffer directOffsets() {
        boolean fits = offsets.isDirect() && offsets.order() == ByteOrder.nativeOrder();
        offsets.get(0); // Its memory may be closed already.
        if (fits) return offsets;
        ByteBuffer copy = ByteBuffer.allocateDirect(Math.multiplyExact(offsets.limit(), Long.BYTES));
        return copy.order(ByteOrder.nativeOrder()).asLongBuffer().put(offsets.duplicate()).flip();
    }
}
