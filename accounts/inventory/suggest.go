package inventory

import (
	"slices"
	"strconv"
	"strings"

	"github.com/agext/levenshtein"
)

// closest returns up to three of the names that could have been meant, best first.
func closest(name string, names []string) []string {
	const most, longest = 3, 200
	if len(name) > longest {
		return nil
	}
	type match struct {
		name     string
		distance int
	}
	limit := max(2, len(name)/3)
	if len(name) < 4 {
		limit = 1
	}
	var matches []match
	for _, n := range names {
		if len(n) > len(name)+limit || len(name) > len(n)+limit {
			continue
		}
		if d := levenshtein.Distance(strings.ToLower(name), strings.ToLower(n), nil); d <= limit {
			matches = append(matches, match{n, d})
		}
	}
	slices.SortStableFunc(matches, func(a, b match) int { return a.distance - b.distance })
	var out []string
	for _, m := range matches {
		if !slices.Contains(out, m.name) && len(out) < most {
			out = append(out, m.name)
		}
	}
	return out
}

// suggestion returns "; did you mean …?" for a name that is none of the names, or "".
func suggestion(name string, names []string) string {
	if c := closest(name, names); len(c) > 0 {
		return "; did you mean " + orList(c) + "?"
	}
	return ""
}

func quote(s string) string {
	const longest = 200 // names come from requests
	if len(s) > longest {
		s = s[:longest] + "…"
	}
	return strconv.Quote(s)
}

func orList(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = quote(n)
	}
	if len(quoted) == 1 {
		return quoted[0]
	}
	return strings.Join(quoted[:len(quoted)-1], ", ") + " or " + quoted[len(quoted)-1]
}
