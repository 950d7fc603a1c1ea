package inventory

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/accounts"
)

// shown writes endpoints in short.
func shown(endpoints []accounts.Endpoint) string {
	var out []string
	for _, e := range endpoints {
		text := e.Dialect + " " + e.BaseURL + " " + e.Auth.Header
		if e.APIVersion != "" {
			text += " " + e.APIVersion
		}
		out = append(out, text)
	}
	return strings.Join(out, "\n")
}

func TestAzureEndpoints(t *testing.T) {
	for _, tt := range []struct {
		name string
		in   AccountConfig
		want string
	}{
		{"resource", AccountConfig{CloudConfig: CloudConfig{Resource: "Blue-1"}},
			"responses https://blue-1.openai.azure.com/openai/v1 Api-Key\nchat https://blue-1.openai.azure.com/openai/v1 Api-Key\ncompletions https://blue-1.openai.azure.com/openai/v1 Api-Key"},
		{"preview", AccountConfig{Dialect: "chat", CloudConfig: CloudConfig{Resource: "blue", APIVersion: "preview"}},
			"chat https://blue.openai.azure.com/openai/v1 Api-Key preview"},
		{"dated", AccountConfig{CloudConfig: CloudConfig{Resource: "blue", APIVersion: "2024-10-21"}},
			"chat https://blue.openai.azure.com/openai Api-Key 2024-10-21\ncompletions https://blue.openai.azure.com/openai Api-Key 2024-10-21"},
		{"dated responses", AccountConfig{Dialect: "responses", CloudConfig: CloudConfig{Resource: "blue", APIVersion: "2025-04-01-preview"}},
			"responses https://blue.openai.azure.com/openai Api-Key 2025-04-01-preview"},
		{"base URL", AccountConfig{Dialect: "chat", BaseURL: "https://AI.example.com/"}, "chat https://ai.example.com/openai/v1 Api-Key"},
		{"base URL with the surface", AccountConfig{Dialect: "chat", BaseURL: "https://ai.example.com/x/openai/v1/"}, "chat https://ai.example.com/x/openai/v1 Api-Key"},
		{"base URL with the operation", AccountConfig{Dialect: "chat", BaseURL: "https://ai.example.com/openai/v1/chat/completions"}, "chat https://ai.example.com/openai/v1 Api-Key"},
		{"Entra", AccountConfig{Dialect: "chat", CloudConfig: CloudConfig{Resource: "blue"}, Command: &CommandConfig{Args: []string{"true"}, Bearer: true}},
			"chat https://blue.openai.azure.com/openai/v1 Authorization"},
	} {
		tt.in.Name, tt.in.Provider = "az", "azure"
		if tt.in.Command == nil {
			tt.in.APIKey = testKey
		}
		inv, err := Build([]Config{{Accounts: []AccountConfig{tt.in}}}, nil)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		a := inv.Account("az")
		if got := shown(a.Endpoints); got != tt.want || !a.Usable() {
			t.Errorf("%s: got\n%s\nwant\n%s (%s)", tt.name, got, tt.want, a.Unusable)
		}
	}
}

func TestVertexEndpoints(t *testing.T) {
	for _, tt := range []struct {
		name string
		in   AccountConfig
		want string
	}{
		{"global", AccountConfig{APIKey: testKey, CloudConfig: CloudConfig{Project: "my-project"}},
			"gemini https://aiplatform.googleapis.com/v1/projects/my-project/locations/global X-Goog-Api-Key\n" +
				"messages https://aiplatform.googleapis.com/v1/projects/my-project/locations/global X-Goog-Api-Key"},
		{"region", AccountConfig{Dialect: "messages", Google: &GoogleConfig{ADC: true}, CloudConfig: CloudConfig{Project: "example.com:p", Location: "us-east5"}},
			"messages https://us-east5-aiplatform.googleapis.com/v1/projects/example.com:p/locations/us-east5 Authorization"},
		{"multi-region", AccountConfig{Dialect: "messages", Google: &GoogleConfig{ADC: true}, CloudConfig: CloudConfig{Project: "p", Location: "eu"}},
			"messages https://aiplatform.eu.rep.googleapis.com/v1/projects/p/locations/eu Authorization"},
		{"base URL and a command", AccountConfig{Dialect: "gemini", BaseURL: "https://vertex.example.com/v1/", Command: &CommandConfig{Args: []string{"true"}}, CloudConfig: CloudConfig{Project: "p", Location: "us-east5"}},
			"gemini https://vertex.example.com/v1/projects/p/locations/us-east5 Authorization"},
	} {
		tt.in.Name, tt.in.Provider = "vx", "vertex"
		inv, err := Build([]Config{{Accounts: []AccountConfig{tt.in}}}, nil)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if a := inv.Account("vx"); shown(a.Endpoints) != tt.want || !a.Usable() {
			t.Errorf("%s: got\n%s\nwant\n%s (%s)", tt.name, shown(a.Endpoints), tt.want, a.Unusable)
		}
	}
}

