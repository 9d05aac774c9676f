package io.gwplugins;

import java.io.File;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** Opens the library with java.lang.foreign. */
final class FfmOpener implements Opener {
    FfmOpener() {
        Linker.nativeLinker(); // Throws where there is none.
        boolean is64Bit = ValueLayout.ADDRESS.byteSize() == Long.BYTES;
        if (!is64Bit) throw new UnsatisfiedLinkError("this JVM has no 64-bit pointers");
    }

    @Override
    public Candidate open(String file) {
        try {
            return new Ffm(SymbolLookup.libraryLookup(file, Arena.global()));
        } catch (IllegalArgumentException e) {
            boolean exists = new File(file).exists();
            throw new UnsatisfiedLinkError(exists ? "it exists, but cannot be opened as a library" : e.getMessage());
        } catch (IllegalCallerException e) {
            throw new UnsatisfiedLinkError("native access is not allowed: " + e.getMessage());
        }
    }

    private record Ffm(SymbolLookup symbols) implements Candidate {
        @Override
        public boolean has(String function) {
            return symbols.find(function).isPresent();
        }

        @Override
        public int abiVersion() {
            return call("gwp_abi_version", FunctionDescriptor.of(ValueLayout.JAVA_INT));
        }

        @Override
        public boolean supports(int major, int minor) {
            ValueLayout number = ValueLayout.JAVA_INT;
            return call("gwp_abi_supports", FunctionDescriptor.of(number, number, number), major, minor) == 1;
        }

        @Override
        public Backend bind() {
            FfmBackend.Symbols.lookup = symbols;
            return new FfmBackend();
        }

        @Override
        public LimiterCalls limiterCalls() {
            return new FfmLimiterCalls();
        }

        @Override
        public CodecCalls codecCalls() {
            return new FfmCodecCalls();
        }

        private int call(String function, FunctionDescriptor type, Object... arguments) {
            MemorySegment address = symbols.find(function).orElseThrow();
            MethodHandle handle = Linker.nativeLinker().downcallHandle(address, type);
            try {
                return (int) handle.invokeWithArguments(arguments);
            } catch (Throwable e) {
                throw new AssertionError(e);
            }
        }
    }
}
