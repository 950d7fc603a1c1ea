package exchange

import (
	"context"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fairway-gateway/fairway/accounts"
	"github.com/fairway-gateway/fairway/accounts/inventory"
	"github.com/fairway-gateway/fairway/accounts/pool"
)

// weather is how an upstream is for a while.
type weather uint8

const (
	fair     weather = iota
	slow             // answers well, after eight seconds
	limits           // 429 with Retry-After
	exhausts         // 429 without a time
	fails            // 500
	swamped          // 529
	resets           // the connection
	refuses          // 401
	cuts             // streams in the middle
)

// well reports whether an exchange on the account succeeds.
func (w weather) well() bool { return w == fair || w == slow }

// spell is a weather and when it ends.
type spell struct {
	weather weather
	end     time.Time
}

// climate draws the weather of an upstream for a span of time. Bad spells are of a few seconds to two minutes.
func climate(r *rand.Rand, start time.Time, span time.Duration) []spell {
	var out []spell
	kinds := []weather{slow, limits, limits, exhausts, fails, fails, swamped, resets, refuses, cuts}
	for at := start; at.Before(start.Add(span)); {
		at = at.Add(time.Duration(20+r.IntN(240)) * time.Second)
		out = append(out, spell{fair, at})
		at = at.Add(time.Duration(3+r.IntN(117)) * time.Second)
		out = append(out, spell{kinds[r.IntN(len(kinds))], at})
	}
	return append(out, spell{fair, start.Add(1000 * span)})
}

// sky is a fleet of upstreams, in process, under a changing weather.
type sky struct {
	t  *testing.T
	mu sync.Mutex
	r  *rand.Rand

	hosts map[string][]spell   // what is not there is fair
	told  map[string]time.Time // when a host last told a reset time
	reset map[string]time.Time // and which
	asked map[string]int
}

// at returns the weather of a host, and whether it has been the same since.
func (s *sky) at(host string, now, since time.Time) (weather, bool) {
	for i, sp := range s.hosts[host] {
		if now.Before(sp.end) {
			return sp.weather, i == 0 || !since.Before(s.hosts[host][i-1].end)
		}
	}
	return fair, false
}

func (s *sky) RoundTrip(r *http.Request) (*http.Response, error) {
	streamed := false
	if r.Body != nil {
		body, _ := io.ReadAll(r.Body)
		r.Body.Close()
		streamed = strings.Contains(string(body), `"stream":true`)
	}
	host := r.URL.Host
	now := time.Now()
	s.mu.Lock()
	w, _ := s.at(host, now, now)
	s.asked[host]++
	if reset := s.reset[host]; s.told[host].Before(now) && now.Before(reset) {
		s.t.Errorf("%s was asked %s before its reset time", host, reset.Sub(now))
	}
	delay := time.Duration(50+s.r.IntN(400)) * time.Millisecond
	wait := time.Duration(1+s.r.IntN(40)) * time.Second
	s.mu.Unlock()
	if w == slow {
		delay = 8 * time.Second
	}
	select {
	case <-time.After(delay):
	case <-r.Context().Done():
		return nil, context.Cause(r.Context())
	}
	switch w {
	case limits:
		now = time.Now()
		s.mu.Lock()
		s.told[host] = now
		if at := now.Add(wait); at.After(s.reset[host]) {
			s.reset[host] = at
		}
		s.mu.Unlock()
		return answer(429, "application/json", fmt.Sprintf(openAIError, "slow down", "requests", `"rate_limit_exceeded"`), "Retry-After", fmt.Sprint(wait.Seconds())), nil
	case exhausts:
		return answer(429, "application/json", fmt.Sprintf(openAIError, "slow down", "requests", `"rate_limit_exceeded"`)), nil
	case fails:
		return answer(500, "application/json", fmt.Sprintf(openAIError, "boom", "server_error", "null")), nil
	case swamped:
		return answer(529, "application/json", fmt.Sprintf(openAIError, "busy", "overloaded_error", "null")), nil
	case resets:
		return nil, &netError{syscall.ECONNRESET}
	case refuses:
		return answer(401, "application/json", fmt.Sprintf(openAIError, "no", "invalid_request_error", `"invalid_api_key"`)), nil
	case cuts:
		if streamed {
			return answer(200, "text/event-stream", chatFrames[:len(chatFrames)/2]), nil
		}
	}
	if streamed {
		return answer(200, "text/event-stream", chatFrames), nil
	}
	return answer(200, "application/json", chatAnswer), nil
}

type netError struct{ errno syscall.Errno }

