package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// site is one of the two sides of the comparison: a Caddyfile for an address and an upstream.
type site struct {
	name   string
	config func(address, upstream string) string
}

func gatewaySite(name string, moreAccounts int) site {
	return site{name, func(address, upstream string) string { return gatewayCaddyfile(address, upstream, moreAccounts) }}
}

func proxySite(name string) site { return site{name, proxyCaddyfile} }

// launcher starts sites as processes of one binary on one processor.
type launcher struct {
	binary   string
	dir      string // home and configuration of the children
	cpu      int    // -1: not pinned
	upstream string
	started  int
}

// process is a running child.
type process struct {
	name    string
	address string
	cmd     *exec.Cmd
	output  tail
	done    chan struct{} // closed when the child has ended
}

// start launches a site and returns once it accepts connections.
func (l *launcher) start(ctx context.Context, s site) (*process, error) {
	p, err := l.launch(s)
	if err != nil {
		return nil, err
	}
	err = p.await(ctx, func() bool {
		c, err := net.Dial("tcp", p.address)
		if err == nil {
			c.Close()
		}
		return err == nil
	})
	if err != nil {
		p.stop()
		return nil, err
	}
	return p, nil
}

// launch starts a site's process and does not wait for it.
func (l *launcher) launch(s site) (*process, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	l.started++
	home := filepath.Join(l.dir, fmt.Sprintf("%02d", l.started))
	if err := os.MkdirAll(home, 0o700); err != nil {
		return nil, fmt.Errorf("making a home for %s: %w", s.name, err)
	}
	config := filepath.Join(home, "Caddyfile")
	if err := os.WriteFile(config, []byte(s.config(address, l.upstream)), 0o600); err != nil {
		return nil, fmt.Errorf("writing the Caddyfile of %s: %w", s.name, err)
	}
	p := &process{name: s.name, address: address, done: make(chan struct{})}
	p.cmd = exec.Command(l.binary, "run", "--adapter", "caddyfile", "--config", config)
	p.cmd.Dir = home
	// A bare environment, so that neither side is tuned by the shell it was started from.
	p.cmd.Env = []string{
		"HOME=" + home, "XDG_DATA_HOME=" + home, "XDG_CONFIG_HOME=" + home, "PATH=" + os.Getenv("PATH"),
		keyVariable + "=" + dummyKey,
	}
	p.cmd.Stdout, p.cmd.Stderr = &p.output, &p.output
	if err := startPinned(p.cmd, l.cpu); err != nil {
		return nil, fmt.Errorf("starting %s: %w", s.name, err)
	}
	go func() {
		p.cmd.Wait()
		close(p.done)
	}()
	return p, nil
}

// await polls ready until it is true, the process ends, ctx ends or twenty seconds have passed.
func (p *process) await(ctx context.Context, ready func() bool) error {
	limit := time.Now().Add(20 * time.Second)
	for !ready() {
		select {
		case <-p.done:
			return fmt.Errorf("starting %s: it ended: %s", p.name, p.output.String())
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(250 * time.Microsecond):
		}
		if time.Now().After(limit) {
			return fmt.Errorf("starting %s: not ready after 20 s: %s", p.name, p.output.String())
		}
	}
	return nil
}

// stop ends the process, at first politely, and waits for its end.
func (p *process) stop() {
	p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(3 * time.Second):
		p.cmd.Process.Kill()
		<-p.done
	}
}

func (p *process) pid() int { return p.cmd.Process.Pid }

// freeAddress returns a loopback address nobody listens on at the moment.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("finding a free port: %w", err)
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// tail keeps the last few kilobytes of a child's output for error messages.
type tail struct {
	mu  sync.Mutex
	buf []byte
}

const tailBytes = 4 << 10

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf = append(t.buf, b...)
	t.buf = t.buf[max(0, len(t.buf)-tailBytes):]
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(bytes.TrimSpace(t.buf))
}
