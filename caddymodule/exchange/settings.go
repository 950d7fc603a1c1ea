package exchange

import (
	"net/http"
	"time"
)

// Settings are what a site says of its exchanges. Zero fields mean the default.
type Settings struct {
	// Pool restricts the accounts to those of a named pool; "" allows all.
	Pool string
	// Strict refuses requests of which a field would be dropped.
	Strict bool
	// AutoCache asks Anthropic to cache the prompts of clients that cannot ask
	// for it themselves, which costs a quarter more for what is written.
	AutoCache bool
	// MaxBody bounds a request's body in bytes. Default 100 MiB.
	MaxBody int64
	// Heartbeat is the silence after which a stream shows life. Default 15 s.
	Heartbeat time.Duration
	// Attempts bounds how many times an upstream is asked. Default 4.
	Attempts int
	// Deadline bounds the time until the answer's first byte. Default 10 min.
	Deadline time.Duration
	// Idle bounds an upstream's silence in mid-answer. Default 10 min.
	Idle time.Duration
	// MaxWait bounds the wait for an account that comes back or becomes free.
	// Default 10 s; negative means not to wait.
	MaxWait time.Duration
	// NoRepeat forbids to send a request again that the provider may already have
	// billed: it was sent whole, and the connection failed before an answer came.
	NoRepeat bool
	// Transport carries requests upstream; nil means the engine's own.
	Transport http.RoundTripper
}

func (s Settings) withDefaults() Settings {
	if s.MaxBody <= 0 {
		s.MaxBody = 100 << 20
	}
	if s.Heartbeat <= 0 {
		s.Heartbeat = 15 * time.Second
	}
	if s.Attempts <= 0 {
		s.Attempts = 4
	}
	if s.Deadline <= 0 {
		s.Deadline = 10 * time.Minute
	}
	if s.Idle <= 0 {
		s.Idle = 10 * time.Minute
	}
	if s.MaxWait == 0 {
		s.MaxWait = 10 * time.Second
	}
	return s
}
