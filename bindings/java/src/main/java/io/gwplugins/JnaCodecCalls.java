package io.gwplugins;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;

/** Codecs through JNA's direct mapping, apart from {@link JnaBackend}: it needs every function it has. */
final class JnaCodecCalls implements CodecCalls {
    JnaCodecCalls(NativeLibrary library) {
        Native.register(JnaCodecCalls.class, library);
    }

    @Override
    public native long gwp_codec_count();

    @Override
    public native int gwp_codec_name(long index, long name, long len, long err);

    @Override
    public native int gwp_codec_schema(long schema, long len, long err);

    @Override
    public native int gwp_codec_new(long name, long nameLen, long config, long configLen, long out, long err);

    @Override
    public native void gwp_codec_free(long codec);

    @Override
    public native int gwp_codec_describe(long codec, long json, long len, long err);

    @Override
    public native int gwp_codec_compress(long codec, long data, long len, long result, long err);

    @Override
    public native int gwp_codec_decompress(long codec, long data, long len, long result, long err);

    @Override
    public native int gwp_codec_stream_new(long codec, int flags, long out, long err);

    @Override
    public native int gwp_codec_stream_push(long stream, long chunk, long len, long result, long err);

    @Override
    public native int gwp_codec_stream_finish(long stream, long result, long err);

    @Override
    public native void gwp_codec_stream_free(long stream);

    @Override
    public native int gwp_codec_choose(
            long data, long len, long mediaType, long mediaTypeLen, long accept, long acceptLen, long name,
            long nameLen, long err);

    @Override
    public native int gwp_codec_train(
            long samples, long len, long offsets, long count, long maxBytes, long result, long err);
}
