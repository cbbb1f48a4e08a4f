package fleet

import "github.com/fromline/fromline/line"

// buckets are the counts of a window without its zeros, which most of them are.
type buckets struct {
	newest int64 // the hour of the newest bucket
	counts []bucket
}

// bucket is what was counted so many hours before the newest.
type bucket struct {
	before uint8
	n      uint32
}

func pack(newest int64, counts *[line.WindowHours]uint32) buckets {
	var space [line.WindowHours]bucket
	kept := space[:0]
	for i, n := range counts {
		if n != 0 {
			kept = append(kept, bucket{uint8(i), n})
		}
	}
	return buckets{newest: newest, counts: append([]bucket(nil), kept...)} // nil for none
}

// unpack puts the counts into a window of zeros.
func (b buckets) unpack(counts *[line.WindowHours]uint32) {
	for _, c := range b.counts {
		counts[c.before] = c.n
	}
}
