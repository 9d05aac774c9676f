package gwplugins

// #include <gwplugins.h>
import "C"

import (
	"bytes"
	"context"
)

// batchBytes is where a batch of texts ends; one longer text is a batch of its own.
const batchBytes = 256 << 10

// ScanAll finds in many texts, which is faster than one by one for short ones. The reports are in the order of the
// texts, and nothing matches across texts. One text over a limit fails the call. The context is looked at between
// batches of some 256 KiB; once it is done, its error is the answer.
func ScanAll[T Text](ctx context.Context, guard *Guard, texts []T, options ...Option) ([]Report, error) {
	return guard.scanBatches(ctx, joining(texts), len(texts), options)
}

// RewriteAll finds in and rewrites many texts; as ScanAll.
func RewriteAll[T Text](ctx context.Context, guard *Guard, texts []T, options ...Option) ([]Rewritten[T], error) {
	text := func(index int) T { return texts[index] }
	clone := func(view []byte) T { return T(string(view)) }
	return rewriteBatches(ctx, guard, joining(texts), len(texts), options, text, clone)
}

// ScanColumn finds in texts that lie in one buffer already: text i is buffer[offsets[i]:offsets[i+1]], so there is one
// more offset than there are texts. This is the layout of Apache Arrow's large_string; the first offset need not be 0,
// and no offsets at all are no texts. Nothing is copied; the buffer must not change meanwhile. Else as ScanAll.
func (g *Guard) ScanColumn(
	ctx context.Context, buffer []byte, offsets []uint64, options ...Option,
) ([]Report, error) {
	return g.scanBatches(ctx, slicing(buffer, offsets), max(len(offsets)-1, 0), options)
}

// RewriteColumn finds in and rewrites texts that lie in one buffer; as ScanColumn. The output of a text that stands is
// its part of the buffer.
func (g *Guard) RewriteColumn(
	ctx context.Context, buffer []byte, offsets []uint64, options ...Option,
) ([]Rewritten[[]byte], error) {
	text := func(index int) []byte { return buffer[offsets[index]:offsets[index+1]:offsets[index+1]] }
	next := slicing(buffer, offsets)
	return rewriteBatches(ctx, g, next, max(len(offsets)-1, 0), options, text, bytes.Clone)
}

// batcher gives the batch that begins with a text: a buffer, and offsets into it, one more than there are texts.
type batcher func(first int) (buffer []byte, offsets []uint64)

// joining makes batches of neighbours.
func joining[T Text](texts []T) batcher {
	var joined []byte
	var offsets []uint64
	return func(first int) ([]byte, []uint64) {
		joined, offsets = joined[:0], append(offsets[:0], 0)
		for _, text := range texts[first:] {
			if len(offsets) > 1 && len(joined)+len(text) > batchBytes {
				break
			}
			joined = append(joined, text...)
			offsets = append(offsets, uint64(len(joined)))
		}
		return joined, offsets
	}
}

// slicing makes batches of a column. Offsets that do not ascend end up in a batch, and the library refuses it.
func slicing(buffer []byte, offsets []uint64) batcher {
	return func(first int) ([]byte, []uint64) {
		last := first + 1
		for last+1 < len(offsets) && offsets[last+1]-offsets[first] <= batchBytes {
			last++
		}
		return buffer, offsets[first : last+1]
	}
}

func (g *Guard) scanBatches(ctx context.Context, next batcher, count int, options []Option) ([]Report, error) {
	all := make([]Report, 0, count)
	err := g.inBatches(ctx, next, count, 0, options, func(_ *call, reports []Report) {
		all = append(all, reports...)
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// rewriteBatches reads each text again for its answer: by its index when it stands, by `clone` when it changed.
func rewriteBatches[T Text](
	ctx context.Context, guard *Guard, next batcher, count int, options []Option,
	text func(index int) T, clone func(view []byte) T,
) ([]Rewritten[T], error) {
	all := make([]Rewritten[T], 0, count)
	err := guard.inBatches(ctx, next, count, C.GWP_OUTPUT, options, func(c *call, reports []Report) {
		items := c.itemViews()
		for index, report := range reports {
			one := Rewritten[T]{Report: report}
			if one.Changed = items[index].changed != 0; one.Changed {
				one.Output = clone(c.outputOf(&items[index]))
			} else {
				one.Output = text(len(all))
			}
			all = append(all, one)
		}
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// inBatches scans batch after batch and hands each answer to `answered` while its views are valid.
func (g *Guard) inBatches(
	ctx context.Context, next batcher, count int, output C.uint32_t, options []Option,
	answered func(*call, []Report),
) error {
	flags, err := flagsOf(output, options)
	if err != nil {
		return err
	}
	if err := g.handle.hold(); err != nil {
		return err
	}
	defer g.handle.release()
	err = ctx.Err()
	for first := 0; err == nil && first < count; err = ctx.Err() {
		text, offsets := next(first)
		c, err := scanBatch(g.address, text, offsets, flags)
		if err != nil {
			return err
		}
		if err := g.answer(c, first, answered); err != nil {
			return err
		}
		first += len(offsets) - 1
	}
	return err
}

// answer reads a call, hands it on and gives it back.
func (g *Guard) answer(c *call, first int, answered func(*call, []Report)) error {
	defer c.giveBack()
	reports, err := c.reports(g.rules, first)
	if err == nil {
		answered(c, reports)
	}
	return err
}
