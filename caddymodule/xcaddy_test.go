package caddymodule

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"golang.org/x/mod/modfile"
)

// xcaddyBuilder mirrors the JSON of xcaddy.Builder (github.com/caddyserver/xcaddy v0.4, builder.go and platforms.go), so
// that the module need not depend on xcaddy.
type xcaddyBuilder struct {
	OS           string `json:"os,omitempty"`
	Arch         string `json:"arch,omitempty"`
	ARM          string `json:"arm,omitempty"`
	Cgo          bool   `json:"cgo,omitempty"`
	CaddyVersion string `json:"caddy_version,omitempty"`
	Plugins      []struct {
		ModulePath string `json:"module_path,omitempty"`
		Version    string `json:"version,omitempty"`
	} `json:"plugins,omitempty"`
	Replacements []struct {
		Old string `json:"old,omitempty"`
		New string `json:"new,omitempty"`
	} `json:"replacements,omitempty"`
	TimeoutGet   int64  `json:"timeout_get,omitempty"`
	TimeoutBuild int64  `json:"timeout_build,omitempty"`
	RaceDetector bool   `json:"race_detector,omitempty"`
	SkipCleanup  bool   `json:"skip_cleanup,omitempty"`
	SkipBuild    bool   `json:"skip_build,omitempty"`
	Debug        bool   `json:"debug,omitempty"`
	BuildFlags   string `json:"build_flags,omitempty"`
	ModFlags     string `json:"mod_flags,omitempty"`
}

func TestXcaddyAgreesWithGoMod(t *testing.T) {
	read := func(path string) []byte {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	var builder xcaddyBuilder
	if err := json.Unmarshal(read("../xcaddy.json"), &builder, json.RejectUnknownMembers(true)); err != nil {
		t.Fatal(err)
	}
	mod, err := modfile.Parse("go.mod", read("../go.mod"), nil)
	if err != nil {
		t.Fatal(err)
	}
	var caddyVersion string
	for _, r := range mod.Require {
		if r.Mod.Path == "github.com/caddyserver/caddy/v2" {
			caddyVersion = r.Mod.Version
		}
	}
	if got, want := builder.CaddyVersion, caddyVersion; got != want {
		t.Errorf("caddy_version = %s, want %s as in go.mod", got, want)
	}
	if !builder.Cgo {
		t.Error("cgo is off, want it on")
	}
	if len(builder.Plugins) != 1 {
		t.Fatalf("%d plugins, want 1", len(builder.Plugins))
	}
	plugin := builder.Plugins[0]
	if got, want := plugin.ModulePath, mod.Module.Mod.Path+"/caddymodule"; got != want {
		t.Errorf("plugin = %s, want %s", got, want)
	}
	// From v2 on xcaddy would import caddymodule/v2, which a package below a module cannot be.
	if !regexp.MustCompile(`^v[01]\.\d+\.\d+$`).MatchString(plugin.Version) {
		t.Errorf("version = %s, want v0.x.y or v1.x.y", plugin.Version)
	}
	for _, r := range builder.Replacements {
		if strings.HasPrefix(r.New, ".") {
			t.Errorf("replacement %s is relative, which only xcaddy's command line resolves", r.New)
		}
	}
}
