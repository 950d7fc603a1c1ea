package surface

import (
	"net/url"
	"strings"

	"github.com/fairway-gateway/fairway/accounts"
)

// deploymentPaths are the operations that Azure's dated surface has below a deployment (openai-go's package azure); all
// others are beside the deployments.
var deploymentPaths = map[string]bool{
	"/completions": true, "/chat/completions": true, "/embeddings": true, "/audio/speech": true, "/audio/transcriptions": true,
	"/audio/translations": true, "/images/generations": true, "/images/edits": true,
}

// AzurePlace returns where Azure OpenAI has an operation of OpenAI's, below the endpoint's base URL: the dated surface names
// the deployment in the path, "/deployments/{deployment}/chat/completions?api-version=2024-10-21" (Microsoft "Azure OpenAI REST
// API reference"); the v1 surface has OpenAI's own paths, and names it as the body's model ("Azure OpenAI v1 API").
func AzurePlace(ep accounts.Endpoint, deployment, path string) (place, query string) {
	if ep.APIVersion != "" {
		query = url.Values{"api-version": {ep.APIVersion}}.Encode()
	}
	if deploymentPaths[path] && !strings.HasSuffix(ep.BaseURL, accounts.AzureV1) {
		path = "/deployments/" + url.PathEscape(deployment) + path
	}
	return path, query
}
