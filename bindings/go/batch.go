package gwplugins

// #include <gwplugins.h>
import "C"

import (
	"bytes"
	"context"
)

// batchBytes is where a batch of texts that were joined ends; one longer text is a batch of its own.
const batchBytes = 256 << 10

// ScanAll finds in many texts, which is faster than one by one for short ones. The reports are in the order of the
// texts, and nothing matches across texts. One text over a limit fails the call. The context is looked at between
// batches of some 256 KiB; once it is done, its error is the answer.
func ScanAll[T Text](ctx context.Context, guard *Guard, texts []T, options ...Option) ([]Report, error) {
	all := make([]Report, 0, len(texts))
	err := inBatches(ctx, guard, texts, 0, options, func(_ *call, reports []Report) {
		all = append(all, reports...)
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// RewriteAll finds in and rewrites many texts; as ScanAll.
func RewriteAll[T Text](ctx context.Context, guard *Guard, texts []T, options ...Option) ([]Rewritten[T], error) {
	all := make([]Rewritten[T], 0, len(texts))
	err := inBatches(ctx, guard, texts, C.GWP_OUTPUT, options, func(c *call, reports []Report) {
		items := c.itemViews()
		for index, report := range reports {
			one := Rewritten[T]{Report: report, Output: texts[len(all)]}
			if items[index].changed != 0 {
				one.Changed, one.Output = true, T(string(c.outputOf(&items[index])))
			}
			all = append(all, one)
		}
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// inBatches joins neighbours, scans them and hands each batch to `answered` while its views are valid.
func inBatches[T Text](
	ctx context.Context, guard *Guard, texts []T, output uint32, options []Option, answered func(*call, []Report),
) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	flags, err := flagsOf(C.uint32_t(output), options)
	if err != nil {
		return err
	}
	if err := guard.handle.hold(); err != nil {
		return err
	}
	defer guard.handle.release()
	var joined []byte
	var offsets []uint64
	for first := 0; first < len(texts); first += len(offsets) - 1 {
		if err := ctx.Err(); err != nil {
			return err
		}
		joined, offsets = join(texts[first:], joined[:0], offsets[:0])
		c, err := scanBatch(guard.handle, joined, offsets, flags)
		if err != nil {
			return err
		}
		if err := guard.answer(c, first, answered); err != nil {
			return err
		}
	}
	return nil
}

// join puts the first texts, as many as make a batch, into a buffer with its offsets.
func join[T Text](texts []T, joined []byte, offsets []uint64) ([]byte, []uint64) {
	offsets = append(offsets, 0)
	for index, text := range texts {
		if index > 0 && len(joined)+len(text) > batchBytes {
			break
		}
		joined = append(joined, text...)
		offsets = append(offsets, uint64(len(joined)))
	}
	return joined, offsets
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

// ScanColumn finds in texts that lie in one buffer already: text i is buffer[offsets[i]:offsets[i+1]], so there is one
// more offset than there are texts. This is the layout of Apache Arrow's large_string; the first offset need not be 0.
// Nothing is copied; the buffer must not change meanwhile. No offsets at all are no texts.
func (g *Guard) ScanColumn(buffer []byte, offsets []uint64, options ...Option) ([]Report, error) {
	var all []Report
	err := g.column(buffer, offsets, 0, options, func(_ *call, reports []Report) { all = reports })
	return all, err
}

// RewriteColumn finds in and rewrites texts that lie in one buffer; as ScanColumn. The output of a text that stands as
// it is is its part of the buffer.
func (g *Guard) RewriteColumn(buffer []byte, offsets []uint64, options ...Option) ([]Rewritten[[]byte], error) {
	var all []Rewritten[[]byte]
	err := g.column(buffer, offsets, C.GWP_OUTPUT, options, func(c *call, reports []Report) {
		all = make([]Rewritten[[]byte], len(reports))
		items := c.itemViews()
		for index, report := range reports {
			from, to := offsets[index], offsets[index+1]
			all[index] = Rewritten[[]byte]{Report: report, Output: buffer[from:to:to]}
			if items[index].changed != 0 {
				all[index].Changed, all[index].Output = true, bytes.Clone(c.outputOf(&items[index]))
			}
		}
	})
	return all, err
}

func (g *Guard) column(
	buffer []byte, offsets []uint64, output uint32, options []Option, answered func(*call, []Report),
) error {
	flags, err := flagsOf(C.uint32_t(output), options)
	if err != nil {
		return err
	}
	if err := g.handle.hold(); err != nil {
		return err
	}
	defer g.handle.release()
	if len(offsets) == 0 {
		return nil
	}
	c, err := scanBatch(g.handle, buffer, offsets, flags)
	if err != nil {
		return err
	}
	return g.answer(c, 0, answered)
}
