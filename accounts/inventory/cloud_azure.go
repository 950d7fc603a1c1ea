package inventory

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/fairway-gateway/fairway/accounts"
)

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
