package pool

import (
	"sync"
	"sync/atomic"
)

// waker tells those who wait for an account that something has become free.
type waker struct {
	waiting atomic.Int64
	mu      sync.Mutex
	ch      chan struct{}
}

// join returns a channel that is closed at the next broadcast. What is looked up after joining cannot be missed.
func (w *waker) join() <-chan struct{} {
	w.waiting.Add(1)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ch == nil {
		w.ch = make(chan struct{})
	}
	return w.ch
}

// leave ends a join.
func (w *waker) leave() { w.waiting.Add(-1) }

func (w *waker) broadcast() {
	if w.waiting.Load() == 0 {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ch != nil {
		close(w.ch)
		w.ch = nil
	}
}
