package io.gwplugins;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** Codecs through java.lang.foreign, apart from {@link FfmBackend}: a library may lack them. */
final class FfmCodecCalls implements CodecCalls {
    private static final ValueLayout.OfInt I = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong L = ValueLayout.JAVA_LONG;

    private static final MethodHandle COUNT = FfmBackend.function("gwp_codec_count", FunctionDescriptor.of(L));
    private static final MethodHandle NAME =
            FfmBackend.function("gwp_codec_name", FunctionDescriptor.of(I, L, L, L, L));
    private static final MethodHandle SCHEMA =
            FfmBackend.function("gwp_codec_schema", FunctionDescriptor.of(I, L, L, L));
    private static final MethodHandle NEW =
            FfmBackend.function("gwp_codec_new", FunctionDescriptor.of(I, L, L, L, L, L, L));
    private static final MethodHandle FREE = FfmBackend.function("gwp_codec_free", FunctionDescriptor.ofVoid(L));
    private static final MethodHandle DESCRIBE =
            FfmBackend.function("gwp_codec_describe", FunctionDescriptor.of(I, L, L, L, L));
    private static final MethodHandle COMPRESS =
            FfmBackend.function("gwp_codec_compress", FunctionDescriptor.of(I, L, L, L, L, L));
    private static final MethodHandle DECOMPRESS =
            FfmBackend.function("gwp_codec_decompress", FunctionDescriptor.of(I, L, L, L, L, L));
    private static final MethodHandle STREAM_NEW =
            FfmBackend.function("gwp_codec_stream_new", FunctionDescriptor.of(I, L, I, L, L));
    private static final MethodHandle STREAM_PUSH =
            FfmBackend.function("gwp_codec_stream_push", FunctionDescriptor.of(I, L, L, L, L, L));
    private static final MethodHandle STREAM_FINISH =
            FfmBackend.function("gwp_codec_stream_finish", FunctionDescriptor.of(I, L, L, L));
    private static final MethodHandle STREAM_FREE =
            FfmBackend.function("gwp_codec_stream_free", FunctionDescriptor.ofVoid(L));
    private static final MethodHandle CHOOSE =
            FfmBackend.function("gwp_codec_choose", FunctionDescriptor.of(I, L, L, L, L, L, L, L, L, L));
    private static final MethodHandle TRAIN =
            FfmBackend.function("gwp_codec_train", FunctionDescriptor.of(I, L, L, L, L, L, L, L));

    @Override
    public long gwp_codec_count() {
        try {
            return (long) COUNT.invokeExact();
        } catch (Throwable e) {
            throw FfmBackend.unexpected(e);
        }
    }

    @Override
    public int gwp_codec_name(long index, long name, long len, long err) {
        try {
            return (int) NAME.invokeExact(index, name, len, err);
        } catch (Throwable e) {
            throw FfmBackend.unexpected(e);
        }
    }

    @Override
    public int gwp_codec_schema(long schema, long len, long err) {
        try {
            return (int) SCHEMA.invokeExact(schema, len, err);
        } catch (Throwable e) {
            throw FfmBackend.unexpected(e);
        }
    }

    @Override
    public int gwp_codec_new(long name, long nameLen, long config, long configLen, long out, long err) {
        try {
            return (int) NEW.invokeExact(name, nameLen, config, configLen, out, err);
        } catch (Throwable e) {
            throw FfmBackend.unexpected(e);
        }
    }

    @Override
    public void gwp_codec_free(long codec) {
        try {
            FREE.invokeExact(codec);
        } catch (Throwable e) {
            throw FfmBackend.unexpected(e);
        }
    }

    @Override
    public int gwp_codec_describe(long codec, long json, long len, long err) {
        try {
            return (int) DESCRIBE.invokeExact(codec, json, len, err);
        } catch (Throwable e) {
            throw FfmBackend.unexpected(e);
        }
    }

    @Override
    public int gwp_codec_compress(long codec, long data, long len, long result, long err) {
        try {
            return (int) COMPRESS.invokeExact(codec, data, len, result, err);
        } catch (Throwable e) {
            throw FfmBackend.unexpected(e);
        }
    }

    @Override
    public int gwp_codec_decompress(long codec, long data, long len, long result, long err) {
        try {
            return (int) DECOMPRESS.invokeExact(codec, data, len, result, err);
        } catch (Throwable e) {
            throw FfmBackend.unexpected(e);
        }
    }

    @Override
    public int gwp_codec_stream_new(long codec, int flags, long out, long err) {
        try {
            return (int) STREAM_NEW.invokeExact(codec, flags, out, err);
        } catch (Throwable e) {
            throw FfmBackend.unexpected(e);
        }
    }

    @Override
    public int gwp_codec_stream_push(long stream, long chunk, long len, long result, long err) {
        try {
            return (int) STREAM_PUSH.invokeExact(stream, chunk, len, result, err);
        } catch (Throwable e) {
            throw FfmBackend.unexpected(e);
        }
    }

    @Override
    public int gwp_codec_stream_finish(long stream, long result, long err) {
        try {
            return (int) STREAM_FINISH.invokeExact(stream, result, err);
        } catch (Throwable e) {
            throw FfmBackend.unexpected(e);
        }
    }

    @Override
    public void gwp_codec_stream_free(long stream) {
        try {
            STREAM_FREE.invokeExact(stream);
        } catch (Throwable e) {
            throw FfmBackend.unexpected(e);
        }
    }

    @Override
    public int gwp_codec_choose(
            long data, long len, long mediaType, long mediaTypeLen, long accept, long acceptLen, long name,
            long nameLen, long err) {
        try {
            return (int) CHOOSE.invokeExact(data, len, mediaType, mediaTypeLen, accept, acceptLen, name, nameLen, err);
        } catch (Throwable e) {
            throw FfmBackend.unexpected(e);
        }
    }

    @Override
    public int gwp_codec_train(long samples, long len, long offsets, long count, long maxBytes, long result, long err) {
        try {
            return (int) TRAIN.invokeExact(samples, len, offsets, count, maxBytes, result, err);
        } catch (Throwable e) {
            throw FfmBackend.unexpected(e);
        }
    }
}
