package inventory

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/fairway-gateway/fairway/accounts"
)

// AWSConfig declares an access key of Amazon Web Services. Every value may be a placeholder.
type AWSConfig struct {
	AccessKeyID     string `json:"access_key_id"`
	SecretAccessKey string `json:"secret_access_key"`
	// SessionToken belongs to temporary credentials.
	SessionToken string `json:"session_token,omitzero"`
}

// access is the account's access key as declared, nil when it has none.
func (a *AccountConfig) access() *AWSConfig {
	if a.sealed != nil {
		return a.sealed.aws
	}
	return a.AWS
}

var awsRegion = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+){1,3}-[0-9]{1,2}$`)

// bedrockEndpoints places endpoints in a region of Amazon Bedrock (AWS "Amazon Bedrock endpoints and quotas"). The region
// belongs to the signature as well, so that a base URL does not replace it.
func bedrockEndpoints(out []accounts.Endpoint, ac *AccountConfig, base string, value valueFunc) ([]accounts.Endpoint, error) {
	if ac.Region == "" {
		return out, errors.New("it needs region, like us-east-1")
	}
	region := value("region", ac.Region)
	if region == "" || ac.BaseURL != "" && base == "" {
		return out, nil // the account is not usable
	}
	if !awsRegion.MatchString(region) {
		return out, fmt.Errorf("region %s is none, like us-east-1", quote(region))
	}
	root := "https://bedrock-runtime." + region + ".amazonaws.com"
	if strings.HasPrefix(region, "cn-") {
		root += ".cn"
	}
	if base != "" {
		var err error
		if root, err = accounts.NormalizeBaseURL(accounts.DialectMessages, base); err != nil {
			return out, err
		}
	}
	for i := range out {
		out[i].BaseURL, out[i].Region = root, region
	}
	return out, nil
}
