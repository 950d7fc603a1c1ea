package pool

import "fmt"

// Switch is what the operator says of an account while the gateway runs. It holds until it is changed or the process ends,
// and survives reloads; it does not overrule a declaration's `disabled`.
type Switch uint32

// The positions of a [Switch].
const (
	On       Switch = iota // as declared
	Off                    // takes no new requests
	Draining               // likewise, because it is to be taken away when those under way have ended
)

var switchNames = [...]string{"on", "off", "draining"}

// String returns "on", "off" or "draining".
func (s Switch) String() string {
	if int(s) < len(switchNames) {
		return switchNames[s]
	}
	return ""
}

// MarshalText writes [Switch.String].
func (s Switch) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what [Switch.String] writes.
func (s *Switch) UnmarshalText(text []byte) error {
	for i, name := range switchNames {
		if name == string(text) {
			*s = Switch(i)
			return nil
		}
	}
	return fmt.Errorf("reading an account's switch: %q is none of on, off, draining", text)
}

// UnknownAccountError says that there is no account of that name.
type UnknownAccountError struct{ Name string }

func (e *UnknownAccountError) Error() string { return fmt.Sprintf("there is no account %q", e.Name) }

// Switch turns an account on or off at once. Requests that it is serving go on to their end. The error is an
// [*UnknownAccountError].
func (p *Pool) Switch(name string, to Switch) error {
	v := p.view.Load()
	if v.inv == nil || v.inv.Account(name) == nil {
		return &UnknownAccountError{name}
	}
	st := v.entries[v.inv.Account(name).Index].state
	st.mu.Lock()
	st.position.Store(uint32(to))
	st.remark()
	st.mu.Unlock()
	p.waiting.wakeAll()
	return nil
}

// off reports whether the operator has taken the account out of use.
func (st *state) off() bool { return Switch(st.position.Load()) != On }
