package main

import (
	"fmt"
	"strings"
)

// keyVariable names the environment variable from which the gateway takes its accounts' keys; dummyKey is its value,
// which opens nothing.
const (
	keyVariable = "FAIRWAY_BENCH_KEY"
	dummyKey    = "bench-upstream-key"
)

// globalOptions are the same for both sides.
const globalOptions = `	admin off
	persist_config off
	auto_https off
	grace_period 1s
	log {
		level ERROR
	}
`

// gatewayCaddyfile configures the gateway under test at address with one account for each dialect, all of them served by
// the scripted upstream, and more accounts of another model beside them: an inventory of that size to be loaded and
// looked through.
func gatewayCaddyfile(address, upstream string, more int) string {
	var b strings.Builder
	b.WriteString("{\n" + globalOptions + "\tai {\n")
	for _, d := range dialects() {
		writeAccount(&b, d, "bench-"+d.name, upstream, d.model())
	}
	for i := range more {
		writeAccount(&b, dialects()[0], fmt.Sprintf("spare-%04d", i), upstream, "spare-model")
	}
	b.WriteString("\t}\n}\n\n")
	writeSite(&b, address, "ai")
	return b.String()
}

func writeAccount(b *strings.Builder, d *dialect, name, upstream, model string) {
	fmt.Fprintf(b, "\t\taccount %s %s {\n", name, d.provider)
	fmt.Fprintf(b, "\t\t\tbase_url http://%s%s\n", upstream, d.basePath)
	fmt.Fprintf(b, "\t\t\tapi_key {env.%s}\n", keyVariable)
	fmt.Fprintf(b, "\t\t\tmodels %s\n\t\t}\n", model)
}

// proxyCaddyfile configures the baseline: Caddy's reverse_proxy at address in front of the same upstream.
func proxyCaddyfile(address, upstream string) string {
	var b strings.Builder
	b.WriteString("{\n" + globalOptions + "}\n\n")
	writeSite(&b, address, "reverse_proxy "+upstream)
	return b.String()
}

func writeSite(b *strings.Builder, address, directive string) {
	host, port, _ := strings.Cut(address, ":")
	fmt.Fprintf(b, "http://:%s {\n\tbind %s\n\t%s\n}\n", port, host, directive)
}
