package upstream

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
)

// shelf is what an account keeps for its owner: files, batches, caches, uploads. No other account can see it.
type shelf struct {
	mu    sync.Mutex
	n     int
	items map[string]*item
	order []string
}

type item struct {
	id, name, mime string
	content        []byte
	state          string
	about          map[string]string
}

// put keeps an item under a new id.
func (s *shelf) put(prefix string, it *item) *item {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.n++
	if s.items == nil {
		s.items = map[string]*item{}
	}
	it.id = fmt.Sprintf("%s%06d", prefix, s.n)
	s.items[it.id] = it
	s.order = append(s.order, it.id)
	return it
}

func (s *shelf) get(id string) *item {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.items[id]
}

func (s *shelf) drop(id string) *item {
	s.mu.Lock()
	defer s.mu.Unlock()
	it := s.items[id]
	delete(s.items, id)
	return it
}

// list returns the items whose ids begin with prefix, in the order of their making.
func (s *shelf) list(prefix string) []*item {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []*item
	for _, id := range s.order {
		if it := s.items[id]; it != nil && strings.HasPrefix(id, prefix) {
			out = append(out, it)
		}
	}
	return out
}

// visit is a request to one of the services that are not conversations.
type visit struct {
	w http.ResponseWriter
	r *http.Request
	a *Account
	d dialect
}

func (v visit) answer(o object) { send(v.w, encode(o)) }

func (v visit) fail(f Fault) { fail(v.w, v.d, &Record{}, f, "req_service") }

// serviceMux returns the services of a dialect: what SDKs offer beside conversations.
func serviceMux(routes map[string]func(visit)) *http.ServeMux {
	mux := http.NewServeMux()
	for pattern, f := range routes {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			v := r.Context().Value(visitKey{}).(visit)
			v.w, v.r = w, r
			f(v)
		})
	}
	return mux
}

type visitKey struct{}
