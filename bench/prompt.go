package main

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// promptEnd closes the last user turn of every generated request. The scripted upstream looks for it, so that a gateway
// that loses the end of a prompt is not reported as fast.
const promptEnd = "[[prompt-ends-here]]"

// turnBytes is the size at which a long prompt starts its next turn: real conversations of 100 KB are many turns, and one
// huge string would flatter gateways that copy literals.
const turnBytes = 4 << 10

// turn is one message of a conversation.
type turn struct {
	role string // "user" or "assistant"
	text string
}

// conversation is what the request builders put into their dialect's own shape.
type conversation struct {
	system string
	turns  []turn // starts and ends with a user turn
}

const systemText = "You are a careful assistant. Answer briefly and name the file you mean."

// prose holds the lines that prompts are made of: plain sentences, code with quotes and tabs, a path, text beyond ASCII,
// because escapes and multi-byte runes are what makes scanning JSON strings slow.
var prose = []string{
	"The scheduler keeps one queue for each worker and moves half of it when a neighbour runs dry.\n",
	"Please look at the function below and say why the second call never returns.\n",
	"\tif err := store.Put(ctx, \"orders/\"+id, value); err != nil {\n\t\treturn fmt.Errorf(\"saving order %q: %w\", id, err)\n\t}\n",
	"We measured the old version on Tuesday: 1,204 requests, 17 of them slower than two seconds.\n",
	"C:\\builds\\nightly\\report.txt was written, but the archive step did not find it.\n",
	"Überraschend ist nur, dass die Prüfung grün blieb → 測試通過了, although the input was empty.\n",
	"for i := range rows {\n\ttotal += rows[i].Price * int64(rows[i].Count) // cents\n}\n",
	"Keep the public names as they are; callers outside this repository depend on them.\n",
}

// text returns n bytes of deterministic prose that begins at line start; it is cut at a rune boundary and filled up with
// dots, so that its length is exact.
func text(start, n int) string {
	var b strings.Builder
	for i := start; b.Len() < n; i++ {
		fmt.Fprintf(&b, "%d. %s", i+1, prose[i%len(prose)])
	}
	s := b.String()
	cut := n
	for cut > 0 && cut < len(s) && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + strings.Repeat(".", n-cut)
}

// converse returns a conversation of about n bytes of text in alternating turns, whose last user turn ends with padding
// and promptEnd. The padding needs no escape in JSON, so a body grows by exactly its length.
func converse(n, padding int) conversation {
	c := conversation{system: systemText}
	role := "user"
	for start := 0; n > turnBytes; start += 7 {
		c.turns = append(c.turns, turn{role, text(start, turnBytes)})
		n -= turnBytes
		if role == "user" {
			role = "assistant"
		} else {
			role = "user"
		}
	}
	if role == "assistant" {
		c.turns = append(c.turns, turn{role, "Understood. Go on."})
	}
	last := text(3, max(n, 0)) + strings.Repeat("x", padding) + promptEnd
	c.turns = append(c.turns, turn{"user", last})
	return c
}

// sized builds a body of exactly size bytes with build, which encodes a conversation. It panics when the dialect's frame
// alone is larger than size: the sizes are constants of this program.
func sized(size int, build func(conversation) []byte) []byte {
	n := size
	for {
		body := build(converse(n, 0))
		if over := len(body) - size; over > 0 {
			if n == 0 {
				panic(fmt.Sprintf("building a request of %d bytes: its frame alone takes %d", size, len(body)))
			}
			n = max(0, n-over)
			continue
		}
		return build(converse(n, size-len(body)))
	}
}
