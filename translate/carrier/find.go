package carrier

import (
	"bytes"
	"encoding/base64"
)

// In reports whether a request's body may hold carriers. It is a quick look that
// spares all but a few requests the search.
func In(body []byte) bool {
	return bytes.Contains(body, []byte(Base64Prefix)) || holdsPrefix(body)
}

// holdsPrefix looks for the prefix by its rarest byte, which is several times as fast
// as bytes.Contains in prose and in code.
func holdsPrefix(body []byte) bool {
	const at = 2 // of the 1 in the prefix
	for i := 0; ; {
		j := bytes.IndexByte(body[i:], Prefix[at])
		if j < 0 {
			return false
		}
		i += j
		if i >= at && bytes.HasPrefix(body[i-at:], []byte(Prefix)) {
			return true
		}
		i++
	}
}

// headSize is enough of a carrier to hold its scope, whatever its layout is
// within reason.
const headSize = 1 << 10

// LastScope returns the scope of the last carrier in a request's body, which
// tells the account that the conversation was with, or "" when there is none.
func LastScope(body []byte) string {
	text, encoded := lastOf(body), bytes.LastIndex(body, []byte(`"`+Base64Prefix))
	if text >= 0 && text > encoded {
		return scopeOf(body[text:min(len(body), text+headSize)])
	}
	if encoded < 0 {
		return ""
	}
	head := body[encoded+1 : min(len(body), encoded+1+headSize)]
	if end := bytes.IndexByte(head, '"'); end >= 0 {
		head = head[:end]
	}
	head = head[:len(head)&^3]
	plain := make([]byte, base64.StdEncoding.DecodedLen(len(head)))
	n, err := base64.StdEncoding.Decode(plain, head)
	if err != nil {
		if n, err = base64.URLEncoding.Decode(plain, head); err != nil {
			return ""
		}
	}
	return scopeOf(plain[:n])
}

// lastOf returns where the last carrier with a scope begins, -1 for none. Not all
// that has the prefix is one: what a search found is marked by it too.
func lastOf(body []byte) int {
	at := bytes.LastIndex(body, []byte(Prefix))
	for range maxMarks {
		if at < 0 || scopeOf(body[at:min(len(body), at+headSize)]) != "" {
			return at
		}
		at = bytes.LastIndex(body[:at], []byte(Prefix))
	}
	return -1
}

// maxMarks bounds the search for the last carrier.
const maxMarks = 256

// scopeOf reads the scope of the carrier that text begins with.
func scopeOf(text []byte) string {
	if !Is(text) {
		return ""
	}
	var c Carrier
	fields := bytes.SplitN(text[len(Prefix):], []byte{'.'}, 3)
	if len(fields) < 3 || !c.head(fields[0]) || !hexadecimal(fields[1]) {
		return ""
	}
	return string(fields[1])
}

// Join puts several carriers in one value, for dialects that have place for one;
// Split takes them apart.
func Join(dst []byte, carriers ...[]byte) []byte {
	for i, c := range carriers {
		if i > 0 {
			dst = append(dst, ' ')
		}
		dst = append(dst, c...)
	}
	return dst
}

// Split reads the carriers that a client's value holds: one, several that were
// joined, or those in base64. What is no carrier gives none.
func Split(value []byte) []Carrier {
	if bytes.HasPrefix(value, []byte(Base64Prefix)) {
		plain, err := base64.StdEncoding.AppendDecode(nil, value)
		if err != nil {
			// Clients may write the other alphabet.
			if plain, err = base64.RawURLEncoding.AppendDecode(nil, bytes.TrimRight(value, "=")); err != nil {
				return nil
			}
		}
		value = plain
	}
	if !Is(value) {
		return nil
	}
	var list []Carrier
	for text := range bytes.SplitSeq(value, []byte{' '}) {
		c, ok := Parse(text)
		if !ok {
			return nil
		}
		list = append(list, c)
	}
	return list
}

// Encoded returns a value as the base64 that a Gemini client holds.
func Encoded(dst, value []byte) []byte { return base64.StdEncoding.AppendEncode(dst, value) }
