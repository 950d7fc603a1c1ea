package conformance

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fairway-gateway/fairway/conformance/upstream"
)

// binary is the gateway, built once for the whole run.
type binary struct {
	path string
	err  error
}

var built binary

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "fairway-conformance-*")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	built = build(dir)
	code := m.Run()
	stopShared()
	os.RemoveAll(dir)
	os.Exit(code)
}

func build(dir string) binary {
	b := binary{path: filepath.Join(dir, "fairway")}
	cmd := exec.Command("go", "build", "-o", b.path, "./cmd/caddy")
	cmd.Dir = ".."
	cmd.Env = append(os.Environ(), "CGO_ENABLED=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		b.err = fmt.Errorf("building the gateway: %w\n%s", err, out)
	}
	return b
}

// gateway is a running gateway process of its own.
type gateway struct {
	// URL is its address without a path.
	URL string

	dir string
	cmd *exec.Cmd
	log *safeBuffer
	// done is closed when the process has ended.
	done chan struct{}
}

// config is what a test says of a gateway: the lines inside the global ai block, those inside the site's ai directive,
// and the text of an accounts.hcl, if it wants one.
type config struct {
	global, site, hcl string
	// env is added to the process's environment.
	env []string
}

// start runs a gateway until the test ends, and shows its log if the test failed.
func start(t *testing.T, c config) *gateway {
	t.Helper()
	g, err := launch(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		g.stop()
		if t.Failed() {
			t.Logf("the gateway's log:\n%s", g.log.String())
		}
	})
	return g
}

func launch(c config) (*gateway, error) {
	if built.err != nil {
		return nil, built.err
	}
	dir, err := os.MkdirTemp(filepath.Dir(built.path), "run-*")
	if err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	global := c.global
	if c.hcl != "" {
		path := filepath.Join(dir, "accounts.hcl")
		if err := os.WriteFile(path, []byte(c.hcl), 0o600); err != nil {
			return nil, err
		}
		global += "\n\t\taccounts " + path
	}
	caddyfile := fmt.Sprintf("{\n\tadmin off\n\tpersist_config off\n\tai {\n\t\t%s\n\t}\n}\n\nhttp://127.0.0.1:%d {\n\tbind 127.0.0.1\n\tai {\n\t\t%s\n\t}\n}\n",
		global, port, c.site)
	path := filepath.Join(dir, "Caddyfile")
	if err := os.WriteFile(path, []byte(caddyfile), 0o600); err != nil {
		return nil, err
	}
	g := &gateway{URL: fmt.Sprintf("http://127.0.0.1:%d", port), dir: dir, log: &safeBuffer{}, done: make(chan struct{})}
	g.cmd = exec.Command(built.path, "run", "--config", path, "--adapter", "caddyfile")
	g.cmd.Env = append(os.Environ(), "XDG_DATA_HOME="+dir, "XDG_CONFIG_HOME="+dir, "HOME="+dir)
	g.cmd.Env = append(g.cmd.Env, c.env...)
	g.cmd.Stdout, g.cmd.Stderr = g.log, g.log
	if err := g.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = g.cmd.Wait()
		close(g.done)
	}()
	if err := g.healthy(); err != nil {
		g.stop()
		return nil, fmt.Errorf("starting the gateway: %w\n%s\n%s", err, caddyfile, g.log.String())
	}
	return g, nil
}

// healthy waits for /healthz.
func (g *gateway) healthy() error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		resp, err := http.Get(g.URL + "/healthz")
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
			return fmt.Errorf("/healthz answers %s", resp.Status)
		}
		select {
		case <-tick.C:
		case <-g.done:
			return errors.New("the process has ended")
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (g *gateway) stop() {
	select {
	case <-g.done:
	default:
		_ = g.cmd.Process.Kill()
		<-g.done
	}
	_ = os.RemoveAll(g.dir)
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// safeBuffer is a buffer that a process writes to while a test reads.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// provider is the name under which a dialect's accounts are declared: the vendors' built-in ones, and a declared one
// for the Chat dialect of compatible servers.
func provider(d upstream.Dialect) string {
	switch d {
	case upstream.Responses:
		return "openai"
	case upstream.Messages:
		return "anthropic"
	case upstream.Gemini:
		return "gemini"
	}
	return "compat"
}

// declare writes an account as accounts.hcl has it.
func declare(name string, a *upstream.Account, models ...string) string {
	list := "\"" + strings.Join(models, "\", \"") + "\""
	if len(models) == 0 {
		list = `"*"`
	}
	return fmt.Sprintf("account %q {\n  provider = %q\n  base_url = %q\n  api_key  = %q\n  models   = [%s]\n}\n",
		name, provider(a.Dialect), a.BaseURL(), a.Key, list)
}

// compat declares the provider of the Chat accounts.
func compat(server *upstream.Server) string {
	return fmt.Sprintf("provider \"compat\" {\n  dialect  = \"chat\"\n  base_url = %q\n}\n", server.URL+"/v1")
}
