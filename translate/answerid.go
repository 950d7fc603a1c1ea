package translate

import "strings"

// BareID returns what of an upstream's id of an answer can stand in the id of
// another dialect: without the prefix that its vendor gave it, at most max
// characters of [A-Za-z0-9_-]. "" when nothing is left.
func BareID(id string, max int) string {
	for _, prefix := range [...]string{"chatcmpl-", "cmpl-", "resp_", "msg_", "gen-"} {
		if rest, found := strings.CutPrefix(id, prefix); found {
			id = rest
			break
		}
	}
	out := make([]byte, 0, min(len(id), max))
	for i := 0; i < len(id) && len(out) < max; i++ {
		switch c := id[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '_', c == '-':
			out = append(out, c)
		}
	}
	return string(out)
}
