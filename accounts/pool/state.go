package pool

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/fairway-gateway/fairway/accounts"
)

// state is what changes about one account at run time.
type state struct {
	inFlight atomic.Int64
	marked   atomic.Bool   // switched off, or some cool-down is set or waits for its probe; lets the common case skip the lock
	position atomic.Uint32 // a Switch
	queued   atomic.Int32  // the length of the line
	proven   atomic.Bool   // the last attempt that was judged went well
	latency  average       // until the first byte
	quota    readings

	mu      sync.Mutex
	line    []*waiter // who waits for this account's own limits, the first first
	account *accounts.Account
	whole   cool             // of the account
	models  map[string]*cool // of account × model
	window  *window          // nil until a limit per minute needs it
}

// maxModels bounds the model names remembered per account, since they come from requests.
const maxModels = 256

// adopt takes over a new declaration of the account.
func (st *state) adopt(a *accounts.Account) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if old := st.account; old != nil && (old.Provider != a.Provider || old.Endpoints[0] != a.Endpoints[0] ||
		!old.Credential.Same(a.Credential)) {
		st.whole, st.models = cool{}, nil
		st.quota.forget()
		st.proven.Store(false)
		st.remark()
	}
	st.account = a
	if st.window == nil && (a.RPM > 0 || a.TPM > 0) {
		st.window = new(window)
	}
}

// idle reports whether nothing would be lost by forgetting the state.
func (st *state) idle(now time.Time) bool {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.inFlight.Load() > 0 || st.off() || st.whole.cooling(now) {
		return false
	}
	for _, c := range st.models {
		if c.cooling(now) {
			return false
		}
	}
	return true
}

// admission is whether an account may serve a request now.
type admission struct {
	block   block // free when it may
	outcome accounts.Outcome
	until   time.Time // when the block ends, zero if unknown
	queued  bool      // it could, but others came first
	rests   bool      // it is cooling only because its server was in trouble
	crowded bool      // it may, but another request is probing it after a cool-down
	probe   bool      // it may, and this request would be the probe
}

type block uint8

const (
	free block = iota
	blockedDisabled
	blockedOff
	blockedDraining
	blockedUnusable
	blockedPool
	blockedPin
	blockedGone
	blockedCooling
	blockedBusy
	blockedRPM
	blockedTPM
	blockedFloor
)

// asker is who wants to be admitted.
type asker struct {
	waiter *waiter // its place in the lines, nil for one that has just come
	force  bool    // it will take an account that rests, because no other is left
}

// admit judges the account for a model. It costs a few atomic loads unless a cool-down or a rate limit is involved.
func (st *state) admit(a *accounts.Account, model string, now time.Time, who asker) admission {
	switch {
	case a.Disabled:
		return admission{block: blockedDisabled}
	case a.Unusable != "":
		return admission{block: blockedUnusable}
	}
	if !st.marked.Load() && a.RPM == 0 && a.TPM == 0 && a.QuotaFloor == 0 && st.queued.Load() == 0 {
		if a.MaxConcurrent > 0 && st.inFlight.Load() >= int64(a.MaxConcurrent) {
			return admission{block: blockedBusy}
		}
		return admission{}
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.admitLocked(a, model, now, who)
}

func (st *state) admitLocked(a *accounts.Account, model string, now time.Time, who asker) admission {
	switch Switch(st.position.Load()) {
	case Off:
		return admission{block: blockedOff}
	case Draining:
		return admission{block: blockedDraining}
	}
	var result admission
	rests := true
	for _, c := range [...]*cool{&st.whole, st.models[model]} {
		switch {
		case c == nil || !c.active():
		case c.cooling(now):
			rests = rests && serverTrouble(c.outcome)
			if who.force && rests {
				result.probe = true
				continue
			}
			if result.block == free || c.until.After(result.until) {
				result = admission{block: blockedCooling, outcome: c.outcome, until: c.until}
			}
		case result.block != free:
		case c.probing:
			result.crowded = true
		default:
			result.probe = true
		}
	}
	if result.block != free {
		result.rests, result.probe = rests, false
		return result
	}
	if a.MaxConcurrent > 0 && st.inFlight.Load() >= int64(a.MaxConcurrent) {
		return admission{block: blockedBusy}
	}
	if a.RPM > 0 {
		if until := st.window.requestsFree(now, a.RPM); until.After(now) {
			return admission{block: blockedRPM, until: until}
		}
	}
	if a.TPM > 0 {
		if until := st.window.tokensFree(now, a.TPM); until.After(now) {
			return admission{block: blockedTPM, until: until}
		}
	}
	if a.QuotaFloor > 0 {
		if until := st.quota.above(a.QuotaFloor, model, now); until.After(now) {
			return admission{block: blockedFloor, until: until}
		}
	}
	if st.behind(who.waiter) {
		return admission{block: blockedBusy, queued: true}
	}
	return result
}

// serverTrouble reports whether an outcome is about the state of the server rather than about the account.
func serverTrouble(o accounts.Outcome) bool {
	return o == accounts.Transient || o == accounts.Overloaded || o == accounts.BrokenStream
}

// take reserves the account for one attempt if it may still serve.
func (st *state) take(a *accounts.Account, model string, now time.Time, who asker) (admission, bool) {
	st.mu.Lock()
	defer st.mu.Unlock()
	ad := st.admitLocked(a, model, now, who)
	if ad.block != free {
		return ad, false
	}
	st.inFlight.Add(1)
	if a.RPM > 0 {
		st.window.addRequest(now)
	}
	if ad.probe {
		for _, c := range [...]*cool{&st.whole, st.models[model]} {
			if c != nil && c.active() {
				c.probing = true
			}
		}
	}
	return ad, true
}

// note writes down what an attempt came to. spare says that this account must stay in use whatever happened to its server,
// because there is no other for the model.
func (st *state) note(rules *accounts.Cooldowns, model string, v accounts.Verdict, started, now time.Time, spare bool) {
	switch v.Outcome {
	case 0, accounts.CallerFault, accounts.Canceled:
		return
	case accounts.OK:
		st.proven.Store(true)
		st.clear(model, started)
		return
	}
	st.proven.Store(false)
	rule := rules[v.Outcome]
	c := &st.whole
	if !rule.AccountWide(v) {
		c = st.modelCool(model, now)
	}
	c.strike(rule, v, started, now, spare)
	if c.active() {
		st.marked.Store(true)
	}
}

// clear ends the cool-downs that a success refutes: those that began before its attempt did.
func (st *state) clear(model string, started time.Time) {
	if !started.Before(st.whole.since) {
		st.whole = cool{}
	}
	if c := st.models[model]; c != nil && !started.Before(c.since) {
		delete(st.models, model)
	}
	st.remark()
}

// remark finds out whether the account may be chosen without a look at its state; st.mu is held.
func (st *state) remark() {
	marked := st.off() || st.whole.active()
	for _, c := range st.models {
		marked = marked || c.active()
	}
	st.marked.Store(marked)
}

func (st *state) modelCool(model string, now time.Time) *cool {
	if c := st.models[model]; c != nil {
		return c
	}
	if st.models == nil {
		st.models = make(map[string]*cool)
	}
	if len(st.models) >= maxModels {
		oldest := ""
		for name, c := range st.models {
			if oldest == "" || c.until.Before(st.models[oldest].until) {
				oldest = name
			}
		}
		delete(st.models, oldest)
	}
	c := &cool{}
	st.models[model] = c
	return c
}