func (e *netError) Error() string { return "read tcp: " + e.errno.Error() }
func (e *netError) Unwrap() error { return e.errno }

// tally is what the exchanges came to.
type tally struct {
	mu                            sync.Mutex
	ok, failed, cut, gone, denied int
	stayed, strayed, moved        int
	served                        map[string]string    // session → account that served it last
	last                          map[string]time.Time // session → when
}

func newTally() *tally { return &tally{served: map[string]string{}, last: map[string]time.Time{}} }

// TestSimulatedFleet lets many clients work for hours under random weather. Whatever happens, no exchange fails while an
// account that is well could have served it; nobody is asked before the time that he told; the last account that is not
// limited is always asked; sessions stay where they may; and at the end nothing is left behind (synctest would report it).
func TestSimulatedFleet(t *testing.T) {
	exchanges := 100_000
	if raceDetector || testing.Short() {
		exchanges = 6_000
	}
	synctest.Test(t, func(t *testing.T) {
		workers := 40
		if exchanges < 10_000 {
			workers = 5 // to see as much weather
		}
		start := time.Now()
		s := &sky{t: t, r: rand.New(rand.NewPCG(7, 11)), hosts: map[string][]spell{}, told: map[string]time.Time{},
			reset: map[string]time.Time{}, asked: map[string]int{}}
		cfg := inventory.Config{}
		for i := range 4 {
			name := fmt.Sprint("a", i)
			s.hosts[name] = climate(s.r, start, 24*time.Hour)
			cfg.Accounts = append(cfg.Accounts, inventory.AccountConfig{Name: name, Provider: "vllm", APIKey: canary + name,
				BaseURL: "http://" + name + "/v1", Models: []string{"m"}, Weight: 1 + i})
		}
		inv, err := inventory.Build([]inventory.Config{cfg}, nil)
		if err != nil {
			t.Fatal(err)
		}
		e := New(Options{Transport: s})
		e.Apply(inv)
		t.Cleanup(e.Close)
		total := newTally()
		var wait sync.WaitGroup
		for w := range workers {
			r := rand.New(rand.NewPCG(uint64(w), 3))
			wait.Go(func() {
				for n := range exchanges / workers {
					session := fmt.Sprintf("s%d-%d", w, n/25) // a session is served one request after the other
					if w%4 == 0 {
						session = ""
					}
					patience := time.Hour
					if n%20 == 19 { // some clients have little
						patience = 200 * time.Millisecond
					}
					ctx, cancel := context.WithTimeout(t.Context(), patience)
					total.exchange(ctx, t, e, s, session, n%3 == 0)
					cancel()
					time.Sleep(time.Duration(r.IntN(2000)) * time.Millisecond)
				}
			})
		}
		wait.Wait()
		t.Logf("%d exchanges in %s of the fleet's time: %d ok, %d failed, %d cut, %d left; retries denied to %d; sessions stayed %d times, "+
			"had to move %d times, strayed %d times; asked %v", exchanges, time.Since(start).Round(time.Second), total.ok, total.failed,
			total.cut, total.gone, total.denied, total.stayed, total.moved, total.strayed, s.asked)
		// The race detector's short run need not see all weathers.
		long := exchanges >= 50_000
		if total.ok < exchanges*9/10 || long && (total.gone == 0 || total.moved == 0 || total.cut == 0) {
			t.Error("the weather was not as meant")
		}
		if total.denied > exchanges/1000 {
			t.Errorf("the retry budget stood in the way of %d exchanges", total.denied)
		}
		if limit := total.stayed / 100; total.strayed > limit {
			t.Errorf("%d sessions left an account that could have served them, want at most %d", total.strayed, limit)
		}
		for _, a := range e.Accounts() {
			if a.InFlight != 0 || a.Waiting != 0 {
				t.Errorf("%s: %d in flight, %d waiting at the end", a.Name, a.InFlight, a.Waiting)
			}
		}
	})
}

