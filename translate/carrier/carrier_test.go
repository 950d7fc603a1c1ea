package carrier

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
)

func samples() []Carrier {
	return []Carrier{
		{Vendor: Anthropic, Kind: Thinking, Layout: []Item{{Thinking, 120, 0xbeef}}, Scope: "0a1b2c3d", Model: "claude-opus-5", Payload: []byte("EqQB+/==")},
		{Vendor: Anthropic, Kind: Redacted, Ordinal: 3, Layout: []Item{{Text, 34, 1}, {Kind: Call}, {Kind: Redacted}}, Scope: "ffffffff", Model: "claude-sonnet-4.5@2026:x/y", Payload: []byte("EmwK")},
		{Vendor: OpenAI, Kind: Thinking, Layout: []Item{{Kind: Thinking}}, ID: "rs_0a.b@c", Scope: "12345678", Model: "gpt-5.4", Payload: []byte("gAAAAABm_-x=="), Text: []byte(`a\nb`)},
		{Vendor: Google, Kind: Call, Ordinal: 1, Layout: []Item{{Text, 5, 0xffff}, {Kind: Call}}, Scope: "12345678", Model: "gemini-3.1-pro", Payload: []byte("AY8="), Text: []byte{}},
		{Vendor: Other, Kind: Unsigned, Scope: "12345678", Model: "", Payload: []byte{}},
		{Vendor: Other, Kind: Media, Layout: []Item{{Kind: Media}}, Scope: "12345678", Model: "m", Payload: []byte(`a.b "c" ` + "\x00\xff")},
	}
}

func TestCarriersComeBack(t *testing.T) {
	for _, want := range samples() {
		text := want.Append(nil)
		got, ok := Parse(text)
		if !ok || !reflect.DeepEqual(got, want) {
			t.Errorf("Parse(%q) = %+v, %v, want %+v", text, got, ok, want)
		}
		for _, c := range text {
			if c < 0x21 || c > 0x7e || c == '"' || c == '\\' {
				t.Errorf("%q holds %q, which JSON or a joined value would have to escape", text, c)
			}
		}
	}
}

