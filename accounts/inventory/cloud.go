package inventory

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fairway-gateway/fairway/accounts"
)

// CloudConfig is what an account of a cloud says about where its models are. Every value may be a placeholder.
type CloudConfig struct {
	// Resource is the name of an Azure OpenAI resource, the first label of its host name.
	Resource string `json:"resource,omitzero"`
	// APIVersion is Azure's: a date ("2024-10-21", "2025-04-01-preview") chooses the older surface, which has the deployment
	// in the path; "preview" and "v1" are versions of the newer one. Default: the newer one, without a version.
	APIVersion string `json:"api_version,omitzero"`
	// Project is a Google Cloud project's id, and Location where in Vertex AI its models run: a region ("us-east5"), a
	// multi-region ("us", "eu") or "global", the default.
	Project  string `json:"project,omitzero"`
	Location string `json:"location,omitzero"`
	// Region is where in Amazon Web Services the models are.
	Region string `json:"region,omitzero"`
	// Deployments are the provider's own names for models, by the names that requests use. Without Models, the account serves
	// these alone.
	Deployments map[string]string `json:"deployments,omitempty"`
}

// surfaceOf returns the surface of a provider's endpoints, which all have the same.
func surfaceOf(p accounts.Provider) accounts.Surface {
	if len(p.Endpoints) == 0 {
		return ""
	}
	return p.Endpoints[0].Surface
}

// cloudSettings are the settings of CloudConfig and whose they are.
var cloudSettings = [...]struct {
	name  string
	of    []accounts.Surface
	given func(*CloudConfig) bool
}{
	{"resource", []accounts.Surface{accounts.SurfaceAzure}, func(c *CloudConfig) bool { return c.Resource != "" }},
	{"api_version", []accounts.Surface{accounts.SurfaceAzure}, func(c *CloudConfig) bool { return c.APIVersion != "" }},
	{"project", []accounts.Surface{accounts.SurfaceVertex}, func(c *CloudConfig) bool { return c.Project != "" }},
	{"location", []accounts.Surface{accounts.SurfaceVertex}, func(c *CloudConfig) bool { return c.Location != "" }},
	{"region", []accounts.Surface{accounts.SurfaceBedrock}, func(c *CloudConfig) bool { return c.Region != "" }},
	{"deployments", []accounts.Surface{accounts.SurfaceAzure, accounts.SurfaceVertex, accounts.SurfaceBedrock}, func(c *CloudConfig) bool { return len(c.Deployments) > 0 }},
}

// checkCloud refuses settings of another cloud, which would have no effect.
func checkCloud(c *CloudConfig, surface accounts.Surface) error {
	for _, s := range cloudSettings {
		if !s.given(c) || slices.Contains(s.of, surface) {
			continue
		}
		names := make([]string, len(s.of))
		for i, of := range s.of {
			names[i] = string(of)
		}
		return fmt.Errorf("%s is a setting of accounts of %s", s.name, strings.Join(names, ", "))
	}
	for _, model := range sortedKeys(c.Deployments) {
		name := c.Deployments[model]
		if model == "" || name == "" || strings.ContainsFunc(model+name, isSpace) || accounts.IsPattern(model) || accounts.IsPattern(name) {
			return fmt.Errorf("deployment of %s: both names must be there, without spaces and wildcards", quote(model))
		}
	}
	return nil
}

// setDeployments takes over the provider's own names for models.
func setDeployments(a *accounts.Account, c *CloudConfig) error {
	if len(c.Deployments) == 0 {
		return nil
	}
	a.Deployments = make(map[string]string, len(c.Deployments))
	for _, model := range sortedKeys(c.Deployments) {
		if !a.Allows(model) {
			return fmt.Errorf("deployment of %s: models leaves this model out", quote(model))
		}
		a.Deployments[model] = c.Deployments[model]
	}
	if len(a.Models) == 0 {
		a.Models = sortedKeys(a.Deployments)
	}
	return nil
}

// cloudEndpoints returns an account's endpoints at a cloud. base is its base URL, "" for the cloud's own.
func cloudEndpoints(p accounts.Provider, ac *AccountConfig, base string, value valueFunc) ([]accounts.Endpoint, error) {
	out := slices.Clone(p.Endpoints)
	if ac.Dialect != "" {
		out = slices.DeleteFunc(out, func(e accounts.Endpoint) bool { return e.Dialect != ac.Dialect })
		if len(out) == 0 {
			return p.Endpoints, fmt.Errorf("provider %s has no %s endpoint", p.Name, ac.Dialect)
		}
	}
	switch surfaceOf(p) {
	case accounts.SurfaceVertex:
		return vertexEndpoints(out, ac, base, value)
	case accounts.SurfaceBedrock:
		return bedrockEndpoints(out, ac, base, value)
	}
	return azureEndpoints(out, ac, base, value)
}
