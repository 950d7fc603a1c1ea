package inventory

import (
	"fmt"
	"strings"
	"testing"
)

func TestRoutePools(t *testing.T) {
	inv := build(t, Config{
		Accounts: []AccountConfig{{Name: "a", Provider: "vllm"}, {Name: "b", Provider: "vllm"}},
		Pools:    []PoolConfig{{Name: "p", Accounts: []string{"a"}}, {Name: "q", Accounts: []string{"b", "a"}, Policy: PolicyRoundRobin}},
		Routes: []RouteConfig{
			{Pattern: "outer", Targets: []string{"inner", "m", "a/n"}, Pool: "p"},
			{Pattern: "inner", Targets: []string{"m"}, Pool: "q"},
		},
	})
	targets, err := inv.Resolve("outer", nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, target := range targets {
		got = append(got, target.Model+"@"+target.Pool)
	}
	if want := "[m@q m@p n@p]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
	var pools []string
	for _, p := range inv.Pools() {
		pools = append(pools, p.Name+":"+p.Policy)
	}
	if want := "[:sticky p:sticky q:round_robin]"; fmt.Sprint(pools) != want {
		t.Errorf("got %v, want %s", pools, want)
	}
	_, err = Build([]Config{{
		Accounts: []AccountConfig{{Name: "a", Provider: "vllm", QuotaFloor: 1}},
		Routes:   []RouteConfig{{Pattern: "x", Targets: []string{"m"}, Pool: "poool"}},
		Pools:    []PoolConfig{{Name: "pool", Accounts: []string{"a"}, Policy: "acme"}},
		Policies: []string{"acme"},
	}}, nil)
	for _, want := range []string{`model "x": there is no pool "poool"; did you mean "pool"?`, `account "a": quota_floor must be at least 0 and less than 1`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("missing %q in %v", want, err)
		}
	}
	if err != nil && strings.Contains(err.Error(), "acme") {
		t.Errorf("a policy that is known is refused: %v", err)
	}
}

func TestParseShare(t *testing.T) {
	for in, want := range map[string]Share{"10%": 0.1, "0.25": 0.25, " 0 ": 0, "100%": 1} {
		if got, err := ParseShare(in); got != want || err != nil {
			t.Errorf("%q: got %g, %v, want %g", in, got, err, want)
		}
	}
	for _, in := range []string{"", "10", "-1%", "101%", "NaN", "ten%"} {
		if got, err := ParseShare(in); err == nil {
			t.Errorf("%q: got %g, want an error", in, got)
		}
	}
}
