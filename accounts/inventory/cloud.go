package inventory

import (
	"errors"
	"fmt"
	"regexp"
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
	{"deployments", []accounts.Surface{accounts.SurfaceAzure}, func(c *CloudConfig) bool { return len(c.Deployments) > 0 }},
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
	return azureEndpoints(out, ac, base, value)
}

var (
	azureResource = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]{0,62}$`)
	azureDate     = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}(-preview)?$`)
)

// azureEndpoints places endpoints at an Azure OpenAI resource.
func azureEndpoints(out []accounts.Endpoint, ac *AccountConfig, base string, value valueFunc) ([]accounts.Endpoint, error) {
	if (ac.Resource == "") == (ac.BaseURL == "") {
		return out, errors.New("it needs either resource (the name in https://<name>.openai.azure.com) or base_url")
	}
	resource, version := value("resource", ac.Resource), value("api_version", ac.APIVersion)
	root := ""
	switch {
	case ac.BaseURL != "" && base != "":
		var err error
		if root, err = azureRoot(base); err != nil {
			return out, err
		}
	case resource != "":
		if !azureResource.MatchString(resource) {
			return out, fmt.Errorf("resource %s must be the name alone, as in https://<name>.openai.azure.com; for another host use base_url", quote(resource))
		}
		root = "https://" + strings.ToLower(resource) + ".openai.azure.com"
	default:
		return out, nil // the account is not usable
	}
	dated := azureDate.MatchString(version)
	if !dated && !slices.Contains([]string{"", "v1", "preview", "latest"}, version) {
		return out, fmt.Errorf("api_version %s is neither a date like 2024-10-21 or 2025-04-01-preview nor preview or v1", quote(version))
	}
	if dated && ac.Dialect == "" {
		// Of the dated versions only some previews have Responses.
		out = slices.DeleteFunc(out, func(e accounts.Endpoint) bool { return e.Dialect == accounts.DialectResponses })
	}
	for i := range out {
		out[i].BaseURL, out[i].APIVersion = root+accounts.AzureV1, version
		if dated {
			out[i].BaseURL = root + accounts.AzureDated
		}
	}
	return out, nil
}

// azureRoot takes what belongs to a surface off a base URL.
func azureRoot(base string) (string, error) {
	root, err := accounts.NormalizeBaseURL(accounts.DialectChat, base)
	if err != nil {
		return "", err
	}
	if strings.Contains(root, accounts.AzureDated+"/deployments/") {
		return "", errors.New("base_url names a deployment; end it before /openai and name deployments with their models")
	}
	for _, surface := range []string{"/responses", "/completions", accounts.AzureV1, accounts.AzureDated} {
		root = strings.TrimSuffix(root, surface)
	}
	return root, nil
}
