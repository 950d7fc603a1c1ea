package credential

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/fairway-gateway/fairway/accounts"
)

// CommandConfig is a command that prints a token, such as a password manager's or a cloud's own tool.
type CommandConfig struct {
	// Args are the program and its arguments. No shell reads them.
	Args []string
	// TTL is how long a printed token is used, unless the command says so itself; default [DefaultCommandTTL].
	TTL time.Duration
	// Timeout bounds the command; default [DefaultCommandTimeout], at most [MaxCommandTimeout].
	Timeout time.Duration
}

// The defaults of [CommandConfig], and its limits.
const (
	DefaultCommandTTL     = 5 * time.Minute
	DefaultCommandTimeout = 20 * time.Second
	MaxCommandTimeout     = 5 * time.Minute
	maxCommandOutput      = 64 << 10
)

// NewCommand returns the credential of a command. The command prints the token alone, or a JSON object {"token": "…",
// "expiry": "2026-01-02T15:04:05Z"} whose expiry may also be a number of seconds since 1970 and may be left out. It gets the
// process's environment but for [SecretKeyVariable], and no input; what it prints as errors is not kept, as it may hold
// secrets.
func NewCommand(cfg CommandConfig) (*Fetched, error) {
	if len(cfg.Args) == 0 || cfg.Args[0] == "" {
		return nil, errors.New("checking command: it names no program")
	}
	cfg.TTL = cmp.Or(cfg.TTL, DefaultCommandTTL)
	cfg.Timeout = cmp.Or(cfg.Timeout, DefaultCommandTimeout)
	if cfg.TTL < 0 || cfg.Timeout < 0 || cfg.Timeout > MaxCommandTimeout {
		return nil, fmt.Errorf("checking command: its ttl must be positive, and its timeout at most %s", MaxCommandTimeout)
	}
	if _, err := exec.LookPath(cfg.Args[0]); err != nil {
		return nil, fmt.Errorf("checking command: the program %s cannot be found or run", cfg.Args[0])
	}
	shown := "command:" + filepath.Base(cfg.Args[0])
	f := newFetched(shown, "command\x00"+strings.Join(cfg.Args, "\x00"), cfg.run)
	f.renewal.timeout = cfg.Timeout + commandGrace
	return f, nil
}

// commandGrace is how long a command that was killed may take to end.
const commandGrace = 2 * time.Second

func (c CommandConfig) run(ctx context.Context) (access, error) {
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	issued := time.Now().Round(0)
	cmd := exec.CommandContext(ctx, c.Args[0], c.Args[1:]...)
	cmd.WaitDelay = commandGrace // for children that keep the output open
	cmd.Env = commandEnv()
	var out limited
	cmd.Stdout = &out
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return access{}, temporary(fmt.Sprintf("the command that prints the token did not end within %s", c.Timeout))
	case errors.As(err, &exit):
		return access{}, temporary(fmt.Sprintf("the command that prints the token failed (%s)", exit.ProcessState))
	case errors.Is(err, exec.ErrWaitDelay):
		return access{}, temporary("the command that prints the token left its output open")
	case err != nil:
		return access{}, &accounts.CredentialError{Reason: "the command that prints the token could not be run"}
	case out.full:
		return access{}, &accounts.CredentialError{Reason: fmt.Sprintf("the command prints more than %d bytes, which is no token", maxCommandOutput)}
	}
	return c.parse(out.data, issued)
}

func (c CommandConfig) parse(out []byte, issued time.Time) (access, error) {
	a := access{token: string(bytes.TrimSpace(out)), issued: issued, expiry: issued.Add(c.TTL)}
	if strings.HasPrefix(a.token, "{") {
		var printed struct {
			Token  string         `json:"token"`
			Expiry jsontext.Value `json:"expiry"`
		}
		if err := json.Unmarshal([]byte(a.token), &printed); err != nil {
			return access{}, &accounts.CredentialError{Reason: "the command prints neither a token nor a JSON object {token, expiry}"}
		}
		a.token = printed.Token
		if len(printed.Expiry) > 0 && printed.Expiry.Kind() != 'n' {
			expiry, ok := parseExpiry(printed.Expiry)
			if !ok {
				return access{}, &accounts.CredentialError{Reason: "the command prints an expiry that is neither like 2026-01-02T15:04:05Z nor seconds since 1970"}
			}
			a.expiry = expiry
		}
	}
	k, err := NewKey(a.token)
	if err != nil {
		return access{}, &accounts.CredentialError{Reason: "the command prints no token, or one that contains a space, a line break or a character that no token has"}
	}
	a.token = k.secret
	if !a.expiry.After(time.Now()) {
		return access{}, temporary("the command prints a token that has already expired; check the machine's clock")
	}
	return a, nil
}

func parseExpiry(v jsontext.Value) (time.Time, bool) {
	if v.Kind() == '0' {
		seconds, err := strconv.ParseFloat(string(v), 64)
		return time.Unix(int64(seconds), 0), err == nil && seconds > 0 && seconds < 1<<40
	}
	var t time.Time
	err := json.Unmarshal(v, &t)
	return t, err == nil
}

// commandEnv is the environment without the key of stored tokens.
func commandEnv() []string {
	env := os.Environ()
	out := env[:0]
	for _, kv := range env {
		if !strings.HasPrefix(kv, SecretKeyVariable+"=") {
			out = append(out, kv)
		}
	}
	return out
}

// limited keeps the first maxCommandOutput bytes.
type limited struct {
	data []byte
	full bool // there were more
}

// Write never fails, so that the command can end.
func (l *limited) Write(p []byte) (int, error) {
	kept := p[:min(len(p), maxCommandOutput-len(l.data))]
	l.data = append(l.data, kept...)
	l.full = l.full || len(kept) < len(p)
	return len(p), nil
}