func TestCarrierText(t *testing.T) {
	c := Carrier{Vendor: Anthropic, Kind: Thinking, Ordinal: 2, Layout: []Item{{Text, 34, 0x1a}, {Thinking, 7, 0xf00d}}, Scope: "0a1b2c3d", Model: "claude-opus-4.8", Payload: []byte("EqQB")}
	if got, want := string(c.Append(nil)), "gw1.at2:x34-001a,t7-f00d.0a1b2c3d.claude-opus-4~2E8.EqQB"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestWhatIsNoCarrier(t *testing.T) {
	for _, text := range []string{
		"", "gw1.", "gw1.at0:t1", "gw1.at0:t1-0000.0a1b2c3d.m", "EqQBCkYIBxgCKkAZ", "gAAAAABm",
		"gw1.zt0:t1-0000.0a1b2c3d.m.p",                                                                                                               // a vendor nobody knows
		"gw1.at0:t1-0000.0a1b2c3.m.p",                                                                                                                // a short scope
		"gw1.at0:t1-0000.0A1B2C3D.m.p",                                                                                                               // capitals
		"gw1.at0:x1-0000.0a1b2c3d.m.p",                                                                                                               // another part than its kind says
		"gw1.at0:x1-0000,t1-0000.0a1b2c3d.m.p",                                                                                                       // more parts than its ordinal allows
		"gw1.at01:x1-0000,t1-0000.0a1b2c3d.m.p",                                                                                                      // not canonical
		"gw1.at0:t.0a1b2c3d.m.p", "gw1.at0:t1.0a1b2c3d.m.p", "gw1.at0:t0-0000.0a1b2c3d.m.p", "gw1.at0:t1-00g0.0a1b2c3d.m.p", "gw1.at0:.0a1b2c3d.m.p", // no length, no layout
		"gw1.at0:t1-0000@.0a1b2c3d.m.p", "gw1.at0:t1-0000.0a1b2c3d.m m.p", // an empty id, a bad name
		"gw1.at0:t1-0000.0a1b2c3d.m.p\"", "gw1.at0:t1-0000.0a1b2c3d.m.~EqQB!", // payloads that are none
		"gw1.at0:t1-0000.0a1b2c3d.m.p.t.u", "gw1.at0:t1-0000.0a1b2c3d.m.p.*",
	} {
		if c, ok := Parse([]byte(text)); ok {
			t.Errorf("Parse(%q) = %+v, want none", text, c)
		}
	}
	large := Carrier{Vendor: Anthropic, Kind: Thinking, Layout: []Item{{Thinking, 1, 0}}, Scope: "0a1b2c3d", Model: "m", Payload: bytes.Repeat([]byte("A"), MaxSize)}
	if _, ok := Parse(large.Append(nil)); ok {
		t.Error("a carrier above MaxSize was read")
	}
}

func TestJoinedCarriersComeApart(t *testing.T) {
	var texts [][]byte
	for _, c := range samples() {
		texts = append(texts, c.Append(nil))
	}
	joined := Join(nil, texts...)
	for _, value := range [][]byte{joined, Encoded(nil, joined), bytes.NewBuffer(bytes.ReplaceAll(bytes.ReplaceAll(Encoded(nil, joined), []byte("+"), []byte("-")), []byte("/"), []byte("_"))).Bytes()} {
		if got := Split(value); !reflect.DeepEqual(got, samples()) {
			t.Errorf("Split(%q) = %+v", value, got)
		}
	}
	for _, value := range []string{"EqQB", "", "Z3cxLg==", "Z3cxLj8!"} {
		if got := Split([]byte(value)); got != nil {
			t.Errorf("Split(%q) = %+v, want nothing", value, got)
		}
	}
	if encoded := string(Encoded(nil, joined)); !strings.HasPrefix(encoded, Base64Prefix) {
		t.Errorf("%.20s… does not begin with %s", encoded, Base64Prefix)
	}
}

func TestLastScope(t *testing.T) {
	one, two := samples()[0], samples()[1]
	first, second := string(one.Append(nil)), string(two.Append(nil))
	for name, c := range map[string]struct{ body, want string }{
		"none":             {`{"a":"b"}`, ""},
		"text":             {`{"a":"` + first + `"}`, "0a1b2c3d"},
		"the last of two":  {`{"a":"` + first + `","b":"` + second + `"}`, "ffffffff"},
		"base64":           {`{"thoughtSignature":"` + string(Encoded(nil, []byte(second))) + `"}`, "ffffffff"},
		"a mark behind":    {`{"a":"` + first + `","b":"gw1.found","c":"srvtoolu_gw1.x"}`, "0a1b2c3d"},
		"a word in a text": {`{"a":"write gw1. at the front"}`, ""},
		"cut":              {`{"a":"gw1.at0`, ""},
	} {
		if got := LastScope([]byte(c.body)); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
		if found := In([]byte(c.body)); c.want != "" && !found {
			t.Errorf("%s: In says there is none", name)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, c := range samples() {
		f.Add(c.Append(nil))
		f.Add(Encoded(nil, c.Append(nil)))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		LastScope(text)
		Split(text)
		c, ok := Parse(text)
		if !ok {
			return
		}
		again, ok := Parse(c.Append(nil))
		if !ok || !reflect.DeepEqual(again, c) {
			t.Fatalf("%q came back as %+v, want %+v", text, again, c)
		}
	})
}

func TestSumDoesNotDependOnThePieces(t *testing.T) {
	var whole, pieces, other Sum
	whole.Add([]byte("a text in two pieces"))
	pieces.Add([]byte("a text in "))
	pieces.Add(nil)
	pieces.Add([]byte("two pieces"))
	other.Add([]byte("a text in one piece."))
	if whole != pieces || whole.Value() == other.Value() {
		t.Errorf("got %x, %x and %x", whole.Value(), pieces.Value(), other.Value())
	}
}
