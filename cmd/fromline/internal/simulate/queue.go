package simulate

import "container/heap"

// happening is something that comes at a time: a talk is wanted, its opening
// is due, or a line comes back. Of several at one time the one that was put in
// first comes first.
type happening struct {
	at    int64 // microseconds since 1970
	order int64
	talk  int32 // its index, or -1
	line  int32 // its index, if there is no talk

	slot, failover bool // the opening of the talk on the line is due, and of which kind it is
}

// queue is what is to come.
type queue struct {
	items []happening
	put   int64
}

func (q *queue) Len() int { return len(q.items) }
func (q *queue) Less(i, j int) bool {
	a, b := &q.items[i], &q.items[j]
	return a.at < b.at || a.at == b.at && a.order < b.order
}
func (q *queue) Swap(i, j int) { q.items[i], q.items[j] = q.items[j], q.items[i] }
func (q *queue) Push(x any)    { q.items = append(q.items, x.(happening)) }
func (q *queue) Pop() any {
	last := q.items[len(q.items)-1]
	q.items = q.items[:len(q.items)-1]
	return last
}

// add puts something in.
func (q *queue) add(h happening) {
	q.put++
	h.order = q.put
	heap.Push(q, h)
}

// before takes out the first that comes before a time.
func (q *queue) before(end int64) (happening, bool) {
	if len(q.items) == 0 || q.items[0].at >= end {
		return happening{}, false
	}
	return heap.Pop(q).(happening), true
}
