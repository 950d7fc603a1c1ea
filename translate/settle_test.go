package translate

import (
	"fmt"
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

func text(s string) Part { return Part{Kind: Text, Text: jsonlit.Quote(s)} }
func callOf(id string) Part {
	return Part{Kind: ToolCall, Call: &Call{ID: id, Name: "tool_" + id}}
}
func resultOf(id string) Part {
	return Part{Kind: ToolResult, Result: &Result{CallID: id, Parts: []Part{text("r" + id)}}}
}
func turn(role Role, parts ...Part) Turn { return Turn{Role: role, Parts: parts} }

// sketch writes a conversation in one line: u[hi] a[call:1] u[result:1(tool_1) more].
func sketch(turns []Turn) string {
	var out []string
	for _, t := range turns {
		var parts []string
		for _, p := range t.Parts {
			switch p.Kind {
			case ToolCall:
				parts = append(parts, "call:"+p.Call.ID)
			case ToolResult:
				s := fmt.Sprintf("result:%s(%s)", p.Result.CallID, p.Result.Name)
				if p.Result.IsError {
					s += "!"
				}
				parts = append(parts, s)
			default:
				parts = append(parts, jsonlit.Str(p.Text))
			}
		}
		out = append(out, string("uas"[t.Role])+"["+strings.Join(parts, " ")+"]")
	}
	return strings.Join(out, " ")
}

func TestSettle(t *testing.T) {
	for name, tc := range map[string]struct {
		in   []Turn
		want string
		err  string
	}{
		"plain": {
			in:   []Turn{turn(UserRole, text("hi")), turn(AssistantRole, text("yo")), turn(UserRole, text("bye"))},
			want: "u[hi] a[yo] u[bye]",
		},
		"same roles merge": {
			in:   []Turn{turn(UserRole, text("a")), turn(UserRole, text("b")), turn(AssistantRole, text("c")), turn(AssistantRole, callOf("1")), turn(UserRole, resultOf("1"))},
			want: "u[a b] a[c call:1] u[result:1(tool_1)]",
		},
		"results first, in the order of the calls": {
			in:   []Turn{turn(AssistantRole, callOf("1"), callOf("2")), turn(UserRole, text("x"), resultOf("2")), turn(UserRole, resultOf("1"), text("y"))},
			want: "a[call:1 call:2] u[result:1(tool_1) result:2(tool_2) x y]",
		},
		"missing result": {
			in:   []Turn{turn(AssistantRole, callOf("1"), callOf("2")), turn(UserRole, resultOf("2"))},
			want: "a[call:1 call:2] u[result:1(tool_1)! result:2(tool_2)]",
		},
		"no results at all": {
			in:   []Turn{turn(AssistantRole, callOf("1")), turn(UserRole, text("never mind"))},
			want: "a[call:1] u[result:1(tool_1)! never mind]",
		},
		"ends with the call": {
			in:   []Turn{turn(UserRole, text("go")), turn(AssistantRole, callOf("1"))},
			want: "u[go] a[call:1]",
		},
		"instruction between call and result": {
			in:   []Turn{turn(AssistantRole, callOf("1")), turn(SystemRole, text("s")), turn(UserRole, resultOf("1")), turn(AssistantRole, text("done"))},
			want: "a[call:1] u[result:1(tool_1)] s[s] a[done]",
		},
		"instruction behind an unanswered call": {
			in:   []Turn{turn(AssistantRole, callOf("1")), turn(SystemRole, text("s")), turn(UserRole, text("x"))},
			want: "a[call:1] u[result:1(tool_1)!] s[s] u[x]",
		},
		"orphan": {
			in:  []Turn{turn(UserRole, text("hi"), resultOf("9"))},
			err: `the tool result for call "9" has no matching tool call`,
		},
		"orphan of an earlier turn": {
			in:  []Turn{turn(AssistantRole, callOf("1")), turn(UserRole, resultOf("1")), turn(AssistantRole, text("ok")), turn(UserRole, resultOf("1"))},
			err: `the tool result for call "1" has no matching tool call`,
		},
		"answered twice": {
			in:   []Turn{turn(AssistantRole, callOf("1"), callOf("2")), turn(UserRole, resultOf("1"), resultOf("1"), resultOf("2"), text("x"))},
			want: "a[call:1 call:2] u[result:1(tool_1) result:2(tool_2) x]",
		},
		"two calls of one id": {
			in:   []Turn{turn(AssistantRole, callOf("1"), callOf("1")), turn(UserRole, resultOf("1"), resultOf("1"))},
			want: "a[call:1 call:1] u[result:1(tool_1) result:1(tool_1)]",
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := &Request{Turns: tc.in}
			err := Settle(r)
			if tc.err != "" {
				if err == nil || !strings.Contains(err.Error(), tc.err) {
					t.Fatalf("err = %v, want %q", err, tc.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := sketch(r.Turns); got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}

// TestSettlePrefix is the property that prompt caches and signatures need: a
// conversation that grows by a settled exchange only gets longer.
func TestSettlePrefix(t *testing.T) {
	all := []Turn{
		turn(UserRole, text("a")), turn(AssistantRole, text("b"), callOf("1"), callOf("2")), turn(UserRole, resultOf("2"), resultOf("1"), text("c")),
		turn(AssistantRole, text("d")), turn(SystemRole, text("s")), turn(UserRole, text("e")), turn(AssistantRole, callOf("3")), turn(UserRole, resultOf("3")),
	}
	before := ""
	for k := 1; k <= len(all); k++ {
		r := &Request{Turns: append([]Turn(nil), all[:k]...)}
		if err := Settle(r); err != nil {
			t.Fatal(err)
		}
		now := sketch(r.Turns)
		if !strings.HasPrefix(now, before) {
			t.Errorf("with %d turns: %s\nis no extension of %s", k, now, before)
		}
		before = now
	}
}

func TestPlainText(t *testing.T) {
	parts := []Part{text("a\n"), {Kind: Image}, text("b\"")}
	if got, want := string(PlainText(parts, `\n\n`)), `"a\n\n\nb\""`; got != want {
		t.Errorf("PlainText = %s, want %s", got, want)
	}
}