// exchange makes one and judges it.
func (c *tally) exchange(ctx context.Context, t *testing.T, e *Engine, s *sky, session string, stream bool) {
	body := chatRequest
	if stream {
		body = chatStream
	}
	began := time.Now()
	r := httptest.NewRequestWithContext(ctx, "POST", "/v1/chat/completions", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	if session != "" {
		r.Header.Set("X-Session-Id", session)
	}
	call, _ := Recognise(r)
	call.Settings = Settings{MaxWait: -1}
	if session == "" {
		call.Settings.MaxWait = 5 * time.Second
	}
	w := httptest.NewRecorder()
	rec := e.Serve(w, r, call)

	c.mu.Lock()
	defer c.mu.Unlock()
	c.affinity(session, rec, began)
	denied := slices.ContainsFunc(rec.Trail, func(st pool.Step) bool { return strings.HasPrefix(st.Why, "not tried: too many") })
	switch {
	case w.Code == 200 && rec.Err == nil:
		c.ok++
		return
	case rec.Canceled:
		c.gone++
		return
	case w.Code == 200: // bytes were out
		c.cut++
		return
	}
	c.failed++
	for _, a := range e.Accounts() {
		tried := slices.ContainsFunc(rec.Trail, func(st pool.Step) bool { return st.Tried && st.Account == a.Name })
		// One that rests after troubles of its server is no excuse.
		out := slices.ContainsFunc(a.Cooling, func(cs pool.CoolStatus) bool {
			return !cs.HalfOpen && cs.Outcome != accounts.Transient && cs.Outcome != accounts.Overloaded && cs.Outcome != accounts.BrokenStream
		})
		s.mu.Lock()
		is, same := s.at(a.Name, time.Now(), began)
		s.mu.Unlock()
		switch {
		case !is.well() || !same || out || tried:
		case denied:
			c.denied++
		default:
			t.Errorf("an exchange failed with %d though %s was well: %s", w.Code, a.Name, rec.Trail)
		}
	}
	if rec.Attempts == 0 {
		for _, st := range rec.Trail {
			if !strings.HasPrefix(st.Why, "rate-limited") && !strings.HasPrefix(st.Why, "needs attention") {
				t.Errorf("nobody was asked, though %s is only %s", st.Account, st.Why)
			}
		}
	}
}

// affinity checks that a session went where it was before, unless that account could not serve.
func (c *tally) affinity(session string, rec Record, began time.Time) {
	if session == "" {
		return
	}
	was, at := c.served[session], c.last[session]
	first, passed := "", false
	for _, st := range rec.Trail {
		if st.Tried && first == "" {
			first = st.Account
		}
		passed = passed || !st.Tried && st.Account == was
	}
	switch {
	case was == "" || first == "" || began.Sub(at) > time.Hour:
	case first == was:
		c.stayed++
	case passed:
		c.moved++
	default:
		c.strayed++
	}
	if rec.Status == 200 {
		c.served[session], c.last[session] = rec.Account, time.Now()
	}
}

// TestSimulatedLoad: while all is well, load follows weights within two per cent, whatever the policy.
func TestSimulatedLoad(t *testing.T) {
	for _, policy := range []string{inventory.PolicySticky, inventory.PolicyLeastBusy, inventory.PolicyRoundRobin, inventory.PolicyRandom, inventory.PolicyMostQuota} {
		exchanges := 6_000
		switch {
		case policy == inventory.PolicyRandom && (raceDetector || testing.Short()):
			continue // chance needs more
		case policy == inventory.PolicyRandom:
			exchanges *= 2
		case raceDetector || testing.Short():
			exchanges = 4_000
		}
		synctest.Test(t, func(t *testing.T) {
			s := &sky{t: t, r: rand.New(rand.NewPCG(5, 6)), hosts: map[string][]spell{}, told: map[string]time.Time{},
				reset: map[string]time.Time{}, asked: map[string]int{}}
			cfg := inventory.Config{Policy: policy}
			weights := 0
			for i := range 4 {
				name := fmt.Sprint("a", i)
				cfg.Accounts = append(cfg.Accounts, inventory.AccountConfig{Name: name, Provider: "vllm", APIKey: canary + name,
					BaseURL: "http://" + name + "/v1", Models: []string{"m"}, Weight: 1 + i})
				weights += 1 + i
			}
			inv, err := inventory.Build([]inventory.Config{cfg}, nil)
			if err != nil {
				t.Fatal(err)
			}
			e := New(Options{Transport: s})
			e.Apply(inv)
			t.Cleanup(e.Close)
			c := newTally()
			var wait sync.WaitGroup
			for w := range 40 {
				wait.Go(func() {
					for n := range exchanges / 40 {
						session := ""
						if policy == inventory.PolicySticky {
							session = fmt.Sprint(w, "-", n)
						}
						c.exchange(t.Context(), t, e, s, session, false)
					}
				})
			}
			wait.Wait()
			for i, a := range cfg.Accounts {
				got, want := float64(s.asked[a.Name])/float64(exchanges), float64(1+i)/float64(weights)
				if math.Abs(got-want) > 0.02 {
					t.Errorf("%s: %s has %.3f of the load, want %.3f", policy, a.Name, got, want)
				}
			}
		})
	}
}
