package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

func startUpstream(t *testing.T) *upstream {
	t.Helper()
	u, err := listenUpstream()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(u.close)
	return u
}

// TestScenariosAgainstTheUpstreamItself sends each dialect's calls straight to the scripted upstream: what the baseline
// does, without a proxy.
func TestScenariosAgainstTheUpstreamItself(t *testing.T) {
	u := startUpstream(t)
	for _, d := range dialects() {
		for _, stream := range []bool{false, true} {
			s := promptScenario(pair{d, d}, smallPrompt, stream)
			s.script.keep = true
			u.script.Store(&s.script)
			c := client{address: u.address()}
			for range 3 { // on one connection
				timing, err := c.do(s.call)
				if err != nil {
					t.Fatalf("%s, stream %v: %v", d.name, stream, err)
				}
				if timing.firstByte <= 0 || timing.total < timing.firstByte {
					t.Errorf("%s, stream %v: got %+v", d.name, stream, timing)
				}
			}
			c.close()
			if err := s.inspect(u.lastReceived()); err != nil {
				t.Errorf("%s, stream %v: %v", d.name, stream, err)
			}
		}
	}
	messages := messagesDialect()
	s := agentScenario(pair{messages, messages})
	s.script.keep = true
	u.script.Store(&s.script)
	c := client{address: u.address()}
	defer c.close()
	if _, err := c.do(s.call); err != nil {
		t.Fatal(err)
	}
	if err := s.inspect(u.lastReceived()); err != nil {
		t.Error(err)
	}
}

func TestWrongAnswersAreErrors(t *testing.T) {
	u := startUpstream(t)
	chat, messages := chatDialect(), messagesDialect()
	cases := map[string]struct {
		change func(*scenario)
		want   string
	}{
		"cut short": {func(s *scenario) {
			a := s.script.answers["chat"]
			a.end = []byte("0\r\n\r\n")
			s.script.answers["chat"] = a
		}, "no \"data: [DONE]\""},
		"another dialect's": {func(s *scenario) {
			s.script.answers["chat"] = streamAnswer(streamOf(messages, "m"))
		}, "no \"data: [DONE]\""},
		"connection lost": {func(s *scenario) {
			a := s.script.answers["chat"]
			a.end = []byte("zz\r\n")
			s.script.answers["chat"] = a
		}, "reading the answer"},
		"half of the prompt lost": {func(s *scenario) { s.script.minBody = 2 * smallPrompt }, "status 400"},
		"not to be asked":         {func(s *scenario) { delete(s.script.answers, "chat") }, "status 404"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			s := promptScenario(pair{chat, chat}, smallPrompt, true)
			test.change(&s)
			u.script.Store(&s.script)
			c := client{address: u.address()}
			defer c.close()
			if _, err := c.do(s.call); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, want %q in it", err, test.want)
			}
		})
	}
}

func TestInspect(t *testing.T) {
	s := promptScenario(pair{messagesDialect(), chatDialect()}, smallPrompt, true)
	good := chatDialect().body("bench-chat", smallPrompt, true)
	cases := map[string]struct {
		got  received
		want string
	}{
		"right":           {received{"chat", "/v1/chat/completions", good}, ""},
		"not translated":  {received{"messages", "/v1/messages", s.body}, "it came in messages"},
		"not JSON":        {received{"chat", "/v1/chat/completions", good[1:]}, "not valid JSON"},
		"end lost":        {received{"chat", "/v1/chat/completions", []byte(strings.ReplaceAll(string(good), promptEnd, ""))}, "was lost"},
		"stream flag off": {received{"chat", "/v1/chat/completions", chatDialect().body("bench-chat", smallPrompt, false)}, "stream is false"},
	}
	for name, test := range cases {
		err := s.inspect(test.got)
		if got := errorText(err); (test.want == "") != (err == nil) || !strings.Contains(got, test.want) {
			t.Errorf("%s: got error %q, want %q in it", name, got, test.want)
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// TestPacedRound takes this process for the gateway: clients and upstream without one between them.
func TestPacedRound(t *testing.T) {
	u := startUpstream(t)
	chat := chatDialect()
	s := promptScenario(pair{chat, chat}, smallPrompt, true)
	b := &bench{settings: settings{window: 50 * time.Millisecond, pace: time.Millisecond, pacedCount: 5}, up: u}
	s.pace(b)
	u.script.Store(&s.script)
	self := &process{name: "nobody", address: u.address(), cmd: &exec.Cmd{Process: &os.Process{Pid: os.Getpid()}}}
	got, err := b.pacedRound(t.Context(), self, s.call)
	if err != nil {
		t.Fatal(err)
	}
	if got.count == 0 || got.cpu <= 0 || got.wall < b.window {
		t.Errorf("got %+v, want events, processor time and a window of %v", got, b.window)
	}
}

func TestHeldStreams(t *testing.T) {
	u := startUpstream(t)
	chat := chatDialect()
	s := promptScenario(pair{chat, chat}, smallPrompt, true)
	u.script.Store(s.hold())
	open, err := openStreams(t.Context(), u.address(), s.call, 5, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer open.close()
	if got := open.events.Load(); got < 5 || got > 10 {
		t.Errorf("got %d events, want one or two for each of five streams", got)
	}
	if err := open.err(); err != nil {
		t.Error(err)
	}
}

func TestStreamsThatEndEarlyFail(t *testing.T) {
	u := startUpstream(t)
	chat := chatDialect()
	s := promptScenario(pair{chat, chat}, smallPrompt, true)
	u.script.Store(&s.script) // ends by itself
	open, err := openStreams(t.Context(), u.address(), s.call, 1, 0)
	if err == nil {
		open.readers.Wait()
		err = open.err()
		open.close()
	}
	if err == nil || !strings.Contains(err.Error(), "ended early") {
		t.Errorf("got error %v, want one about an early end", err)
	}
}
