package conformance

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/fairway-gateway/fairway/conformance/client"
	"github.com/fairway-gateway/fairway/conformance/upstream"
)

// accountsPerDialect is how many stages of one upstream dialect a run can set up.
const accountsPerDialect = 500

// hall is one gateway before one upstream server, with so many accounts that each stage gets one that nobody else
// touches: no cool-down, no affinity and no script of one test reaches another.
type hall struct {
	gateway *gateway
	server  *upstream.Server
	mu      sync.Mutex
	free    map[upstream.Dialect][]named
}

type named struct {
	name    string
	account *upstream.Account
}

var (
	openHall = sync.OnceValues(newHall)
	hallOpen bool
	hallLock sync.Mutex
)

func newHall() (*hall, error) {
	h := &hall{server: upstream.Start(), free: map[upstream.Dialect][]named{}}
	var hcl strings.Builder
	hcl.WriteString(compat(h.server))
	for _, d := range upstreamDialects() {
		for i := range accountsPerDialect {
			n := named{fmt.Sprintf("%s-%03d", d, i), h.server.Account(d)}
			h.free[d] = append(h.free[d], n)
			hcl.WriteString(declare(n.name, n.account))
		}
	}
	g, err := launch(config{hcl: hcl.String()})
	if err != nil {
		return nil, err
	}
	h.gateway = g
	hallLock.Lock()
	defer hallLock.Unlock()
	hallOpen = true
	return h, nil
}

func stopShared() {
	hallLock.Lock()
	defer hallLock.Unlock()
	if !hallOpen {
		return
	}
	h, _ := openHall()
	h.gateway.stop()
	h.server.Close()
}

func upstreamDialects() []upstream.Dialect {
	return []upstream.Dialect{upstream.Chat, upstream.Responses, upstream.Messages, upstream.Gemini}
}

func clientDialects() []upstream.Dialect {
	return append(upstreamDialects(), upstream.Completions)
}

// set gives a cell a stage before the shared gateway.
func set(t *testing.T, c cell, reasoning bool) *stage {
	t.Helper()
	h, err := openHall()
	if err != nil {
		t.Fatal(err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.free[c.up]) == 0 {
		t.Fatalf("raise accountsPerDialect: no account of dialect %s is left", c.up)
	}
	n := h.free[c.up][0]
	h.free[c.up] = h.free[c.up][1:]
	cl, wire := client.New(c.client, h.gateway.URL, "unused")
	vendor := vendorModel(c.up, reasoning)
	return &stage{cell: c, account: n.account, client: cl, wire: wire, model: n.name + "/" + vendor, vendor: vendor}
}
