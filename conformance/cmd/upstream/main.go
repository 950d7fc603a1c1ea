// Command upstream serves OpenAI Responses, OpenAI Chat, Anthropic Messages and Gemini on one loopback address, answered
// by a scripted model that calls one tool and then says that it is done. It lets real agent programs work through the
// gateway with no network:
//
//	go run ./cmd/upstream -listen 127.0.0.1:9009 -log ./requests
//
// Any API key is accepted. Each request's body is written to the log directory, one file a request.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"sync/atomic"

	"github.com/fairway-gateway/fairway/conformance/upstream"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	listen := flag.String("listen", "127.0.0.1:9009", "loopback address to serve on")
	dir := flag.String("log", "", "directory for the requests' bodies (default: none are kept)")
	flag.Parse()
	host, _, err := net.SplitHostPort(*listen)
	if err != nil {
		return fmt.Errorf("reading -listen: %w", err)
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return errors.New("reading -listen: only loopback addresses are served, such as 127.0.0.1:9009")
	}
	if *dir != "" {
		if err := os.MkdirAll(*dir, 0o700); err != nil {
			return fmt.Errorf("making the log directory: %w", err)
		}
	}
	s := upstream.New()
	var n atomic.Int64
	s.Open(upstream.Agent)
	s.Observe(func(rec *upstream.Record) {
		name := fmt.Sprintf("%04d-%s-%s", n.Add(1), rec.Dialect, rec.Op)
		verdict := "ok"
		if rec.Refused != nil {
			verdict = "refused: " + rec.Refused.Message
		}
		fmt.Printf("%s %s %s %s model=%s stream=%v %d bytes: %s\n", name, rec.Method, rec.Path, rec.Query.Get("alt"), rec.Model, rec.Stream, len(rec.Body), verdict)
		if *dir == "" {
			return
		}
		if err := os.WriteFile(filepath.Join(*dir, name+".json"), rec.Body, 0o600); err != nil {
			fmt.Fprintln(os.Stderr, "keeping a request:", err)
		}
	})
	l, err := net.Listen("tcp", *listen)
	if err != nil {
		return fmt.Errorf("listening: %w", err)
	}
	fmt.Println("serving on", l.Addr())
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	srv := &http.Server{Handler: s}
	go func() {
		<-ctx.Done()
		_ = srv.Close()
	}()
	if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
