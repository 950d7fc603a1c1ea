package caddymodule

import (
	"fmt"
	"os"
	"strings"

	"github.com/caddyserver/caddy/v2"
)

// resolve replaces the placeholders that stand for a secret or another value of the machine: {env.NAME}, {file./path} and
// Caddy's global ones. It is an error, worded for the owner, when one of them stands for nothing.
func resolve(value string) (string, error) {
	if !strings.Contains(value, "{") {
		return value, nil
	}
	return caddy.NewReplacer().ReplaceFunc(value, func(name string, found any) (any, error) {
		if caddy.ToString(found) != "" {
			return found, nil
		}
		if variable, ok := strings.CutPrefix(name, "env."); ok {
			if _, set := os.LookupEnv(variable); !set {
				return nil, fmt.Errorf("environment variable %s is not set", variable)
			}
			return nil, fmt.Errorf("environment variable %s is empty", variable)
		}
		if file, ok := strings.CutPrefix(name, "file."); ok {
			if _, err := os.Stat(file); err != nil {
				return nil, fmt.Errorf("file %s cannot be read", file)
			}
			return nil, fmt.Errorf("file %s is empty or cannot be read", file)
		}
		return nil, fmt.Errorf("placeholder {%s} is unknown here (use {env.NAME} or {file./path})", name)
	})
}

// spelledOut reports whether a configured key is the key itself rather than a placeholder for it. Short values are taken
// for the dummies that self-hosted servers want.
func spelledOut(apiKey string) bool {
	const shortestKey = 16
	return len(apiKey) >= shortestKey && !strings.Contains(apiKey, "{")
}
