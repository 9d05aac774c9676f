/* Code points to UTF-8; nothing of Python. */
#ifndef GWPLUGINS_TRANSCODE_H
#define GWPLUGINS_TRANSCODE_H

#include <stddef.h>
#include <stdint.h>

/* So many bytes hold `count` code points and what is written behind them. */
#define TRANSCODE_ROOM(count) (4 * (count) + 64)

/* 1 when `transcode` works on this processor. Called first, one thread at a time. */
int transcode_ready(void);

/* Writes `count` code points as UTF-8 (RFC 3629; surrogates as three bytes) to `to`, which has TRANSCODE_ROOM; the number of bytes. */
size_t transcode(const uint32_t *from, size_t count, uint8_t *to);

#endif
