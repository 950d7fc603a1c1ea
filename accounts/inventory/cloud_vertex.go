package inventory

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"

	"github.com/fairway-gateway/fairway/accounts"
)

var (
	vertexProject  = regexp.MustCompile(`^[a-z0-9][a-z0-9.:-]{0,99}$`)
	vertexLocation = regexp.MustCompile(`^[a-z][a-z0-9-]{0,40}$`)
)

// vertexEndpoints places endpoints in a project and a location of Vertex AI.
func vertexEndpoints(out []accounts.Endpoint, ac *AccountConfig, base string, value valueFunc) ([]accounts.Endpoint, error) {
	if ac.Project == "" {
		return out, errors.New("it needs project, the id of a Google Cloud project")
	}
	if ac.Command != nil {
		out = asBearer(out) // `gcloud auth print-access-token`
	}
	project, location := value("project", ac.Project), cmp.Or(value("location", ac.Location), "global")
	if project == "" || ac.BaseURL != "" && base == "" {
		return out, nil // the account is not usable
	}
	if !vertexProject.MatchString(project) {
		return out, fmt.Errorf("project %s is no project id, like my-project-123", quote(project))
	}
	if !vertexLocation.MatchString(location) {
		return out, fmt.Errorf("location %s is none, like us-east5 or global", quote(location))
	}
	root := "https://" + vertexHost(location)
	if base != "" {
		var err error
		if root, err = accounts.NormalizeBaseURL(accounts.DialectGemini, base); err != nil {
			return out, err
		}
	}
	for i := range out {
		out[i].BaseURL = root + "/v1/projects/" + project + "/locations/" + location
	}
	return out, nil
}

// vertexHost is where Vertex AI serves a location (Google "Deployments and endpoints"; anthropic-sdk-go's package vertex has
// the multi-regions).
func vertexHost(location string) string {
	switch location {
	case "global":
		return "aiplatform.googleapis.com"
	case "us", "eu":
		return "aiplatform." + location + ".rep.googleapis.com"
	}
	return location + "-aiplatform.googleapis.com"
}
