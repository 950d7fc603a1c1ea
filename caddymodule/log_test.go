package caddymodule

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
)

const testKey = "sk-ant-api03-0123456789abcdef" // made up

func TestRedact(t *testing.T) {
	for _, tc := range []struct{ text, want string }{
		{"nothing to see", "nothing to see"},
		{"key " + testKey + " was refused", "key sk-… was refused"},
		{`Post "https://g.example/v1beta/models?alt=sse&key=abc123&x=1": EOF`, `Post "https://g.example/v1beta/models?alt=sse&key=…&x=1": EOF`},
		{"?key=abc", "?key=…"},
		{"Authorization: Bearer abcdefgh12345", "Authorization: Bearer …"},
		{"AIzaSyA-0123456789", "AIza…"},
		{"dialing socks5://user:secret@127.0.0.1:1080", "dialing socks5://user:…@127.0.0.1:1080"},
		{"model ask-me-anything-today", "model ask-me-anything-today"},
		{"monkey=banana", "monkey=banana"},
	} {
		if got := redact(tc.text); got != tc.want {
			t.Errorf("redact(%q) = %q, want %q", tc.text, got, tc.want)
		}
	}
}

func TestLiveHandlerRedactsEverywhere(t *testing.T) {
	var out bytes.Buffer
	live := newLiveHandler()
	log := live.logger()
	log.Error("before there is a target " + testKey)
	live.target.Store(&liveTarget{slog.NewTextHandler(&out, nil)})
	log.With("with", testKey).WithGroup("group").Error("message "+testKey, "text", testKey, "error", errors.New(testKey),
		slog.Group("inner", "deep", testKey))
	if got := out.String(); strings.Contains(got, testKey) || strings.Count(got, "sk-…") != 5 || !strings.Contains(got, "group.inner.deep=sk-…") {
		t.Errorf("log = %s, want 5 redacted keys", got)
	}
}

func TestLiveHandlerFollowsItsTarget(t *testing.T) {
	var first, second bytes.Buffer
	live := newLiveHandler()
	log := live.logger().With("k", "v")
	live.target.Store(&liveTarget{slog.NewTextHandler(&first, nil)})
	log.Info("one")
	live.target.Store(&liveTarget{slog.NewTextHandler(&second, &slog.HandlerOptions{Level: slog.LevelWarn})})
	log.Info("two")
	log.Warn("three")
	if got := first.String(); !strings.Contains(got, "msg=one k=v") || strings.Contains(got, "three") {
		t.Errorf("first target got %q, want the first record only", got)
	}
	if got := second.String(); !strings.Contains(got, "msg=three k=v") || strings.Contains(got, "two") {
		t.Errorf("second target got %q, want the third record only", got)
	}
}
