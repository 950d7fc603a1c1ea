package caddymodule

import (
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

func TestLogFormatWraps(t *testing.T) {
	got, err := adapt(t, "{\n\tlog {\n\t\tformat ai {\n\t\t\twrap console\n\t\t}\n\t}\n}\n")
	if err != nil {
		t.Fatal(err)
	}
	if want := `"encoder":{"format":"ai","wrap":{"format":"console"}}`; !strings.Contains(got, want) {
		t.Errorf("adapted = %s, want %s", got, want)
	}
	if _, err := adapt(t, "{\n\tlog {\n\t\tformat ai {\n\t\t\twrap nonsense\n\t\t}\n\t}\n}\n"); err == nil {
		t.Error("a format that does not exist was accepted")
	}
}

func TestLogFormatDropsKeysOnly(t *testing.T) {
	ctx, cancel := caddy.NewContext(caddy.Context{Context: t.Context()})
	defer cancel()
	format := new(LogFormat)
	if err := format.Provision(ctx); err != nil {
		t.Fatal(err)
	}
	line, err := format.Clone().EncodeEntry(zapcore.Entry{Message: "m"}, []zapcore.Field{
		zap.Dict("request", zap.String("uri", "/v1beta/models?key=secret-one&alt=sse"),
			zap.Dict("headers", zap.Strings("X-Api-Key", []string{"secret-two"}), zap.Strings("X-Goog-Api-Key", []string{"secret-three"}),
				zap.Strings("User-Agent", []string{"curl"}))),
	})
	if err != nil {
		t.Fatal(err)
	}
	got := line.String()
	if strings.Contains(got, "secret") {
		t.Errorf("entry = %s, want no keys", got)
	}
	for _, want := range []string{"/v1beta/models?alt=sse", "curl"} {
		if !strings.Contains(got, want) {
			t.Errorf("entry = %s, want %q kept", got, want)
		}
	}
}
