package caddymodule

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
)

func init() { caddy.RegisterModule(addressRecorder{}) }

// storage is where the tests' Caddy keeps its own state, away from the user's.
var storage string

func TestMain(m *testing.M) {
	var err error
	if storage, err = os.MkdirTemp("", "fairway-test"); err != nil {
		panic(err)
	}
	code := m.Run()
	os.RemoveAll(storage)
	os.Exit(code)
}

// addressRecorder is a listener wrapper that tells the tests which port the kernel chose.
type addressRecorder struct{}

var recorded struct {
	sync.Mutex
	addresses map[string]bool
}

func (addressRecorder) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "caddy.listeners.fairway_test", New: func() caddy.Module { return new(addressRecorder) }}
}

func (*addressRecorder) UnmarshalCaddyfile(d *caddyfile.Dispenser) error { d.Next(); return nil }

func (*addressRecorder) WrapListener(ln net.Listener) net.Listener {
	recorded.Lock()
	defer recorded.Unlock()
	recorded.addresses[ln.Addr().String()] = true
	return ln
}

// load runs a configuration in this process, in place of the one before. ai is the content of the global ai block, site
// that of the site's. It returns the site's base URL.
func load(t *testing.T, ai, site string) (string, error) {
	t.Helper()
	return loadWith(t, "admin off", ai, site)
}

// loadWith is load with a global option that says where the admin endpoint is.
func loadWith(t *testing.T, admin, ai, site string) (string, error) {
	t.Helper()
	recorded.Lock()
	recorded.addresses = make(map[string]bool)
	recorded.Unlock()
	data, err := adapt(t, fmt.Sprintf(`{
	%s
	persist_config off
	storage file_system %s
	grace_period 10s
	log {
		level ERROR
	}
	servers {
		listener_wrappers {
			fairway_test
		}
	}
	ai {
		%s
	}
}
http://127.0.0.1:0 {
	bind 127.0.0.1
	%s
}
`, admin, storage, ai, site))
	if err != nil {
		return "", err
	}
	t.Cleanup(func() { caddy.Stop() })
	if err := caddy.Load([]byte(data), true); err != nil {
		return "", err
	}
	recorded.Lock()
	defer recorded.Unlock()
	for address := range recorded.addresses {
		return "http://" + address, nil
	}
	t.Fatal("no listener has been opened")
	return "", nil
}

func mustLoad(t *testing.T, ai, site string) string {
	t.Helper()
	return mustLoadWith(t, "admin off", ai, site)
}

func mustLoadWith(t *testing.T, admin, ai, site string) string {
	t.Helper()
	base, err := loadWith(t, admin, ai, site)
	if err != nil {
		t.Fatal(err)
	}
	return base
}

// do sends a request, as JSON unless it has no body, and returns the answer with its body read.
func do(t *testing.T, method, url, body string, header ...string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(data)
}
