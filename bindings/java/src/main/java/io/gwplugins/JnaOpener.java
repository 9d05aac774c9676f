package io.gwplugins;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;

/** Opens the library with JNA. */
final class JnaOpener implements Opener {
    JnaOpener() {
        if (Native.POINTER_SIZE != Long.BYTES) throw new UnsatisfiedLinkError("this JVM has no 64-bit pointers");
    }

    @Override
    public Candidate open(String file) {
        return new Jna(NativeLibrary.getInstance(file));
    }

    private record Jna(NativeLibrary library) implements Candidate {
        @Override
        public boolean has(String function) {
            try {
                return library.getFunction(function) != null;
            } catch (UnsatisfiedLinkError missing) {
                return false;
            }
        }

        @Override
        public int abiVersion() {
            return library.getFunction("gwp_abi_version").invokeInt(new Object[0]);
        }

        @Override
        public boolean supports(int major, int minor) {
            return library.getFunction("gwp_abi_supports").invokeInt(new Object[] {major, minor}) == 1;
        }

        @Override
        public Backend bind() {
            return new JnaBackend(library);
        }

        @Override
        public LimiterCalls limiterCalls() {
            return new JnaLimiterCalls(library);
        }

        @Override
        public CodecCalls codecCalls() {
            return new JnaCodecCalls(library);
        }
    }
}
