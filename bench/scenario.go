package main

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// pair is a client's dialect and the dialect of the account that serves it.
type pair struct{ client, upstream *dialect }

func (p pair) String() string { return p.client.name + "->" + p.upstream.name }

func (p pair) translated() bool { return p.client.name != p.upstream.name }

// parsePairs reads a list such as "chat:chat,messages:chat"; "all" stands for every pair there is.
func parsePairs(list string) ([]pair, error) {
	var pairs []pair
	if list == "all" {
		for _, c := range dialects() {
			for _, u := range dialects() {
				pairs = append(pairs, pair{c, u})
			}
		}
		return pairs, nil
	}
	for item := range strings.SplitSeq(list, ",") {
		from, to, found := strings.Cut(item, ":")
		if !found {
			return nil, fmt.Errorf("reading the pair %q: want client:upstream, such as messages:chat", item)
		}
		c, err := dialectNamed(from)
		if err != nil {
			return nil, err
		}
		u, err := dialectNamed(to)
		if err != nil {
			return nil, err
		}
		pairs = append(pairs, pair{c, u})
	}
	return pairs, nil
}

// scenario is one kind of request with its answer. The gateway under test and the baseline are sent the same bytes: the
// gateway passes them on to an upstream of the pair's upstream dialect, the baseline to one of the client's.
type scenario struct {
	pair
	stream bool
	body   []byte
	call   call
	script script
	// kept are pieces of the request that must arrive at the upstream.
	kept []string
}

// promptScenario asks with a prompt of the given size in bytes, plain or streamed.
func promptScenario(p pair, size int, stream bool) scenario {
	model := p.upstream.model()
	s := scenario{pair: p, stream: stream, body: p.client.body(model, size, stream), kept: []string{promptEnd}}
	end := p.client.plainEnd
	if stream {
		end = p.client.streamEnd
	}
	s.call = newCall(p.client.path(model, stream), p.client.headers, s.body, replyEnd, end)
	s.answer(func(d *dialect) answer {
		if stream {
			return streamAnswer(streamOf(d, model))
		}
		return plainAnswer(plainOf(d, model))
	})
	return s
}

// agentScenario asks as a coding agent does and streams a tool call back. The pair's client is messages, its upstream
// chat or messages.
func agentScenario(p pair) scenario {
	model := p.upstream.model()
	s := scenario{pair: p, stream: true, body: agentBody(model), kept: []string{promptEnd}}
	for i := range agentTools {
		s.kept = append(s.kept, `"`+toolName(i)+`"`)
	}
	s.call = newCall("/v1/messages?beta=true", agentHeaders(), s.body, replyEnd, p.client.streamEnd, `"tool_use"`)
	s.answer(func(d *dialect) answer { return streamAnswer(agentStream(d, model)) })
	return s
}

// answer scripts the answers for both sides.
func (s *scenario) answer(in func(*dialect) answer) {
	s.script = script{
		answers: map[string]answer{s.client.name: in(s.client), s.upstream.name: in(s.upstream)},
		// Dialects differ in their frames and an agent's foreign reasoning may be dropped, but not two fifths of it all.
		minBody: int64(len(s.body)) * 3 / 5,
	}
}

var streamFlag = regexp.MustCompile(`"stream"\s*:\s*true`)

// inspect judges what reached the upstream through the gateway under test.
func (s *scenario) inspect(got received) error {
	if got.dialect != s.upstream.name {
		return fmt.Errorf("inspecting the upstream's request: it came in %s at %s, want %s", got.dialect, got.path, s.upstream.name)
	}
	if !jsontext.Value(got.body).IsValid() {
		return fmt.Errorf("inspecting the upstream's request: its %d bytes are not valid JSON", len(got.body))
	}
	for _, k := range s.kept {
		if !bytes.Contains(got.body, []byte(k)) {
			return fmt.Errorf("inspecting the upstream's request: %s was lost on the way", k)
		}
	}
	asked := streamFlag.Match(got.body) || strings.HasSuffix(got.path, ":streamGenerateContent")
	if asked != s.stream {
		return fmt.Errorf("inspecting the upstream's request: stream is %v, want %v", asked, s.stream)
	}
	return nil
}

// preflight runs the scenario once through each side and judges the answer and what the upstream received.
func (s *scenario) preflight(up *upstream, ours, baseline *process) error {
	script := s.script
	script.keep = true
	up.script.Store(&script)
	for _, p := range []*process{baseline, ours} {
		c := client{address: p.address}
		_, err := c.do(s.call)
		c.close()
		if err != nil {
			return fmt.Errorf("trying %s: %w", p.name, err)
		}
	}
	return s.inspect(up.lastReceived())
}