func TestBedrockEndpoints(t *testing.T) {
	keys := &AWSConfig{AccessKeyID: "AKIAEXAMPLE", SecretAccessKey: "secret"}
	for _, tt := range []struct {
		name, want, fingerprint string
		in                      AccountConfig
	}{
		{"access key", "messages https://bedrock-runtime.us-east-1.amazonaws.com Authorization us-east-1", "aws:…MPLE",
			AccountConfig{AWS: keys, CloudConfig: CloudConfig{Region: "us-east-1"}}},
		{"API key", "messages https://bedrock-runtime.us-gov-west-1.amazonaws.com Authorization us-gov-west-1", "sk-…cdef",
			AccountConfig{APIKey: testKey, CloudConfig: CloudConfig{Region: "us-gov-west-1"}}},
		{"China", "messages https://bedrock-runtime.cn-north-1.amazonaws.com.cn Authorization cn-north-1", "aws:…MPLE",
			AccountConfig{AWS: keys, CloudConfig: CloudConfig{Region: "cn-north-1"}}},
		{"base URL", "messages https://vpce.example.com Authorization eu-west-3", "aws:…MPLE",
			AccountConfig{AWS: keys, BaseURL: "https://vpce.example.com/", CloudConfig: CloudConfig{Region: "eu-west-3"}}},
	} {
		tt.in.Name, tt.in.Provider = "br", "bedrock"
		inv, err := Build([]Config{{Accounts: []AccountConfig{tt.in}}}, nil)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		a := inv.Account("br")
		if got := shown(a.Endpoints) + " " + a.Endpoints[0].Region; got != tt.want || !a.Usable() || a.Credential.Fingerprint() != tt.fingerprint {
			t.Errorf("%s: got\n%s\nwant\n%s (%s, %s)", tt.name, got, tt.want, a.Unusable, a.Credential.Fingerprint())
		}
	}
	inv := buildHCL(t, `
account "br" {
  provider    = "bedrock"
  region      = "us-east-1"
  deployments = { "claude-opus-5" = "us.anthropic.claude-opus-5-v1:0" }
  aws {
    access_key_id     = "AKIAEXAMPLE"
    secret_access_key = "secret"
    session_token     = env("NOT_SET_ANYWHERE")
  }
}
`)
	if a := inv.Account("br"); a.Usable() || !strings.Contains(a.Unusable, "NOT_SET_ANYWHERE") {
		t.Errorf("got %q, want the variable that is missing", a.Unusable)
	}
}

