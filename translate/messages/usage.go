package messages

import (
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// counts are the numbers of a usage object as they stand on the wire
// (anthropic-sdk-go's Usage and MessageDeltaUsage): the input without what was
// read from or written to the cache.
type counts struct {
	input, read, write, write1h, output, thinking int64
	seen                                          bool
}

// merge takes a later reading in. The API sends cumulative numbers, compatible
// servers zeros in between: the larger one stands.
func (c *counts) merge(v translate.Value) {
	for name, v := range jsonlit.Fields(v) {
		n, _ := jsonlit.Int(v)
		switch string(name) {
		case "input_tokens":
			c.seen, c.input = true, max(c.input, n)
		case "output_tokens":
			c.seen, c.output = true, max(c.output, n)
		case "cache_read_input_tokens":
			c.read = max(c.read, n)
		case "cache_creation_input_tokens":
			c.write = max(c.write, n)
		case "cache_creation":
			if n, ok := jsonlit.Int(jsonlit.Get(v, "ephemeral_1h_input_tokens")); ok {
				c.write1h = max(c.write1h, n)
			}
		case "output_tokens_details":
			if n, ok := jsonlit.Int(jsonlit.Get(v, "thinking_tokens")); ok {
				c.thinking = max(c.thinking, n)
			}
		}
	}
}

func (c *counts) usage() translate.Usage {
	return translate.Usage{
		Input:        c.input + c.read + c.write,
		CacheRead:    c.read,
		CacheWrite:   c.write,
		CacheWrite1h: min(c.write1h, c.write),
		Output:       c.output,
		Reasoning:    min(c.thinking, c.output),
	}
}

// appendUsage writes a usage object. Of a whole message it has all members that
// the SDK's Usage requires, of a message_delta those of MessageDeltaUsage.
func appendUsage(w *jsonlit.Writer, u *translate.Usage, whole bool) {
	w.Object()
	w.IntField("input_tokens", max(0, u.Input-u.CacheRead-u.CacheWrite))
	w.IntField("cache_creation_input_tokens", u.CacheWrite)
	w.IntField("cache_read_input_tokens", u.CacheRead)
	if whole {
		w.Key("cache_creation")
		w.Object()
		w.IntField("ephemeral_5m_input_tokens", max(0, u.CacheWrite-u.CacheWrite1h))
		w.IntField("ephemeral_1h_input_tokens", u.CacheWrite1h)
		w.EndObject()
	}
	w.IntField("output_tokens", u.Output)
	if u.Reasoning > 0 {
		w.Key("output_tokens_details")
		w.Object()
		w.IntField("thinking_tokens", u.Reasoning)
		w.EndObject()
	}
	w.Key("server_tool_use")
	w.Null()
	if whole {
		w.Key("service_tier")
		w.Null()
		w.Key("inference_geo")
		w.Null()
	}
	w.EndObject()
}
