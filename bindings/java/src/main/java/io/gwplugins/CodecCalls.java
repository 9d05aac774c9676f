package io.gwplugins;

/** The functions of codecs, as {@link Backend} has those of guards; a library before ABI 1.2 has none. */
interface CodecCalls {
    long gwp_codec_count();

    int gwp_codec_name(long index, long name, long len, long err);

    int gwp_codec_schema(long schema, long len, long err);

    int gwp_codec_new(long name, long nameLen, long config, long configLen, long out, long err);

    void gwp_codec_free(long codec);

    int gwp_codec_describe(long codec, long json, long len, long err);

    int gwp_codec_compress(long codec, long data, long len, long result, long err);

    int gwp_codec_decompress(long codec, long data, long len, long result, long err);

    int gwp_codec_stream_new(long codec, int flags, long out, long err);

    int gwp_codec_stream_push(long stream, long chunk, long len, long result, long err);

    int gwp_codec_stream_finish(long stream, long result, long err);

    void gwp_codec_stream_free(long stream);

    int gwp_codec_choose(
            long data, long len, long mediaType, long mediaTypeLen, long accept, long acceptLen, long name,
            long nameLen, long err);

    int gwp_codec_train(long samples, long len, long offsets, long count, long maxBytes, long result, long err);
}
