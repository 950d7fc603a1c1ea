package accounts

import "strings"

// Match reports whether name fits a glob pattern. "*" stands for any run of characters, "/" included (model names of
// routers contain slashes), "?" for exactly one byte; everything else, including letter case, stands for itself.
func Match(pattern, name string) bool {
	p, n := 0, 0
	star, resume := -1, 0 // the last "*" seen, and where in name the text after it was last tried
	for n < len(name) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, resume = p, n
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == name[n]):
			p++
			n++
		case star >= 0:
			resume++
			p, n = star+1, resume
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// MatchAny reports whether name fits one of the patterns.
func MatchAny(patterns []string, name string) bool {
	for _, p := range patterns {
		if Match(p, name) {
			return true
		}
	}
	return false
}

// IsPattern reports whether s contains a wildcard of [Match].
func IsPattern(s string) bool { return strings.ContainsAny(s, "*?") }