func TestCloudProblems(t *testing.T) {
	for _, tt := range []struct {
		provider, want string
		in             AccountConfig
	}{
		{"azure", "it needs either resource", AccountConfig{}},
		{"azure", "it needs either resource", AccountConfig{BaseURL: "https://x", CloudConfig: CloudConfig{Resource: "r"}}},
		{"azure", `resource "r.openai.azure.com" must be the name alone`, AccountConfig{CloudConfig: CloudConfig{Resource: "r.openai.azure.com"}}},
		{"azure", `api_version "2024" is neither a date`, AccountConfig{CloudConfig: CloudConfig{Resource: "r", APIVersion: "2024"}}},
		{"azure", "base_url names a deployment", AccountConfig{BaseURL: "https://r.openai.azure.com/openai/deployments/x/chat/completions"}},
		{"azure", "provider azure has no messages endpoint", AccountConfig{Dialect: "messages", CloudConfig: CloudConfig{Resource: "r"}}},
		{"azure", `deployment of "a b": both names`, AccountConfig{CloudConfig: CloudConfig{Resource: "r", Deployments: map[string]string{"a b": "c"}}}},
		{"azure", `deployment of "a*": both names`, AccountConfig{CloudConfig: CloudConfig{Resource: "r", Deployments: map[string]string{"a*": "c"}}}},
		{"azure", `deployment of "a": models leaves this model out`, AccountConfig{Models: []string{"b"}, CloudConfig: CloudConfig{Resource: "r", Deployments: map[string]string{"a": "c"}}}},
		{"vertex", "it needs project", AccountConfig{CloudConfig: CloudConfig{Location: "global"}}},
		{"vertex", `project "My Project" is no project id`, AccountConfig{CloudConfig: CloudConfig{Project: "My Project"}}},
		{"vertex", `location "https://x" is none`, AccountConfig{CloudConfig: CloudConfig{Project: "p", Location: "https://x"}}},
		{"vertex", "provider vertex has no chat endpoint", AccountConfig{Dialect: "chat", CloudConfig: CloudConfig{Project: "p"}}},
		{"vertex", "resource is a setting of accounts of azure", AccountConfig{CloudConfig: CloudConfig{Project: "p", Resource: "r"}}},
		{"gemini", "project is a setting of accounts of vertex", AccountConfig{CloudConfig: CloudConfig{Project: "p"}}},
		{"gemini", "location is a setting of accounts of vertex", AccountConfig{CloudConfig: CloudConfig{Location: "p"}}},
		{"bedrock", "it needs region", AccountConfig{}},
		{"bedrock", `region "Virginia" is none`, AccountConfig{CloudConfig: CloudConfig{Region: "Virginia"}}},
		{"bedrock", "it has more than one credential: api_key, aws", AccountConfig{AWS: &AWSConfig{}, CloudConfig: CloudConfig{Region: "us-east-1"}}},
		{"azure", "region is a setting of accounts of bedrock", AccountConfig{CloudConfig: CloudConfig{Resource: "r", Region: "us-east-1"}}},
		{"openai", "resource is a setting of accounts of azure", AccountConfig{CloudConfig: CloudConfig{Resource: "r"}}},
		{"openai", "deployments is a setting of accounts of azure, vertex, bedrock", AccountConfig{CloudConfig: CloudConfig{Deployments: map[string]string{"a": "b"}}}},
		{"ollama", "api_version is a setting of accounts of azure", AccountConfig{CloudConfig: CloudConfig{APIVersion: "v1"}}},
	} {
		tt.in.Name, tt.in.Provider, tt.in.APIKey, tt.in.Pos = "acc", tt.provider, testKey, "f:3"
		_, err := Build([]Config{{Accounts: []AccountConfig{tt.in}}}, nil)
		if want := `f:3: account "acc": ` + tt.want; err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestDeployments(t *testing.T) {
	inv := buildHCL(t, `
account "az" {
  provider    = "azure"
  api_key     = "`+testKey+`"
  resource    = "blue"
  api_version = "2024-10-21"
  deployments = { "gpt-5" = "prod-gpt5", "o3" = "thinker" }
}
`)
	a := inv.Account("az")
	if got, want := fmt.Sprint(a.Models), "[gpt-5 o3]"; got != want {
		t.Errorf("models: got %s, want %s", got, want)
	}
	for model, want := range map[string]string{"gpt-5": "prod-gpt5", "o3": "thinker", "x": "x"} {
		if got := a.Deployment(model); got != want {
			t.Errorf("%s: got %s, want %s", model, got, want)
		}
	}
	if targets, err := inv.Resolve("o3", nil); err != nil || len(targets) != 1 || !slices.Contains(targets[0].Accounts, a) {
		t.Errorf("got %v, %v", targets, err)
	}
	if _, err := inv.Resolve("gpt-4o", nil); err == nil {
		t.Error("a model that is not deployed has a target")
	}
}

func TestCloudValueMissing(t *testing.T) {
	resolve := func(s string) (string, error) {
		if strings.HasPrefix(s, "{") {
			return "", fmt.Errorf("environment variable X is not set")
		}
		return s, nil
	}
	inv, err := Build([]Config{{Accounts: []AccountConfig{
		{Name: "az", Provider: "azure", APIKey: testKey, CloudConfig: CloudConfig{Resource: "{env.X}"}},
		{Name: "br", Provider: "bedrock", AWS: &AWSConfig{"{env.X}", "s", ""}, CloudConfig: CloudConfig{Region: "us-east-1"}},
		{Name: "vx", Provider: "vertex", APIKey: testKey, CloudConfig: CloudConfig{Project: "{env.X}"}},
	}}}, resolve)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"az", "vx", "br"} {
		if a := inv.Account(name); a.Usable() || a.Unusable != "environment variable X is not set" || len(a.Endpoints) == 0 {
			t.Errorf("%s: got %q, %v", name, a.Unusable, a.Endpoints)
		}
	}
}
