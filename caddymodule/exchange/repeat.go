package exchange

import (
	"net/http/httptrace"
	"sync/atomic"

	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// trace returns a client trace that notes when a request has been written
// whole: from then on the provider may have done, and billed, the work.
func trace(written *atomic.Bool) *httptrace.ClientTrace {
	return &httptrace.ClientTrace{WroteRequest: func(info httptrace.WroteRequestInfo) {
		if info.Err == nil {
			written.Store(true)
		}
	}}
}

// mayRepeat reports whether a request that was sent whole and got no answer may
// be sent again. To generate twice costs tokens at worst, and the agent's work
// goes on; that is the default. A request that makes the provider act on the
// world or keep a job is not repeated, nor is any if the site says no_repeat.
func (x *exchange) mayRepeat() bool {
	switch {
	case x.settings.NoRepeat:
		return false
	case x.passage != nil:
		return !x.spent // settle has decided
	case x.body == nil:
		return false
	}
	return !actsUpstream(x.body.b)
}

// actsUpstream reports whether a request does more than generate: it starts a
// background response (openai-go ResponseNewParams.Background), or lets the
// provider call tools of MCP servers (openai-go ToolMcpParam, anthropic-sdk-go
// BetaMessageNewParams.MCPServers).
func actsUpstream(body []byte) bool {
	if jsonlit.True(jsonlit.Get(body, "background")) {
		return true
	}
	for range jsonlit.Elements(jsonlit.Get(body, "mcp_servers")) {
		return true
	}
	for tool := range jsonlit.Elements(jsonlit.Get(body, "tools")) {
		switch jsonlit.Str(jsonlit.Get(tool, "type")) {
		case "mcp", "mcp_toolset":
			return true
		}
	}
	return false
}
