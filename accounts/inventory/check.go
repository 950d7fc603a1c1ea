package inventory

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/fairway-gateway/fairway/accounts"
)

func isSpace(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }

// checkName refuses names that could not stand before the slash of "account/model" or in a header.
func checkName(name string) error {
	switch {
	case name == "":
		return errors.New("it has no name")
	case strings.Contains(name, "/"):
		return errors.New("a name must not contain a slash, because account/model names both")
	case strings.ContainsFunc(name, func(r rune) bool { return isSpace(r) || r > unicode.MaxASCII || strings.ContainsRune(`"*?`, r) }):
		return errors.New("a name must consist of visible ASCII characters without quotes and wildcards")
	case len(name) > 64:
		return errors.New("a name must not be longer than 64 characters")
	}
	return nil
}

func (b *builder) checkPolicy(policy string) error {
	supported := slices.Concat(Policies(), b.policies)
	if policy == "" || slices.Contains(supported, policy) {
		return nil
	}
	return fmt.Errorf("there is no policy %s%s (one of %s)", quote(policy), suggestion(policy, supported), strings.Join(supported, ", "))
}

func checkDialect(dialect string) error {
	if slices.Contains(accounts.Dialects(), dialect) {
		return nil
	}
	return fmt.Errorf("there is no dialect %s%s (one of %s)", quote(dialect), suggestion(dialect, accounts.Dialects()),
		strings.Join(accounts.Dialects(), ", "))
}

func (b *builder) accountNames() []string {
	names := make([]string, len(b.inv.accounts))
	for i, a := range b.inv.accounts {
		names[i] = a.Name
	}
	return names
}

func (b *builder) providerNames() []string { return sortedKeys(b.inv.providers) }

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func (d Duration) std() time.Duration { return time.Duration(d) }
