package pool

import (
	"slices"
	"sync"
)

// waiter is an exchange that waits for an account. It stands in the line of every account that it could have but for that
// account's own limits; who came first is served first. Waiting for a cool-down to end needs no line.
type waiter struct {
	ticket uint64
	woken  chan struct{} // of capacity 1: being woken twice is once
	lines  []*state
}

func (w *waiter) wake() {
	select {
	case w.woken <- struct{}{}:
	default:
	}
}

// waiters are all exchanges of the pool that wait.
type waiters struct {
	mu   sync.Mutex
	last uint64 // ticket
	all  map[*waiter]struct{}
}

// join returns a new waiter, nil when too many wait already.
func (q *waiters) join(limit int) *waiter {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.all) >= limit {
		return nil
	}
	q.last++
	w := &waiter{ticket: q.last, woken: make(chan struct{}, 1)}
	if q.all == nil {
		q.all = make(map[*waiter]struct{})
	}
	q.all[w] = struct{}{}
	return w
}

// leave ends a wait, and lets the next in line look.
func (q *waiters) leave(w *waiter) {
	w.lineUp(nil)
	q.mu.Lock()
	delete(q.all, w)
	q.mu.Unlock()
}

// wakeAll lets everyone look again, because more has changed than one account's load.
func (q *waiters) wakeAll() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for w := range q.all {
		w.wake()
	}
}

// lineUp makes the waiter stand in the lines of exactly these accounts, and reports whether it has joined one: what became
// free meanwhile may have been missed, so that the caller has to look again.
func (w *waiter) lineUp(at []*state) (joined bool) {
	for _, st := range w.lines {
		if !slices.Contains(at, st) {
			st.dequeue(w)
		}
	}
	for _, st := range at {
		if !slices.Contains(w.lines, st) {
			st.enqueue(w)
			joined = true
		}
	}
	w.lines = append(w.lines[:0], at...)
	return joined
}

// enqueue keeps the line in the order of arrival at the pool, whenever a waiter finds out that this account would do.
func (st *state) enqueue(w *waiter) {
	st.mu.Lock()
	defer st.mu.Unlock()
	i := len(st.line)
	for i > 0 && st.line[i-1].ticket > w.ticket {
		i--
	}
	st.line = slices.Insert(st.line, i, w)
	st.queued.Store(int32(len(st.line)))
}

func (st *state) dequeue(w *waiter) {
	st.mu.Lock()
	defer st.mu.Unlock()
	i := slices.Index(st.line, w)
	if i < 0 {
		return
	}
	st.line = slices.Delete(st.line, i, i+1)
	st.queued.Store(int32(len(st.line)))
	st.wakeFirst() // it may be able to go now
}

// wakeFirst tells the first in line that something has changed; st.mu is held.
func (st *state) wakeFirst() {
	if len(st.line) > 0 {
		st.line[0].wake()
	}
}

// behind reports whether others came first; st.mu is held.
func (st *state) behind(w *waiter) bool {
	return len(st.line) > 0 && st.line[0] != w && (w == nil || st.line[0].ticket < w.ticket)
}
