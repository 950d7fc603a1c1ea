package sse

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func readAll(t *testing.T, src io.Reader, max int) (frames []string, raw string, err error) {
	t.Helper()
	r := NewReader(src, nil, max)
	for {
		f, err := r.Next()
		if err == io.EOF {
			return frames, raw, nil
		}
		if err != nil {
			return frames, raw, err
		}
		raw += string(f.Raw)
		if f.Event != nil || f.Data != nil {
			frames = append(frames, string(f.Event)+"|"+string(f.Data))
		}
	}
}

func TestReader(t *testing.T) {
	for name, tc := range map[string]struct {
		in   string
		want []string
	}{
		"data only":       {"data: a\n\ndata:b\n\n", []string{"|a", "|b"}},
		"event and data":  {"event: x\ndata: {}\n\n", []string{"x|{}"}},
		"crlf":            {"event: x\r\ndata: 1\r\n\r\ndata: 2\r\n\r\n", []string{"x|1", "|2"}},
		"cr":              {"data: 1\r\rdata: 2\r\r", []string{"|1", "|2"}},
		"mixed":           {"data: 1\r\n\ndata: 2\n\r\n", []string{"|1", "|2"}},
		"joined lines":    {"data: a\ndata: b\ndata: c\n\n", []string{"|a\nb\nc"}},
		"comment":         {": ping\n\ndata: 1\n\n", []string{"|1"}},
		"blank heartbeat": {"\n\ndata: 1\n\n\n\n\ndata: 2\n\n", []string{"|1", "|2"}},
		"byte order mark": {"\xef\xbb\xbfdata: 1\n\n", []string{"|1"}},
		"unended":         {"data: 1\n\ndata: [DONE]", []string{"|1", "|[DONE]"}},
		"id and retry":    {"id: 7\nretry: 3\ndata: 1\n\n", []string{"|1"}},
		"no space":        {"event:x\ndata:  two\n\n", []string{"x| two"}},
		"empty":           {"", nil},
	} {
		t.Run(name, func(t *testing.T) {
			for reader, src := range map[string]io.Reader{
				"whole":  strings.NewReader(tc.in),
				"byte":   iotest.OneByteReader(strings.NewReader(tc.in)),
				"half":   iotest.HalfReader(strings.NewReader(tc.in)),
				"eof in": iotest.DataErrReader(strings.NewReader(tc.in)),
			} {
				got, raw, err := readAll(t, src, 0)
				if err != nil {
					t.Fatalf("%s: %v", reader, err)
				}
				if g, w := strings.Join(got, "¦"), strings.Join(tc.want, "¦"); g != w {
					t.Errorf("%s: got %q, want %q", reader, g, w)
				}
				if raw != tc.in {
					t.Errorf("%s: raw = %q, want %q", reader, raw, tc.in)
				}
			}
		})
	}
}

func TestReaderLimit(t *testing.T) {
	_, _, err := readAll(t, strings.NewReader("data: "+strings.Repeat("x", 9000)+"\n\n"), 5000)
	if !errors.Is(err, ErrFrameTooLarge) {
		t.Errorf("err = %v, want %v", err, ErrFrameTooLarge)
	}
}

func TestReaderTellsCutFrames(t *testing.T) {
	for in, want := range map[string]bool{"data: 1": true, "data: 1\n": true, "data: 1\n\n": false, "event: x": true, "data: 1\r\n\r\n": false, "data: 1\r\n\r": true, "data: 1\r\n": true} {
		f, err := NewReader(strings.NewReader(in), nil, 0).Next()
		if err != nil || f.Cut != want {
			t.Errorf("%q: Cut = %v, err %v, want %v", in, f.Cut, err, want)
		}
	}
}

func TestReaderPassesErrorsOn(t *testing.T) {
	broken := errors.New("reset")
	frames, _, err := readAll(t, io.MultiReader(strings.NewReader("data: 1\n\ndata: 2"), iotest.ErrReader(broken)), 0)
	if got, want := strings.Join(frames, " "), "|1"; got != want {
		t.Errorf("frames = %q, want %q", got, want)
	}
	if !errors.Is(err, broken) {
		t.Errorf("err = %v, want %v", err, broken)
	}
}

func TestReady(t *testing.T) {
	r := NewReader(strings.NewReader("data: 1\n\ndata: 2\n\ndata: 3"), nil, 0)
	for i, want := range []bool{true, false} {
		if _, err := r.Next(); err != nil {
			t.Fatal(err)
		}
		if got := r.Ready(); got != want {
			t.Errorf("after frame %d: Ready() = %v, want %v", i+1, got, want)
		}
	}
}

func FuzzReader(f *testing.F) {
	f.Add([]byte("event: a\r\ndata: 1\r\n\r\n: c\n\ndata: 2\rdata: 3\r\r"), uint8(3))
	f.Fuzz(func(t *testing.T, in []byte, chunk uint8) {
		whole, raw, err := readAll(t, strings.NewReader(string(in)), 0)
		if err != nil {
			t.Fatal(err)
		}
		if raw != string(in) {
			t.Fatalf("raw = %q, want %q", raw, in)
		}
		split, _, err := readAll(t, &chunks{in, int(chunk%16) + 1}, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := strings.Join(split, "¦"), strings.Join(whole, "¦"); got != want {
			t.Fatalf("in chunks of %d: %q, whole: %q", chunk%16+1, got, want)
		}
	})
}

type chunks struct {
	b []byte
	n int
}

func (c *chunks) Read(p []byte) (int, error) {
	if len(c.b) == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), c.n)], c.b)
	c.b = c.b[n:]
	return n, nil
}

func BenchmarkReader(b *testing.B) {
	frame := "data: {\"id\":\"c\",\"choices\":[{\"delta\":{\"content\":\"" + strings.Repeat("a", 120) + "\"}}]}\n\n"
	in := strings.Repeat(frame, 100)
	buf := make([]byte, 0, 8192)
	b.SetBytes(int64(len(in)))
	for b.Loop() {
		r := NewReader(strings.NewReader(in), buf, 0)
		for {
			if _, err := r.Next(); err != nil {
				break
			}
		}
	}
}
